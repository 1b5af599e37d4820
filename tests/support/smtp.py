"""A real SMTP server for journeys: keeps what it takes, and can be as bad as servers are."""

import asyncio
import random
import ssl
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True)
class Received:
    """One mail as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    encrypted: bool

    @property
    def mail(self) -> EmailMessage:
        """The message, parsed."""
        return message_from_bytes(self.content, policy=policy.default)

    def part(self, kind: str) -> str:
        """The text of the `plain` or `html` part."""
        body = self.mail.get_body((kind,))
        assert body is not None
        return str(body.get_content())


@dataclass
class Server:
    """What the server is like, changed while it runs, and what it has taken."""

    host: str = "127.0.0.1"
    port: int = 0
    fail_share: float = 0.0
    """Part of all commands (a connection's greeting and the end of DATA among them) that fail."""
    failures: tuple[str, ...] = ("451 try again later",)
    """Answers to draw from; `drop` closes the connection instead."""
    refuse: dict[str, str] = field(default_factory=dict)
    """Answers by recipient; `*` is everybody."""
    taken: list[Received] = field(default_factory=list)
    commands: int = 0
    failed: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def url(self) -> str:
        """For `[mail] smtp`."""
        return f"smtp://{self.host}:{self.port}"

    def failure(self) -> str:
        """The failing answer for this command, or an empty string."""
        self.commands += 1
        if self.dice.random() >= self.fail_share:
            return ""
        self.failed += 1
        return self.dice.choice(self.failures)


class _Handler:
    def __init__(self, server: Server) -> None:
        self.server = server

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refused = self.server.refuse.get(address) or self.server.refuse.get("*")
        if refused:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, smtp: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        assert smtp.transport is not None
        encrypted = smtp.transport.get_extra_info("ssl_object") is not None
        self.server.taken.append(
            Received(
                envelope.mail_from or "",
                tuple(envelope.rcpt_tos),
                content,
                encrypted,
            )
        )
        # The mail is taken, and only then may the answer be lost: that is how duplicates come.
        return await _end_of_data(smtp, self.server)


async def _end_of_data(smtp: SMTP, server: Server) -> str:
    failure = server.failure()
    if failure != "drop":
        if failure:
            server.taken.pop()
        return failure or "250 OK"
    assert smtp.transport is not None
    smtp.transport.close()
    return "421 gone"


class _UnreliableSMTP(SMTP):
    """Fails a share of commands before they are looked at."""

    server_state: Server

    async def _fails(self) -> bool:
        failure = self.server_state.failure()
        if failure == "drop":
            assert self.transport is not None
            self.transport.close()
        elif failure:
            await self.push(failure)
        return bool(failure)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd calls it so
        if not await self._fails():
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd calls it so
        if not await self._fails():
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd calls it so
        if not await self._fails():
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd calls it so
        if not await self._fails():
            await super().smtp_DATA(arg)


class _Controller(Controller):
    def __init__(self, server: Server, **options: Any) -> None:
        self._state = server
        super().__init__(_Handler(server), server.host, server.port, **options)

    def factory(self) -> SMTP:
        with warnings.catch_warnings():
            # aiosmtpd warns of logins without TLS, which is what some tests are about.
            warnings.simplefilter("ignore", UserWarning)
            smtp = _UnreliableSMTP(self.handler, **self.SMTP_kwargs)
        smtp.server_state = self._state
        return smtp

    def _trigger_server(self) -> None:
        # The base class connects once to see that the server answers; with port 0 it must learn
        # the port first.
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        self._state.port = self.port
        super()._trigger_server()


@contextmanager
def smtp_server(
    *,
    port: int = 0,
    fail_share: float = 0.0,
    failures: tuple[str, ...] = ("451 try again later",),
    login: tuple[str, str] | None = None,
    certificate: Path | None = None,
    implicit_tls: bool = False,
    require_starttls: bool = False,
) -> Iterator[Server]:
    """A server on 127.0.0.1 until the block ends.

    `login` demands that user and password; `certificate` (a PEM file with its key, see
    `make_certificate`) offers STARTTLS, or speaks TLS from the start with `implicit_tls`.
    """
    state = Server(port=port, fail_share=fail_share, failures=failures)
    options: dict[str, Any] = {}
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        options["ssl_context" if implicit_tls else "tls_context"] = context
        state.host = "localhost"  # the name in the certificate
    if login:
        options |= {
            "authenticator": _authenticator(*login),
            "auth_required": True,
            "auth_require_tls": False,
        }
    controller = _Controller(state, require_starttls=require_starttls, **options)
    controller.start()
    try:
        yield state
    finally:
        controller.stop()


def make_certificate(folder: Path) -> Path:
    """A self-signed certificate for `localhost` with its key, as one PEM file."""
    path = folder / "localhost.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    made = subprocess.run(
        [*command, "-keyout", "/dev/stdout", "-out", "/dev/stdout"], check=True, capture_output=True
    )
    path.write_bytes(made.stdout)
    return path


def _authenticator(user: str, password: str) -> Any:
    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        wanted = LoginPassword(user.encode(), password.encode())
        return AuthResult(success=data == wanted, handled=False)

    return authenticate
