"""Which failing tests touch a place of the code."""

import json

import pytest
from pydantic import ValidationError

from sandbox.report import FailingTests, Fault, FaultKind, ProcessEnd, Report


@pytest.mark.parametrize(
    ("loaded", "executed", "places", "touches"),
    [
        ({}, {"a.py": (1, 5)}, {"a.py": (5,)}, True),
        ({"a.py": (0,)}, {}, {"a.py": (0, 9)}, True),
        ({}, {"a.py": (1,)}, {"a.py": (2,)}, False),
        ({}, {"a.py": (1,)}, {"b.py": (1,)}, False),
        ({}, {"a.py": ()}, {"a.py": ()}, False),
        ({}, {}, {"a.py": (1,)}, False),
        ({}, {"a.py": (1,)}, {}, False),
        ({"b.py": (3,)}, {"a.py": (1,)}, {"a.py": (9,), "b.py": (3,)}, True),
    ],
)
def test_a_place_is_touched_where_file_and_line_are_the_same(
    loaded: dict[str, tuple[int, ...]],
    executed: dict[str, tuple[int, ...]],
    places: dict[str, tuple[int, ...]],
    touches: bool,
) -> None:
    tests = FailingTests(nodes=("t.py::test",), loaded=loaded, executed=executed)
    assert tests.touches(places) is touches


def test_what_is_loaded_and_what_is_executed_stay_apart() -> None:
    tests = FailingTests(nodes=(), loaded={"a.py": (1,)}, executed={"a.py": (2,)})
    assert not tests.touches({"a.py": (3,)})
    assert tests.touches({"a.py": [2]})


END = {"exit_code": 0}


@pytest.mark.parametrize(
    "values",
    [
        {"surprise": 1},
        {"seconds": "long"},
        {"syntax": [{"path": "a.py", "line": 1}]},
        {"lint": [{"path": "a.py", "line": "first", "code": "F", "message": ""}]},
        {"command": {}},
        {"command": END | {"verdict": "fixed"}},
        {"tests": [{"results": []}]},
        {"tests": [{"results": [{"node": "t", "outcome": "great"}], "ended": END}]},
        {"fault": {"kind": "bad luck", "message": "x"}},
        {"fault": "it failed"},
        {"failing": [{"nodes": ["t"], "loaded": {"a.py": ["first"]}}]},
        {"screened": [{"index": 0, "outcome": "error"}]},
        {"behaved": [{"index": 0, "outcome": "passed", "pairs": [["only one"]]}]},
        {"seen": [{"node": "t", "outcome": "alike"}]},
    ],
)
def test_a_reply_of_another_form_is_no_report(values: dict[str, object]) -> None:
    """The code under test ran beside what wrote it: nothing of it is guessed."""
    with pytest.raises(ValidationError):
        Report.model_validate_json(json.dumps(values))


@pytest.mark.parametrize("cut", [1, 10, 40, 60])
def test_a_reply_that_was_cut_is_no_report(cut: int) -> None:
    text = Report(command=ProcessEnd(exit_code=1, stdout="x" * 30)).model_dump_json()
    with pytest.raises(ValidationError):
        Report.model_validate_json(text[:-cut])


def test_a_report_is_the_same_after_its_way_as_json() -> None:
    report = Report(
        fault=Fault(kind=FaultKind.DISK, message="full", retryable=False),
        command=ProcessEnd(exit_code=None, signal=9, oom=True, executed={"a.py": (1, 2)}),
        failing=(FailingTests(nodes=("t",), executed={"a.py": (0,)}),),
        step_seconds={"lint": 0.5},
    )
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_a_report_cannot_be_changed_by_who_reads_it() -> None:
    report = Report()
    with pytest.raises(ValidationError, match="frozen"):
        report.fault = None


def test_a_process_that_a_signal_ended_has_no_exit_code_to_misread() -> None:
    assert ProcessEnd(exit_code=None, signal=9).exit_code is None
    with pytest.raises(ValidationError):
        ProcessEnd.model_validate({"signal": 9})
