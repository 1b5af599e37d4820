"""Quick experiments in the sandbox, for a model that investigates.

Belongs here: running the base commit, or a patch of it that nobody has committed, and telling in
words what was seen. Does not belong here: judging it (that is `prove`, on a commit): nothing that
is seen here counts.
"""

from collections.abc import Iterator, Sequence

from healer.config import Config
from healer.draft.edits import EditRefused, apply
from healer.evidence.commands import make_command, make_command_to_heal
from healer.evidence.overlay import Overlay
from healer.evidence.plan import plan_checks
from healer.evidence.tests import run_once
from healer.evidence.watched_line import find_values, watch_line
from healer.facts.draft import Case, Edit
from healer.facts.repair import Request
from healer.judge import BAD, describe_end, find_failing_tests
from healer.services.runner import PackableTree, SandboxRunner
from healer.support.tree_text import read_text
from healer.tape.recordings import NO_RECORDINGS, Recordings
from quarantine.policy import ChangedPath, inspect, literals_of
from quarantine.project_tests import ProjectTests
from quarantine.repository import Repository
from quarantine.tree import Tree
from sandbox import Command, Plan, ProcessEnd, Report

LONGEST_DETAIL = 1_500
"""Characters of one failing test or of the command's last output."""
MOST_FAILING = 3


class Trial:
    """Experiments of one repair; every answer is plain text, not redacted."""

    def __init__(
        self,
        request: Request,
        repository: Repository,
        config: Config,
        runner: SandboxRunner,
        recordings: Recordings = NO_RECORDINGS,
    ) -> None:
        self._request, self._repository, self._config = request, repository, config
        self._runner, self._recordings = runner, recordings

    def try_patch(self, case: Case, edits: tuple[Edit, ...]) -> str:
        """What the checks see of `edits` on the base commit."""
        base = self._repository.tree(case.base)
        try:
            changes = apply(edits, base)
        except EditRefused as error:
            return f"not tried: {error}"
        command = self._make_command(case, base)
        test_command = self._config.tests.command
        plan = plan_checks(base, case.script, test_command, command, tuple(changes))
        if plan.tests is not None:
            tests = run_once(plan.tests).model_copy(update={"sentinels": False})
            plan = plan.model_copy(update={"tests": tests})
        report = self._runner.run(Overlay(base, changes), plan)
        if report.fault:
            return f"the sandbox could not run it: {report.fault.message}"
        return "\n".join([*_describe_findings(base, changes), *describe_report(report)])

    def run(self, case: Case, words: Sequence[str], edits: tuple[Edit, ...]) -> str:
        """What a command says, with the input and in the world of the failing one."""
        base = self._repository.tree(case.base)
        try:
            tree = Overlay(base, apply(edits, base)) if edits else base
        except EditRefused as error:
            return f"not run: {error}"
        failing = self._make_command(case, base)
        command = make_command(words)
        if failing is not None:
            command = failing.model_copy(update={"argv": command.argv})
        return "\n".join(_describe_run(self._run(tree, command)))

    def query(
        self, case: Case, path: str, line: int, expression: str, edits: tuple[Edit, ...]
    ) -> str:
        """The values of `expression` each time that the line is reached, at most MOST_VALUES."""
        base = self._repository.tree(case.base)
        try:
            tree = Overlay(base, apply(edits, base) if edits else {})
        except EditRefused as error:
            return f"not asked: {error}"
        text = read_text(tree, path)
        watching = watch_line(text, line, expression)
        if watching is None:
            return f"not asked: nothing can be seen before {path}:{line}, or no such expression"
        watching_tree = Overlay(tree, {path: watching.encode()})
        failing = self._make_command(case, base)
        nodes = [result.node for run in case.baseline.tests[:1] for result in run.results
                 if result.outcome in BAD][:MOST_FAILING]  # fmt: skip
        tests = make_command(("python", "-m", "pytest", "-q", "-s", "--tb=no", *nodes))
        values: tuple[str, ...] = ()
        for command in (failing, tests if nodes else None):
            end = self._run(watching_tree, command) if command and not values else None
            if isinstance(end, ProcessEnd):
                values = find_values(f"{end.stderr}\n{end.stdout}")
        return "\n".join(values) or f"{path}:{line} is never reached, by the command or the tests"

    def _run(self, tree: PackableTree, command: Command) -> ProcessEnd | str:
        report = self._runner.run(tree, Plan(command=command))
        if report.fault or report.command is None:
            message = report.fault.message if report.fault else "it did not start"
            return f"the sandbox could not run it: {message}"
        return report.command

    def _make_command(self, case: Case, base: Tree) -> Command | None:
        return make_command_to_heal(self._request.failure, case.command, base, self._recordings)


def _describe_run(end: ProcessEnd | str) -> Iterator[str]:
    if isinstance(end, str):
        yield end
        return
    yield describe_end(end)
    for name, text in (("stdout", end.stdout), ("stderr", end.stderr)):
        if text.strip():
            yield f"{name}:\n{text[-LONGEST_DETAIL:]}"


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
            yield from (f"at {line}" for line in result.values.splitlines())
            if result.inner_error:
                yield f"beside it:\n{result.inner_error[-LONGEST_DETAIL:]}"


def _describe_command(end: ProcessEnd) -> Iterator[str]:
    if end.exit_code == 0 and not end.timed_out:
        yield "the command succeeds"
        if end.stdout:
            yield f"it prints:\n{end.stdout[-LONGEST_DETAIL:]}"
        return
    yield f"the command fails: {describe_end(end)}"
    yield end.stderr[-LONGEST_DETAIL:]
