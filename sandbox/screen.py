"""Screening: many candidates against one tree's tests, in one container.

Belongs here: what a search may ask, and asking it. What passes here is *not* proved: the tests ran
beside the code under test, with no sentinels, in a container that many candidates shared.
"""

import os
import threading
from collections.abc import Callable, Mapping
from typing import Protocol, Self

from sandbox.contract import Conversation, Sandbox
from sandbox.errors import SandboxError
from sandbox.job import Job, Limits, Plan, ScreenPlan
from sandbox.report import Behaviour, Report, ScreenResult, SpectrumTest
from sandbox.resource import Resource
from sandbox.trees import add_files

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


class SandboxScreening(Resource):
    """Screening in a container of a `Sandbox`, with every core busy. In its with-block all
    questions about one tree share a container, and what that has loaded; otherwise each has one of
    its own."""

    def __init__(
        self,
        sandbox: Sandbox,
        limits: Limits | None = None,
        *,
        read_inputs: Callable[[], Mapping[str, bytes]] = dict,
    ) -> None:
        """`read_inputs` gives files that each tree has beside its own, by path; in the with-block
        it is asked once."""
        self._sandbox, self._read_inputs = sandbox, read_inputs
        self._inputs: Mapping[str, bytes] | None = None
        self._is_entered = self._is_closed = False
        self._conversation: Conversation | None = None
        self._subject: Job | None = None
        self._lock = threading.Lock()
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
        plan = plan.model_copy(update={"workers": workers})
        if self._inputs is None or not self._is_entered:
            self._inputs = self._read_inputs()
        tree = add_files(tree, self._inputs)
        job = Job(tree=tree, plan=Plan(screen=plan), limits=limits)
        if self._is_closed:
            raise SandboxError("The screening is closed; ask in its with-block.", retryable=False)
        if self._is_entered:
            with self._lock:  # one question after another
                report = self._converse(job).ask(plan, budget_s)
        else:
            report = self._sandbox.run(job)
        if report.fault:
            raise SandboxError.of(report.fault)
        return report

    def _converse(self, job: Job) -> Conversation:
        """The conversation under way, if it is about the same; else a new one."""
        subject = _find_subject(job)
        if self._conversation is None or subject != self._subject:
            self._drop()
            self._conversation, self._subject = self._sandbox.open(subject), subject
            if self._is_closed:  # meanwhile, by another thread: what is asked is refused
                self._conversation.close()
        return self._conversation

    def _drop(self) -> None:
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.close()

    def __enter__(self) -> Self:
        self._is_entered = True
        return self

    def close(self) -> None:
        """Gives the container back, also while another thread asks. May be called twice; nothing
        is asked any more."""
        self._is_closed = True
        self._drop()


def _find_subject(job: Job) -> Job:
    """What all questions have in common that one container can answer: the tree, the program, and
    what of the tests is collected."""
    plan = job.plan.screen or ScreenPlan()
    common = ScreenPlan(
        tests=plan.tests, use_tests=plan.use_tests, command=plan.command, select=plan.select
    )  # fmt: skip
    limits = job.limits.model_copy(update={"timeout_s": COMPARISON_S})
    return job.model_copy(update={"plan": Plan(screen=common), "limits": limits})
