"""One candidate's checks on both trees: what the evidence is drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass

from healer.services.runner import PackableTree
from quarantine.project_tests import ProjectTests
from sandbox import Plan, Report


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

    @property
    def changed_files(self) -> tuple[str, ...]:
        """The Python files, other than tests, that both trees have and that differ."""
        return tuple(
            path
            for path in self.paths
            if path.endswith(".py")
            and not ProjectTests.load(self.base).is_test(path)
            and self.base.read(path) is not None
            and self.tree.read(path) is not None
        )

    def texts_of(self, path: str) -> tuple[str, str]:
        """A file on the base and with the fix; what is not UTF-8 is replaced."""
        base, fix = (
            (side.read(path) or b"").decode("utf-8", "replace") for side in (self.base, self.tree)
        )
        return base, fix

    @property
    def passing_nodes(self) -> tuple[str, ...]:
        """Node ids of the tests that pass with the fix."""
        runs = self.after.tests[:1]
        return tuple(r.node for run in runs for r in run.results if r.outcome == "passed")
