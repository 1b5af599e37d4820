"""What every sandbox does: the real one (`sandbox.runner`) and the scripted one (`sandbox.fake`).

Belongs here: the need, as others state it. Does not belong here: how it is met.
"""

from typing import Protocol

from sandbox.job import Job, Limits
from sandbox.report import Report


class Sandbox(Protocol):
    """Runs one job in a fresh place without network, and says what happened."""

    def run(self, job: Job) -> Report:
        """Never raises for what the job did or for a sandbox fault: both are in the report."""

    def prepare(self, limits: Limits) -> None:
        """Says that a job with these limits comes soon. Never raises."""

    def close(self) -> None:
        """Removes every container that this object started. May be called twice."""
