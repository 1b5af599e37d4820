"""One incident, one thread: what is mailed, held back, put into the digest, or known already.

Belongs here: the rules, as pure functions of what was told before. Does not belong here: files
(`book`), the words of a mail (`healer.render.mail`), sending (`outbox`).

The rules: the first mail goes at once. What comes within `group_wait_s` of a mail waits and goes
together. News of an open incident goes into its thread; the same again does not. After `repeat_h`
without news a reminder goes. That it is over is said once, and only where something was said
before; what healed unseen goes into the daily digest. That the sandbox does not run is said when
it has lasted for `unjudged_min`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Literal

from pydantic import AwareDatetime

from healer.failure import Fact
from healer.notify.settings import MailSettings, is_address
from healer.render.notice import Kind, Notice

EVENTS_KEPT = 100
REFERENCES_KEPT = 10
"""The first Message-Id and the latest: enough for every client, and short of header limits."""
GROUP_INCIDENTS = 20
"""More in one mail is not read to the end."""
FORGET_DAYS = 90
"""A closed thread is reopened by the same incident for so long; later it is a new one."""
OVER: frozenset[Kind] = frozenset({"resolved", "healed"})
_SAID_ONCE: frozenset[Kind] = frozenset({"restarted", "budget"})
"""News without a state: no reminder, no `resolved`."""

Step = Literal["mail", "hold", "digest", "known"]


class Thread(Fact):
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


class Waiting(Fact):
    """A notice that is held back, or waits for the digest."""

    notice: Notice
    since: AwareDatetime


def step(
    notice: Notice,
    thread: Thread | None,
    *,
    held: Notice | None,
    mailed_at: datetime | None,
    now: datetime,
    settings: MailSettings,
) -> Step:
    """What to do with a notice.

    `held` is the newest that is held back of the same incident, `mailed_at` when the last mail of
    any thread was made.
    """
    if thread and notice.key in thread.events:
        return "known"
    if notice.kind in OVER and not is_open(thread):
        unseen = not (thread and thread.latest.repair == notice.repair)
        return "digest" if notice.kind == "healed" and unseen else "known"
    if notice.kind == "unjudged" and not is_open(thread):
        return "known" if held else "hold"
    told = gist(held) if held else thread.told if thread and is_open(thread) else ""
    if told == gist(notice):
        return "known"
    if mailed_at and now - mailed_at < timedelta(seconds=settings.group_wait_s):
        return "hold"
    return "mail"


def is_open(thread: Thread | None) -> bool:
    """Somebody was told, and it is not over."""
    return thread is not None and thread.closed_at is None


def gist(notice: Notice) -> str:
    """What a mail of this notice says in essence. While it stays the same, nothing has changed.

    A draft that waits for a person is named by its repair, for the commands to type hold that.
    """
    return f"{notice.kind} {notice.repair}" if notice.awaits_person else notice.kind


def continued(
    thread: Thread | None,
    notice: Notice,
    *,
    message_id: str,
    subject: str,
    recipients: tuple[str, ...],
    now: datetime,
) -> Thread:
    """The thread after a mail with `message_id` that ends with this notice."""
    before = thread.references if thread else ()
    closes = notice.kind in OVER or notice.kind in _SAID_ONCE
    everybody = (*thread.recipients, *recipients) if thread else recipients
    return Thread(
        fingerprint=notice.fingerprint,
        subject=thread.subject if thread else subject,
        references=(*before[:1], *before[1:][-(REFERENCES_KEPT - 2) :], message_id),
        recipients=tuple(dict.fromkeys(everybody)),
        latest=notice,
        told=gist(notice),
        mailed_at=now,
        seen_at=now,
        closed_at=now if closes else None,
        events=(*(thread.events if thread else ()), notice.key)[-EVENTS_KEPT:],
    )


def no_news(thread: Thread, notice: Notice, now: datetime) -> Thread:
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


def reminded(thread: Thread, message_id: str, now: datetime) -> Thread:
    """The thread after a reminder."""
    kept = thread.references[:1] + thread.references[1:][-(REFERENCES_KEPT - 2) :]
    return thread.model_copy(
        update={
            "references": (*kept, message_id),
            "mailed_at": now,
            "reminders": thread.reminders + 1,
        }
    )


def reminder(latest: Notice, now: datetime) -> Notice:
    """The newest notice of an open incident, said again."""
    days = max(1, round((now - latest.when) / timedelta(days=1)))
    still = f"Still open after {days} day{'s' if days > 1 else ''}."
    return latest.model_copy(update={"reason": f"{still} {latest.reason}"})


def is_past(thread: Thread, now: datetime) -> bool:
    """It is closed for so long that the same incident would begin a new thread."""
    return thread.closed_at is not None and now - thread.closed_at > timedelta(days=FORGET_DAYS)


def needs_reminder(thread: Thread, now: datetime, settings: MailSettings) -> bool:
    """It is open, and nothing was said for `repeat_h`."""
    return thread.closed_at is None and now - thread.mailed_at >= timedelta(hours=settings.repeat_h)


def quiet(thread: Thread, now: datetime, settings: MailSettings) -> Notice | None:
    """The `resolved` of an incident that nobody has to decide and that was not seen for long."""
    unseen = now - thread.seen_at
    waits = thread.latest.awaits_person or thread.latest.kind in ("unjudged", "missed")
    if thread.closed_at is not None or waits or unseen < timedelta(hours=settings.quiet_h):
        return None
    return thread.latest.model_copy(
        update={
            "kind": "resolved",
            "event": f"quiet since {thread.seen_at.isoformat()}",
            "reason": f"It was not seen for {unseen.days} days.",
            "when": now,
            "diff": "",
            "checks": (),
            "commands": (),
            "cause": "",
            "evidence": "",
        }
    )


def groups(
    notices: Iterable[Notice], threads: Mapping[str, Thread], settings: MailSettings
) -> tuple[tuple[Notice, ...], ...]:
    """Notices that are due (one for each incident) as groups, one mail each.

    Those of one thread go together; those of new incidents become one new thread, up to
    `GROUP_INCIDENTS` of them, if the same people get them.
    """
    gathered: dict[tuple[str, ...], list[Notice]] = {}
    for notice in notices:
        thread = threads.get(notice.fingerprint)
        same = ("thread", thread.references[0]) if thread else ("new",)
        people = recipients(notice, thread, settings)
        gathered.setdefault((*same, *people), []).append(notice)
    return tuple(
        tuple(group[start : start + GROUP_INCIDENTS])
        for group in gathered.values()
        for start in range(0, len(group), GROUP_INCIDENTS)
    )


def ripe(waiting: Iterable[Waiting], now: datetime, settings: MailSettings) -> tuple[Waiting, ...]:
    """Held notices without those that may still pass by themselves."""
    least = timedelta(minutes=settings.unjudged_min)
    return tuple(
        entry for entry in waiting if entry.notice.kind != "unjudged" or now - entry.since >= least
    )


def newest(waiting: Iterable[Waiting]) -> dict[str, Notice]:
    """Of held notices (oldest first) the newest of each incident, by fingerprint."""
    return {entry.notice.fingerprint: entry.notice for entry in waiting}


def recipients(notice: Notice, thread: Thread | None, settings: MailSettings) -> tuple[str, ...]:
    """`[mail] to`, the notice's own, and whoever got an earlier mail of the thread.

    What is no plain address (a team's name in CODEOWNERS, say) is left out.
    """
    earlier = thread.recipients if thread else ()
    wanted = (*settings.to, *notice.recipients, *earlier)
    by_lower = {address.lower(): address for address in reversed(wanted) if is_address(address)}
    return tuple(reversed(by_lower.values()))


def digest_time(now: datetime, settings: MailSettings) -> datetime | None:
    """The latest digest time up to `now` (whose zone counts); None where no digest is wanted."""
    if not settings.digest_at:
        return None
    today = datetime.combine(now.date(), time.fromisoformat(settings.digest_at), now.tzinfo)
    return today if today <= now else today - timedelta(days=1)
