"""A job whose tests run more than once is two: the second in a container that differs.

Belongs here: taking a job apart, and putting two reports together. Does not belong here: in what
the second container differs (`surroundings`), and running them (`runner`). Pure.
"""

from sandbox.job import Job, Plan, TestPlan
from sandbox.report import Report


def split(job: Job) -> tuple[Job, Job | None]:
    """The job with the first run of its tests, and one with the others and the command alone; None
    where the tests run once. The first is traced, the other is not."""
    tests = job.plan.tests
    if tests is None or len(tests.seeds) < 2 or job.is_varied:  # noqa: PLR2004 - a second run
        return job, None
    first = _with_seeds(tests, tests.seeds[:1])
    others = _with_seeds(tests, tests.seeds[1:]).model_copy(update={"trace_failing": False})
    command = job.plan.command
    if command is not None and command.world is not None:
        command = None  # a recorded night is played as it was
    plan = Plan(command=command, tests=others)
    return (
        job.model_copy(update={"plan": job.plan.model_copy(update={"tests": first})}),
        job.model_copy(update={"plan": plan, "is_varied": True}),
    )


def _with_seeds(tests: TestPlan, seeds: tuple[int | None, ...]) -> TestPlan:
    return tests.model_copy(update={"seeds": seeds})


def merge(first: Report, second: Report) -> Report:
    """One report of both; what only the first was asked for is the first's."""
    if first.fault or second.fault:
        return first if first.fault else first.model_copy(update={"fault": second.fault})
    return first.model_copy(
        update={
            "tests": first.tests + second.tests,
            "varied_command": second.command,
            "seconds": max(first.seconds, second.seconds),
        }
    )
