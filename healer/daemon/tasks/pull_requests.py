"""Follows the pull requests of fixes that wait: merges what their checks have passed.

Belongs here: what the daemon does with the forge's answer. Does not belong here: what the answer
means (`healer.repair.pull_request`), or the merge (`healer.repair.approve`).
"""

from healer.engine.durable import Engine, StuckError
from healer.facts.progress import Progress
from healer.forge.api import ForgeError
from healer.ledger.rows import RepairRow
from healer.repair.approve import ApprovalRequest, approve, record_approval, reject
from healer.repair.land import Landing
from healer.repair.pull_request import Look, look
from healer.services import Services
from healer.watch.pause import why_paused
from quarantine.merge import is_merge_begun

BY = "the checks of its pull request"
ON_FORGE = "a person on the forge"


class FollowPullRequests:
    """Looks at each request that is open."""

    name = "pull requests"
    every_s = 60.0

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services, self._engine = services, engine
        self._last_words: dict[str, str] = {}
        """What was noted of a repair, so that each is noted once."""

    def run(self, now: float) -> None:
        """One that the forge says nothing of now is looked at again the next time."""
        del now
        rows = self._services.ledger.repairs("waiting")
        for row in rows:
            is_asked = row.request is not None and row.request.pull_request and row.branch
            if not is_asked or not self._services.fleet.hold(row):
                continue
            try:
                answer = look(row, self._services)
                if self._is_open(row):
                    self._act(row, answer)
            except ForgeError as error:
                self._note(row, str(error))

    def _is_open(self, row: RepairRow) -> bool:
        """Whether the fix waits still, and no approval of ours has begun to merge it: such a one
        closes the request itself before it writes down that the fix waits no longer."""
        services = self._services
        if is_merge_begun(services.repository, row.id, services.config.target):
            return False
        return services.ledger.repair(row.id).state == "waiting"

    def _act(self, row: RepairRow, answer: Look) -> None:
        if answer.turn == "merge":
            self._merge(row, answer.head)
        elif answer.turn == "failed":
            self._note(row, f"its checks failed, so a person decides: {answer.url}")
        elif answer.turn == "closed":
            reject(self._services, row.id, f"closed there: {answer.url}", ON_FORGE)
        elif answer.turn == "merged" and answer.merged:
            how = f"merged by {ON_FORGE}: {answer.url}"
            landing = Landing(merged=answer.merged)
            record_approval(row, landing, f"by {ON_FORGE}", self._services, by=ON_FORGE, how=how)

    def _merge(self, row: RepairRow, head: str) -> None:
        """Once for each commit that the checks have passed: it is checked again on today's tip,
        and what is refused there stays with a person."""
        services = self._services
        if why_paused(services.repository.state_dir, row.script):
            return
        if why := services.ledger.sums.explain_breaker(services.clock.now()):
            self._note(row, f"its checks have passed, and a person merges it: {why}")
            return
        try:
            approval = ApprovalRequest(repair=row.id, by=BY)
            self._engine.start(approve, f"approve-{row.id}-{head[:12]}", approval)
        except StuckError as error:
            self._note(row, f"it could not be merged, which is a bug in healer: {error}")

    def _note(self, row: RepairRow, detail: str) -> None:
        if self._last_words.get(row.id) == detail:
            return
        self._last_words[row.id] = detail
        note = Progress(repair=row.id, step="pull request", state="note", detail=detail)
        self._services.progress(note)
