"""The `[mail]` table of healer.toml: every mistake named with its next step.

Belongs here: the keys, their defaults, and what a server URL means. Does not belong here: the
password, which is read from the environment at the moment of sending and never kept.
"""

import re
from typing import Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from healer.support.token_settings import VariableName

PASSWORD_VARIABLE = "HEALER_SMTP_PASSWORD"  # noqa: S105 - the variable's name, not a password
_URL_FORMS = "smtp://[user@]host[:port][?starttls=true|offered|false] or smtps://[user@]host[:port]"
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Security = Literal["tls", "starttls", "offered", "plain"]
_STARTTLS: dict[str, Security] = {"true": "starttls", "offered": "offered", "false": "plain"}
_HERE = re.compile(r"localhost|127\.[0-9.]+|::1")
"""This machine: what is sent there need not be encrypted."""


class Server(BaseModel):
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


class MailSettings(BaseModel):
    """`[mail]`. Without `smtp` nothing is mailed; other channels may be told all the same."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    smtp: str = ""
    sender: str = Field("", alias="from", examples=["healer@example.com"])
    to: tuple[str, ...] = Field((), examples=[["oncall@example.com"]])
    channels_env: VariableName = "HEALER_CHANNELS"
    """The environment variable with apprise URLs of other channels, separated by spaces."""
    timeout_s: float = Field(20, gt=0, le=600)
    """For connecting and for each answer of the server."""
    group_wait_s: float = Field(30, ge=0, le=86_400)
    """After a mail, what comes within this time goes into the next one together."""
    repeat_h: float = Field(24, ge=1)
    """A reminder of what is still open and unchanged."""
    unjudged_min: float = Field(15, ge=0)
    """How long the sandbox may be away before somebody is told."""
    quiet_h: float = Field(192, ge=1)
    """An incident that nobody has to decide is over when it was not seen for so long. The default
    is eight days, so that a weekly job which fails each week stays one incident."""
    give_up_h: float = Field(48, gt=0)
    """How long a mail is tried before it is set aside as not sendable."""
    digest_at: str = "07:00"
    """Local time of the daily mail on what healed by itself; empty for none."""
    letter_at: str = "mon 07:00"
    """Day and local time of the weekly letter; empty for none. A week without news has none."""

    @field_validator("smtp")
    @classmethod
    def _is_server(cls, value: str) -> str:
        if value:
            parse_server(value)
        return value

    @field_validator("sender")
    @classmethod
    def _is_sender(cls, value: str) -> str:
        if value and not is_address(value):
            raise ValueError(f"from = {value!r} is not one mail address like healer@example.com")
        return value

    @field_validator("to")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            if not is_address(address):
                raise ValueError(
                    f"to holds {address!r}, which is not a mail address like oncall@example.com"
                )
        return value

    @field_validator("digest_at")
    @classmethod
    def _is_time(cls, value: str) -> str:
        if value and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError(f"digest_at = {value!r} is not a time from 00:00 to 23:59, or empty")
        return value

    @field_validator("letter_at")
    @classmethod
    def _is_day_and_time(cls, value: str) -> str:
        if value and not re.fullmatch(rf"({'|'.join(WEEKDAYS)}) ([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError(
                f"letter_at = {value!r} is not a day and a time as mon 07:00, or empty"
            )
        return value

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.smtp and not self.sender:
            raise ValueError('smtp is set but from is missing: add from = "healer@example.com"')
        if self.smtp and not self.to:
            raise ValueError('smtp is set but to is empty: add to = ["you@example.com"]')
        return self

    @property
    def server(self) -> Server | None:
        """The server, or None where mail is not configured."""
        return parse_server(self.smtp) if self.smtp else None


def is_address(text: str) -> bool:
    """A plain ASCII `local@domain`: no display name, comment, quote or line end gets through."""
    return _ADDRESS.fullmatch(text) is not None


def parse_server(url: str) -> Server:
    """A `Server` from its URL; ValueError with the value and the allowed forms otherwise."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"smtp = {url!r}: {error}; allowed: {_URL_FORMS}") from None
    if parts.password is not None:
        raise ValueError(f"smtp holds a password: take it out and set {PASSWORD_VARIABLE} instead")
    host = parts.hostname or ""
    if parts.scheme not in ("smtp", "smtps") or not re.fullmatch(r"[A-Za-z0-9.:_-]+", host):
        raise ValueError(f"smtp = {url!r} is not a mail server; allowed: {_URL_FORMS}")
    if parts.path not in ("", "/") or parts.fragment or port == 0:
        raise ValueError(f"smtp = {url!r} has more than a server; allowed: {_URL_FORMS}")
    security = _security(url, parts.scheme, parts.query, host)
    usual = 465 if security == "tls" else 587 if parts.query and security == "starttls" else 25
    return Server(
        host=host, port=port or usual, user=unquote(parts.username or ""), security=security
    )


def _security(url: str, scheme: str, query: str, host: str) -> Security:
    options = parse_qs(query, keep_blank_values=True)
    starttls = options.pop("starttls", [])
    if options or len(starttls) > 1 or (starttls and starttls[0] not in _STARTTLS):
        raise ValueError(f"smtp = {url!r}: the only option is starttls; allowed: {_URL_FORMS}")
    if scheme == "smtps":
        if starttls:
            raise ValueError(f"smtp = {url!r}: smtps:// is encrypted already, drop ?starttls")
        return "tls"
    if not starttls:
        return "offered" if _HERE.fullmatch(host) else "starttls"
    return _STARTTLS[starttls[0]]
