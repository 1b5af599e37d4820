"""Any body at all is a document of ours, or one sentence that says what is wrong with it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure import Failure, fingerprint
from healer.watch.posts import MAX_INPUTS, MAX_RUNS, PostError, read_failure, read_runs

FAILURE = {"id": "0" * 20, "script": "a.py", "source": "run", "exit_code": 1}
RUN = {"script": "a.py", "exit_code": 0, "started_at": 1.8e9}
RUNS = {"repository": "h/r", "agent": "a" * 32, "sequence": 1, "runs": [RUN]}


def write(more: object = None, **facts: Any) -> bytes:
    failure = {**FAILURE, **(more if isinstance(more, dict) else {})}
    return json.dumps({"repository": "h/r", "failure": failure, **facts}).encode()


def test_a_failure_is_named_here_whatever_its_sender_calls_it() -> None:
    post = read_failure(write({"fingerprint": "f" * 16}, host="job1"))
    expected = fingerprint(Failure(id="", script="a.py", source="run", exit_code=1))
    assert (post.repository, post.host, post.failure.fingerprint) == ("h/r", "job1", expected)


def test_what_no_database_takes_is_spelt_out() -> None:
    post = read_failure(write({"stderr_tail": "a\0b\ud800"}))
    assert post.failure.stderr_tail == "a\\x00b\\ud800"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "not"),
        (b"3", "not a JSON object"),
        (b'{"repository": NaN}', "is not JSON"),
        (write(repository=""), "repository: "),
        (write(repository="x" * 501), "repository: "),
        (write(repository=7), "repository: "),
        (write(surplus=1), "surplus: "),
        (write({"surplus": 1}), "failure.surplus: "),
        (write({"source": "elsewhere"}), "failure.source: "),
        (write({"id": "../../../etc/passwd1"}), "id: has to be 20 hexadecimal"),
        (write({"id": "0" * 20 + "\n"}), "id: has to be 20 hexadecimal"),
        (write({"count": 0}), "count: "),
        (write({"count": 10**9}), "count: "),
        (write({"commit": "main; rm"}), "commit: "),
        (write({"exit_code": 10**30}), "out of range"),
        (b'{"repository":"r","failure":{"id":"00000000000000000000","script":"","source":"run",'
         b'"duration_s":1e999}}', "out of range"),
        (write({"script": "/etc/passwd"}), "in the repository"),
        (write({"script": "a/../../b"}), "in the repository"),
        (write({"folder": ".."}), "in the repository"),
        (write(inputs={"../a": "0" * 64}), "in the repository"),
        (write(inputs={"a": "xyz"}), "inputs.a: "),
        (write(inputs={str(n): "0" * 64 for n in range(MAX_INPUTS + 1)}), "inputs: "),
        (write(tape="A" * 64), "tape: "),
    ],
)  # fmt: skip
def test_what_is_no_failure_of_ours_is_refused_in_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(PostError, match=sentence) as error:
        read_failure(body)
    assert len(str(error.value)) < 800


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"agent": "x"}, "agent: "),
        ({"sequence": 0}, "sequence: "),
        ({"sequence": 10**30}, "sequence: "),
        ({"runs": [RUN] * (MAX_RUNS + 1)}, "runs: "),
        ({"runs": [{**RUN, "started_at": -1}]}, "started_at: "),
        ({"runs": [{**RUN, "commit": "x"}]}, "commit: "),
        ({"runs": [{**RUN, "command": "not eight"}]}, "command: "),
    ],
)
def test_runs_are_refused_as_well(facts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PostError, match=sentence):
        read_runs(json.dumps({**RUNS, **facts}).encode())


def test_a_report_of_runs_is_read() -> None:
    post = read_runs(json.dumps(RUNS).encode())
    assert [(each.script, each.exit_code) for each in post.runs] == [("a.py", 0)]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(Failure.model_fields)), json_values))
def test_any_failure_is_read_or_refused_and_what_is_read_can_be_kept(more: dict[str, Any]) -> None:
    try:
        post = read_failure(write(more))
    except PostError:
        return
    assert Failure.model_validate_json(post.failure.model_dump_json()) == post.failure
