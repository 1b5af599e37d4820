"""One quick look at a patch in the sandbox, for a model that investigates.

Belongs here: running a patch that nobody has committed, and telling in words what was seen. Does
not belong here: judging it (that is `prove`, on a commit): nothing that is seen here counts.
"""

from collections.abc import Iterator

from healer.config import Config
from healer.draft.edits import EditRefused, apply
from healer.evidence.commands import make_command_to_heal
from healer.evidence.overlay import Overlay
from healer.evidence.plan import plan_checks
from healer.evidence.tests import run_once
from healer.facts.draft import Case, Edit
from healer.facts.repair import Request
from healer.judge import describe_end, find_failing_tests
from healer.services.runner import SandboxRunner
from healer.tape.recordings import NO_RECORDINGS, Recordings
from quarantine.policy import ChangedPath, inspect, literals_of
from quarantine.project_tests import ProjectTests
from quarantine.repository import Repository
from quarantine.tree import Tree
from sandbox import ProcessEnd, Report

LONGEST_DETAIL = 1_500
"""Characters of one failing test or of the command's last output."""
MOST_FAILING = 3


def try_patch(
    case: Case,
    edits: tuple[Edit, ...],
    *,
    request: Request,
    repository: Repository,
    config: Config,
    runner: SandboxRunner,
    recordings: Recordings = NO_RECORDINGS,
) -> str:
    """What the checks see of `edits` on the base commit: plain text, not redacted."""
    base = repository.tree(case.base)
    try:
        changes = apply(edits, base)
    except EditRefused as error:
        return f"not tried: {error}"
    command = make_command_to_heal(request.failure, case.command, base, recordings)
    plan = plan_checks(base, case.script, config.tests.command, command, tuple(changes))
    if plan.tests is not None:
        tests = run_once(plan.tests).model_copy(update={"sentinels": False})
        plan = plan.model_copy(update={"tests": tests})
    report = runner.run(Overlay(base, changes), plan)
    if report.fault:
        return f"the sandbox could not run it: {report.fault.message}"
    return "\n".join([*_describe_findings(base, changes), *describe_report(report)])


def _describe_findings(base: Tree, changes: dict[str, bytes]) -> Iterator[str]:
    after = Overlay(base, changes)
    paths = [
        ChangedPath(path=path, old_mode="100644" if base.entry(path) else "", new_mode="100644")
        for path in changes
    ]
    literals = literals_of(ProjectTests.load(base).contents(base))
    for finding in inspect(base, after, paths, literals):
        yield f"the rules object: {finding.path}:{finding.line}: {finding.reason}"


def describe_report(report: Report) -> Iterator[str]:
    """What the checks saw, as lines for a model: what the command and failing tests said."""
    for problem in report.syntax:
        yield f"{problem.path}:{problem.line}: {problem.message}"
    if report.command is not None:
        yield from _describe_command(report.command)
    if report.tests:
        failing = find_failing_tests(report.tests)
        count = sum(result.outcome == "passed" for result in report.tests[0].results)
        yield f"tests: {count} passed, {len(failing)} failed"
        for result in list(failing.values())[:MOST_FAILING]:
            yield f"{result.node}:\n{result.detail[-LONGEST_DETAIL:]}"


def _describe_command(end: ProcessEnd) -> Iterator[str]:
    if end.exit_code == 0 and not end.timed_out:
        yield "the command succeeds"
        if end.stdout:
            yield f"it prints:\n{end.stdout[-LONGEST_DETAIL:]}"
        return
    yield f"the command fails: {describe_end(end)}"
    yield end.stderr[-LONGEST_DETAIL:]
