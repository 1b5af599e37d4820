"""Notices as the mails that will be sent: one for the mail server, one for each other channel.

Belongs here: who gets what under which id. Does not belong here: whether it is due (`rules`), its
words (`healer.render.mail`). Nothing is read and nothing written.
"""

import hashlib
import re
from contextlib import suppress
from datetime import datetime

from healer.notify.asks import Asks
from healer.notify.decide_settings import DecideSettings
from healer.notify.mail import Mail
from healer.notify.mail_thread import MailThread
from healer.notify.reply import Reply, compose_answer
from healer.notify.settings import MailSettings
from healer.redact import Redactor
from healer.render.clean import one_line
from healer.render.headlines import compose_subject
from healer.render.mail import Envelope, compose, compose_summary
from healer.render.notice import Notice

_SUBJECT_CHARACTERS = 200
_NO_SENDER = "healer@localhost"
"""Where only other channels are configured; it names threads and is sent to nobody."""


class MailWriter:
    """Makes mails for one configuration."""

    def __init__(
        self,
        settings: MailSettings,
        redactor: Redactor,
        channels: tuple[str, ...],
        decide: DecideSettings | None = None,
        asks: Asks | None = None,
    ) -> None:
        """`channels` are the names of the channels beside the mail server. `asks` makes the
        references that links and answers carry, as `decide` says; without it there are none."""
        self._decide, self._asks = decide or DecideSettings.model_validate({}), asks
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
        file_name = _file_name(message_id)
        references = [self._refer(notice, now) for notice in notices]
        if references[0] and len(notices) == 1 and self._decide.replies:
            message_id = message_id.replace("@", f".{references[0]}@")
        first = Mail(
            id=file_name,
            message_id=message_id,
            sender=self._settings.sender or _NO_SENDER,
            recipients=people,
            content="",
            subject=compose_subject(notices),
            stored_at=now,
            next_try_at=now,
        )
        with_links = tuple(
            notice.model_copy(update={"link": self._decide.link(reference)})
            for notice, reference in zip(notices, references, strict=True)
        )
        for_channels = with_links if self._decide.channels else notices
        mails = [self._for_channel(first, name, for_channels) for name in self._channels]
        if self._settings.server is not None:
            takes_reply = bool(references[0]) and len(notices) == 1 and self._decide.replies
            one = (with_links[0].model_copy(update={"takes_reply": takes_reply}), *with_links[1:])
            mails.insert(0, self._for_server(first, one, thread))
        return tuple(mails)

    def _refer(self, notice: Notice, now: datetime) -> str:
        """The reference by which this notice is decided from elsewhere; empty where that is off, or
        the key cannot be kept: the mail goes all the same."""
        is_on = self._decide.url or self._decide.replies
        if self._asks is None or not is_on:
            return ""
        with suppress(OSError):
            return self._asks.refer(notice, now, self._decide.days)
        return ""

    def find_id(self, notice: Notice) -> str:
        """The id of the mail that tells this notice alone."""
        return _file_name(self._message_id(notice, notice.key))

    def write_answer(self, reply: Reply, sentence: str, now: datetime) -> Mail | None:
        """What came of somebody's mail, to them; None where no mail server is configured."""
        if self._settings.server is None:
            return None
        digest = hashlib.sha256(f"{reply.message_id} {sentence}".encode(errors="replace"))
        domain = (self._settings.sender or _NO_SENDER).rpartition("@")[2]
        name = f"answer.{digest.hexdigest()[:24]}"
        mail = Mail(
            id=name,
            message_id=f"<{name}@{domain}>",
            sender=self._settings.sender or _NO_SENDER,
            recipients=(reply.sender,),
            content="",
            subject=one_line(f"Re: {reply.subject.removeprefix('Re: ')}", _SUBJECT_CHARACTERS),
            stored_at=now,
            next_try_at=now,
        )
        return mail.model_copy(update={"content": compose_answer(mail, reply, sentence)})

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
