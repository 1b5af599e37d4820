"""Tells people: takes notices, makes the mails that are due, and hands them to the outbox.

Belongs here: the one object that the daemon and the commands use. Does not belong here: the rules
(`rules`), the words (`healer.render.mail`), the SMTP conversation (`smtp`).
"""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from healer.notify import mail_thread, rules
from healer.notify.asks import Asks
from healer.notify.channels import read_channels
from healer.notify.decide_settings import DecideSettings
from healer.notify.fact_files import FactFiles
from healer.notify.fact_tables import FactTables
from healer.notify.mail import Delivery, Mail, NoticeOutcome, NotifierStatus
from healer.notify.mail_thread import MailThread
from healer.notify.mail_writer import MailWriter
from healer.notify.outbox import Outbox
from healer.notify.reply import Reply
from healer.notify.rules import Waiting
from healer.notify.settings import MailSettings
from healer.notify.store import Change, NotificationStore
from healer.redact import Redactor
from healer.render.notice import GOOD_NEWS, Notice, redact_notice
from healer.support.tables import Tables

COUNT_EVERY = timedelta(minutes=1)
"""How often a storm of failures of one incident is written down."""

LOOK_EVERY = timedelta(seconds=30)
"""How often every thread is looked at for reminders, which are hours apart, and the digest."""


class IncidentBook(Protocol):
    """What else is known of incidents (`healer.watch.incidents`)."""

    def is_silent(self, fingerprint: str, now: float) -> bool:
        """A person wants no reminder of it at that moment, in seconds since the epoch."""

    def is_open(self, fingerprint: str) -> bool:
        """The book says itself when it is over: it is not for having been quiet."""


class Notifier:
    """One for each process; any number of processes may share its folder, or its tables."""

    def __init__(
        self,
        mail_dir: Path,
        settings: MailSettings,
        redactor: Redactor,
        environment: Mapping[str, str] | None = None,
        *,
        book: IncidentBook | None = None,
        decide: DecideSettings | None = None,
        tables: Tables | None = None,
    ) -> None:
        """`environment` (the process's own, if None) holds the channels' URLs. `book` knows
        more of incidents than was told; None: nobody does. `decide`: how people may decide from
        elsewhere; None: not at all. `tables`: what is shared with other machines lies there, the
        rest in `mail_dir`; None: all of it."""
        self._book = book
        self.is_attended = False
        """This process calls `tick` every few seconds, so that what is held back will be sent."""
        self._settings = settings
        self._redactor = redactor
        self._looked_at: datetime | None = None
        variables = os.environ if environment is None else environment
        urls = read_channels(variables, settings.channels_env)
        self.asks = Asks(mail_dir, tables)
        self._writer = MailWriter(settings, redactor, tuple(urls), decide, self.asks)
        facts = FactTables(tables, mail_dir) if tables else FactFiles(mail_dir)
        self.outbox = Outbox(facts, settings, urls)
        self._store = NotificationStore(facts, self.outbox)

    def notify(self, notice: Notice, now: datetime, *, hold: bool | None = None) -> NoticeOutcome:
        """Decides on a notice and makes its mail; nothing is sent yet, that is `flush`.

        On return the decision survives a power cut; the same notice again changes nothing. It is
        held back for others to join it only where `hold` says so, or by default where this is
        `is_attended`: after a command that ends soon, nobody would be there to send it. Raises
        `NotificationError` when it cannot be stored.
        """
        if not self._writer.can_be_sent:
            return NoticeOutcome(state="off")
        holds = self.is_attended if hold is None else hold
        notice = redact_notice(notice, self._redactor.fresh())
        with self._store.lock():
            thread = self._store.find_thread(notice.fingerprint)
            waiting = tuple(
                entry
                for entry in self._store.list_held()
                if entry.notice.fingerprint == notice.fingerprint
            )
            step = rules.choose_step(
                notice,
                thread,
                waiting=waiting[-1].notice if waiting else None,
                mailed_at=self._store.last_mailed_at() if holds else None,
                now=now,
                settings=self._settings,
            )
            if notice.kind not in GOOD_NEWS:
                self._drop_from_digest(notice.fingerprint)
            return self._take(step, notice, thread, tuple(w.notice.key for w in waiting), now)

    def _drop_from_digest(self, fingerprint: str) -> None:
        """What was healed by itself is so no more."""
        entries = self._store.list_digest()
        keys = tuple(e.notice.key for e in entries if e.notice.fingerprint == fingerprint)
        self._store.commit(Change(told=keys))

    def answer(self, reply: Reply, sentence: str, now: datetime) -> None:
        """Mails the writer of a mail what came of it, and nobody else; where that cannot be kept,
        nothing: what was decided stands."""
        mail = self._writer.write_answer(reply, self._redactor.fresh().text(sentence), now)
        if mail is not None:
            self.outbox.put(mail)
            self.outbox.flush(now, patient=False)

    def list_people(self, fingerprint: str) -> tuple[str, ...]:
        """Everybody who got a mail of an incident."""
        thread = self._store.find_thread(fingerprint)
        return thread.recipients if thread else ()

    def update_count(self, fingerprint: str, now: datetime, failures: int) -> None:
        """The incident's failure happened again (`failures` times up to now)."""
        with self._store.lock():
            before = self._store.find_thread(fingerprint)
            if before and before.closed_at is None and now - before.seen_at >= COUNT_EVERY:
                latest = before.latest.model_copy(update={"failures": failures})
                self._update_thread(
                    before, before.model_copy(update={"seen_at": now, "latest": latest})
                )

    def tick(self, now: datetime, *, patient: bool = True) -> tuple[Delivery, ...]:
        """Makes every mail that has become due, and sends. The daemon calls it every few seconds;
        where none runs, a command may call it once before it ends, not `patient`.

        `now` is aware; its zone is that of `digest_at`. Raises `NotificationError` when the disk
        refuses.
        """
        if not self._writer.can_be_sent:
            return ()
        is_look_due = self._looked_at is None or now - self._looked_at >= LOOK_EVERY
        waiting = self._store.find_waiting()
        if is_look_due or "held" in waiting:
            with self._store.lock():
                self._release(now)
                if is_look_due:
                    self._look_at_threads(now)
                    self._send_digest(now)
                    self._looked_at = now
        elif not waiting:
            return ()
        return self.outbox.flush(now, patient=patient)

    def flush(self, now: datetime, *, patient: bool = False) -> tuple[Delivery, ...]:
        """Sends what waits, without the waits between tries unless `patient`."""
        return self.outbox.flush(now, patient=patient)

    def status(self) -> NotifierStatus:
        """How it stands. Changes nothing."""
        return NotifierStatus(
            outbox=self.outbox.status(),
            open=sum(thread.closed_at is None for thread in self._store.list_threads()),
            held=len(self._store.list_held()),
            digest=len(self._store.list_digest()),
        )

    def _take(
        self,
        step: rules.Step,
        notice: Notice,
        thread: MailThread | None,
        waiting_keys: tuple[str, ...],
        now: datetime,
    ) -> NoticeOutcome:
        """Does what was decided. `waiting_keys` are those of the incident's held notices, which a
        mail, or the news that all is over, makes superfluous."""
        entry = Waiting(notice=notice, since=now)
        match step:
            case "mail":
                return NoticeOutcome(
                    state="mailed", mail=self._commit_group((notice,), waiting_keys, now).id
                )
            case "hold":
                self._store.commit(Change(held=(entry,)))
                return NoticeOutcome(state="held")
            case "digest":
                self._store.commit(Change(digest=(entry,), told=waiting_keys))
                return NoticeOutcome(state="digest")
            case "known":
                if notice.kind in GOOD_NEWS and not mail_thread.is_open(thread):
                    self._store.commit(Change(told=waiting_keys))
                elif thread and not waiting_keys:
                    self._update_thread(thread, mail_thread.add_without_mail(thread, notice, now))
                mail_id = self._writer.find_id(notice)
                if self.outbox.is_waiting(mail_id):
                    return NoticeOutcome(state="mailed", mail=mail_id)
                return NoticeOutcome(state="known")

    def _update_thread(self, before: MailThread, after: MailThread) -> None:
        if after != before:
            self._store.commit(Change(threads=(after,)))

    def _release(self, now: datetime) -> None:
        """Mails what was held, when its time has come and it is still news."""
        waiting = rules.select_ripe(self._store.list_held(), now, self._settings)
        mailed_at = self._store.last_mailed_at() if waiting else None
        wait = timedelta(seconds=self._settings.group_wait_s)
        if not waiting or (mailed_at and now - mailed_at < wait):
            return
        newest = rules.select_newest(waiting)
        threads = {n: thread for n in newest if (thread := self._store.find_thread(n))}
        news = {
            name: notice
            for name, notice in newest.items()
            if not mail_thread.is_open(threads.get(name))
            or threads[name].told != mail_thread.gist(notice)
        }
        for group in rules.group_notices(news.values(), threads, self._settings):
            names = {notice.fingerprint for notice in group}
            keys = tuple(w.notice.key for w in waiting if w.notice.fingerprint in names)
            self._commit_group(group, keys, now)
        stale = tuple(w.notice.key for w in waiting if w.notice.fingerprint not in news)
        self._store.commit(Change(told=stale))

    def _look_at_threads(self, now: datetime) -> None:
        """Closes quiet incidents, reminds of open ones, forgets those that are long over."""
        threads = {thread.fingerprint: thread for thread in self._store.list_threads()}
        notices = [
            rules.resolve_quiet(thread, now, self._settings)
            for thread in threads.values()
            if not (self._book and self._book.is_open(thread.fingerprint))
        ]
        over = {notice.fingerprint: notice for notice in notices if notice}
        for group in rules.group_notices(over.values(), threads, self._settings):
            self._commit_group(group, (), now)
        news = {entry.notice.fingerprint for entry in self._store.list_held()}
        due = (
            thread.latest
            for thread in threads.values()
            if thread.fingerprint not in {*over, *news}
            and rules.needs_reminder(thread, now, self._settings)
            and not (self._book and self._book.is_silent(thread.fingerprint, now.timestamp()))
        )
        for group in rules.group_notices(due, threads, self._settings):
            self._remind(tuple(threads[notice.fingerprint] for notice in group), now)
        old = tuple(name for name, thread in threads.items() if mail_thread.is_past(thread, now))
        self._store.commit(Change(forgotten=old))

    def _commit_group(
        self, group: tuple[Notice, ...], waiting_keys: tuple[str, ...], now: datetime
    ) -> Mail:
        """One mail for the notices, their threads after it, and the held ones that it covers."""
        before = {
            notice.fingerprint: self._store.find_thread(notice.fingerprint) for notice in group
        }
        thread = before[group[0].fingerprint]
        people = rules.choose_recipients(group[0], thread, self._settings)
        mails = self._writer.write(group, "".join(n.key for n in group), thread, people, now)
        threads = tuple(
            mail_thread.add_mail(
                before[notice.fingerprint],
                notice,
                message_id=mails[0].message_id,
                subject=mails[0].subject,
                recipients=people,
                now=now,
            )
            for notice in group
        )
        self._store.commit(Change(mails=mails, threads=threads, told=waiting_keys, mailed_at=now))
        return mails[0]

    def _remind(self, threads: tuple[MailThread, ...], now: datetime) -> None:
        """One reminder for the open incidents of one thread of mails."""
        notices = tuple(rules.remind(thread.latest, now) for thread in threads)
        people = rules.choose_recipients(notices[0], threads[0], self._settings)
        key = "".join(f"{t.latest.key} reminder {t.reminders + 1}" for t in threads)
        mails = self._writer.write(notices, key, threads[0], people, now)
        after = tuple(
            mail_thread.add_reminder(thread, mails[0].message_id, now) for thread in threads
        )
        self._store.commit(Change(mails=mails, threads=after, mailed_at=now))

    def _send_digest(self, now: datetime) -> None:
        until = rules.find_digest_time(now, self._settings)
        due = tuple(w for w in self._store.list_digest() if until and w.since <= until)
        if due:
            notices = rules.make_digest(w.notice for w in due)
            key = "".join(notice.key for notice in notices)
            mails = self._writer.write(notices, key, None, self._settings.to, now)
            keys = tuple(w.notice.key for w in due)
            self._store.commit(Change(mails=mails, told=keys, mailed_at=now))
