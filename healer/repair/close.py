"""The last step: what came of the repair is recorded, and a person is told where one is due.

Belongs here: from the facts of a repair to its `Result`, its ledger rows and its notice. Does
not belong here: how a mail looks (`healer.render`) or travels (`healer.notify`).
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from healer.facts.draft import Drafts, total
from healer.facts.repair import (
    Attempt,
    Baseline,
    Dossier,
    Outcome,
    Request,
    Result,
    attempt_printed,
    failure_printed,
)
from healer.failure import Failure
from healer.ledger.store import RepairRow, State
from healer.notify.owners import PLACES, owners
from healer.notify.thread import OVER
from healer.render.notice import Kind, Notice
from healer.repair.land import offer
from healer.repair.ledger_entries import entries, redacted
from healer.repair.view import check_row
from healer.services import Services
from sandbox import Report

_WAITING = ("review", "escalated", "gave_up")
"""Outcomes that a person has to do something about."""


def close(
    request: Request,
    examined: Baseline,
    attempts: Sequence[Attempt],
    ending: Outcome,
    services: Services,
    *,
    rounds: Sequence[Drafts] = (),
) -> Result:
    """Records the end, queues the mail before it is sent, and gives the result.

    `rounds` are all rounds of drafting, those without a candidate too: they cost as well.
    """
    last = _last(attempts)
    waits = _state(ending) == "waiting"
    pushed = offer(last.candidate, services) if waits and last and request.merge else ""
    fruitless = [drafts for drafts in rounds if not drafts.candidates]
    cost = total([*(each.spent for each in attempts), *(each.spent for each in fruitless)])
    mail, kept = _tell(request, examined, attempts, ending, services, cost_usd=cost.cost_usd)
    result = Result(
        repair=request.repair,
        script=request.script,
        outcome=ending.outcome,
        reason=services.redactor.text(ending.reason),
        failure=failure_printed(examined.failure),
        base=request.base,
        branch=last.candidate.branch if last and last.candidate else None,
        commit=last.candidate.commit if last and last.candidate else None,
        merged=ending.merged or None,
        drafter=last.draft.drafter if last else None,
        attempts=tuple(attempt_printed(attempt) for attempt in attempts),
        checks=last.verdict.checks if last else (),
        missing=last.verdict.reasons if last and ending.outcome == "review" else (),
        checkout=ending.checkout,
        pushed=pushed,
        mail=mail,
        mail_kept=kept,
        next_step=ending.next_step or _next_step(request, ending),
        stopped_by_budget=ending.stopped_by_budget,
        cost_usd=cost.cost_usd,
        cost_known=cost.cost_known,
        seconds=max(0.0, time.time() - request.opened_at),
    )
    whole = Dossier(
        request=request,
        examined=examined,
        attempts=tuple(attempts),
        fruitless=tuple(exchange for drafts in fruitless for exchange in drafts.exchanges),
    )
    decided = entries(request, examined, attempts, rounds, result)
    services.ledger.finish(
        request.repair,
        _state(ending),
        ending.outcome,
        result.model_dump(mode="json"),
        entries=[redacted(entry, services.redactor) for entry in decided],
        evidence=whole.model_dump(mode="json"),
    )
    if request.failure and _state(ending) == "closed":
        end_incident(
            request.failure.fingerprint, fixed=ending.outcome == "healed", services=services
        )
    return result


def end_incident(fingerprint: str, *, fixed: bool, services: Services) -> None:
    """The incident is over, or rests before it is tried again."""
    services.incidents.end_repair(
        fingerprint, is_fixed=fixed, now=time.time(), cooldown_s=services.config.watch.cooldown_s
    )


def _last(attempts: Sequence[Attempt]) -> Attempt | None:
    """The attempt to show: the last one that became a candidate, else the last."""
    made = [attempt for attempt in attempts if attempt.candidate]
    found = made or list(attempts)
    return found[-1] if found else None


def _state(ending: Outcome) -> State:
    return "waiting" if ending.outcome in ("review", "escalated") else "closed"


def _next_step(request: Request, ending: Outcome) -> str:
    if ending.outcome == "review":
        return f"healer show {request.repair}, then healer approve or reject it"
    if ending.outcome == "unjudged":
        return "healer doctor, then the same command again"
    return ""


def _tell(
    request: Request,
    examined: Baseline,
    attempts: Sequence[Attempt],
    ending: Outcome,
    services: Services,
    *,
    cost_usd: float,
) -> tuple[str, bool]:
    """Queues and sends the mail that is due; says what became of it, and whether it was kept."""
    if not request.merge:
        return "", False
    _tell_of_sandbox(request, examined, ending, services)
    if ending.outcome not in _WAITING and not _is_over(request, ending):
        return "", False
    notice = _notice(request, examined, attempts, ending, cost_usd)
    people = (*notice.recipients, *_owners(request, _last(attempts), services))
    return send(notice.model_copy(update={"recipients": tuple(dict.fromkeys(people))}), services)


def _is_over(request: Request, ending: Outcome) -> bool:
    """Nothing is left to do for the failure that this repair began with."""
    healthy = ending.outcome == "healthy" and request.failure is not None
    return healthy or (ending.outcome == "healed" and bool(ending.merged))


def _tell_of_sandbox(
    request: Request, examined: Baseline, ending: Outcome, services: Services
) -> None:
    """A sandbox that stays away is an incident of its own, whichever repair met it. A repair that
    ended before anything ran knows nothing of it."""
    away = ending.outcome == "unjudged"
    if not away and examined.baseline == Report():
        return
    notice = Notice(
        kind="unjudged" if away else "resolved",
        fingerprint="sandbox",
        script="",
        reason=ending.reason if away else "The sandbox runs again.",
        when=datetime.now(UTC),
        repair=request.repair,
        commands=("healer doctor",) if away else (),
    )
    services.notifier.notify(notice, datetime.now(UTC))


def _owners(request: Request, last: Attempt | None, services: Services) -> tuple[str, ...]:
    """Addresses that CODEOWNERS of the base commit gives for the touched files."""
    tree = services.repository.tree(request.base)
    found = next((text for place in PLACES if (text := tree.read(place)) is not None), b"")
    paths = last.candidate.paths if last and last.candidate else (request.script,)
    return owners(found.decode(errors="replace"), paths)


def send(notice: Notice, services: Services) -> tuple[str, bool]:
    """Mails a notice now; what became of it in words, and whether it waits for the server."""
    now = datetime.now(UTC)
    told = services.notifier.notify(notice, now)
    if told.state == "off":
        return "none was sent: no mail server is configured ([mail] smtp and to)", False
    if told.state in ("digest", "known") and notice.kind in OVER:
        return "", False
    if told.state == "held":
        return "goes out with the next ones, in a moment", False
    if told.state == "known":
        return "none was sent: this was told before", False
    deliveries = [d for d in services.notifier.flush(now) if d.id == told.mail]
    if deliveries and deliveries[0].state == "sent":
        return f"sent to {', '.join(deliveries[0].recipients)}", False
    problem = deliveries[0].problem if deliveries else "another healer process is sending"
    return f"kept, and sent later: {problem}", True


def _notice(
    request: Request,
    examined: Baseline,
    attempts: Sequence[Attempt],
    ending: Outcome,
    cost_usd: float,
) -> Notice:
    last = _last(attempts)
    verdict = last.verdict if last else None
    failure = examined.failure or request.failure
    when = datetime.fromtimestamp(request.opened_at, UTC)
    incident = failure.fingerprint if failure else request.repair
    return Notice(
        kind=_kind(examined, ending, attempts),
        # Money lacks for all repairs of a day: that is one mail, whichever meets it first.
        fingerprint=f"budget:{when:%Y-%m-%d}" if ending.stopped_by_budget else incident,
        script=request.script,
        reason=ending.reason,
        when=when,
        repair="" if ending.stopped_by_budget else request.repair,
        failure=failure,
        cause=last.draft.cause if last else "",
        evidence="\n".join(verdict.reasons) if verdict else "",
        diff=last.candidate.diff if last and last.candidate else "",
        base=request.base,
        checks=tuple(check_row(check) for check in (verdict.checks if verdict else ())),
        commands=_commands(request, last, ending),
        recipients=tuple(dict.fromkeys((*examined.notify, *ending.notify))),
        attempts=len(attempts),
        cost_usd=cost_usd,
    )


def _kind(examined: Baseline, ending: Outcome, attempts: Sequence[Attempt]) -> Kind:
    if ending.outcome in ("review", "healed"):
        return "review" if ending.outcome == "review" else "healed"
    if ending.outcome == "healthy":
        return "resolved"
    if ending.stopped_by_budget:
        return "budget"
    if ending.outcome == "escalated" and (examined.stop or any(a.protected for a in attempts)):
        return "protected" if "protected" in ending.reason else "gave_up"
    return "gave_up"


def _commands(request: Request, last: Attempt | None, ending: Outcome) -> tuple[str, ...]:
    if ending.outcome in ("healed", "healthy"):
        return (f"healer show {request.repair}",)
    if ending.outcome == "gave_up" or last is None or last.candidate is None:
        return (f"healer show {request.repair}", f"healer fix {request.script}")
    return (
        f"healer show {request.repair}",
        f"healer approve {request.repair}",
        f'healer reject {request.repair} --reason "…"',
    )


def incident_of(row: RepairRow) -> str:
    """The fingerprint of what a repair repaired; of its own checks' failure where none was
    recorded."""
    known = row.result.get("failure") or {}
    return row.fingerprint or str(known.get("fingerprint", "")) or row.id


def resolved(row: RepairRow, failure: Failure | None, reason: str, services: Services) -> str:
    """Closes the incident's thread of mails; nothing is mailed where none was open."""
    notice = Notice(
        kind="resolved",
        fingerprint=incident_of(row),
        script=row.script,
        reason=reason,
        when=datetime.fromtimestamp(row.created_at, UTC),
        repair=row.id,
        failure=failure,
    )
    return send(notice, services)[0]


def tell_of_relapse(
    row: RepairRow,
    failure: Failure | None,
    kind: Kind,
    reason: str,
    services: Services,
    *,
    when: int,
) -> None:
    """Mails that a merged fix failed on probation: `reverted`, or `relapsed` where it stays."""
    raw = services.ledger.evidence(row.id)
    evidence = Dossier.model_validate(raw) if raw else None
    last = _last(evidence.attempts) if evidence else None
    request = Request.model_validate(row.request)
    next_one = f"healer rollback {row.id}" if kind == "relapsed" else f"healer fix {row.script}"
    notice = Notice(
        kind=kind,
        fingerprint=incident_of(row),
        script=row.script,
        reason=reason,
        when=datetime.fromtimestamp(when, UTC),
        repair=row.id,
        event=str(when),
        failure=failure,
        cause=last.draft.cause if last else "",
        diff=last.candidate.diff if last and last.candidate else "",
        base=request.base,
        commands=(f"healer show {row.id}", next_one),
        recipients=_owners(request, last, services),
        attempts=len(evidence.attempts) if evidence else 0,
    )
    send(notice, services)
