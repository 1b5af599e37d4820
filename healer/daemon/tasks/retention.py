"""Removes what is older than `keep_days` (quarantine branches, dossiers, checkpoints, incidents,
decisions of the fleet's page), and what killed processes left half-written.

Belongs here: what may go. Does not belong here: how a branch is deleted (`quarantine.prune`).
"""

import time
from collections.abc import Callable, Collection
from pathlib import Path

from healer.repair.incident_events import KEPT_PERIODS
from healer.repair.publish import withdraw_branch
from healer.repair.waiting_copies import sync_copies
from healer.services import Services
from healer.support.atomic_file import HALF_WRITTEN
from quarantine.candidate import quarantine_branch
from quarantine.prune import forget_tips_before, prune

DAY_S = 86_400.0


class ForgetOldRepairs:
    """Branch and dossier of a repair go together; the ledger's rows and steps stay."""

    name = "old branches"
    every_s = 3_600.0

    def __init__(
        self, services: Services, forget_workflows: Callable[[float, Collection[str]], None]
    ) -> None:
        """`forget_workflows` forgets the checkpoints of what ended before a moment (seconds), but
        for those of some ids."""
        self._services, self._forget_workflows = services, forget_workflows

    def run(self, now: float) -> None:
        """What waits for a person stays, however old; so does what was decided since."""
        services = self._services
        before = now - services.config.keep_days * DAY_S
        rows = services.ledger.repairs()
        alive = {row.id for row in rows if row.state in ("open", "waiting")}
        branches = {
            row.branch or quarantine_branch(row.script, row.id)
            for row in rows
            if row.id in alive or row.updated_at >= before
        }
        for branch in prune(services.repository, before=int(before), keep=branches):
            withdraw_branch(branch, services)
        old = {row.id for row in rows if row.id not in alive and row.updated_at < before}
        forget_tips_before(services.repository, old)
        services.ledger.forget_dossiers(before)
        # What a bug ended is open in the ledger: by its row is known how often it was tried.
        self._forget_workflows(before, {row.id for row in rows if row.state == "open"})
        if services.shared_records is not None:
            services.shared_records.failures.forget(now)
            services.shared_records.runs.forget(now)
        services.incidents.forget(now - KEPT_PERIODS * services.config.keep_days * DAY_S)
        if services.decisions is not None:
            services.decisions.forget(before, alive)
        if services.config.state == "sqlite":
            sync_copies(services)
        remove_half_written(services.repository.state_dir)


def remove_half_written(state_dir: Path) -> None:
    """Removes the unnamed files of processes that were killed while they wrote, a day later: by
    then nobody writes them any more. Their age is the file system's, whatever clock a task has."""
    before = time.time() - DAY_S
    for path in state_dir.rglob(f"*{HALF_WRITTEN}"):
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
