"""What was told and what waits to be told, on disk, changed as one or not at all.

Belongs here: threads, waiting notices and the digest as files, and the journal that makes several
writes one. Does not belong here: what to change (`rules`, `notifier`).
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime

from healer.failure import Fact
from healer.notify.fact_files import NotificationError, read_fact, remove, write_fact
from healer.notify.mail import Mail
from healer.notify.mail_thread import MailThread
from healer.notify.outbox import Outbox
from healer.notify.rules import Waiting
from healer.support.atomic_file import make_private_file


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


class NotificationStore:
    """The state of one folder. Use it inside `lock()`."""

    def __init__(self, mail_dir: Path, outbox: Outbox) -> None:
        """`outbox` gets the mails of each change."""
        self._mail_dir = mail_dir
        self._outbox = outbox
        self._journal = mail_dir / "journal.json"
        self._clock = mail_dir / "mailed.json"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Alone with the store; a change that a crash cut short is completed first."""
        try:
            make_private_file(self._mail_dir / "book.lock")
            handle = (self._mail_dir / "book.lock").open("a")
        except OSError as error:
            raise NotificationError(
                f"cannot use {self._mail_dir}: {error.strerror}; make room or fix its permissions"
            ) from error
        with handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            interrupted_change = read_fact(self._journal, Change)
            if interrupted_change:
                self._apply(interrupted_change)
            yield

    def commit(self, change: Change) -> None:
        """Makes the change durable, whole or not at all. Raises `NotificationError`."""
        if change != Change():
            write_fact(self._journal, change)
            self._apply(change)

    def find_thread(self, fingerprint: str) -> MailThread | None:
        """What was told of an incident."""
        return read_fact(self._file("threads", fingerprint), MailThread)

    def list_threads(self) -> tuple[MailThread, ...]:
        """Every thread, by the time of its last mail."""
        files = (self._mail_dir / "threads").glob("*.json")
        threads = (read_fact(path, MailThread) for path in files)
        return tuple(sorted((t for t in threads if t), key=lambda thread: thread.mailed_at))

    def list_held(self) -> tuple[Waiting, ...]:
        """Notices held back, oldest first."""
        return self._list_waiting("held")

    def list_digest(self) -> tuple[Waiting, ...]:
        """Notices for the digest, oldest first."""
        return self._list_waiting("digest")

    def last_mailed_at(self) -> datetime | None:
        """When the last mail was made."""
        clock = read_fact(self._clock, _Clock)
        return clock.mailed_at if clock else None

    def _apply(self, change: Change) -> None:
        for mail in change.mails:
            self._outbox.put(mail)
        for thread in change.threads:
            write_fact(self._file("threads", thread.fingerprint), thread)
        for fingerprint in change.forgotten:
            remove(self._file("threads", fingerprint))
        for place, entries in (("held", change.held), ("digest", change.digest)):
            for entry in entries:
                write_fact(self._file(place, entry.notice.key), entry)
        for key in change.told:
            remove(self._file("held", key))
            remove(self._file("digest", key))
        if change.mailed_at:
            write_fact(self._clock, _Clock(mailed_at=change.mailed_at))
        remove(self._journal)

    def _list_waiting(self, place: str) -> tuple[Waiting, ...]:
        files = (self._mail_dir / place).glob("*.json")
        entries = (read_fact(path, Waiting) for path in files)
        return tuple(sorted((e for e in entries if e), key=lambda e: (e.since, e.notice.key)))

    def _file(self, place: str, name: str) -> Path:
        digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:24]
        return self._mail_dir / place / f"{digest}.json"
