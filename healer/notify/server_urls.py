"""What the URLs of mail servers mean: the one that sends, and the mailbox that is looked into.

Belongs here: both forms, and what is wrong with a URL, in one sentence. Does not belong here: the
passwords, which are read from the environment when they are used and never kept; talking to a
server (`smtp`, `imap`).
"""

import re
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pydantic import BaseModel, ConfigDict

from healer.support.loopback import LOOPBACK_HOSTS

PASSWORD_VARIABLE = "HEALER_SMTP_PASSWORD"  # noqa: S105 - the variable's name, not a password
IMAP_PASSWORD_VARIABLE = "HEALER_IMAP_PASSWORD"  # noqa: S105 - the variable's name, not a password
_SMTP_FORMS = (
    "smtp://[user@]host[:port][?starttls=true|offered|false] or smtps://[user@]host[:port]"
)
_IMAP_FORMS = "imaps://user@host[:port][/FOLDER], or imap:// on this machine"
_HOST = re.compile(r"[A-Za-z0-9.:_-]+")
Security = Literal["tls", "starttls", "offered", "plain"]
_STARTTLS: dict[str, Security] = {"true": "starttls", "offered": "offered", "false": "plain"}
_HERE = re.compile(r"localhost|127\.[0-9.]+|::1")
"""This machine: what is sent there need not be encrypted."""


class SmtpServer(BaseModel):
    """A mail server, as the URL says."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    user: str = ""
    security: Security = "offered"
    """`tls` from the first byte · `starttls` required · `offered`: STARTTLS where the server
    offers it · `plain`: never. The first two check the certificate. Without a word in the URL it
    is `starttls`, and `offered` for this machine itself."""

    @property
    def name(self) -> str:
        """`host:port`, for messages."""
        return f"{self.host}:{self.port}"


class Mailbox(BaseModel):
    """A mailbox, as the URL says."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    user: str
    folder: str
    is_encrypted: bool


def parse_smtp_url(url: str) -> SmtpServer:
    """The server that a URL names. Raises ValueError with the value and the allowed forms."""
    parts, port = _split("smtp", url, _SMTP_FORMS, PASSWORD_VARIABLE)
    host = parts.hostname or ""
    if parts.scheme not in ("smtp", "smtps") or not _HOST.fullmatch(host):
        raise ValueError(f"smtp = {url!r} is not a mail server; allowed: {_SMTP_FORMS}")
    if parts.path not in ("", "/") or parts.fragment:
        raise ValueError(f"smtp = {url!r} has more than a server; allowed: {_SMTP_FORMS}")
    security = _choose_security(url, parts.scheme, parts.query, host)
    usual = 465 if security == "tls" else 587 if parts.query and security == "starttls" else 25
    return SmtpServer(
        host=host, port=port or usual, user=unquote(parts.username or ""), security=security
    )


def parse_imap_url(url: str) -> Mailbox:
    """The mailbox that a URL names. Raises ValueError with the value and the allowed forms."""
    parts, port = _split("imap", url, _IMAP_FORMS, IMAP_PASSWORD_VARIABLE)
    host = parts.hostname or ""
    is_encrypted = parts.scheme == "imaps"
    is_safe = is_encrypted or (parts.scheme == "imap" and host in LOOPBACK_HOSTS)
    is_whole = _HOST.fullmatch(host) and parts.username
    if not (is_safe and is_whole) or parts.query or parts.fragment:
        raise ValueError(f"imap = {url!r} is not a mailbox; allowed: {_IMAP_FORMS}")
    return Mailbox(
        host=host,
        port=port or (993 if is_encrypted else 143),
        user=unquote(parts.username or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        is_encrypted=is_encrypted,
    )


def _split(key: str, url: str, forms: str, variable: str) -> tuple[SplitResult, int | None]:
    """The parts of a URL and its port; refuses a password, which has its own `variable`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{key} = {url!r}: {error}; allowed: {forms}") from None
    if parts.password is not None:
        raise ValueError(f"{key} holds a password; take it out and set {variable} instead")
    if port == 0:
        raise ValueError(f"{key} = {url!r}: no server has port 0; allowed: {forms}")
    return parts, port


def _choose_security(url: str, scheme: str, query: str, host: str) -> Security:
    options = parse_qs(query, keep_blank_values=True)
    starttls = options.pop("starttls", [])
    if options or len(starttls) > 1 or (starttls and starttls[0] not in _STARTTLS):
        raise ValueError(f"smtp = {url!r}: the only option is starttls; allowed: {_SMTP_FORMS}")
    if scheme == "smtps":
        if starttls:
            raise ValueError(f"smtp = {url!r}: smtps:// is encrypted already, drop ?starttls")
        return "tls"
    if not starttls:
        return "offered" if _HERE.fullmatch(host) else "starttls"
    return _STARTTLS[starttls[0]]
