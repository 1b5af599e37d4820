"""One candidate's checks on both trees: what the evidence is drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass

from healer.services.runner import PackableTree
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
    def passing_nodes(self) -> tuple[str, ...]:
        """Node ids of the tests that pass with the fix."""
        runs = self.after.tests[:1]
        return tuple(r.node for run in runs for r in run.results if r.outcome == "passed")
