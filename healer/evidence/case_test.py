"""The test that a fix leaves behind: the recorded case, failing before it and passing with it.

Belongs here: which test is written, and whether it holds in the sandbox. Does not belong here: its
text (`case_text`), the commit that it is part of (`healer.repair.leave_test`), or a verdict: it is
written after the fix was judged, and no evidence for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from healer.evidence.case_text import Style, write_call_test, write_run_test
from healer.evidence.commands import make_command_to_heal
from healer.evidence.fetching_text import write_fetching_test
from healer.evidence.overlay import Overlay
from healer.evidence.recorded_call import CallFinder
from healer.evidence.recorded_run import RunFinder
from healer.evidence.tests import (
    BASELINE_SEEDS,
    has_test_files,
    plan_by_pytest,
    plan_tests,
    run_once,
)
from healer.facts.draft import WriteFile
from healer.facts.repair import Baseline, Request
from healer.failure import Fact, Failure
from healer.judge import BAD, find_failing_tests
from healer.services import Services
from healer.services.runner import PackableTree
from healer.survey.place_of_tests import (
    choose_new_path,
    find_name,
    find_test_of,
    module_of,
    uses_classes,
    uses_double_quotes,
)
from quarantine.policy import ChangedPath, inspect
from quarantine.policy.rules.source_text import find_orders
from quarantine.project_tests import runner_of
from quarantine.protection import Files, match_protected
from quarantine.tree import REGULAR, Tree
from sandbox import Command, Plan, Report, TestPlan

ENDS = ("", "_recorded", "_recorded_2", "_recorded_3", "_recorded_4")
"""Of the file's name: tests that are there are not changed."""
LONGEST_WHY = 80
NOT_HELD = "no test of the recorded case fails before the fix and passes with it"


class CaseTest(Fact):
    """A test of the case, or why there is none."""

    test: WriteFile | None = None
    why: str = ""
    """Empty: none is wanted."""


def write_case_test(
    request: Request, baseline: Baseline, tree: Tree, services: Services
) -> CaseTest:
    """The smallest test of the recorded case that holds. Nothing is written where one of the
    project's own tests failed before and passes with the fix."""
    if not services.config.tests.write or baseline.by_tests:
        return CaseTest()
    why = _find_obstacle(baseline, services)
    if why or baseline.failure is None:
        return CaseTest(why=why)
    base = services.repository.tree(request.base)
    command = make_command_to_heal(request.failure, baseline.command, base, services.recordings)
    plan = plan_tests(base, services.config.tests.command)
    if command is None or plan is None:
        return CaseTest(why="nothing is run that could be made again")
    return _Writer(request, baseline.failure, base, tree, command, plan, services).write()


def _find_obstacle(baseline: Baseline, services: Services) -> str:
    """Why none is wanted, or can be had, before anything is run."""
    settings = services.config.tests
    if not baseline.reproduced or baseline.failure is None or not baseline.failure.exception:
        return "the failure is not seen in the sandbox"
    if runner_of(settings.command).kind == "other":
        return f"its tests are run by {' '.join(settings.command)!r}"
    return ""


@dataclass(frozen=True)
class _Writer:
    """One case on its way to a test."""

    request: Request
    failure: Failure
    base: Tree
    tree: Tree
    command: Command
    plan: TestPlan
    services: Services
    reasons: list[str] = field(default_factory=list)
    """Why none of those that were tried is left."""

    @property
    def error(self) -> str:
        """The exception's name."""
        exception = self.failure.exception
        return exception.type.rpartition(".")[2] if exception else ""

    def write(self) -> CaseTest:
        """The first of the possible tests that holds."""
        for test in self._list_tests():
            why = self._find_fault(test)
            if not why:
                return CaseTest(test=test)
            self.reasons.append(why)
        return CaseTest(why=next(iter(self.reasons), NOT_HELD))

    def _list_tests(self) -> Iterator[WriteFile]:
        """Of the call that failed, then of the whole run."""
        runner = self.services.runner
        for call in CallFinder(self.base, self.tree, self.command, runner).find(self.failure):
            path = choose_new_path(call.path, self.base, ENDS)
            module = module_of(call.path)
            _, text = find_test_of(self.base, module, call.function) or ("", "")
            name, needs = find_name(text, call.function, module)
            if not needs:  # as the other test file has it
                name, needs = call.function, _find_import(text, call.function, module)
            yield WriteFile(
                path=path, content=write_call_test(call, name, needs, self._style(path))
            )
        failure = self.request.failure
        recordings = self.services.recordings
        tape = recordings.of_failure(failure) if failure else None
        spare = recordings.of_good_nights((failure.script,)) if failure else ()
        finder = RunFinder(self.base, self.tree, self.command, runner, tape, spare)
        run = finder.find(self.error)
        if isinstance(run, str):
            self.reasons.append(run)
            return
        path = choose_new_path(run.script, self.base, ENDS)
        style, client = self._style(path), run.client
        for says_result in (True, False):
            if client is None:
                text = write_run_test(run, style, says_result=says_result)
            else:
                text = write_fetching_test(run, client, style, says_result=says_result)
            yield WriteFile(path=path, content=text)

    def _style(self, path: str) -> Style:
        exception = self.failure.exception
        message = " ".join(exception.message.split()) if exception else ""
        message = message.encode("utf-8", "replace").decode()  # what no file of Python can hold
        if find_orders(message):
            message = ""  # anybody's words, and a test is read again
        day = self.failure.occurred_at[:10]
        first = f"{day}: it raised {self.error}" if day else f"It raised {self.error}"
        why = f"{first}: {message}" if message else f"{first}."
        why = why if len(why) <= LONGEST_WHY else f"{why[: LONGEST_WHY - 1]}…"
        has_classes = uses_classes(self.base, self.services.config.tests.command)
        quotes = uses_double_quotes(self.base, self.request.script)
        return Style(has_classes, self.error, why, path.count("/"), quotes)

    def _find_fault(self, test: WriteFile) -> str:
        """Why this test is not left; empty where it holds."""
        files: Files = self.base
        if not test.path:
            return "each name for a new test file is taken"
        if hits := match_protected([test.path], files):
            return f"{test.path} is protected: {hits[0][1].reason}"
        if self.services.redactor.text(test.content) != test.content:
            return "what it would hold looks like a secret"
        change = ChangedPath(path=test.path, old_mode="", new_mode=REGULAR)
        if findings := inspect(self.base, _lay(self.base, test), [change]):
            return f"the rules would have it read: {findings[0].reason}"
        if not self._fails_before(test) or not self._passes_after(test):
            return NOT_HELD
        return "" if self._leaves_others(test) else "beside it other tests do not pass"

    def _run_alone(self, tree: PackableTree, test: WriteFile) -> Report:
        plan = plan_by_pytest(self.plan, self.base, [f"{test.path}::"])
        plan = plan.model_copy(update={"seeds": BASELINE_SEEDS, "select": (test.path,)})
        return self.services.runner.run(_lay(tree, test), Plan(tests=plan))

    def _fails_before(self, test: WriteFile) -> bool:
        """For the same reason."""
        report = self._run_alone(self.base, test)
        results = [r for run in report.tests for r in run.results]
        return bool(results) and not report.fault and all(
            r.outcome in BAD and "::" in r.node and self.error in r.detail for r in results
        )  # fmt: skip

    def _passes_after(self, test: WriteFile) -> bool:
        """In other surroundings, too."""
        report = self._run_alone(self.tree, test)
        ends = [[r.outcome for r in run.results] for run in report.tests]
        return bool(ends) and not report.fault and all(each == ["passed"] for each in ends)

    def _leaves_others(self, test: WriteFile) -> bool:
        """The tests as the project runs them fail no more than without it."""
        if not has_test_files(self.base):
            return True
        plan, runner = Plan(tests=run_once(self.plan)), self.services.runner
        before, after = (runner.run(t, plan) for t in (self.tree, _lay(self.tree, test)))
        if after.fault or before.fault:
            return False
        good = {r.node for run in before.tests for r in run.results if r.outcome == "passed"}
        now = {r.node for run in after.tests for r in run.results if r.outcome == "passed"}
        return good <= now and not (
            find_failing_tests(after.tests).keys() - find_failing_tests(before.tests).keys()
        )


def _lay(tree: PackableTree, test: WriteFile) -> Overlay:
    return Overlay(tree, {test.path: test.content.encode()})


def _find_import(text: str, function: str, module: str) -> str:
    """The import of the function alone, from where another test file of this text imports it."""
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["from"] and words[2:3] == ["import"] and module.endswith(words[1]):
            return f"from {words[1]} import {function}"
    return f"from {module} import {function}"
