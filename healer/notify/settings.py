"""The `[mail]` table of healer.toml: every mistake named with its next step.

Belongs here: the keys and their defaults. Does not belong here: what a server's URL means
(`server_urls`).
"""

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from healer.notify.server_urls import SmtpServer, parse_smtp_url
from healer.support.token_settings import VariableName

_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class MailSettings(BaseModel):
    """`[mail]`. Without `smtp` nothing is mailed; other channels may be told all the same."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False
    )

    smtp: str = ""
    sender: str = Field("", alias="from", examples=["healer@example.com"])
    to: tuple[str, ...] = Field((), examples=[["oncall@example.com"]])
    channels_env: VariableName = "HEALER_CHANNELS"
    """The environment variable with apprise URLs of other channels, separated by spaces."""
    timeout_s: float = Field(20, gt=0, le=600)
    """For connecting and for each answer of the server."""
    group_wait_s: float = Field(30, ge=0, le=86_400)
    """After a mail, what comes within this time goes into the next one together."""
    repeat_h: float = Field(24, ge=1, le=87_600)
    """A reminder of what is still open and unchanged."""
    unjudged_min: float = Field(15, ge=0, le=525_600)
    """How long the sandbox may be away before somebody is told."""
    quiet_h: float = Field(192, ge=1, le=87_600)
    """An incident that nobody has to decide is over when it was not seen for so long. The default
    is eight days, so that a weekly job which fails each week stays one incident."""
    give_up_h: float = Field(48, gt=0, le=87_600)
    """How long a mail is tried before it is set aside as not sendable."""
    digest_at: str = "07:00"
    """Local time of the daily mail on what healed by itself; empty for none."""
    letter_at: str = "mon 07:00"
    """Day and local time of the weekly letter; empty for none. A week without news has none."""

    @field_validator("smtp")
    @classmethod
    def _is_server(cls, value: str) -> str:
        if value:
            parse_smtp_url(value)
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
    def server(self) -> SmtpServer | None:
        """The server, or None where mail is not configured."""
        return parse_smtp_url(self.smtp) if self.smtp else None


def is_address(text: str) -> bool:
    """A plain ASCII `local@domain`: no display name, comment, quote or line end gets through."""
    return _ADDRESS.fullmatch(text) is not None
