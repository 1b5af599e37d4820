"""Mails on disk until a server has taken them: durable before they are sent, sent at least once.

Belongs here: keeping, sending, trying again, giving up, and saying how it stands. Does not belong
here: whether a mail is due (`rules`), the SMTP conversation (`smtp`).

One file for each mail, written whole or not at all. `queue/` waits, `sent/` holds a receipt (so
that the same mail is not taken in twice), `failed/` what no server took in `give_up_h`. Any number
of processes may put; one at a time sends, under a lock that the kernel frees when it dies.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from healer.notify import channels
from healer.notify.fact_files import read_fact, remove, write_fact
from healer.notify.mail import (
    Delivery,
    Mail,
    OutboxStatus,
    Receipt,
    ServerTrouble,
    new_delivery,
)
from healer.notify.settings import PASSWORD_VARIABLE, MailSettings
from healer.notify.smtp import Session, UnavailableError
from healer.support.atomic_file import HALF_WRITTEN, make_private_file, make_private_folder

LOCK_WAIT_S = 30.0
"""How long a command waits for another sender: it is as a rule a few mails, not a storm."""
RECEIPT_DAYS = 30
"""How long the same mail is recognised as sent."""
_ANY = "*.json"
TIDY_EVERY = timedelta(hours=1)
_HALF_KEPT_S = 86_400.0
WAITS_S = (20, 60, 120, 300, 600, 900)
"""After the first, second, … failed try; the last one from then on: some 190 tries in 48 h."""


class Outbox:
    """The mails of one state folder."""

    def __init__(
        self, mail_dir: Path, settings: MailSettings, urls: Mapping[str, str] | None = None
    ) -> None:
        """`urls` are the channels by name, if there are any beside the mail server."""
        self._settings = settings
        self._channels = urls or {}
        self._tidied_at: datetime | None = None
        self._queue, self._sent, self._failed = (
            mail_dir / name for name in ("queue", "sent", "failed")
        )
        self._lock = mail_dir / "lock"
        self._trouble = mail_dir / "server.json"

    def put(self, mail: Mail) -> str:
        """Keeps the mail; on return it survives a power cut. Returns its id.

        A mail with this id that waits, was sent or has failed is left as it is. Raises
        `NotificationError` when it cannot be stored.
        """
        name = f"{mail.id}.json"
        if not any((place / name).exists() for place in (self._queue, self._sent, self._failed)):
            write_fact(self._queue / name, mail)
        return mail.id

    def is_waiting(self, mail: str) -> bool:
        """The mail of this id was put and not yet sent."""
        return (self._queue / f"{mail}.json").exists()

    def flush(
        self, now: datetime, *, password: str | None = None, patient: bool = True
    ) -> tuple[Delivery, ...]:
        """Tries every mail that is due, oldest first; what it cannot send stays.

        `patient` keeps the waits between tries, and leaves the work to another process that is at
        it. A command that ends soon is not patient: it tries now, and waits for another sender to
        end, because that one may have looked into the queue too early. What was not tried is in
        the answer as kept, with the reason. `password` defaults to `HEALER_SMTP_PASSWORD`. Never
        raises for what a server does.
        """
        with self._sender_lock(0 if patient else LOCK_WAIT_S) as is_alone:
            if is_alone:
                self._tidy(now)
            mails = self._due(now, patient=patient)
            if not is_alone:
                return tuple(
                    new_delivery(mail, "kept", "another healer process is sending")
                    for mail in mails
                )
            if not mails:
                return ()
            return self._send(mails, _find_password(password), now, patient=patient)

    def check(self, *, password: str | None = None) -> str:
        """Tries to reach the server and to log in, without a mail: why it cannot, or nothing."""
        server = self._settings.server
        if server is None:
            return "no mail server is configured: set smtp, from and to under [mail]"
        with Session(server, _find_password(password), self._settings.timeout_s) as session:
            try:
                session.check()
            except UnavailableError as unavailable:
                return str(unavailable)
        return ""

    def status(self) -> OutboxStatus:
        """How it stands. Reads only."""
        mails = self._list_waiting()
        trouble = read_fact(self._trouble, ServerTrouble)
        problems = [mail.problem for mail in mails if mail.problem]
        problem = trouble.problem if trouble else (problems[-1] if problems else "")
        return OutboxStatus(
            waiting=len(mails),
            failed=sum(1 for _ in self._failed.glob(_ANY)),
            oldest=min((mail.stored_at for mail in mails), default=None),
            problem=problem,
        )

    def _send(
        self, mails: tuple[Mail, ...], password: str, now: datetime, *, patient: bool
    ) -> tuple[Delivery, ...]:
        by_channel = tuple(self._hand_to_channel(mail, now) for mail in mails if mail.channel)
        by_server = tuple(mail for mail in mails if not mail.channel)
        trouble = read_fact(self._trouble, ServerTrouble)
        if not by_server:
            return by_channel
        if trouble and patient and now < trouble.next_try_at:
            return by_channel + tuple(self._wait(m, trouble.problem, now) for m in by_server)
        return by_channel + self._hand_to_server(by_server, password, trouble, now)

    def _hand_to_server(
        self, mails: tuple[Mail, ...], password: str, trouble: ServerTrouble | None, now: datetime
    ) -> tuple[Delivery, ...]:
        server = self._settings.server
        if server is None:
            why = "no mail server is configured"
            return tuple(self._postpone(mail, why, now) for mail in mails)
        deliveries: list[Delivery] = []
        with Session(server, password, self._settings.timeout_s) as session:
            for position, mail in enumerate(mails):
                try:
                    deliveries.append(self._hand_over(session, mail, now))
                except UnavailableError as unavailable:
                    self._record_trouble(trouble, str(unavailable), now)
                    rest = mails[position:]
                    deliveries.extend(self._wait(mail, str(unavailable), now) for mail in rest)
                    break
            else:
                remove(self._trouble)
        return tuple(deliveries)

    def _hand_over(self, session: Session, mail: Mail, now: datetime) -> Delivery:
        refusals = session.hand_over(mail.sender, mail.recipients, mail.content.encode())
        if refusals:
            problem = "; ".join(f"{to}: {answer}" for to, answer in refusals.items())
            rest = mail.model_copy(update={"recipients": tuple(refusals)})
            return self._postpone(rest, problem, now)
        return self._record_sent(mail, now)

    def _hand_to_channel(self, mail: Mail, now: datetime) -> Delivery:
        url = self._channels.get(mail.channel)
        if url is None:
            return self._postpone(mail, "its channel is not configured any more", now)
        problem = channels.hand_over(url, mail.subject, mail.content)
        return self._postpone(mail, problem, now) if problem else self._record_sent(mail, now)

    def _record_sent(self, mail: Mail, now: datetime) -> Delivery:
        """The receipt first: a crash between the two leaves a mail that is known as sent."""
        receipt = Receipt(
            id=mail.id, message_id=mail.message_id, recipients=mail.recipients, sent_at=now
        )
        write_fact(self._sent / f"{mail.id}.json", receipt)
        remove(self._queue / f"{mail.id}.json")
        return new_delivery(mail, "sent")

    def _postpone(self, mail: Mail, problem: str, now: datetime) -> Delivery:
        wait_s = WAITS_S[min(mail.tries, len(WAITS_S) - 1)]
        later = mail.model_copy(
            update={
                "tries": mail.tries + 1,
                "next_try_at": now + timedelta(seconds=wait_s),
                "problem": problem,
            }
        )
        write_fact(self._queue / f"{mail.id}.json", later)
        return self._wait(later, problem, now)

    def _wait(self, mail: Mail, problem: str, now: datetime) -> Delivery:
        """Leaves it in the queue, or sets it aside when its time is over."""
        if now - mail.stored_at < timedelta(hours=self._settings.give_up_h):
            return new_delivery(mail, "kept", problem)
        write_fact(self._failed / f"{mail.id}.json", mail.model_copy(update={"problem": problem}))
        remove(self._queue / f"{mail.id}.json")
        return new_delivery(mail, "failed", problem)

    def _record_trouble(self, before: ServerTrouble | None, problem: str, now: datetime) -> None:
        tries = before.tries if before else 0
        wait_s = WAITS_S[min(tries, len(WAITS_S) - 1)]
        trouble = ServerTrouble(
            since=before.since if before else now,
            tries=tries + 1,
            next_try_at=now + timedelta(seconds=wait_s),
            problem=problem,
        )
        write_fact(self._trouble, trouble)

    def _due(self, now: datetime, *, patient: bool) -> tuple[Mail, ...]:
        return tuple(
            mail for mail in self._list_waiting() if not patient or mail.next_try_at <= now
        )

    def _list_waiting(self) -> tuple[Mail, ...]:
        mails = (read_fact(path, Mail) for path in self._queue.glob(_ANY))
        return tuple(sorted((mail for mail in mails if mail), key=lambda mail: mail.stored_at))

    def _tidy(self, now: datetime) -> None:
        """Once an hour: drops old receipts and the halves that a kill left, and sets aside what
        cannot be read, so that `status` counts it."""
        if self._tidied_at and now - self._tidied_at < TIDY_EVERY:
            return
        self._tidied_at = now
        for path in self._sent.glob(_ANY):
            receipt = read_fact(path, Receipt)
            if receipt is None or now - receipt.sent_at > timedelta(days=RECEIPT_DAYS):
                remove(path)
        for path in self._queue.glob(HALF_WRITTEN):
            with suppress(FileNotFoundError):  # its writer may be finishing it
                if time.time() - path.stat().st_mtime > _HALF_KEPT_S:
                    remove(path)
        for path in self._queue.glob(_ANY):
            if path.exists() and read_fact(path, Mail) is None:
                make_private_folder(self._failed)
                path.replace(self._failed / path.name)

    @contextmanager
    def _sender_lock(self, wait_s: float) -> Iterator[bool]:
        make_private_file(self._lock)
        until = time.monotonic() + wait_s
        with self._lock.open("a") as handle:
            while not _try_lock(handle):
                if time.monotonic() >= until:
                    yield False
                    return
                time.sleep(0.05)
            yield True


def _try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _find_password(password: str | None) -> str:
    return os.environ.get(PASSWORD_VARIABLE, "") if password is None else password
