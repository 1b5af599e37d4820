"""A job whose tests run more than once is two: the second in a container that differs.

Belongs here: taking a job apart, and putting two reports together. Does not belong here: in what
the second container differs (`surroundings`), and running them (`runner`). Pure.
"""

from sandbox.job import Job, Plan, TestPlan
from sandbox.report import ProcessEnd, Report

COMMAND = "(command)"
"""In place of a test."""
GOOD = "passed"


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
        job.model_copy(update={"plan": plan, "is_varied": True, "is_dated": True}),
    )


def _with_seeds(tests: TestPlan, seeds: tuple[int | None, ...]) -> TestPlan:
    return tests.model_copy(update={"seeds": seeds})


def find_disagreement(report: Report) -> frozenset[str]:
    """Tests that end well in the first run and not in a second one, and `COMMAND` where it does."""
    results = [{each.node: each.outcome for each in run.results} for run in report.tests]
    first, others = (results[0], results[1:]) if results else ({}, [])
    good = {node for node, outcome in first.items() if outcome == GOOD}
    nodes = {node for node in good if any(other.get(node) != GOOD for other in others)}
    is_command = _is_good(report.command) and not _is_good(report.varied_command)
    return frozenset(nodes | {COMMAND} if is_command and report.varied_command else nodes)


def _is_good(end: ProcessEnd | None) -> bool:
    return end is not None and end.exit_code == 0 and not (end.timed_out or end.oom)


def settle(report: Report, today: Report, again: Report) -> Report:
    """With a run in the second's surroundings but of `today` in its place, where that alone makes
    tests end well: `again`, like the second run, they do not."""
    if today.fault or again.fault:
        return report
    answer = _with_second(report, today)
    nodes = find_disagreement(report) & find_disagreement(_with_second(report, again))
    nodes -= find_disagreement(answer)
    return answer.model_copy(update={"by_date": tuple(sorted(nodes))}) if nodes else report


def _with_second(report: Report, second: Report) -> Report:
    update = {"tests": report.tests[:1] + second.tests, "varied_command": second.command}
    return report.model_copy(update=update)


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
