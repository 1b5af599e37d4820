"""Failures that are handed in are taken as they are, or refused with what is wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.redact import Redactor
from healer.watch.report import ReportError, read_log, read_report

NOW = "2026-11-20T20:47:17.000Z"
TRACEBACK = (
    'Traceback (most recent call last):\n  File "/srv/app/scripts/a.py", line 3, in main\n'
    "    work()\nKeyError: 'x'\n"
)


def taken(text: str) -> object:
    return read_report(text, "/srv/app", Redactor(), NOW)


def test_plain_text_with_a_traceback_is_a_failure_of_the_script_in_it() -> None:
    failure = read_report(f"so it said:\n{TRACEBACK}", "/srv/app", Redactor(), NOW)
    assert (failure.script, failure.source) == ("scripts/a.py", "report")
    assert failure.chain[-1].type == "KeyError"
    assert failure.occurred_at == NOW
    assert len(failure.fingerprint) == 16


def test_a_document_names_what_it_knows() -> None:
    document = {"script": "b.py", "argv": ["python", "b.py"], "exit_code": 1, "stderr": TRACEBACK}
    failure = read_report(json.dumps(document), "/srv/app", Redactor(), NOW)
    assert (failure.script, failure.exit_code, failure.argv[1]) == ("b.py", 1, "b.py")
    assert failure.stderr_tail == TRACEBACK


def test_what_is_handed_in_is_redacted() -> None:
    document = {"argv": ["x", "--token", "tok-77aa88bb99"], "stderr": TRACEBACK + "zebra-9 in it"}
    failure = read_report(json.dumps(document), "/srv/app", Redactor(["zebra-9"]), NOW)
    assert "tok-77aa88bb99" not in failure.model_dump_json()
    assert "zebra-9" not in failure.model_dump_json()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("all is well", "no Python traceback"),
        ("", "no Python traceback"),
        ("[1, 2]", "no Python traceback"),
        ("{}", "names no script"),
        ('{"scrpt": "a.py"}', "'scrpt' is no key"),
        ('{"id": "1", "script": "a.py"}', "'id' is no key"),
        ('{"script": "a.py", "exit_code": "many"}', "exit_code = 'many'"),
        ('{"script": 3}', "script = 3"),
    ],
)
def test_a_wrong_report_is_refused_with_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ReportError, match=words):
        taken(text)


def test_a_log_gives_each_distinct_failure_once() -> None:
    other = TRACEBACK.replace("work()", "play()")
    log = (TRACEBACK + "INFO: x\n" + other + "INFO: y\n") * 50
    found = read_log(log.encode(), "/srv/app", Redactor(), NOW)
    assert [failure.chain[-1].frames[-1].source for failure in found] == ["work()", "play()"]
    assert {failure.source for failure in found} == {"log"}


@given(st.text() | st.dictionaries(st.text(), st.text() | st.integers()).map(json.dumps))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        taken(text)
    except ReportError as error:
        assert str(error)
