"""Whatever handles a failure says so to its incident: the one book that all the others hang on.

Belongs here: which event a repair's outcome is for its incident, and that every recorded failure of
an incident goes with it. Does not belong here: the states (`healer.facts.states`), counting
(`healer.watch.incidents`), whether a new failure begins a repair (`healer.daemon.intake`).
"""

from collections.abc import Mapping

from healer.facts.states import IncidentEvent, RepairOutcome
from healer.failure import Failure
from healer.ledger.rows import RepairRow
from healer.services import Services
from healer.watch.inbox import Inbox, InboxError
from quarantine.repository import Repository

KEPT_PERIODS = 3
"""Incidents that are over are kept so many times `keep_days`: mails of theirs refer to them."""
EVENT_OF: Mapping[RepairOutcome, IncidentEvent] = {
    "healed": "merge",
    "healthy": "vanish",
    "review": "ask",
    "escalated": "ask",
    "gave_up": "fail",
    "unjudged": "fail",
    "rejected": "fail",
    "reverted": "fail",
}


def end_incident(
    fingerprint: str,
    event: IncidentEvent,
    services: Services,
    *,
    reason: str = "",
    repair: str = "",
    script: str = "",
    by: str = "",
) -> None:
    """What came of a repair, for its incident; one that is not known is made where `script` is
    given. `by`: who is named in the reason."""
    services.incidents.apply_event(
        fingerprint,
        event,
        now=services.clock.now(),
        reason=services.redactor.spare(by).text(reason),
        repair=repair,
        script=script,
        cooldown_s=services.config.watch.cooldown_s,
    )


def count_failure(
    failure: Failure,
    services: Services,
    *,
    after: int = 1,
    is_outdated: bool = False,
    is_held: bool = False,
) -> str:
    """Counts a recorded failure with its incident; gives what `Incidents.count_recorded` says."""
    return services.incidents.count_recorded(
        failure,
        now=services.clock.now(),
        after=after,
        is_outdated=is_outdated,
        is_held=is_held,
    )


def begin_by_hand(row: RepairRow, services: Services) -> None:
    """A person's command repairs a recorded failure: its incident knows, so that no daemon does
    the same."""
    failure = row.request.failure if row.request else None
    if failure is None:
        return
    inbox = Inbox(services.repository.state_dir)
    count_failure(failure, services)
    services.incidents.assign_repair(failure.fingerprint, row.id, services.clock.now())
    if inbox.claim(failure.id) is not None:
        inbox.mark_handled(failure.id)


def take_records_along(fingerprint: str, fix_commit: str, services: Services) -> None:
    """Marks every failure of an incident that waits in the inbox: its repair has handled them all.

    Where a fix was merged, a failure of code that has the fix is another story and stays.
    """
    inbox = Inbox(services.repository.state_dir)
    for record_id in inbox.list_pending():
        try:
            failure = inbox.read(record_id)
        except InboxError:
            continue
        if failure.fingerprint != fingerprint or has_commit(
            services.repository, failure.commit, fix_commit
        ):
            continue
        if inbox.claim(record_id) is not None:
            count_failure(failure, services, is_outdated=True)
            inbox.mark_handled(record_id)


def has_commit(repository: Repository, commit: str, fix_commit: str) -> bool:
    """Whether the code of `commit` has `fix_commit`; False where one of them is not known."""
    return bool(commit and fix_commit) and repository.is_ancestor(fix_commit, commit)
