"""A mail on its way, what became of it or of a notice, how all stands: frozen facts.

Belongs here: shapes. Does not belong here: files and sending (`outbox`).
"""

from typing import Literal

from pydantic import AwareDatetime

from healer.failure import Fact


class Mail(Fact):
    """One mail that waits: what will be sent, and how it went so far."""

    id: str
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    """Those who do not have it yet."""
    content: str
    """The whole message, ASCII; for a channel its text."""
    subject: str = ""
    channel: str = ""
    """Name of a channel (see `channels`) that gets it instead of the mail server."""
    stored_at: AwareDatetime
    tries: int = 0
    next_try_at: AwareDatetime
    problem: str = ""


class Receipt(Fact):
    """What is kept of a mail that was taken."""

    id: str
    message_id: str
    recipients: tuple[str, ...]
    sent_at: AwareDatetime


class ServerTrouble(Fact):
    """The server could not be used at all: no mail is tried before `next_try_at`."""

    since: AwareDatetime
    tries: int
    next_try_at: AwareDatetime
    problem: str


class Delivery(Fact):
    """What one flush did with one mail."""

    id: str
    message_id: str
    state: Literal["sent", "kept", "failed"]
    recipients: tuple[str, ...]
    problem: str = ""
    """Why it was kept or has failed: one sentence."""


class OutboxStatus(Fact):
    """For `healer doctor` and `healer status`."""

    waiting: int
    failed: int
    oldest: AwareDatetime | None = None
    problem: str = ""
    """The server's trouble, or the newest problem of a waiting mail; empty when all is well."""


class NoticeOutcome(Fact):
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


def new_delivery(
    mail: Mail, state: Literal["sent", "kept", "failed"], problem: str = ""
) -> Delivery:
    """What became of `mail`."""
    return Delivery(
        id=mail.id,
        message_id=mail.message_id,
        state=state,
        recipients=mail.recipients,
        problem=problem,
    )
