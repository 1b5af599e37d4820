"""Removes what is older than `keep_days`: quarantine branches, evidence, checkpoints.

Belongs here: what may go. Does not belong here: how a branch is deleted (`quarantine.prune`).
"""

from healer.daemon.intake import Intake
from healer.repair.land import withdraw
from healer.services import Services
from quarantine.prune import prune

DAY_S = 86_400.0


class OldBranches:
    """Branch and evidence of a repair go together; the ledger's rows and steps stay."""

    every_s = 3_600.0
    name = "old branches"

    def __init__(self, services: Services) -> None:
        self._services = services

    def do(self, now: float, intake: Intake) -> None:
        """What waits for a person stays, however old; so does what was decided since."""
        services = self._services
        before = now - services.config.keep_days * DAY_S
        kept = {
            str(row.result.get("branch"))
            for row in services.ledger.repairs()
            if row.state != "closed" or row.updated_at >= before
        }
        for branch in prune(services.repository, before=int(before), keep=kept):
            withdraw(branch, services)
        services.ledger.forget_evidence(before)
        intake.forget(before)
