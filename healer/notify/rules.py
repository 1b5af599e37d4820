"""What is mailed, held back, put into the digest, or known already.

Belongs here: the rules, as pure functions of what was told before. Does not belong here: files
(`store`), how a thread changes (`mail_thread`), the words of a mail (`healer.render.mail`),
sending (`outbox`).

The rules: the first mail goes at once. What comes within `group_wait_s` of a mail waits and goes
together. News of an open incident goes into its thread; the same again does not. After `repeat_h`
without news a reminder goes, unless a fix is on probation. That it is merged, that its failed run
was done again and that it is over is said once each, and only where something was said before; what
healed unseen goes into the digest.
That the sandbox does not run is said when
it has lasted for `unjudged_min`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Literal

from pydantic import AwareDatetime

from healer.failure import Fact
from healer.notify.mail_thread import MailThread, gist, is_open
from healer.notify.settings import MailSettings, is_address
from healer.render.notice import BY_PERSON, CLOSING, GOOD_NEWS, Kind, Notice

GROUP_INCIDENTS = 20
"""More in one mail is not read to the end."""

Step = Literal["mail", "hold", "digest", "known"]
_ANSWERS: frozenset[Kind] = BY_PERSON | {"merged"}
"""What came of a person's word: news only for who was asked."""


class Waiting(Fact):
    """A notice that is held back, or waits for the digest."""

    notice: Notice
    since: AwareDatetime


def choose_step(
    notice: Notice,
    thread: MailThread | None,
    *,
    waiting: Notice | None,
    mailed_at: datetime | None,
    now: datetime,
    settings: MailSettings,
) -> Step:
    """What to do with a notice.

    `waiting` is the newest that is held back of the same incident, `mailed_at` when the last mail
    of any thread was made.
    """
    is_aside = notice.kind in _ANSWERS and not is_open(thread)
    if is_aside or (thread and notice.key in thread.events):
        return "known"
    if notice.kind in GOOD_NEWS and not is_open(thread):
        is_news = not (thread and thread.latest.repair == notice.repair)
        if is_news or notice.kind != "rerun":
            return "digest" if notice.kind not in CLOSING and is_news else "known"
    elif notice.kind == "unjudged" and not is_open(thread):
        return "known" if waiting else "hold"
    latest_gist = gist(waiting) if waiting else thread.told if thread and is_open(thread) else ""
    if latest_gist == gist(notice):
        return "known"
    if mailed_at and now - mailed_at < timedelta(seconds=settings.group_wait_s):
        return "hold"
    return "mail"


def remind(latest: Notice, now: datetime) -> Notice:
    """The newest notice of an open incident, said again."""
    days = max(1, round((now - latest.when) / timedelta(days=1)))
    still = f"Still open after {days} day{'s' if days > 1 else ''}."
    return latest.model_copy(update={"reason": f"{still} {latest.reason}"})


def needs_reminder(thread: MailThread, now: datetime, settings: MailSettings) -> bool:
    """It is open, nothing was said for `repeat_h`, and no fix of it is on probation."""
    is_quiet = now - thread.mailed_at >= timedelta(hours=settings.repeat_h)
    return thread.closed_at is None and is_quiet and thread.latest.kind not in GOOD_NEWS


def resolve_quiet(thread: MailThread, now: datetime, settings: MailSettings) -> Notice | None:
    """The `resolved` of an incident that nobody has to decide and that was not seen for long."""
    quiet = now - thread.seen_at
    waits = thread.latest.awaits_person or thread.latest.kind in ("unjudged", "missed")
    if thread.closed_at is not None or waits or quiet < timedelta(hours=settings.quiet_h):
        return None
    return thread.latest.model_copy(
        update={
            "kind": "resolved",
            "event": f"quiet since {thread.seen_at.isoformat()}",
            "reason": f"It was not seen for {quiet.days} days.",
            "when": now,
            "diff": "",
            "checks": (),
            "commands": (),
            "cause": "",
            "evidence": "",
        }
    )


def group_notices(
    notices: Iterable[Notice], threads: Mapping[str, MailThread], settings: MailSettings
) -> tuple[tuple[Notice, ...], ...]:
    """Notices that are due (one for each incident) as groups, one mail each.

    Those of one thread go together; those of new incidents become one new thread, up to
    `GROUP_INCIDENTS` of them, if the same people get them. `threads` are by fingerprint.
    """
    groups: dict[tuple[str, ...], list[Notice]] = {}
    for notice in notices:
        thread = threads.get(notice.fingerprint)
        same = ("thread", thread.references[0]) if thread else ("new",)
        people = choose_recipients(notice, thread, settings)
        groups.setdefault((*same, *people), []).append(notice)
    return tuple(
        tuple(group[start : start + GROUP_INCIDENTS])
        for group in groups.values()
        for start in range(0, len(group), GROUP_INCIDENTS)
    )


def select_ripe(
    waiting: Iterable[Waiting], now: datetime, settings: MailSettings
) -> tuple[Waiting, ...]:
    """Waiting notices without those that may still pass by themselves."""
    least = timedelta(minutes=settings.unjudged_min)
    return tuple(
        entry for entry in waiting if entry.notice.kind != "unjudged" or now - entry.since >= least
    )


def select_newest(waiting: Iterable[Waiting]) -> dict[str, Notice]:
    """Of waiting notices (oldest first) the newest of each incident, by fingerprint."""
    return {entry.notice.fingerprint: entry.notice for entry in waiting}


def make_digest(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """One entry for each repair, with all that was said of it, in order."""
    entries: dict[tuple[str, str], Notice] = {}
    for notice in notices:
        key = notice.fingerprint, notice.repair
        first = entries.get(key, notice)
        reasons = dict.fromkeys((first.reason, notice.reason))
        changes = {"kind": "digest", "reason": "\n".join(reasons)}
        entries[key] = first.model_copy(update=changes)
    return tuple(entries.values())


def choose_recipients(
    notice: Notice, thread: MailThread | None, settings: MailSettings
) -> tuple[str, ...]:
    """`[mail] to`, the notice's own, and whoever got an earlier mail of the thread.

    What is no plain address (a team's name in CODEOWNERS, say) is left out.
    """
    earlier = thread.recipients if thread else ()
    everybody = (*settings.to, *notice.recipients, *earlier)
    by_lower = {address.lower(): address for address in reversed(everybody) if is_address(address)}
    return tuple(reversed(by_lower.values()))


def find_digest_time(now: datetime, settings: MailSettings) -> datetime | None:
    """The latest digest time up to `now` (whose zone counts); None where no digest is wanted."""
    if not settings.digest_at:
        return None
    today = datetime.combine(now.date(), time.fromisoformat(settings.digest_at), now.tzinfo)
    return today if today <= now else today - timedelta(days=1)
