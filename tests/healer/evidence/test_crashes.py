"""How the repair's tests fail on the unfixed commit."""

from dataclasses import replace

import pytest

from healer.evidence.crashes import (
    collect_messages,
    fails_by_crashes,
    fails_by_hang,
    find_blamed,
    find_crash_lines,
    find_missed_errors,
)
from healer.evidence.experiment import Experiment
from sandbox import Plan, ProcessEnd, Report, TestResult, TestRun
from tests.support.memory_tree import MemoryTree

HEAD = (
    'Traceback (most recent call last):\n  File "/job/test_job.py", line 5, in test_it\n    f()\n'
)
IN_CODE = '  File "/job/job.py", line 2, in f\n    return c.isdigt()\n'
IN_LIBRARY = '  File "/usr/lib/python3.11/urllib/parse.py", line 931, in quote\n    x = y\n'
NEW_LINE = "\n"
CRASH = f"{HEAD}{IN_CODE}AttributeError: 'str' object has no attribute 'isdigt'\n"


def experiment(
    detail: str,
    stderr: str = "",
    *,
    timed_out: bool = False,
    base: str = "1\n",
    fix: str = "2\n",
) -> Experiment:
    """A repair of `job.py`, whose only test failed with this text."""
    result = TestResult(node="test_job.py::test_it", outcome="failed", detail=detail)
    run = TestRun(results=(result,), ended=ProcessEnd(exit_code=1))
    before = Report(
        tests=(run,), command=ProcessEnd(exit_code=1, stderr=stderr, timed_out=timed_out)
    )
    trees = [MemoryTree({"job.py": text, "test_job.py": ""}) for text in (base, fix)]
    return Experiment(trees[0], trees[1], ("job.py",), {}, Plan(), before, Report())


@pytest.mark.parametrize(
    ("detail", "is_crash"),
    [
        (CRASH, True),
        (f"{HEAD}{IN_CODE}{IN_LIBRARY}TypeError: 'NoneType' object is not iterable\n", True),
        (f"{HEAD}{IN_CODE}{HEAD.partition(NEW_LINE)[2]}OSError: of a stub\n", False),
        (f"{HEAD}AttributeError: a test's own mistake\n", False),
        (f"{HEAD}AssertionError\n", False),
        (f"{HEAD}{IN_CODE}AssertionError\n", False),
        ("no traceback", False),
    ],
)
def test_only_an_exception_of_the_changed_code_is_a_crash(detail: str, *, is_crash: bool) -> None:
    assert fails_by_crashes(experiment(detail), ["test_job.py::test_it"]) is is_crash


@pytest.mark.parametrize(
    ("end", "is_hang"),
    [
        ("sandbox.inside.pytest_checks.time_limit.EndlessTestError: it did not end", True),
        ("RecursionError: maximum recursion depth exceeded", True),
        ("MemoryError", True),
        ("Failed: Timeout (>1.0s) from pytest-timeout.", True),
        ("AttributeError: 'str' object has no attribute 'isdigt'", False),
        ("TimeoutError: the server does not answer", False),
    ],
)
def test_work_that_does_not_end_is_a_hang(end: str, *, is_hang: bool) -> None:
    endless = experiment(f"{HEAD}{IN_CODE}{end}\n")
    assert fails_by_hang(endless, ["test_job.py::test_it"]) is is_hang


@pytest.mark.parametrize(
    ("base", "is_hang"),
    [
        ("def f():\n    while True:\n        raise RuntimeError('too many')\n", True),
        ("def f():\n    for n in range(9):\n        raise RuntimeError('too many')\n", False),
        ("def f():\n    if True:\n        raise RuntimeError('too many')\n", False),
    ],
)
def test_a_loop_that_only_its_own_raise_ends_is_a_hang(base: str, *, is_hang: bool) -> None:
    line = '  File "/job/job.py", line 3, in f\n    raise RuntimeError("too many")\n'
    endless = experiment(f"{HEAD}{line}RuntimeError: too many\n", base=base)
    assert fails_by_hang(endless, ["test_job.py::test_it"]) is is_hang


def test_a_command_that_does_not_end_is_a_hang() -> None:
    assert fails_by_hang(experiment(CRASH, timed_out=True), ["test_job.py::test_it"])


def test_a_file_that_could_not_be_collected_stands_for_its_tests() -> None:
    assert not fails_by_crashes(experiment(CRASH), ["test_other.py::test_it"])
    assert fails_by_crashes(experiment(CRASH), ["test_job.py::test_it", "test_other.py::test_it"])


def test_the_messages_are_those_of_the_tests_and_of_the_command() -> None:
    stderr = f"{HEAD}KeyError: 'amont'\n"
    found = collect_messages(experiment(CRASH, stderr), ["test_job.py::test_it"])
    assert found == ["'str' object has no attribute 'isdigt'", "'amont'"]


@pytest.mark.parametrize(
    ("frames", "words"),
    [(IN_CODE, {"None"}), (f"{IN_CODE}{IN_LIBRARY}", {"None"}), (IN_LIBRARY, set())],
)
def test_what_a_library_raises_blames_the_line_that_called_it(frames: str, words: set[str]) -> None:
    detail = f"{HEAD}{frames}TypeError: 'NoneType' object is not iterable\n"
    base = "def f(c):\n    return quote(c, safe=None)\n"
    repair = experiment(detail, base=base, fix=base.replace("None", "''"))
    assert find_blamed(repair, ["test_job.py::test_it"]) == words


@pytest.mark.parametrize(
    ("fix", "words"),
    [
        ("    m = c.match(1)\n    return m.group(1)\n    pass\n", set()),
        ("    return c.match(1).group(1)\n    pass\n", {"2"}),
        ("    return c.match(1).group(1)\n", set()),
        ("    pass\n    return c.match(1).group(2)\n", set()),
    ],
)
def test_nothing_is_blamed_where_more_than_the_statement_is_changed(
    fix: str, words: set[str]
) -> None:
    detail = f"{HEAD}{IN_CODE}IndexError: no such group\n"
    base = "def f(c):\n    return c.match(1).group(2)\n    pass\n"
    repair = experiment(detail, base=base, fix=f"def f(c):\n{fix}")
    assert find_blamed(repair, ["test_job.py::test_it"]) == words


@pytest.mark.parametrize(
    ("detail", "stderr", "lines"),
    [
        (CRASH, "", [2]),
        (f"{HEAD}{IN_CODE}{IN_LIBRARY}TypeError: 'NoneType' object is not iterable\n", "", [2]),
        (CRASH, CRASH.replace("line 2", "line 1"), [2, 1]),
        (f"{HEAD}{IN_CODE}AssertionError\n", "", []),
        (f"{HEAD}AttributeError: a test's own mistake\n", "", []),
        ("no traceback", "", []),
    ],
)
def test_the_lines_that_crashed_are_those_of_the_changed_file(
    detail: str, stderr: str, lines: list[int]
) -> None:
    assert find_crash_lines(experiment(detail, stderr), "job.py") == lines


def test_a_program_that_a_test_started_crashes_where_its_own_traceback_says() -> None:
    ended = 'Traceback (most recent call last):\n  File "/job/test_job.py", line 5, in test_it\n'
    ended += "    assert run.stdout\nAssertionError\n"
    result = TestResult(
        node="test_job.py::test_it", outcome="failed", detail=ended, inner_error=CRASH
    )
    report = Report(tests=(TestRun(results=(result,), ended=ProcessEnd(exit_code=1)),))
    tree = MemoryTree({"job.py": "1\n", "test_job.py": ""})
    started = Experiment(tree, tree, ("job.py",), {}, Plan(), report, Report())
    assert fails_by_crashes(started, ["test_job.py::test_it"])
    assert collect_messages(started, ["test_job.py::test_it"]) == [
        "'str' object has no attribute 'isdigt'"
    ]


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("Failed: DID NOT RAISE <class 'ValueError'>", {"ValueError"}),
        ("Failed: DID NOT RAISE <class 'job.SettingsError'>", {"SettingsError"}),
        ("Failed: DID NOT RAISE any of (<class 'KeyError'>, <class 'OSError'>)",
         {"KeyError", "OSError"}),
        ("Failed: DID NOT RAISE ValueError", {"ValueError"}),
        ("AssertionError: ValueError not raised", {"ValueError"}),
        ("AssertionError: ValueError not raised by f", {"ValueError"}),
        ("AssertionError: ValueError is not raised", set()),
        ("Failed: Timeout >1.0s", set()),
        ("AssertionError: 1 != 2", set()),
        ("AssertionError", set()),
    ],
)  # fmt: skip
def test_errors_that_tests_ask_for_and_miss_are_named(message: str, names: set[str]) -> None:
    it = experiment(f"{HEAD}{message}\n")
    assert find_missed_errors(it, ["test_job.py::test_it"]) == names


def test_none_is_named_where_another_test_fails_otherwise() -> None:
    it = experiment(f"{HEAD}AssertionError: ValueError not raised\n")
    (run,) = it.before.tests
    other = run.results[0].model_copy(update={"node": "test_job.py::test_b", "detail": CRASH})
    before = Report(tests=(run.model_copy(update={"results": (*run.results, other)}),))
    nodes = ["test_job.py::test_it", "test_job.py::test_b"]
    assert find_missed_errors(replace(it, before=before), nodes) == set()
