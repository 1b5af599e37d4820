"""A person's word by a link of a mail, on what the page has.

Belongs here: what a link shows, and carrying its word out once. Does not belong here: what it still
allows (`remote`), the page (`healer.web.links`), what a decision does (`healer.repair`).
"""

from typing import Protocol

from healer.app.remote import Remote
from healer.engine.locks import AlreadyRunningError
from healer.facts.errors import UsageError
from healer.notify.asks import AskError
from healer.render.repair_view import RepairView
from healer.support.clock import SYSTEM_CLOCK
from healer.web.repairs import AskView, IncidentView, RefusedError, Word


class Desk(Protocol):
    """What a link needs of the page's repairs."""

    def get(self, repair: str) -> RepairView | None:
        """One repair with its evidence."""

    def incident(self, fingerprint: str) -> IncidentView | None:
        """One incident by its whole id."""

    def approve(self, repair: str, *, overrule: bool, by: str) -> None:
        """Has it checked again and merged. Raises RefusedError."""

    def answer(self, repair: str, choice: str, value: str, *, by: str) -> None:
        """Has the answer kept, and the fix merged. Raises RefusedError."""

    def reject(self, repair: str, reason: str, *, by: str) -> None:
        """Ends it. Raises RefusedError."""


def look_up_link(desk: Desk, remote: Remote, reference: str) -> AskView:
    """What a link asks. Raises RefusedError for one that is forged or too old."""
    try:
        ask = remote.asks.read(reference, SYSTEM_CLOCK.moment())
    except AskError as error:
        raise RefusedError(str(error)) from error
    try:
        one, note = remote.look_up(reference), ""
    except AskError as error:
        one, note = None, str(error)
    view = desk.incident(ask.fingerprint)
    repair = desk.get(ask.repair) if ask.repair else None
    return AskView(
        fingerprint=ask.fingerprint,
        script=view.script if view else (repair.script if repair else ""),
        state=view.state if view else "",
        summary=view.summary if view else "",
        life=view.life if view else (),
        repair=repair,
        actions=one.actions if one else (),
        note=note,
        people=one.people if one else (),
        until=ask.until,
    )


def carry_out(desk: Desk, remote: Remote, reference: str, word: Word) -> str:
    """Carries out a word by a link, once; gives what is so now. Raises RefusedError."""
    try:
        with remote.hold(reference, wait=False):
            return _carry_out(desk, remote, reference, word)
    except (AskError, UsageError, AlreadyRunningError) as error:
        raise RefusedError(str(error)) from error


def _carry_out(desk: Desk, remote: Remote, reference: str, word: Word) -> str:
    one = remote.look_up(reference)
    by = f"{word.by} (by a link)" if word.by else _describe_sender(word.who, one.people)
    action = next((each for each in one.actions if each == word.action), None)
    if action is None:
        actions = " or ".join(one.actions)
        raise RefusedError(f"{word.action!r} is not what is asked; {actions} is")
    if action in ("ack", "snooze"):
        return remote.put_off(one, action, word.argument, by)
    _begin(desk, one.ask.repair, word, by)
    remote.use_up(one, action, by)
    if action == "reject":
        if one.row is None or not one.row.has_draft:
            return "Its repair is ended, and the reason is kept with it."
        return "It is turned down, and the reason is kept for the next draft."
    return "It is checked again on today's tip, and merged if that passes."


def _begin(desk: Desk, repair: str, word: Word, by: str) -> None:
    if word.action == "approve":
        desk.approve(repair, overrule=word.overrule, by=by)
    elif word.action == "answer":
        desk.answer(repair, word.argument, word.value, by=by)
    elif not word.argument:
        raise RefusedError("a rejection needs a reason, which is kept")
    else:
        desk.reject(repair, word.argument, by=by)


def _describe_sender(who: str, people: tuple[str, ...]) -> str:
    """Who followed a link, as far as that is known. Raises RefusedError where nobody says."""
    if who and who not in people:
        raise RefusedError(f"{who!r} is none of those who got this link")
    if not who and len(people) > 1:
        raise RefusedError("this link went to several people; say who you are")
    return f"{who or (people[0] if people else 'somebody')} (by a link)"
