"""Tells people: takes notices, makes the mails that are due, and hands them to the outbox.

Belongs here: the one object that the daemon and the commands use. Does not belong here: the rules
(`thread`), the words (`healer.render.mail`), the SMTP conversation (`smtp`).
"""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from healer.failure import Fact
from healer.notify import thread as rules
from healer.notify.book import Book, Change
from healer.notify.channels import channels
from healer.notify.facts import Delivery, Mail, OutboxStatus
from healer.notify.letters import Letters
from healer.notify.outbox import Outbox
from healer.notify.settings import MailSettings
from healer.notify.thread import Thread, Waiting
from healer.redact import Redactor
from healer.render.notice import Notice, redacted

SEEN_EVERY = timedelta(minutes=1)
"""How often a storm of failures of one incident is written down."""

CARE_EVERY = timedelta(seconds=30)
"""How often every thread is looked at for reminders; they are hours apart."""


class Told(Fact):
    """What became of one notice."""

    state: Literal["mailed", "held", "digest", "known", "off"]
    """`mailed`: a mail lies in the outbox (also if an earlier, cut-off call put it there) · `held`:
    it goes with the next · `known`: told before, or nothing new · `off`: no mail server is
    configured."""
    mail: str = ""
    """The mail's id, as in `Delivery.id`."""


class NotifierStatus(Fact):
    """For `healer doctor` and `healer status`."""

    outbox: OutboxStatus
    open: int
    """Threads that are not resolved."""
    held: int
    digest: int


class Notifier:
    """One for each process; any number of processes may share the folder."""

    def __init__(
        self,
        folder: Path,
        settings: MailSettings,
        redactor: Redactor,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`environment` (the process's own, if None) holds the channels' URLs."""
        self.attended = False
        """This process calls `tick` every few seconds, so that what is held back will be sent."""
        self._settings = settings
        self._redactor = redactor
        known = os.environ if environment is None else environment
        self._cared_at: datetime | None = None
        urls = channels(known, settings.channels_env)
        self._letters = Letters(settings, redactor, tuple(urls))
        self.outbox = Outbox(folder, settings, urls)
        self._book = Book(folder, self.outbox)

    def notify(self, notice: Notice, now: datetime, *, hold: bool | None = None) -> Told:
        """Decides on a notice and makes its mail; nothing is sent yet, that is `flush`.

        On return the decision survives a power cut; the same notice again changes nothing. It is
        held back for others to join it only where `hold` says so, or by default where this is
        `attended`: after a command that ends soon, nobody would be there to send it. Raises
        `EscalationError` when it cannot be stored.
        """
        if not self._letters.can_be_sent:
            return Told(state="off")
        holds = self.attended if hold is None else hold
        notice = redacted(notice, self._redactor.fresh())
        with self._book.locked():
            thread = self._book.thread(notice.fingerprint)
            held = tuple(
                entry
                for entry in self._book.held()
                if entry.notice.fingerprint == notice.fingerprint
            )
            step = rules.step(
                notice,
                thread,
                held=held[-1].notice if held else None,
                mailed_at=self._book.mailed_at() if holds else None,
                now=now,
                settings=self._settings,
            )
            return self._take(step, notice, thread, tuple(w.notice.key for w in held), now)

    def seen(self, fingerprint: str, now: datetime, failures: int) -> None:
        """The incident's failure happened again (`failures` times up to now)."""
        with self._book.locked():
            before = self._book.thread(fingerprint)
            if before and before.closed_at is None and now - before.seen_at >= SEEN_EVERY:
                latest = before.latest.model_copy(update={"failures": failures})
                self._note(before, before.model_copy(update={"seen_at": now, "latest": latest}))

    def tick(self, now: datetime, *, patient: bool = True) -> tuple[Delivery, ...]:
        """Makes every mail that has become due, and sends. The daemon calls it every few seconds;
        where none runs, a command may call it once before it ends, not `patient`.

        `now` is aware; its zone is that of `digest_at`. Raises `EscalationError` when the disk
        refuses.
        """
        if not self._letters.can_be_sent:
            return ()
        with self._book.locked():
            self._release(now)
            if self._cared_at is None or now - self._cared_at >= CARE_EVERY:
                self._care(now)
                self._cared_at = now
            self._send_digest(now)
        return self.outbox.flush(now, patient=patient)

    def flush(self, now: datetime, *, patient: bool = False) -> tuple[Delivery, ...]:
        """Sends what waits, without the waits between tries unless `patient`."""
        return self.outbox.flush(now, patient=patient)

    def status(self) -> NotifierStatus:
        """How it stands. Changes nothing."""
        return NotifierStatus(
            outbox=self.outbox.status(),
            open=sum(thread.closed_at is None for thread in self._book.threads()),
            held=len(self._book.held()),
            digest=len(self._book.digest()),
        )

    def _take(
        self,
        step: rules.Step,
        notice: Notice,
        thread: Thread | None,
        held: tuple[str, ...],
        now: datetime,
    ) -> Told:
        """Does what was decided. `held` are the keys of the incident's held notices, which a mail,
        or the news that all is over, makes superfluous."""
        entry = Waiting(notice=notice, since=now)
        match step:
            case "mail":
                return Told(state="mailed", mail=self._commit_group((notice,), held, now).id)
            case "hold":
                self._book.commit(Change(held=(entry,)))
                return Told(state="held")
            case "digest":
                self._book.commit(Change(digest=(entry,), told=held))
                return Told(state="digest")
            case "known":
                if notice.kind in rules.OVER and not rules.is_open(thread):
                    self._book.commit(Change(told=held))
                elif thread and not held:
                    self._note(thread, rules.no_news(thread, notice, now))
                waiting = self._letters.id_of(notice)
                if self.outbox.waits(waiting):
                    return Told(state="mailed", mail=waiting)
                return Told(state="known")

    def _note(self, before: Thread, after: Thread) -> None:
        if after != before:
            self._book.commit(Change(threads=(after,)))

    def _release(self, now: datetime) -> None:
        """Mails what was held, when its time has come and it is still news."""
        held = rules.ripe(self._book.held(), now, self._settings)
        mailed_at = self._book.mailed_at()
        wait = timedelta(seconds=self._settings.group_wait_s)
        if not held or (mailed_at and now - mailed_at < wait):
            return
        newest = rules.newest(held)
        found = {name: self._book.thread(name) for name in newest}
        threads = {name: thread for name, thread in found.items() if thread}
        news = {
            name: notice
            for name, notice in newest.items()
            if not rules.is_open(found[name]) or threads[name].told != rules.gist(notice)
        }
        for group in rules.groups(news.values(), threads, self._settings):
            names = {notice.fingerprint for notice in group}
            keys = tuple(w.notice.key for w in held if w.notice.fingerprint in names)
            self._commit_group(group, keys, now)
        stale = tuple(w.notice.key for w in held if w.notice.fingerprint not in news)
        self._book.commit(Change(told=stale))

    def _care(self, now: datetime) -> None:
        """Closes quiet incidents, reminds of open ones, forgets those that are long over."""
        threads = {thread.fingerprint: thread for thread in self._book.threads()}
        over = [rules.quiet(thread, now, self._settings) for thread in threads.values()]
        ended = {notice.fingerprint: notice for notice in over if notice}
        for group in rules.groups(ended.values(), threads, self._settings):
            self._commit_group(group, (), now)
        due = (
            thread.latest
            for thread in threads.values()
            if thread.fingerprint not in ended and rules.needs_reminder(thread, now, self._settings)
        )
        for group in rules.groups(due, threads, self._settings):
            self._remind(tuple(threads[notice.fingerprint] for notice in group), now)
        old = tuple(name for name, thread in threads.items() if rules.is_past(thread, now))
        self._book.commit(Change(forgotten=old))

    def _commit_group(
        self, group: tuple[Notice, ...], told: tuple[str, ...], now: datetime
    ) -> Mail:
        """One mail for the notices, their threads after it, and the held ones that it covers."""
        before = {notice.fingerprint: self._book.thread(notice.fingerprint) for notice in group}
        thread = before[group[0].fingerprint]
        people = rules.recipients(group[0], thread, self._settings)
        mails = self._letters.write(group, "".join(n.key for n in group), thread, people, now)
        threads = tuple(
            rules.continued(
                before[notice.fingerprint],
                notice,
                message_id=mails[0].message_id,
                subject=mails[0].subject,
                recipients=people,
                now=now,
            )
            for notice in group
        )
        self._book.commit(Change(mails=mails, threads=threads, told=told, mailed_at=now))
        return mails[0]

    def _remind(self, threads: tuple[Thread, ...], now: datetime) -> None:
        """One reminder for the open incidents of one thread of mails."""
        notices = tuple(rules.reminder(thread.latest, now) for thread in threads)
        people = rules.recipients(notices[0], threads[0], self._settings)
        key = "".join(f"{t.latest.key} reminder {t.reminders + 1}" for t in threads)
        mails = self._letters.write(notices, key, threads[0], people, now)
        after = tuple(rules.reminded(thread, mails[0].message_id, now) for thread in threads)
        self._book.commit(Change(mails=mails, threads=after, mailed_at=now))

    def _send_digest(self, now: datetime) -> None:
        until = rules.digest_time(now, self._settings)
        due = tuple(w for w in self._book.digest() if until and w.since <= until)
        if due:
            notices = tuple(w.notice.model_copy(update={"kind": "digest"}) for w in due)
            key = "".join(notice.key for notice in notices)
            mails = self._letters.write(notices, key, None, self._settings.to, now)
            told = tuple(w.notice.key for w in due)
            self._book.commit(Change(mails=mails, told=told, mailed_at=now))
