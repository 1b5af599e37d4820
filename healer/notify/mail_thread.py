"""What was told of one incident: a thread of mails, before and after each of them.

Belongs here: the thread as a fact, and how a mail, a reminder or a silent notice changes it. Does
not belong here: whether something is due (`rules`), files (`store`).
"""

from datetime import datetime, timedelta

from pydantic import AwareDatetime

from healer.failure import Fact
from healer.render.notice import CLOSING, GOOD_NEWS, Kind, Notice

EVENTS_KEPT = 100
REFERENCES_KEPT = 10
"""The first Message-Id and the latest: enough for every client, and short of header limits."""
FORGET_DAYS = 90
"""A closed thread is reopened by the same incident for so long; later it is a new one."""
_SAID_ONCE: frozenset[Kind] = frozenset({"restarted", "budget", "letter"})
"""News without a state: no reminder, no `resolved`."""


class MailThread(Fact):
    """What was told of one incident."""

    fingerprint: str
    subject: str
    """Of the first mail."""
    references: tuple[str, ...]
    """Message-Ids, the first and the latest."""
    recipients: tuple[str, ...]
    """Everybody who got a mail of it."""
    latest: Notice
    told: str
    """What the last mail said; the same again is no news."""
    mailed_at: AwareDatetime
    seen_at: AwareDatetime
    """When the failure itself was last seen."""
    reminders: int = 0
    """Since the last news."""
    closed_at: AwareDatetime | None = None
    events: tuple[str, ...] = ()
    """Keys of the notices that were told or found to be no news."""


def is_open(thread: MailThread | None) -> bool:
    """Somebody was told, and it is not over."""
    return thread is not None and thread.closed_at is None


def is_past(thread: MailThread, now: datetime) -> bool:
    """It is closed for so long that the same incident would begin a new thread."""
    return thread.closed_at is not None and now - thread.closed_at > timedelta(days=FORGET_DAYS)


def gist(notice: Notice) -> str:
    """What a mail of this notice says in essence. While it stays the same, nothing has changed.

    A draft that waits for a person is named by its repair, for the commands to type hold that, and
    so is a fix that was merged: another one is news.
    """
    is_of_repair = notice.awaits_person or notice.kind in GOOD_NEWS - CLOSING
    return f"{notice.kind} {notice.repair}" if is_of_repair else notice.kind


def add_mail(
    thread: MailThread | None,
    notice: Notice,
    *,
    message_id: str,
    subject: str,
    recipients: tuple[str, ...],
    now: datetime,
) -> MailThread:
    """The thread after a mail with `message_id` that ends with this notice."""
    closes = notice.kind in CLOSING or notice.kind in _SAID_ONCE
    everybody = (*thread.recipients, *recipients) if thread else recipients
    return MailThread(
        fingerprint=notice.fingerprint,
        subject=thread.subject if thread else subject,
        references=_add_reference(thread.references if thread else (), message_id),
        recipients=tuple(dict.fromkeys(everybody)),
        latest=notice,
        told=gist(notice),
        mailed_at=now,
        seen_at=now,
        closed_at=now if closes else None,
        events=(*(thread.events if thread else ()), notice.key)[-EVENTS_KEPT:],
    )


def add_without_mail(thread: MailThread, notice: Notice, now: datetime) -> MailThread:
    """The thread after a notice that was not worth a mail: the reminder will show the newest."""
    if thread.closed_at is not None or notice.key in thread.events:
        return thread
    return thread.model_copy(
        update={
            "latest": notice,
            "seen_at": now,
            "events": (*thread.events, notice.key)[-EVENTS_KEPT:],
        }
    )


def add_reminder(thread: MailThread, message_id: str, now: datetime) -> MailThread:
    """The thread after a reminder."""
    return thread.model_copy(
        update={
            "references": _add_reference(thread.references, message_id),
            "mailed_at": now,
            "reminders": thread.reminders + 1,
        }
    )


def _add_reference(references: tuple[str, ...], message_id: str) -> tuple[str, ...]:
    return (*references[:1], *references[1:][-(REFERENCES_KEPT - 2) :], message_id)
