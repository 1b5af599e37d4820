"""A job that asks for a second run is taken apart and put together again."""

import pytest

from sandbox import Command, Job, Limits, Plan, ProcessEnd, Report, TestPlan, TestResult, TestRun
from sandbox.report import Fault, FaultKind
from sandbox.variation import find_disagreement, merge, settle, split
from sandbox.world import World

COMMAND = Command(argv=("python", "job.py"))
TESTS = TestPlan(seeds=(None, 1, 2), trace_failing=True, select=("a",))
JOB = Job(
    tree=b"x",
    plan=Plan(compile=("a.py",), command=COMMAND, tests=TESTS, trace={"a.py": (1,)}),
    limits=Limits(timeout_s=7),
)
FAULT = Fault(kind=FaultKind.ENGINE, message="Docker is away.")


def run(seconds: float) -> TestRun:
    return TestRun(results=(), ended=ProcessEnd(exit_code=0, seconds=seconds))


def test_the_first_run_keeps_all_else_and_the_others_are_run_elsewhere() -> None:
    first, second = split(JOB)
    assert first.plan == JOB.plan.model_copy(
        update={"tests": TESTS.model_copy(update={"seeds": (None,)})}
    )
    assert second is not None
    assert (first.is_varied, second.is_varied) == (False, True)
    assert (first.is_dated, second.is_dated) == (False, True)
    assert (second.tree, second.limits) == (JOB.tree, JOB.limits)
    tests = TESTS.model_copy(update={"seeds": (1, 2), "trace_failing": False})
    assert second.plan == Plan(command=COMMAND, tests=tests)


@pytest.mark.parametrize(
    "job",
    [
        JOB.model_copy(update={"plan": Plan(command=COMMAND)}),
        JOB.model_copy(update={"plan": Plan(tests=TestPlan())}),
        JOB.model_copy(update={"is_varied": True}),
    ],
    ids=["no tests", "one run", "a second run itself"],
)
def test_a_job_of_one_run_stays_whole(job: Job) -> None:
    assert split(job) == (job, None)


def test_a_command_in_its_recorded_world_is_run_as_it_was() -> None:
    command = COMMAND.model_copy(update={"world": World(started_at=0.0, timezone="UTC")})
    _, second = split(JOB.model_copy(update={"plan": Plan(command=command, tests=TESTS)}))
    assert second is not None
    assert second.plan.command is None


def test_a_report_of_both_has_all_runs_in_their_order() -> None:
    end = ProcessEnd(exit_code=3)
    one = Report(tests=(run(1),), command=ProcessEnd(exit_code=0), seconds=2.0)
    other = Report(tests=(run(2), run(3)), command=end, seconds=1.0)
    both = merge(one, other)
    assert [each.ended.seconds for each in both.tests] == [1, 2, 3]
    assert (both.command, both.varied_command, both.seconds) == (one.command, end, 2.0)


@pytest.mark.parametrize(
    ("first", "second"), [(Report(fault=FAULT), Report()), (Report(), Report(fault=FAULT))]
)
def test_where_one_could_not_be_run_nothing_is_known(first: Report, second: Report) -> None:
    assert merge(first, second).fault == FAULT


def make_run(**outcomes: str) -> TestRun:
    results = tuple(
        TestResult.model_validate({"node": node, "outcome": outcome})
        for node, outcome in outcomes.items()
    )
    return TestRun(results=results, ended=ProcessEnd(exit_code=0))


def ran(*runs: TestRun, code: int = 0, varied: int | None = 0) -> Report:
    other = None if varied is None else ProcessEnd(exit_code=varied)
    return Report(tests=runs, command=ProcessEnd(exit_code=code), varied_command=other)


def test_runs_disagree_where_only_the_first_ends_well() -> None:
    runs = (
        make_run(a="passed", b="passed", c="failed", d="passed"),
        make_run(a="failed", b="passed"),
    )
    assert find_disagreement(ran(*runs)) == {"a", "d"}
    assert find_disagreement(ran(make_run(), make_run(), varied=1)) == {"(command)"}
    assert find_disagreement(ran(make_run(), make_run(), code=1, varied=1)) == frozenset()
    assert find_disagreement(ran(make_run(), varied=None)) == frozenset()


BOTH = ran(make_run(a="passed", b="passed"), make_run(a="failed", b="failed"), varied=1)
GOOD = ran(make_run(a="passed", b="failed"))
BAD = ran(make_run(a="failed", b="failed"), code=1)


def test_what_fails_on_another_day_alone_is_told_and_judged_by_todays_run() -> None:
    report = settle(BOTH, GOOD, BAD)
    assert report.by_date == ("(command)", "a")
    assert report.tests == (BOTH.tests[0], GOOD.tests[0])
    assert report.varied_command == GOOD.command


def test_what_fails_whatever_the_day_or_by_chance_stays_as_it_was() -> None:
    assert settle(BOTH, BAD, BAD) == BOTH
    assert settle(BOTH, GOOD, GOOD) == BOTH
    assert settle(BOTH, Report(fault=FAULT), BAD) == BOTH
