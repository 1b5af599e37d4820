"""What people are told of a merged fix: that it is on probation, and how that ended.

Belongs here: notices of an approval, of a run that was done again, of a relapse, of the end. Does
not belong here: the notice at the end of a repair (`notices`), or when a probation ends
(`probation`).
"""

from datetime import UTC, datetime

from healer.failure import Failure
from healer.ledger.rows import Entry, RepairRow
from healer.render.notice import Kind, Notice
from healer.render.one_line import as_sentence
from healer.repair.notices import add_to_thread, find_mail_owners, send_notice
from healer.repair.probation import ProbationEnd, describe_promise
from healer.services import Services


def notify_of_approval(
    row: RepairRow, failure: Failure | None, reason: str, services: Services, *, by: str
) -> None:
    """Says in the incident's thread that a person's yes merged the fix, and that it is not over
    yet. Nothing is mailed where no thread was open."""
    promise = describe_promise(row.script, services.clock.now(), services.config)
    add_to_thread("merged", row, failure, f"{as_sentence(reason)} {promise}", services, by=by)


def notify_of_probation_end(row: RepairRow, end: ProbationEnd, services: Services) -> None:
    """Closes the incident's thread of mails; nothing is mailed where none was open."""
    add_to_thread(end.outcome, row, None, as_sentence(end.detail), services)


def notify_of_relapse(
    row: RepairRow,
    failure: Failure | None,
    kind: Kind,
    reason: str,
    services: Services,
    *,
    when: int,
) -> None:
    """Mails that a merged fix failed on probation: `reverted`, or `relapsed` where it stays."""
    dossier = services.ledger.dossier(row.id)
    last = dossier.last_candidate if dossier else None
    next_command = f"healer rollback {row.id}" if kind == "relapsed" else f"healer fix {row.script}"
    notice = Notice(
        kind=kind,
        fingerprint=row.incident,
        script=row.script,
        reason=reason,
        when=datetime.fromtimestamp(when, UTC),
        repair=row.id,
        event=str(when),
        failure=failure,
        cause=last.draft.cause if last else "",
        diff=last.candidate.diff if last and last.candidate else "",
        base=row.request.base if row.request else "",
        commands=(f"healer show {row.id}", next_command),
        recipients=find_mail_owners(row.request, last, services) if row.request else (),
        attempts=len(dossier.attempts) if dossier else 0,
    )
    send_notice(notice, services)


def notify_of_rerun(row: RepairRow, end: Entry, services: Services) -> None:
    """Says that the failed run was done again and ended well, or that it could not be done again.
    One that failed again is told as any failure is."""
    if end.outcome == "failed":
        return
    is_watched = not services.ledger.has_entry(row.id, "probation")
    promise = describe_promise(row.script, row.updated_at, services.config) if is_watched else ""
    kind: Kind = "rerun" if end.outcome == "good" else "missed"
    notice = Notice(
        kind=kind,
        fingerprint=row.incident,
        script=row.script,
        reason=f"The fix was merged; {end.detail}. {promise}".rstrip(),
        when=datetime.fromtimestamp(row.updated_at, UTC),
        repair=row.id,
        event=end.label,
        commands=(f"healer show {row.id}",),
    )
    send_notice(notice, services)
