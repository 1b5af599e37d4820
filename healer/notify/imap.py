"""A mailbox that answers come to: what is new in it, and that it was read.

Belongs here: the IMAP conversation. Does not belong here: what a mail says (`reply`), and carrying
its word out. The mailbox is healer's own: what it has looked at is marked as seen.
"""

import imaplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from healer.notify.server_urls import IMAP_PASSWORD_VARIABLE, Mailbox

TIMEOUT_S = 20.0
_ERRORS = (OSError, imaplib.IMAP4.error, ssl.SSLError)


class MailboxError(Exception):
    """The mailbox cannot be read; the message is one sentence with the next step."""

    def __init__(self, problem: str, next_step: str) -> None:
        super().__init__(f"{problem}; {next_step}")
        self.problem = problem
        self.next_step = next_step


class MailboxSession:
    """One connection; a with-block. Raises MailboxError for whatever the server does."""

    def __init__(self, mailbox: Mailbox, password: str, timeout_s: float = TIMEOUT_S) -> None:
        if not password:
            raise MailboxError("the mailbox needs a password", f"set {IMAP_PASSWORD_VARIABLE}")
        self._mailbox, self._name = mailbox, f"{mailbox.host}:{mailbox.port}"
        try:
            self._imap = self._open(timeout_s)
        except _ERRORS as error:
            raise self._error_of(error) from error
        try:
            self._imap.login(mailbox.user, password)
            _check(self._imap.select(f'"{mailbox.folder}"'))
        except _ERRORS as error:
            self._close()
            raise self._error_of(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._close()

    def list_new(self) -> tuple[str, ...]:
        """The ids of mails that nobody has seen, the oldest first."""
        data = self._ask("search", "UNSEEN")
        uids = (each.decode("ascii", "replace") for each in data if isinstance(each, bytes))
        return tuple(" ".join(uids).split())

    def fetch(self, uid: str, most_bytes: int) -> bytes:
        """One mail, at most so much of it; it stays unseen."""
        data = self._ask("fetch", uid, f"(BODY.PEEK[]<0.{most_bytes}>)")
        return next((bytes(part[1]) for part in data if isinstance(part, tuple)), b"")

    def mark_seen(self, uid: str) -> None:
        """From now on it is not new."""
        self._ask("store", uid, "+FLAGS.SILENT", "(\\Seen)")

    def _open(self, timeout_s: float) -> imaplib.IMAP4:
        host, port = self._mailbox.host, self._mailbox.port
        if not self._mailbox.is_encrypted:  # on this machine only: see `parse_imap_url`
            return imaplib.IMAP4(host, port, timeout_s)
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=timeout_s)

    def _ask(self, command: str, *words: str) -> Sequence[object]:
        try:
            return _check(self._imap.uid(command, *words))
        except _ERRORS as error:
            raise self._error_of(error) from error

    def _error_of(self, error: Exception) -> MailboxError:
        why = str(error) or type(error).__name__
        step = f"check [decide] imap, {IMAP_PASSWORD_VARIABLE} and the server"
        return MailboxError(f"mailbox {self._name}: {why}", step)

    def _close(self) -> None:
        try:
            self._imap.logout()
        except _ERRORS:
            with suppress(*_ERRORS):
                self._imap.shutdown()


def _check(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status} {data[:1]!r}")
    return data
