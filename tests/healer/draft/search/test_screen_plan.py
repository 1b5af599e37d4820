"""What screening runs for a case, and which tests must turn green or stay so."""

import io
import tarfile

import pytest

from healer.draft.search.screen_plan import (
    MAX_LIMIT_S,
    MIN_LIMIT_S,
    add_tests,
    find_finished_tests,
    leave_out_unsteady,
    make_screen_plan,
    pack_tree,
)
from healer.facts.draft import Case
from sandbox import ProcessEnd, Report, SpectrumTest, TestPlan, TestResult, TestRun
from sandbox.job import Command, ScreenPlan
from tests.support.memory_tree import MemoryTree
from tests.support.search_cases import make_case


def report(
    *outcomes: str, command: ProcessEnd | None = None, ended: ProcessEnd | None = None
) -> Report:
    results = tuple(
        TestResult.model_validate({"node": f"t.py::t{n}", "outcome": outcome})
        for n, outcome in enumerate(outcomes)
    )
    run = TestRun(results=results, ended=ended or ProcessEnd(exit_code=1))
    return Report(tests=(run,) if outcomes or ended else (), command=command)


def case(baseline: Report, **more: object) -> Case:
    return make_case(baseline=baseline, command=("python", "job.py"), **more)


FAILS = ProcessEnd(exit_code=1)
WORKS = ProcessEnd(exit_code=0)


@pytest.mark.parametrize("outcome", ["failed", "error"])
def test_a_failing_test_is_enough(outcome: str) -> None:
    plan = make_screen_plan(case(report("passed", outcome)))
    assert plan is not None
    assert (plan.use_tests, plan.command, plan.failing) == (True, None, ())
    assert not plan.tests.sentinels


def test_a_module_that_could_not_be_collected_must_turn_green() -> None:
    error = TestResult(node="t.py", outcome="error")
    run = TestRun(results=(error,), ended=FAILS)
    plan = make_screen_plan(case(Report(tests=(run,))))
    assert plan is not None
    assert plan.failing == ("t.py",)


def test_tests_that_did_not_end_are_screened_although_none_failed() -> None:
    stopped = ProcessEnd(exit_code=None, timed_out=True)
    assert make_screen_plan(case(report("passed", ended=stopped))) is not None
    assert make_screen_plan(case(report(ended=stopped))) is None


@pytest.mark.parametrize(
    ("ended", "argv", "is_run"),
    [
        (FAILS, ("python", "job.py"), True),
        (FAILS, ("python3", "job.py", "--all"), True),
        (ProcessEnd(exit_code=None, timed_out=True), ("python", "job.py"), True),
        (WORKS, ("python", "job.py"), False),
        (FAILS, ("python", "-c", "1/0"), False),
        (FAILS, ("python",), False),
        (FAILS, ("bash", "job.sh"), False),
        (FAILS, (), False),
        (None, ("python", "job.py"), False),
    ],
)
def test_a_python_command_that_fails_is_run_too(
    ended: ProcessEnd | None, argv: tuple[str, ...], is_run: bool
) -> None:
    of = make_case(baseline=report("failed", command=ended), command=argv)
    plan = make_screen_plan(of)
    assert plan is not None
    assert plan.command == (Command(argv=argv) if is_run else None)
    alone = make_screen_plan(make_case(baseline=report(command=ended), command=argv))
    assert (alone is not None) == is_run


def test_the_command_is_taken_with_its_folder_and_input() -> None:
    run = Command(argv=("python", "job.py"), stdin=b"3\n")
    plan = make_screen_plan(case(report(command=FAILS), run=run))
    assert plan is not None
    assert plan.command == run


def test_where_only_the_command_fails_passing_tests_are_used_if_there_are_any() -> None:
    with_tests = make_screen_plan(case(report("passed", command=FAILS)))
    without = make_screen_plan(case(report(command=FAILS)))
    assert with_tests is not None
    assert without is not None
    assert (with_tests.use_tests, without.use_tests) == (True, False)


def test_where_nothing_fails_there_is_nothing_to_screen() -> None:
    assert make_screen_plan(case(report("passed", command=WORKS))) is None


def test_the_tests_are_run_as_the_baseline_ran_them() -> None:
    tests = TestPlan(select=("tests/a.py",), sentinels=True)
    plan = make_screen_plan(case(report("failed"), tests=tests))
    assert plan is not None
    assert plan.select == ("tests/a.py",)
    assert plan.tests == tests.model_copy(update={"sentinels": False})


def test_only_tests_that_ended_by_themselves_say_how_long_they_take() -> None:
    results = (
        TestResult(node="a", outcome="passed"),
        TestResult(node="b", outcome="failed", detail="E   EndlessTestError: over"),
        TestResult(node="c", outcome="failed", detail="E   KeyError"),
    )
    run = TestRun(results=results, ended=FAILS)
    assert set(find_finished_tests(case(Report(tests=(run, run))))) == {"a", "c"}


def seen(node: str, outcome: str, seconds: float = 0.0) -> SpectrumTest:
    return SpectrumTest.model_validate({"node": node, "outcome": outcome, "seconds": seconds})


def test_what_fails_crashes_or_does_not_end_must_turn_green_those_last() -> None:
    spectrum = [seen("a", "timeout"), seen("b", "failed"), seen("c", "crashed"),
                seen("d", "skipped")]  # fmt: skip
    plan = add_tests(ScreenPlan(failing=("m.py", "b")), spectrum)
    assert plan.failing == ("b", "c", "m.py", "a")
    assert plan.passing == ()


def test_quick_tests_come_first() -> None:
    assert add_tests(
        ScreenPlan(), [seen("a", "passed", 0.2), seen("b", "passed", 0.01)]
    ).passing == (
        "b",
        "a",
    )


@pytest.mark.parametrize(
    ("outcome", "failing", "passing"),
    [("passed", (), ("fine", "slow")), ("failed", ("slow",), ("fine",))],
)
def test_a_test_that_is_only_slow_gets_the_time_that_it_took_before(
    outcome: str, failing: tuple[str, ...], passing: tuple[str, ...]
) -> None:
    spectrum = [seen("slow", "timeout"), seen("fine", "passed", 0.01)]
    before = TestResult.model_validate({"node": "slow", "outcome": outcome, "seconds": 1.0})
    usual = add_tests(ScreenPlan(), spectrum, {"slow": before})
    assert usual.limit_s > 1.0
    assert (usual.failing, usual.passing) == (failing, passing)
    unknown = add_tests(ScreenPlan(), spectrum)
    assert unknown.limit_s < 0.1
    assert (unknown.failing, unknown.passing) == (("slow",), ("fine",))


@pytest.mark.parametrize(
    ("seconds", "limit_s"), [(0.0, MIN_LIMIT_S), (0.2, 0.3), (100.0, MAX_LIMIT_S)]
)
def test_a_candidate_gets_half_more_than_all_tests_took_within_bounds(
    seconds: float, limit_s: float
) -> None:
    plan = add_tests(ScreenPlan(), [seen("a", "passed", seconds)])
    assert plan.limit_s == pytest.approx(limit_s)


def test_a_tree_is_packed_whole() -> None:
    data = pack_tree(MemoryTree({"a/b.py": "x = 1\n", "c.bin": b"\0"}))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        contents = {m.name: archive.extractfile(m).read() for m in archive}
    assert contents == {"a/b.py": b"x = 1\n", "c.bin": b"\0"}


@pytest.mark.parametrize(
    ("before", "here", "stays"),
    [
        ("passed", "failed", False),
        ("passed", "crashed", False),
        ("passed", "passed", True),
        ("passed", "timeout", True),
        ("failed", "failed", True),
        ("failed", "passed", True),
        (None, "failed", True),
    ],
)
def test_what_passed_and_fails_alone_tells_nothing(
    before: str | None, here: str, stays: bool
) -> None:
    spectrum = (SpectrumTest.model_validate({"node": "t.py::t", "outcome": here}),)
    results = [{"node": "t.py::t", "outcome": before}] if before else []
    finished = {str(each["node"]): TestResult.model_validate(each) for each in results}
    assert leave_out_unsteady(spectrum, finished) == (spectrum if stays else ())
