"""Which exception of a chain is judged, and what is a sure fault of the code.

There are more cases that must stay code faults than any one rule has (`rules`).
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure import Failure, Frame, Raised
from healer.triage import triage
from tests.healer.triage.failures import REQUESTS, ROOT, chained, ended, failed, label, sort

SURE_CODE = [
    failed("KeyError: 'total'"),
    failed("KeyError: 'rate limit'"),
    failed("KeyError: 'No space left on device'"),
    failed("KeyError: 'unauthorized'", source="raise KeyError(name)", inside=("m.py", "get", "x")),
    failed("IndexError: list index out of range"),
    failed("NameError: name 'timeout' is not defined"),
    failed("UnboundLocalError: cannot access local variable 'quota'"),
    failed("AttributeError: 'NoneType' object has no attribute 'connection refused'"),
    failed("AttributeError: module 'os' has no attribute 'getcwdu'"),
    failed("TypeError: can only concatenate str (not \"int\") to str"),
    failed("ValueError: invalid literal for int() with base 10: 'too many requests'"),
    failed("ValueError: time data 'HTTP 503' does not match format '%Y'"),
    failed("ZeroDivisionError: division by zero"),
    failed("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0"),
    failed("RecursionError: maximum recursion depth exceeded"),
    failed("RuntimeError: dictionary changed size during iteration"),
    failed("NotImplementedError"),
    failed("StopIteration"),
    failed("OverflowError: int too large to convert to float"),
    failed("ImportError: cannot import name 'Mapping' from 'collections'"),
    failed("ModuleNotFoundError: No module named 'distutils'"),
    failed("ModuleNotFoundError: No module named 'imp'"),
    failed("ModuleNotFoundError: No module named 'helpers'"),
    failed("json.decoder.JSONDecodeError: Expecting ',' delimiter: line 3 column 5 (char 40)"),
    failed("struct.error: unpack requires a buffer of 4 bytes"),
    failed("decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]"),
    failed("IsADirectoryError: [Errno 21] Is a directory: '/srv/app/data'"),
    failed("io.UnsupportedOperation: not writable"),
    failed("pandas.errors.ParserError: Error tokenizing data"),
    failed("sqlite3.ProgrammingError: Incorrect number of bindings supplied. The statement uses 1"),
    failed("sqlalchemy.exc.ObjectNotExecutableError: Not an executable object: 'select 1'"),
    failed("pydantic.errors.PydanticUserError: `regex` is removed. use `pattern` instead"),
    failed("ModuleNotFoundError: No module named 'md5'"),
]  # fmt: skip

UNSURE = {
    "raised on purpose": failed("ValueError: no rows for 404", source="raise ValueError(text)"),
    "assertion": failed("AssertionError: 3 rows missing", source="assert len(rows) == n"),
    "missing file": failed("FileNotFoundError: [Errno 2] No such file or directory: 'in.csv'"),
    "missing module": failed("ModuleNotFoundError: No module named 'reqeusts'"),
    "resource not found": failed("urllib.error.HTTPError: HTTP Error 404: Not Found"),
    "request refused": failed("requests.exceptions.HTTPError: 422 Client Error", inside=REQUESTS),
    "too many open files": failed("OSError: [Errno 24] Too many open files: 'x'"),
    "database schema": failed("sqlite3.OperationalError: no such table: rows"),
    "failed program": failed("subprocess.CalledProcessError: Command 'x' returned 1"),
    "unreadable answer": failed(
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"
    ),
    "unknown exception": failed("acme.errors.Broken: HTTP of some kind"),
    "time limit": ended(late=True, signal=9),
    "native crash": ended(signal=11),
    "no own code": Failure(
        id="1",
        script="s",
        source="run",
        chain=(
            Raised(type="KeyError", message="", frames=(Frame(file="/x", line=1, function="f"),)),
        ),
    ),
    "unknown end": ended(0),
}


@pytest.mark.parametrize("failure", SURE_CODE, ids=label)
def test_a_fault_of_the_code_is_not_mistaken_for_anything_else(failure: Failure) -> None:
    found = sort(failure)
    assert (found.kind, found.rule, found.sure) == ("code", "code fault", True), found


@pytest.mark.parametrize("rule", UNSURE)
def test_what_cannot_be_told_is_drafted_and_reviewed(rule: str) -> None:
    found = sort(UNSURE[rule])
    assert (found.kind, found.rule, found.sure) == ("code", rule, False), found


def test_an_exception_that_wraps_another_is_judged_by_what_it_wraps() -> None:
    first, last = "ConnectionResetError: [Errno 104] reset", "__main__.SyncFailed: no rows"
    wrapped = chained(first, "cause", last, "raise SyncFailed(text) from error")
    assert triage(wrapped).kind == "transient"
    while_handling = chained(first, "context", last, "raise SyncFailed(text)")
    assert triage(while_handling).kind == "transient"


def test_a_fault_in_the_handler_of_a_network_error_is_a_fault_of_the_code() -> None:
    first = "ConnectionResetError: [Errno 104] reset"
    failure = chained(first, "context", "NameError: name 'log' is not defined", "log.warn(error)")
    assert (triage(failure).kind, triage(failure).sure) == ("code", True)


def test_a_wrapped_fault_of_the_code_is_a_sure_one() -> None:
    failure = chained("KeyError: 'x'", "cause", "__main__.Failed: y", "raise Failed() from error")
    assert (triage(failure).rule, triage(failure).sure) == ("code fault", True)


def test_a_group_of_one_is_judged_by_its_member_and_a_group_of_several_by_none() -> None:
    def group(*members: str) -> Failure:
        frame = Frame(file="a.py", line=1, function="f", source="raise E", own=True)
        raised = [
            Raised(type=name, message="", relation="group", frames=(frame,)) for name in members
        ]
        last = Raised(type="ExceptionGroup", message="g", frames=(frame,))
        return Failure(id="1", script="s", source="run", chain=(*raised, last))

    assert triage(group("ConnectionError")).kind == "transient"
    assert triage(group("ConnectionError", "KeyError")).kind == "code"
    assert not triage(group("ConnectionError", "KeyError")).sure


def test_an_assertion_of_a_test_is_a_sure_code_fault() -> None:
    failure = failed("AssertionError: assert 1 == 2", source="assert f() == 2")
    assert triage(failure.model_copy(update={"source": "check"})).sure


def test_a_test_that_never_ends_is_a_sure_code_fault() -> None:
    failure = failed("healer_inside.hanging.EndlessTestError: the test used 10.0 s and did not end")
    found = triage(failure.model_copy(update={"source": "baseline"}))
    assert (found.kind, found.sure) == ("code", True)


def test_without_knowing_the_root_no_file_is_called_outside() -> None:
    failure = failed("FileNotFoundError: [Errno 2] No such file or directory: '/mnt/in.csv'")
    assert triage(failure).rule == "missing file"


def test_a_temporary_file_that_vanished_is_not_an_input_that_is_missing() -> None:
    failure = failed("FileNotFoundError: [Errno 2] No such file or directory: '/tmp/x/in.csv'")
    assert triage(failure, root=ROOT).rule == "missing file"


def test_the_answer_says_what_happened_and_what_to_do() -> None:
    found = triage(failed("OSError: [Errno 28] No space left on device"))
    assert found.reason == (
        "The disk or its quota is full: OSError: [Errno 28] No space left on device."
    )
    assert found.next_step.endswith(".")


FAILURES = st.builds(
    Failure,
    id=st.just("1"),
    script=st.text(max_size=9),
    source=st.sampled_from(["run", "log", "check"]),
    exit_code=st.none() | st.integers(-300, 300),
    signal=st.none() | st.integers(0, 70),
    timed_out=st.booleans(),
    stderr_tail=st.text(),
    chain=st.lists(
        st.builds(
            Raised,
            type=st.text() | st.sampled_from(["OSError", "KeyError", "a.b.HTTPError"]),
            message=st.text() | st.sampled_from(["[Errno 28] x", "503 x", "No module named 'x'"]),
            relation=st.sampled_from(["", "cause", "context", "group"]),
            frames=st.lists(
                st.builds(
                    Frame,
                    file=st.text(),
                    line=st.integers(0, 9),
                    function=st.text(),
                    source=st.text(),
                    own=st.booleans(),
                ),
                max_size=2,
            ).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
)


@given(FAILURES)
def test_every_failure_is_sorted_and_only_code_is_ever_unsure(failure: Failure) -> None:
    found = triage(failure, root=ROOT)
    assert found.reason
    assert found.sure or found.kind == "code"
