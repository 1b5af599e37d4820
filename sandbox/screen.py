"""Screening: many candidates against one tree's tests, in one container.

Belongs here: what a search may ask, and asking it. What passes here is *not* proved: the tests ran
beside the code under test, with no sentinels, in a container that many candidates shared.
"""

import os
from typing import Protocol

from sandbox.contract import Sandbox
from sandbox.errors import SandboxError
from sandbox.job import Job, Limits, Plan, ScreenPlan
from sandbox.report import Behaviour, Report, ScreenResult, SpectrumTest

COMPARISON_S = 300.0
"""A fuse and no budget: what one candidate may use is processor time, measured inside."""


class Screening(Protocol):
    """Tries candidates on a tree. Raises SandboxError where the sandbox failed: what was not
    measured is never taken for an answer."""

    def measure_spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[SpectrumTest, ...]:
        """Each test's outcome on the tree itself, with the executed lines of watched files."""

    def screen(self, tree: bytes, plan: ScreenPlan, budget_s: float) -> tuple[ScreenResult, ...]:
        """Results by candidate, sorted by index; those beyond the budget are missing."""

    def compare(self, tree: bytes, plan: ScreenPlan) -> tuple[Behaviour, ...]:
        """What each candidate makes `plan.compare` do on inputs like those of the tests."""


class SandboxScreening:
    """Screening in a container of a `Sandbox`, with every core busy."""

    def __init__(self, sandbox: Sandbox, limits: Limits | None = None) -> None:
        self._sandbox = sandbox
        self._limits = limits or Limits(memory_mb=1024, cpus=float(os.cpu_count() or 1), pids=256)

    def prepare(self) -> None:
        """Has a container started, to be ready when the first candidates come."""
        self._sandbox.prepare(self._limits)

    def measure_spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[SpectrumTest, ...]:
        return self._run(tree, plan.model_copy(update={"spectrum": True}), 60.0).seen

    def screen(self, tree: bytes, plan: ScreenPlan, budget_s: float) -> tuple[ScreenResult, ...]:
        report = self._run(tree, plan.model_copy(update={"spectrum": False}), budget_s)
        return tuple(sorted(report.screened, key=lambda item: item.index))

    def compare(self, tree: bytes, plan: ScreenPlan) -> tuple[Behaviour, ...]:
        report = self._run(tree, plan.model_copy(update={"spectrum": False}), COMPARISON_S)
        return tuple(sorted(report.behaved, key=lambda item: item.index))

    def _run(self, tree: bytes, plan: ScreenPlan, budget_s: float) -> Report:
        workers = plan.workers or max(1, int(self._limits.cpus))
        limits = self._limits.model_copy(update={"timeout_s": budget_s})
        limits = limits.with_folders_of(plan.command)
        whole = Plan(screen=plan.model_copy(update={"workers": workers}))
        report = self._sandbox.run(Job(tree=tree, plan=whole, limits=limits))
        if report.fault:
            raise SandboxError.of(report.fault)
        return report
