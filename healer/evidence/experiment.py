"""One candidate's checks on both trees: what the evidence is drawn from.

Belongs here: the two trees, their reports, and what follows from both for everything that is tried
beside the fix. Does not belong here: trying it (`mutation`, `rivals`).
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from healer.evidence.tests import plan_by_pytest
from healer.judge import find_failing_tests
from healer.services.runner import PackableTree
from healer.support.tree_text import read_text
from quarantine.project_tests import ProjectTests
from sandbox import Plan, Report, TestPlan

SLOWER = 5.0
LEAST_S = 1.0
"""How much longer than the fix itself a variant of it may take, and what any may take."""


@dataclass(frozen=True)
class Experiment:
    """The unfixed and the fixed tree, and the reports of the same plan on both."""

    base: PackableTree
    tree: PackableTree
    paths: tuple[str, ...]
    """Of the files that the candidate changes."""
    changed_lines: Mapping[str, tuple[int, ...]]
    """First lines of the statements that it adds or changes, by Python file."""
    plan: Plan
    before: Report
    after: Report
    files_of_repairs: frozenset[str] = frozenset()
    """That earlier repairs left, and nobody has changed since."""

    @property
    def changed_files(self) -> tuple[str, ...]:
        """The Python files, other than tests, that both trees have and that differ."""
        tests = ProjectTests.load(self.base)
        return tuple(
            path
            for path in self.paths
            if path.endswith(".py")
            and not tests.is_test(path)
            and self.base.read(path) is not None
            and self.tree.read(path) is not None
        )

    def texts_of(self, path: str) -> tuple[str, str]:
        """A file on the base and with the fix; what is not UTF-8 is replaced."""
        base, fix = (read_text(side, path) for side in (self.base, self.tree))
        return base, fix

    @property
    def variant_limit_s(self) -> float:
        """Processor time for the tests and the command on one variant of the fix."""
        seconds = self.after.step_seconds
        return max(LEAST_S, SLOWER * (seconds.get("tests", 0.0) + seconds.get("command", 0.0)))

    @property
    def variant_tests(self) -> TestPlan:
        """How the tests are run on variants: by pytest, and without sentinels, since nothing is
        believed of one that passes but that it passed."""
        plan = (self.plan.tests or TestPlan()).model_copy(update={"sentinels": False})
        return plan_by_pytest(plan, self.base, self.passing_nodes)

    @property
    def passing_nodes(self) -> tuple[str, ...]:
        """Names of the tests that pass with the fix. A command that all of them belong to is none
        of its own."""
        runs = self.after.tests[:1]
        own = shlex.join(self.plan.tests.command) if self.plan.tests else ""
        nodes = [r.node for run in runs for r in run.results if r.outcome == "passed"]
        return tuple(node for node in nodes if node != own or len(nodes) == 1)

    def count_executed(self) -> int:
        """Of the changed lines, those that the command or a test ran with the fix."""
        command = self.after.command
        steps = [*(run.ended for run in self.after.tests), *([command] if command else ())]
        ran = {(path, n) for step in steps for path, ns in step.executed.items() for n in ns}
        changes = {(path, n) for path, ns in self.changed_lines.items() for n in ns}
        return len(ran & changes)

    @property
    def witness_nodes(self) -> tuple[str, ...]:
        """Of these, the tests that people wrote or changed. What a repair left says only what that
        repair made of the code, and never that another is right."""
        return tuple(node for node in self.passing_nodes if not self._is_of_repair(node))

    @property
    def nodes_of_repairs(self) -> tuple[str, ...]:
        """Of the tests that fail without the fix and pass with it, those that a repair left."""
        failing = find_failing_tests(self.before.tests)
        nodes = (node for node in self.passing_nodes if node in failing)
        return tuple(node for node in nodes if self._is_of_repair(node))

    def _is_of_repair(self, node: str) -> bool:
        return node.partition("::")[0] in self.files_of_repairs
