"""What was told and what waits to be told, changed as one or not at all.

Belongs here: threads, waiting notices and the digest as facts. Does not belong here: what to change
(`rules`, `notifier`), where facts lie and what makes several writes one (`fact_files`,
`fact_tables`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from pydantic import AwareDatetime

from healer.failure import Fact
from healer.notify.fact_files import FactStore
from healer.notify.mail import Mail
from healer.notify.mail_thread import MailThread
from healer.notify.outbox import Outbox
from healer.notify.rules import Waiting
from healer.support.fact_name import name_fact


class Change(Fact):
    """Everything that one decision changes. Applied twice, it does nothing more."""

    mails: tuple[Mail, ...] = ()
    threads: tuple[MailThread, ...] = ()
    forgotten: tuple[str, ...] = ()
    """Fingerprints of threads that are closed for long."""
    held: tuple[Waiting, ...] = ()
    digest: tuple[Waiting, ...] = ()
    told: tuple[str, ...] = ()
    """Keys of notices that are neither held nor in the digest any more."""
    mailed_at: AwareDatetime | None = None


class _Clock(Fact):
    mailed_at: AwareDatetime


_CLOCK = ("", "mailed")


class NotificationStore:
    """The state of one repository. Use it inside `lock()`."""

    def __init__(self, facts: FactStore, outbox: Outbox) -> None:
        """`outbox` gets the mails of each change."""
        self._facts, self._outbox = facts, outbox

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Alone with the store; a change that a crash cut short is completed first."""
        with self._facts.alone(self._apply, Change):
            yield

    def commit(self, change: Change) -> None:
        """Makes the change durable, whole or not at all. Raises `NotificationError`."""
        if change != Change():
            self._facts.commit(change, self._apply)

    def find_waiting(self) -> frozenset[str]:
        """What there is of "held" notices and of mails in the "queue": a first look, which needs no
        `lock()`."""
        return self._facts.find_used("held", "queue")

    def find_thread(self, fingerprint: str) -> MailThread | None:
        """What was told of an incident."""
        return self._facts.read("threads", name_fact(fingerprint), MailThread)

    def list_threads(self) -> tuple[MailThread, ...]:
        """Every thread, by the time of its last mail."""
        threads = (thread for _, thread in self._facts.read_all("threads", MailThread))
        return tuple(sorted((t for t in threads if t), key=lambda thread: thread.mailed_at))

    def list_held(self) -> tuple[Waiting, ...]:
        """Notices held back, oldest first."""
        return self._list_waiting("held")

    def list_digest(self) -> tuple[Waiting, ...]:
        """Notices for the digest, oldest first."""
        return self._list_waiting("digest")

    def last_mailed_at(self) -> datetime | None:
        """When the last mail was made."""
        clock = self._facts.read(*_CLOCK, _Clock)
        return clock.mailed_at if clock else None

    def _apply(self, change: Change) -> None:
        for mail in change.mails:
            self._outbox.put(mail)
        for thread in change.threads:
            self._facts.write("threads", name_fact(thread.fingerprint), thread)
        for fingerprint in change.forgotten:
            self._facts.remove("threads", name_fact(fingerprint))
        for place, entries in (("held", change.held), ("digest", change.digest)):
            for entry in entries:
                self._facts.write(place, name_fact(entry.notice.key), entry)
        for key in change.told:
            self._facts.remove("held", name_fact(key))
            self._facts.remove("digest", name_fact(key))
        if change.mailed_at:
            self._facts.write(*_CLOCK, _Clock(mailed_at=change.mailed_at))

    def _list_waiting(self, place: str) -> tuple[Waiting, ...]:
        entries = (entry for _, entry in self._facts.read_all(place, Waiting))
        return tuple(sorted((e for e in entries if e), key=lambda e: (e.since, e.notice.key)))
