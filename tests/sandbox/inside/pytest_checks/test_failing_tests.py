"""Which failing tests are traced together, and what is made of what they report."""

import json

import pytest

from sandbox.inside import messages
from sandbox.inside.pytest_checks.failing_tests import (
    MOST_ALONE,
    MOST_FILES,
    find_failing,
    group,
    read,
)


def run(**outcomes: str) -> messages.TestRun:
    end = {"exit_code": 1, "signal": None, "timed_out": False, "oom": False}
    results = [
        {"node": node, "outcome": outcome, "detail": "", "seconds": 0.0}
        for node, outcome in outcomes.items()
    ]
    return {"results": results, "ended": {**end, "stdout": "", "stderr": "", "seconds": 0.0}}  # type: ignore[typeddict-item]  # as JSON gives it


@pytest.mark.parametrize(
    ("runs", "failing"),
    [
        ([], []),
        ([run(a="failed", b="error", c="passed", d="skipped")], ["a", "b"]),
        ([run(a="failed", b="error"), run(b="failed", a="failed")], ["a", "b"]),
        ([run(a="failed"), run(a="passed")], []),
        ([run(a="failed"), run()], []),
    ],
)
def test_what_fails_in_every_run_is_traced(
    runs: list[messages.TestRun], failing: list[str]
) -> None:
    assert find_failing(runs) == failing


def test_a_few_failing_tests_are_run_alone_and_many_file_by_file() -> None:
    few = [f"a.py::t{n}" for n in range(MOST_ALONE)]
    assert group(few) == [[node] for node in few]
    assert group([*few, "b.py::t"]) == [few, ["b.py::t"]]


def test_no_more_files_than_that_are_traced() -> None:
    assert len(group([f"f{n}.py::t" for n in range(50)])) == MOST_FILES


def channel(*messages: object) -> bytes:
    lines = [each if isinstance(each, str) else json.dumps(each) for each in messages]
    return "\n".join(lines).encode()


def test_what_ran_before_the_first_test_is_told_apart() -> None:
    messages = channel(
        {"call": ["job.py", 0]}, {"begin": 0}, {"call": ["job.py", 4]}, {"call": ["job.py", 1]}
    )
    trace = read(messages, ["a"])
    assert (trace["loaded"], trace["executed"]) == ({"job.py": [0]}, {"job.py": [1, 4]})


@pytest.mark.parametrize(
    "message", ["{", "[]", "7", {"call": 1}, {"call": [1, 2]}, {"call": ["a.py", "1"]}, {"x": 1}]
)
def test_what_no_trace_writes_is_ignored(message: object) -> None:
    trace = read(channel(message, {"call": ["b.py", 1]}), ["a"])
    assert trace["loaded"] == {"b.py": [1]}
