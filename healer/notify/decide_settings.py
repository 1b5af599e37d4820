"""The `[decide]` table of healer.toml: from where, besides this machine, people may decide.

Belongs here: the keys and their defaults: all is off. Does not belong here: what a mailbox's URL
means (`server_urls`), and what a decision does (`healer.app.remote`).
"""

import re
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator

from healer.notify.asks import MOST_DAYS
from healer.notify.server_urls import parse_imap_url
from healer.support.loopback import LOOPBACK_HOSTS


class DecideSettings(BaseModel):
    """`[decide]`. Links need `url`; answers by mail need `replies`, and `imap` or a mail pipe."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    url: str = Field("", examples=["https://healer.example.com"])
    """Where `healer web` is reached from outside, through a proxy of yours; mails then hold a link
    to a page with the evidence and a button. Only that page answers there."""
    days: int = Field(3, ge=1, le=MOST_DAYS)
    """How long a link, or the answer to a mail, decides."""
    channels: StrictBool = False
    """Chat channels get the link, too: whoever reads them may decide."""
    replies: StrictBool = False
    """An answer to a mail decides: from an address that got it, with one word. It comes by a mail
    pipe (`healer reply`), or from `imap`."""
    imap: str = Field("", examples=["imaps://healer@mail.example.com/INBOX"])
    """The mailbox that the daemon looks into each minute; password from `HEALER_IMAP_PASSWORD`."""
    authserv: str = Field(
        "",
        pattern=r"^[A-Za-z0-9.-]*$",
        description="the name of a mail server, or empty",
        examples=["mx.example.com"],
    )
    """The mail server whose `Authentication-Results` count: a reply then needs its `dmarc=pass`."""

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if not value:
            return value
        try:
            parts = urlsplit(value)
            is_plain = not (parts.query or parts.fragment or "@" in parts.netloc)
            is_whole = bool(parts.hostname) and parts.path in ("", "/") and parts.port != 0
        except ValueError:
            is_plain = is_whole = False
        is_safe = is_whole and (parts.scheme == "https" or parts.hostname in LOOPBACK_HOSTS)
        if not (is_plain and is_safe and re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+/?", value)):
            raise ValueError(
                f"url = {value!r} is not the address of a page like https://healer.example.com"
            )
        return value.rstrip("/")

    @field_validator("imap")
    @classmethod
    def _is_mailbox(cls, value: str) -> str:
        if value:
            parse_imap_url(value)
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.imap and not self.replies:
            raise ValueError("imap is set, and replies is not: set replies = true, or remove imap")
        if self.channels and not self.url:
            raise ValueError("channels = true needs url: there is no link to give them")
        return self

    @property
    def host(self) -> str:
        """The name by which the page is asked for from outside; empty where it is not."""
        return urlsplit(self.url).hostname or ""

    def link(self, reference: str) -> str:
        """The page of one reference; empty where links are off, or there is none."""
        return f"{self.url}/decide/{reference}" if self.url and reference else ""
