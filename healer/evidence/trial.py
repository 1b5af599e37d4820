"""One quick look at a patch in the sandbox, for a model that investigates.

Belongs here: running a patch that nobody has committed, and telling in words what was seen. Does
not belong here: judging it (that is `prove`, on a commit): nothing that is seen here counts.
"""

from collections.abc import Iterator

from healer.config import Config
from healer.draft.edits import EditRefused, apply
from healer.evidence import plan as planning
from healer.evidence.overlay import Overlay
from healer.facts.draft import Case, Edit
from healer.facts.repair import Request
from healer.judge import failing, how_ended
from healer.services.runner import SandboxRunner
from quarantine.policy import ChangedPath, inspect, literals_of
from quarantine.project_tests import ProjectTests
from quarantine.repository import Repository
from quarantine.tree import Tree
from sandbox import Ended, Report

LONGEST_DETAIL = 1_500
"""Characters of one failing test or of the command's last output."""
MOST_FAILING = 3


def trial(
    case: Case,
    edits: tuple[Edit, ...],
    *,
    request: Request,
    repository: Repository,
    config: Config,
    runner: SandboxRunner,
) -> str:
    """What the checks see of `edits` on the base commit: plain text, not redacted."""
    base = repository.tree(case.base)
    try:
        changes = apply(edits, base)
    except EditRefused as refused:
        return f"not tried: {refused}"
    command = planning.command_to_heal(request.failure, case.command)
    the_plan = planning.plan(base, case.script, config.tests.command, command, tuple(changes))
    if the_plan.tests is not None:
        once = {"seeds": (None,), "sentinels": False}
        the_plan = the_plan.model_copy(update={"tests": the_plan.tests.model_copy(update=once)})
    report = runner.run(Overlay(base, changes), the_plan)
    if report.fault:
        return f"the sandbox could not run it: {report.fault.message}"
    return "\n".join([*_forbidden(base, changes), *_seen(report)])


def _forbidden(base: Tree, changes: dict[str, bytes]) -> Iterator[str]:
    after = Overlay(base, changes)
    changed = [
        ChangedPath(path=path, old_mode="100644" if base.entry(path) else "", new_mode="100644")
        for path in changes
    ]
    for finding in inspect(
        base, after, changed, literals_of(ProjectTests.load(base).contents(base))
    ):
        yield f"the rules object: {finding.path}:{finding.line}: {finding.reason}"


def _seen(report: Report) -> Iterator[str]:
    for problem in report.syntax:
        yield f"{problem.path}:{problem.line}: {problem.message}"
    if report.command is not None:
        yield from _command(report.command)
    if report.tests:
        bad = failing(report.tests)
        passed = sum(result.outcome == "passed" for result in report.tests[0].results)
        yield f"tests: {passed} passed, {len(bad)} failed"
        for result in list(bad.values())[:MOST_FAILING]:
            yield f"{result.node}:\n{result.detail[-LONGEST_DETAIL:]}"


def _command(ended: Ended) -> Iterator[str]:
    if ended.exit_code == 0 and not ended.timed_out:
        yield "the command succeeds"
        if ended.stdout:
            yield f"it prints:\n{ended.stdout[-LONGEST_DETAIL:]}"
        return
    yield f"the command fails: {how_ended(ended)}"
    yield ended.stderr[-LONGEST_DETAIL:]
