"""Notices as the mails that will be sent: one for the mail server, one for each other channel.

Belongs here: who gets what under which id. Does not belong here: whether it is due (`rules`), its
words (`healer.render.mail`). Nothing is read and nothing written.
"""

import hashlib
import re
from datetime import datetime

from healer.notify.mail import Mail
from healer.notify.mail_thread import MailThread
from healer.notify.settings import MailSettings
from healer.redact import Redactor
from healer.render.mail import Envelope, compose, compose_subject, compose_summary
from healer.render.notice import Notice

_NO_SENDER = "healer@localhost"
"""Where only other channels are configured; it names threads and is sent to nobody."""


class MailWriter:
    """Makes mails for one configuration."""

    def __init__(
        self, settings: MailSettings, redactor: Redactor, channels: tuple[str, ...]
    ) -> None:
        """`channels` are the names of the channels beside the mail server."""
        self._settings = settings
        self._redactor = redactor
        self._channels = channels

    @property
    def can_be_sent(self) -> bool:
        """A mail server or a channel is configured."""
        return self._settings.server is not None or bool(self._channels)

    def write(
        self,
        notices: tuple[Notice, ...],
        key: str,
        thread: MailThread | None,
        people: tuple[str, ...],
        now: datetime,
    ) -> tuple[Mail, ...]:
        """At least one mail, all with one Message-Id. The same `key` gives the same ids."""
        message_id = self._message_id(notices[-1], key)
        first = Mail(
            id=_file_name(message_id),
            message_id=message_id,
            sender=self._settings.sender or _NO_SENDER,
            recipients=people,
            content="",
            subject=compose_subject(notices),
            stored_at=now,
            next_try_at=now,
        )
        mails = [self._for_channel(first, name, notices) for name in self._channels]
        if self._settings.server is not None:
            mails.insert(0, self._for_server(first, notices, thread))
        return tuple(mails)

    def find_id(self, notice: Notice) -> str:
        """The id of the mail that tells this notice alone."""
        return _file_name(self._message_id(notice, notice.key))

    def _for_server(
        self, mail: Mail, notices: tuple[Notice, ...], thread: MailThread | None
    ) -> Mail:
        envelope = Envelope(
            message_id=mail.message_id,
            sender=mail.sender,
            recipients=mail.recipients,
            thread_subject=thread.subject if thread else "",
            references=thread.references if thread else (),
        )
        message = compose(notices, envelope, self._redactor.fresh())
        return mail.model_copy(update={"content": message.as_bytes().decode("ascii")})

    def _for_channel(self, mail: Mail, name: str, notices: tuple[Notice, ...]) -> Mail:
        return mail.model_copy(
            update={
                "id": f"{mail.id}.{name}",
                "channel": name,
                "content": compose_summary(notices, self._redactor.fresh()),
                "recipients": ("another channel",),
            }
        )

    def _message_id(self, notice: Notice, key: str) -> str:
        incident = re.sub(r"[^A-Za-z0-9]", "", notice.fingerprint)[:24] or "incident"
        digest = hashlib.sha256(key.encode()).hexdigest()[:24]
        domain = (self._settings.sender or _NO_SENDER).rpartition("@")[2]
        return f"<{incident}.{notice.kind}.{digest}@{domain}>"


def _file_name(message_id: str) -> str:
    """The Message-Id without its brackets and domain."""
    return message_id.strip("<>").partition("@")[0]
