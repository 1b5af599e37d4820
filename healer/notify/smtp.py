"""Hands mails to an SMTP server: encryption, login, timeouts, and patience with a bad server.

Belongs here: one connection and what is said over it. Does not belong here: keeping mails and
trying again later (`outbox`), what is in a mail (`healer.render.mail`).
"""

import smtplib
import socket
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Self

from healer.notify.server_urls import PASSWORD_VARIABLE, SmtpServer
from healer.support.loopback import LOOPBACK_HOSTS

TRIES = 3
"""Of one command, one transaction and one connection, each at once, before the outbox waits."""
_GONE = 421
_OK = 250
_START_DATA = 354
_TEMPORARY = range(400, 500)


class UnavailableError(Exception):
    """No session could be had; no mail was tried. The message names the server and the reason."""


class Session:
    """One connection, opened when first needed and again when the server drops it."""

    def __init__(self, server: SmtpServer, password: str, timeout_s: float) -> None:
        self._server = server
        self._password = password
        self._timeout_s = timeout_s
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (OSError, smtplib.SMTPException):
                self._drop()

    def hand_over(self, sender: str, recipients: tuple[str, ...], content: bytes) -> dict[str, str]:
        """One mail to everybody in `recipients`, several tries for those it does not reach.

        Gives the server's words by recipient who did not get it; empty: everybody did. Raises
        `UnavailableError` when no session could be had for it.
        """
        refusals = dict.fromkeys(recipients, "not tried")
        for _ in range(TRIES):
            smtp = self._connect()
            try:
                refusals = _transact(smtp, sender, tuple(refusals), content)
            except (OSError, smtplib.SMTPException) as error:
                refusals = dict.fromkeys(refusals, _reason(error))
                self._drop()
            if not refusals:
                break
        return refusals

    def check(self) -> None:
        """Connects, encrypts, logs in. Raises `UnavailableError`."""
        self._connect()

    def _connect(self) -> smtplib.SMTP:
        problem = ""
        for _ in range(TRIES):
            if self._smtp is not None:
                return self._smtp
            try:
                self._smtp = self._open()
            except (OSError, smtplib.SMTPException) as error:
                problem = _reason(error)
        if self._smtp is not None:
            return self._smtp
        raise UnavailableError(f"mail server {self._server.name}: {problem}")

    def _open(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host,
                server.port,
                _own_name(),
                timeout=self._timeout_s,
                context=_new_context(),
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, _own_name(), timeout=self._timeout_s)
        try:
            self._greet(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        _hello(smtp)
        security = self._server.security
        is_verified = security == "tls"
        if security == "starttls" or (security == "offered" and smtp.has_extn("starttls")):
            is_verified = security == "starttls" or bool(self._server.user)
            if not smtp.has_extn("starttls"):
                raise smtplib.SMTPException(
                    "it does not offer STARTTLS; where plain text is all right, add "
                    "?starttls=false to [mail] smtp"
                )
            smtp.starttls(context=_new_context() if is_verified else _new_unverified_context())
            _hello(smtp)
        if self._server.user:
            self._log_in(smtp, is_verified=is_verified)

    def _log_in(self, smtp: smtplib.SMTP, *, is_verified: bool) -> None:
        if not self._password:
            raise smtplib.SMTPException(f"the URL names a user: set {PASSWORD_VARIABLE}")
        if not is_verified and self._server.host not in LOOPBACK_HOSTS:
            raise smtplib.SMTPException(
                "no password is sent without encryption: use smtps:// or ?starttls=true"
            )
        smtp.login(self._server.user, self._password)

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _transact(
    smtp: smtplib.SMTP, sender: str, recipients: tuple[str, ...], content: bytes
) -> dict[str, str]:
    """The recipients who did not get it, with the server's words."""
    code, answer = _ask_patiently(lambda: smtp.mail(sender))
    if code != _OK:
        smtp.rset()
        return dict.fromkeys(recipients, _words(code, answer))
    refusals: dict[str, str] = {}
    for recipient in recipients:
        code, answer = _ask_patiently(lambda to=recipient: smtp.rcpt(to))  # type: ignore[misc]  # bound now
        if code not in (_OK, _OK + 1):
            refusals[recipient] = _words(code, answer)
    if len(refusals) == len(recipients):
        smtp.rset()
        return refusals
    code, answer = _send_data(smtp, content)
    if code != _OK:
        smtp.rset()
        return dict.fromkeys(recipients, _words(code, answer))
    return refusals


def _send_data(smtp: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    def ask() -> tuple[int, bytes]:
        smtp.putcmd("data")
        return smtp.getreply()

    code, answer = _ask_patiently(ask)
    if code != _START_DATA:
        return code, answer
    # SMTP.data would ask for permission itself, without a second try.
    # Every line end becomes CRLF and every leading dot two: no content can end the mail early.
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n").split(b"\n")
    body = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    smtp.send(body + b"\r\n.\r\n")
    return smtp.getreply()


def _ask_patiently(command: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
    """The command's answer; a temporary refusal is asked again, `TRIES` times in all."""
    code, answer = command()
    for _ in range(TRIES - 1):
        if code not in _TEMPORARY:
            break
        if code == _GONE:
            raise smtplib.SMTPServerDisconnected(_words(code, answer))
        code, answer = command()
    return code, answer


def _hello(smtp: smtplib.SMTP) -> None:
    code, answer = _ask_patiently(smtp.ehlo)
    if code != _OK:
        code, answer = _ask_patiently(smtp.helo)
    if code != _OK:
        raise smtplib.SMTPResponseException(code, answer)


def _own_name() -> str:
    """The name to greet with. Not `getfqdn`, which asks a resolver and may hang on a dead one."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _words(code: int, answer: bytes) -> str:
    return f"{code} {answer.decode(errors='replace')}"[:300]


def _reason(error: Exception) -> str:
    match error:
        case smtplib.SMTPResponseException():
            answer = error.smtp_error
            words = _words(
                error.smtp_code, answer if isinstance(answer, bytes) else answer.encode()
            )
            login = isinstance(error, smtplib.SMTPAuthenticationError)
            return f"login refused ({words})" if login else words
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({error.verify_message})"
        case TimeoutError():
            return "no answer in time"
        case OSError():
            return error.strerror or str(error)
    return str(error)


def _new_context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _new_unverified_context() -> ssl.SSLContext:
    """Encryption that was merely offered: without a password to lose, an unknown certificate is
    better than the plain text that would otherwise be sent."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
