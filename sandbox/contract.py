"""What every sandbox does: the real one (`sandbox.runner`) and the scripted one (`sandbox.fake`).

Belongs here: the need, as others state it. Does not belong here: how it is met.
"""

from typing import Protocol

from sandbox.job import Job, Limits, ScreenPlan
from sandbox.report import Report


class Conversation(Protocol):
    """Questions about one tree, one after another, in a place that keeps what it has loaded."""

    def ask(self, plan: ScreenPlan, timeout_s: float) -> Report:
        """What `plan` gives within so many seconds. Never raises, as `Sandbox.run`."""

    def close(self) -> None:
        """Gives the place back, also while another thread asks. May be called twice."""


class Sandbox(Protocol):
    """Runs one job in a fresh place without network, and says what happened."""

    def run(self, job: Job) -> Report:
        """Never raises for what the job did or for a sandbox fault: both are in the report."""

    def open(self, job: Job) -> "Conversation":
        """One container for many questions about the job's tree: its plan is a screening, and says
        only what all of them have in common. Nothing is started yet."""

    def prepare(self, limits: Limits) -> None:
        """Says that a job with these limits comes soon. Never raises."""

    def close(self) -> None:
        """Removes every container that this object started. May be called twice."""
