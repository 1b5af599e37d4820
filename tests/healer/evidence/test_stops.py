"""Why nothing is drafted: each reason holds where it should, and nowhere else."""

import pytest

from healer.config import Config
from healer.evidence.stops import (
    stop_if_by_sandbox,
    stop_if_logged,
    stop_if_no_code_fault,
    stop_if_off,
    stop_if_protected,
    stop_if_unknown,
)
from healer.triage import Triage
from quarantine.repository import Repository
from quarantine.tree import Tree
from sandbox import Report, TestRun
from tests.healer.evidence.reports import (
    SCRIPT,
    TRACE,
    ended,
    failure,
    report,
    request,
    result,
    run,
)
from tests.support.git import make_repository
from tests.support.memory_tree import MemoryTree

PROTECTED = """\
[[protect]]
paths = ["core/**"]
reason = "people repair the core"
notify = ["core@example.com"]
[[protect]]
paths = ["soft/**"]
action = "review"
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    folder = tmp_path_factory.mktemp("stops") / "repository"
    make_repository(folder, {SCRIPT: "print(1)\n", "protected.toml": PROTECTED})
    return Repository.open(folder).tree("main")


@pytest.mark.parametrize(
    ("config", "is_off"),
    [
        ({}, False),
        ({"autonomy": "off"}, True),
        ({"autonomy": "suggest"}, False),
        ({"job": [{"script": SCRIPT, "autonomy": "off"}]}, True),
        ({"job": [{"script": "other.py", "autonomy": "off"}]}, False),
    ],
)
def test_off_is_what_the_scripts_own_setting_says(config: dict[str, object], is_off: bool) -> None:
    stop = stop_if_off(request(), Config.model_validate(config))
    assert (stop is not None) is is_off
    assert stop is None or (stop.stop, bool(stop.next_step)) == ("escalated", True)


def elsewhere(path: str) -> str:
    """A traceback that ends in another file than the script."""
    return TRACE.replace("KeyError", f'  File "/job/tree/{path}", line 1, in f\n    x\nKeyError')


@pytest.mark.parametrize(
    ("trace", "path"),
    [
        (TRACE, ""),
        (elsewhere("core/a.py"), "core/a.py"),
        (elsewhere("soft/a.py"), ""),
        (elsewhere("lib/a.py"), ""),
        (elsewhere("tests/test_job.py"), ""),
        (elsewhere("tests/helpers.py"), "tests/helpers.py"),
    ],
)
def test_what_is_at_fault_is_protected_where_the_exception_arose_unless_a_test_reports_it(
    tree: Tree, trace: str, path: str
) -> None:
    stop = stop_if_protected(failure(trace), request(), tree)
    assert (stop is not None) is bool(path)
    if stop:
        assert stop.reason.startswith(f"{path} is protected: ")
        assert (stop.stop, stop.failure) == ("escalated", failure(trace))


def test_a_protected_script_stops_whatever_failed_and_names_its_people(tree: Tree) -> None:
    stop = stop_if_protected(failure(), request(script="core/job.py"), tree)
    assert stop is not None
    assert stop.notify == ("core@example.com",)


def test_without_a_failure_nothing_is_at_fault(tree: Tree) -> None:
    assert stop_if_protected(None, request(script="core/job.py"), tree) is None


def command_run(code: int, stderr: str = "") -> TestRun:
    outcome = "failed" if code else "passed"
    return run(result("make test", outcome), ended=ended(code, stderr), by_status=True)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (report(run(result("a"))), ""),
        (report(), ""),
        (report(run()), ""),
        (report(command_run(0)), ""),
        (report(run(result("a", "failed"))), ""),
        (report(run(ended=ended(None, signal=9))), "signal 9"),
        (report(run(ended=ended(0, timed_out=True))), "time limit"),
        (report(run(ended=ended(4, "error: no such option: --cov"))), "no such option: --cov"),
        (report(command_run(127, "make: No such program")), "make: No such program"),
        (report(command_run(2)), "make test"),
        (report(run(result("a")), run(ended=ended(0, oom=True))), "memory"),
    ],
)
def test_what_the_tests_leave_open_is_not_called_healthy(seen: Report, words: str) -> None:
    stop = stop_if_unknown(seen, has_tests=False, script=SCRIPT, tree=MemoryTree({}))
    assert (stop is not None) is bool(words)
    if stop:
        assert words in stop.reason
        assert (stop.stop, stop.healthy, stop.report) == ("unjudged", False, seen)
        assert stop.next_step


@pytest.mark.parametrize(
    ("seen", "is_unknown"),
    [
        (report(run(ended=ended(5))), True),
        (report(run()), True),
        (report(run(collected=("a::b",))), False),
        (report(run(result("a::b"))), False),
        (report(), False),
    ],
)
def test_no_collected_test_says_nothing_where_the_project_has_some(
    seen: Report, is_unknown: bool
) -> None:
    stop = stop_if_unknown(seen, has_tests=True, script=SCRIPT, tree=MemoryTree({}))
    assert (stop is not None) is is_unknown
    assert stop is None or (stop.stop, stop.healthy) == ("unjudged", False)


MISSING = "tests/test_a.py:1: in <module>\nE   ModuleNotFoundError: No module named 'mock'"


@pytest.mark.parametrize(
    ("imports", "passes", "is_unknown"),
    [
        ("import job", ("test_b.py::t",), True),
        ("from scripts.job import f", ("test_b.py::t",), True),
        ("import scripts", ("test_b.py::t",), True),
        ("import other", ("test_b.py::t",), False),
        ("import job2", ("test_b.py::t",), False),
        ("import other", (), True),
    ],
)
def test_a_module_of_tests_that_could_not_be_run_leaves_its_scripts_open(
    imports: str, passes: tuple[str, ...], is_unknown: bool
) -> None:
    results = [result(node) for node in passes]
    seen = report(run(result("tests/test_a.py", "error", MISSING), *results))
    tree = MemoryTree({"tests/test_a.py": f"import mock\n{imports}\n"})
    stop = stop_if_unknown(seen, has_tests=True, script=SCRIPT, tree=tree)
    assert (stop is not None) is is_unknown
    if stop:
        assert "tests/test_a.py (ModuleNotFoundError: No module named 'mock')" in stop.reason
        assert (stop.stop, stop.healthy, bool(stop.next_step)) == ("unjudged", False, True)


@pytest.mark.parametrize("kind", ["environment", "transient", "interrupted", "deliberate", "code"])
def test_only_a_fault_of_the_code_is_drafted(kind: str) -> None:
    sorted_as = Triage.model_validate(
        {"kind": kind, "rule": "r", "reason": "The disk is full.", "next_step": "Free space."}
    )
    stop = stop_if_no_code_fault(failure(), report(), sorted_as)
    assert (stop is None) is (kind == "code")
    if stop:
        assert stop.reason == f"not a code fault ({kind}): The disk is full."
        assert stop.next_step == "Free space."


@pytest.mark.parametrize(("kind", "stops"), [("deliberate", False), ("environment", True)])
def test_an_exit_of_its_own_is_a_fault_where_tests_fail_too(kind: str, *, stops: bool) -> None:
    sorted_as = Triage.model_validate({"kind": kind, "rule": "r", "reason": "x", "next_step": "y"})
    stop = stop_if_no_code_fault(failure(), report(), sorted_as, do_tests_fail=True)
    assert (stop is not None) is stops


def test_what_the_sandbox_lacks_stops_before_anything_is_drafted() -> None:
    stop = stop_if_by_sandbox(failure(), report(), "the sandbox has no network")
    assert stop is not None
    assert (stop.stop, stop.difference) == ("escalated", "the sandbox has no network")
    assert "outside of the sandbox: the sandbox has no network" in stop.reason
    assert stop_if_by_sandbox(failure(), report(), "") is None


def test_an_error_that_the_job_logged_and_survived_is_left_to_people() -> None:
    stop = stop_if_logged(failure(is_logged=True), report())
    assert stop is not None
    assert stop.stop == "escalated"
    assert f"the job logged KeyError: 'totl' at {SCRIPT}:2 as an error" in stop.reason
    assert stop_if_logged(failure(), report()) is None
