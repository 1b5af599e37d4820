"""A job that asks for a second run is taken apart and put together again."""

import pytest

from sandbox import Command, Job, Limits, Plan, ProcessEnd, Report, TestPlan, TestRun
from sandbox.report import Fault, FaultKind
from sandbox.variation import merge, split
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
