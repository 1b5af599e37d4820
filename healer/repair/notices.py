"""Which notice is due for a repair, and what became of it.

Belongs here: from the facts of a repair to a notice, and handing it over. Does not belong here:
whether a notice is mailed (`healer.notify`), or how it looks (`healer.render`).
"""

import shlex
import socket
from datetime import UTC, datetime
from typing import NamedTuple

from healer.config import Job
from healer.facts.repair import Attempt, Baseline, FinishedRepair, Outcome, Request
from healer.failure import Failure
from healer.ledger.rows import RepairRow
from healer.notify.owners import PLACES, find_owners
from healer.render.notice import BY_PERSON, GOOD_NEWS, Kind, Notice, format_time
from healer.render.one_line import as_sentence
from healer.repair.probation import describe_promise
from healer.repair.view import check_row
from healer.services import Services
from healer.watch.incident import Incident
from healer.watch.runner import run_log
from sandbox import Report

_HOSTS_SHOWN = 3
"""Of the machines on which something failed, the last ones."""
_NEEDS_PERSON = ("review", "escalated", "gave_up")
"""Outcomes that a person has to do something about."""


class Mailing(NamedTuple):
    """What became of a mail."""

    status: str = ""
    """In words; empty where none was due."""
    is_kept: bool = False
    """The mail server was unavailable: it is sent later."""


def notify_of_end(end: FinishedRepair, services: Services) -> Mailing:
    """Queues and sends the mail that is due at the end of a repair."""
    request, outcome = end.request, end.outcome
    if not request.merge:
        return Mailing()
    _notify_of_sandbox(end, services)
    if outcome.waiting_repair:  # which was told
        return Mailing()
    if outcome.kind not in _NEEDS_PERSON and not _is_good_news(request, outcome):
        return Mailing()
    notice = _notice_of_end(end)
    if notice.kind == "healed":
        promise = describe_promise(request.script, services.clock.now(), services.config)
        notice = notice.model_copy(update={"reason": f"{as_sentence(outcome.reason)} {promise}"})
    people = (*notice.recipients, *find_mail_owners(request, end.shown_attempt, services))
    notice = notice.model_copy(update={"recipients": tuple(dict.fromkeys(people))})
    return send_notice(notice, services)


def notify_over(fingerprint: str, script: str, reason: str, services: Services) -> None:
    """Closes the thread of mails of an incident that no fix of healer's has ended; nothing is
    mailed where none was open."""
    now = services.clock.moment()
    notice = Notice(
        kind="resolved",
        fingerprint=fingerprint,
        script=script,
        reason=reason,
        when=now,
        event=f"over {now.isoformat()}",
    )
    send_notice(notice, services)


def notify_of_rejection(
    row: RepairRow, failure: Failure | None, reason: str, services: Services, *, by: str
) -> None:
    """Says in the incident's thread that a person turned the fix down, or ended a repair that had
    none: that is not over. Nothing is mailed where no thread was open."""
    kind: Kind = "turned_down" if row.has_draft else "ended"
    add_to_thread(kind, row, failure, reason, services, by=by)


def add_to_thread(
    kind: Kind,
    row: RepairRow,
    failure: Failure | None,
    reason: str,
    services: Services,
    *,
    by: str = "",
    sibling: Incident | None = None,
) -> None:
    """One more word on a repair, in its incident's thread, or in that of a `sibling`, whose end is
    the repair's; `by`: of whom it tells."""
    script = sibling.script if sibling else row.script
    show = f"healer show {row.id}"
    notice = Notice(
        kind=kind,
        fingerprint=sibling.fingerprint if sibling else row.incident,
        script=script,
        reason=reason,
        when=datetime.fromtimestamp(row.created_at, UTC),
        by=by,
        repair=row.id,
        failure=failure,
        commands=(show, f"healer fix {script}") if kind in BY_PERSON else (show,),
    )
    send_notice(notice, services)


def notify_of_job(
    services: Services, job: Job, trouble: str, what: str, slot: float, *, is_over: bool = False
) -> None:
    """Tells of a run that is missing or too long: one incident for each job and `trouble`; that it
    is over is said where it was told."""
    notice = Notice(
        kind="resolved" if is_over else "missed",
        fingerprint=f"job:{trouble}:{job.script}",
        script=job.script,
        reason=f"{what}; it should run {job.plan_in_words}",
        when=datetime.fromtimestamp(slot, UTC),
        event=str(int(slot)),
        commands=() if is_over else ("healer status",),
    )
    send_notice(notice, services)


def send_notice(notice: Notice, services: Services) -> Mailing:
    """Mails a notice now, or says why it goes out later or not at all."""
    now = services.clock.moment()
    notice = add_whereabouts(notice, services)
    answer = services.notifier.notify(notice, now)
    if answer.state == "off":
        return Mailing("none was sent: no mail server is configured ([mail] smtp and to)")
    if answer.state in ("digest", "known") and notice.kind in GOOD_NEWS:
        return Mailing()
    if answer.state == "held":
        return Mailing("goes out with the next ones, in a moment")
    if answer.state == "known":
        return Mailing("none was sent: this was told before")
    deliveries = [d for d in services.notifier.flush(now) if d.id == answer.mail]
    if deliveries and deliveries[0].state == "sent":
        return Mailing(f"sent to {', '.join(deliveries[0].recipients)}")
    problem = deliveries[0].problem if deliveries else "another healer process is sending"
    return Mailing(f"kept, and sent later: {problem}", is_kept=True)


def add_whereabouts(notice: Notice, services: Services) -> Notice:
    """The same, with where it was."""
    scope = services.fleet.scope
    name = scope.repository.rpartition("/")[2] if scope else ""
    lines = _find_whereabouts(notice, services)
    return notice.model_copy(update={"whereabouts": lines, "repository": name})


def _find_place(notice: Notice, services: Services) -> str:
    """Which machine and whose repository. Where job machines bring failures, it is not this machine
    on which something failed, and where this one has the repository says nothing to anybody."""
    repository, scope, here = services.repository, services.fleet.scope, socket.gethostname()
    branch = f"branch {services.config.target}"
    if scope is None:
        return f"on {here}, in {repository.root or repository.git_dir}, {branch}"
    records = services.shared_records
    hosts = records.failures.list_hosts(notice.fingerprint, _HOSTS_SHOWN) if records else ()
    machines = f"{', '.join(hosts)} (told by {here})" if hosts else here
    return f"on {machines}, in {scope.repository} of tenant {scope.tenant}, {branch}"


def _find_whereabouts(notice: Notice, services: Services) -> tuple[str, ...]:
    """Where it failed and since when, for who reads it elsewhere."""
    repository = services.repository
    lines = [_find_place(notice, services)]
    if notice.failure and notice.failure.argv:
        lines.append(f"command: {shlex.join(notice.failure.argv)}")
    incident = services.incidents.find(notice.fingerprint)
    if incident is not None:
        times = f"{incident.count} time{'s' if incident.count != 1 else ''}"
        first, last = map(_say_moment, (incident.first_at, incident.last_at))
        lines.append(f"failed {times}: first {first}, last {last}")
    if notice.script:
        runs = run_log.read(repository.state_dir)
        good = [r.started_at for r in runs if r.script == notice.script and r.exit_code == 0]
        lines.append(f"last good run: {_say_moment(max(good)) if good else 'none is known'}")
    return tuple(lines)


def _say_moment(seconds: float) -> str:
    return format_time(datetime.fromtimestamp(seconds, UTC))


def _is_good_news(request: Request, outcome: Outcome) -> bool:
    """Nothing is left to do for the failure that this repair began with."""
    is_healthy = outcome.kind == "healthy" and request.failure is not None
    return is_healthy or (outcome.kind == "healed" and bool(outcome.merged))


def _notify_of_sandbox(end: FinishedRepair, services: Services) -> None:
    """A sandbox that stays away is an incident of its own, whichever repair met it. A repair that
    ended before anything ran knows nothing of it."""
    request, outcome = end.request, end.outcome
    is_away = outcome.kind == "unjudged"
    if not is_away and end.baseline.report == Report():
        return
    notice = Notice(
        kind="unjudged" if is_away else "resolved",
        fingerprint="sandbox",
        script="",
        reason=outcome.reason if is_away else "The sandbox runs again.",
        when=services.clock.moment(),
        repair=request.repair,
        commands=("healer doctor",) if is_away else (),
    )
    services.notifier.notify(add_whereabouts(notice, services), services.clock.moment())


def find_mail_owners(request: Request, last: Attempt | None, services: Services) -> tuple[str, ...]:
    """Addresses that CODEOWNERS of the base commit gives for the touched files."""
    tree = services.repository.tree(request.base)
    text = next((data for place in PLACES if (data := tree.read(place)) is not None), b"")
    paths = last.candidate.paths if last and last.candidate else (request.script,)
    return find_owners(text.decode(errors="replace"), paths)


def _notice_of_end(end: FinishedRepair) -> Notice:
    request, baseline, outcome = end.request, end.baseline, end.outcome
    last = end.shown_attempt
    verdict = last.verdict if last else None
    failure = baseline.failure or request.failure
    when = datetime.fromtimestamp(request.opened_at, UTC)
    incident = failure.fingerprint if failure else request.repair
    return Notice(
        kind=_kind(outcome, baseline),
        # Money lacks for all repairs of a day: that is one mail, whichever meets it first.
        fingerprint=f"budget:{when:%Y-%m-%d}" if outcome.stopped_by_budget else incident,
        script=request.script,
        reason=" ".join(filter(None, (baseline.origin, outcome.reason))),
        when=when,
        repair="" if outcome.stopped_by_budget else request.repair,
        failure=failure,
        cause=last.draft.cause if last else "",
        evidence="\n".join(verdict.reasons) if verdict else "",
        diff=last.candidate.diff if last and last.candidate else "",
        is_fix=verdict is not None and verdict.kind == "fixed",
        base=request.base,
        checks=tuple(check_row(check) for check in (verdict.checks if verdict else ())),
        commands=_commands(end, last),
        next_step=outcome.next_step,
        has_question=bool(outcome.question),
        recipients=tuple(dict.fromkeys((*baseline.notify, *outcome.notify))),
        attempts=len(end.attempts),
        cost_usd=end.cost.cost_usd,
    )


def _kind(outcome: Outcome, baseline: Baseline) -> Kind:
    if outcome.kind in ("review", "healed"):
        return "review" if outcome.kind == "review" else "healed"
    if outcome.kind == "healthy":
        return "resolved"
    if outcome.stopped_by_budget:
        return "budget"
    if outcome.protected:
        return "protected"
    if outcome.kind == "escalated":
        return "unseen" if baseline.difference else "for_people"
    return "gave_up"


def _commands(end: FinishedRepair, last: Attempt | None) -> tuple[str, ...]:
    request, outcome = end.request, end.outcome
    is_in_vain = outcome.kind == "escalated" and not (end.attempts or end.baseline.difference)
    if is_in_vain or outcome.kind in ("healed", "healthy"):  # another try would end the same
        return (f"healer show {request.repair}",)
    has_fix = last is not None and last.candidate is not None and last.verdict.kind == "fixed"
    if outcome.kind == "gave_up":
        return (f"healer show {request.repair}", f"healer fix {request.script}")
    if not has_fix:  # it waits for a person, and another try would be a second thing that waits
        return (f"healer show {request.repair}", f'healer reject {request.repair} --reason "…"')
    if outcome.question:
        return (f"healer answer {request.repair}", f"healer show {request.repair}")
    return (
        f"healer show {request.repair}",
        f"healer approve {request.repair}",
        f'healer reject {request.repair} --reason "…"',
    )
