"""Mails that wait until a server has taken them: durable before they are sent, sent at least once.

Belongs here: keeping, sending, trying again, giving up, and saying how it stands. Does not belong
here: whether a mail is due (`rules`), the SMTP conversation (`smtp`), where facts lie
(`fact_files`, `fact_tables`).

One fact for each mail, written whole or not at all. `queue` waits, `sent` holds a receipt (so that
the same mail is not taken in twice), `failed` what no server took in `give_up_h`. Any number of
processes may put; each mail is handed over by one at a time.
"""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta

from healer.notify import channels
from healer.notify.fact_files import FactStore
from healer.notify.mail import (
    Delivery,
    Mail,
    OutboxStatus,
    Receipt,
    ServerTrouble,
    new_delivery,
)
from healer.notify.server_urls import PASSWORD_VARIABLE
from healer.notify.settings import MailSettings
from healer.notify.smtp import Session, UnavailableError

RECEIPT_DAYS = 30
"""How long the same mail is recognised as sent."""
TIDY_EVERY = timedelta(hours=1)
WAITS_S = (20, 60, 120, 300, 600, 900)
"""After the first, second, … failed try; the last one from then on: some 190 tries in 48 h."""
_BUSY = "another healer process is sending"
_NO_CHANNEL = "its channel is not configured any more"
_QUEUE, _SENT, _FAILED = "queue", "sent", "failed"
_TROUBLE = ("", "server")
"""What this machine met at the mail server; another one may reach it."""


class Outbox:
    """The mails of one repository."""

    def __init__(
        self, facts: FactStore, settings: MailSettings, urls: Mapping[str, str] | None = None
    ) -> None:
        """`urls` are the channels by name, if there are any beside the mail server."""
        self._facts, self._settings = facts, settings
        self._channels = urls or {}
        self._tidied_at: datetime | None = None

    def put(self, mail: Mail) -> str:
        """Keeps the mail; on return it survives a power cut. Returns its id.

        A mail with this id that waits, was sent or has failed is left as it is. Raises
        `NotificationError` when it cannot be stored.
        """
        if not self._facts.has(mail.id, _QUEUE, _SENT, _FAILED):
            self._facts.write(_QUEUE, mail.id, mail)
        return mail.id

    def is_waiting(self, mail: str) -> bool:
        """The mail of this id was put and not yet sent."""
        return self._facts.has(mail, _QUEUE)

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
        with self._facts.alone_as_sender(waits=not patient) as is_alone:
            if is_alone:
                self._tidy(now)
            mails = self._due(now, patient=patient)
            if not is_alone:
                return tuple(new_delivery(mail, "kept", _BUSY) for mail in mails)
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
        trouble = self._facts.own.read(*_TROUBLE, ServerTrouble)
        problems = [problem for mail in mails if (problem := self._find_problem(mail))]
        problem = trouble.problem if trouble else (problems[-1] if problems else "")
        return OutboxStatus(
            waiting=len(mails),
            failed=self._facts.count(_FAILED),
            oldest=min((mail.stored_at for mail in mails), default=None),
            problem=problem,
        )

    def _find_problem(self, mail: Mail) -> str:
        is_lost = mail.channel and mail.channel not in self._channels
        return _NO_CHANNEL if is_lost else mail.problem

    def _send(
        self, mails: tuple[Mail, ...], password: str, now: datetime, *, patient: bool
    ) -> tuple[Delivery, ...]:
        by_channel = tuple(self._hand_to_channel(mail, now) for mail in mails if mail.channel)
        by_server = tuple(mail for mail in mails if not mail.channel)
        trouble = self._facts.own.read(*_TROUBLE, ServerTrouble)
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
                self._facts.own.remove(*_TROUBLE)
        return tuple(deliveries)

    def _hand_over(self, session: Session, waiting: Mail, now: datetime) -> Delivery:
        mail = self._facts.claim(_QUEUE, waiting.id, Mail)
        if mail is None:
            return new_delivery(waiting, "kept", _BUSY)
        try:
            refusals = session.hand_over(mail.sender, mail.recipients, mail.content.encode())
        except UnavailableError:
            self._facts.release(_QUEUE, mail.id)
            raise
        if refusals:
            problem = "; ".join(f"{to}: {answer}" for to, answer in refusals.items())
            rest = mail.model_copy(update={"recipients": tuple(refusals)})
            return self._postpone(rest, problem, now)
        return self._record_sent(mail, now)

    def _hand_to_channel(self, mail: Mail, now: datetime) -> Delivery:
        url = self._channels.get(mail.channel)
        if url is None:  # another machine may have it
            return self._wait(mail, _NO_CHANNEL, now)
        if self._facts.claim(_QUEUE, mail.id, Mail) is None:
            return new_delivery(mail, "kept", _BUSY)
        problem = channels.hand_over(url, mail.subject, mail.content)
        return self._postpone(mail, problem, now) if problem else self._record_sent(mail, now)

    def _record_sent(self, mail: Mail, now: datetime) -> Delivery:
        """The receipt first: a crash between the two leaves a mail that is known as sent."""
        receipt = Receipt(
            id=mail.id, message_id=mail.message_id, recipients=mail.recipients, sent_at=now
        )
        self._facts.move(_QUEUE, mail.id, _SENT, receipt)
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
        self._facts.write(_QUEUE, mail.id, later)
        return self._wait(later, problem, now)

    def _wait(self, mail: Mail, problem: str, now: datetime) -> Delivery:
        """Leaves it in the queue, or sets it aside when its time is over."""
        if now - mail.stored_at < timedelta(hours=self._settings.give_up_h):
            return new_delivery(mail, "kept", problem)
        self._facts.move(_QUEUE, mail.id, _FAILED, mail.model_copy(update={"problem": problem}))
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
        self._facts.own.write(*_TROUBLE, trouble)

    def _due(self, now: datetime, *, patient: bool) -> tuple[Mail, ...]:
        return tuple(
            mail for mail in self._list_waiting() if not patient or mail.next_try_at <= now
        )

    def _list_waiting(self) -> tuple[Mail, ...]:
        mails = (mail for _, mail in self._facts.read_all(_QUEUE, Mail))
        return tuple(sorted((mail for mail in mails if mail), key=lambda mail: mail.stored_at))

    def _tidy(self, now: datetime) -> None:
        """Once an hour: drops old receipts and the halves that a kill left, and sets aside what
        cannot be read, so that `status` counts it."""
        if self._tidied_at and now - self._tidied_at < TIDY_EVERY:
            return
        self._tidied_at = now
        for name, receipt in self._facts.read_all(_SENT, Receipt):
            if receipt is None or now - receipt.sent_at > timedelta(days=RECEIPT_DAYS):
                self._facts.remove(_SENT, name)
        self._facts.tidy(_QUEUE, Mail, _FAILED)


def _find_password(password: str | None) -> str:
    return os.environ.get(PASSWORD_VARIABLE, "") if password is None else password
