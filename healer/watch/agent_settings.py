"""`[agent]` of healer.toml: where a job machine brings what has failed on it.

Belongs here: the keys. Does not belong here: sending (`agent`). The token comes from the
environment only.
"""

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from healer.support.loopback import LOOPBACK_HOSTS


class AgentSettings(BaseModel):
    """Of `healer agent`, on machines where jobs run and nothing is repaired."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hub: str = Field(default="", examples=["https://healer.example.com"])
    """Where `healer hub` is reached; empty: there is none."""
    token_env: str = Field(
        "HEALER_HUB_TOKEN",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="the name of a variable",
    )
    """The environment variable that holds the token."""

    environment: bool = True
    """Bring the interpreter and the packages that a failed job ran on, too, once as long as they
    stay the same: the fix is then proved on them."""

    @field_validator("hub")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and not (parts.scheme in ("http", "https") and parts.hostname):
            raise ValueError(f"hub = {value!r} is no URL like https://healer.example.com")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
            raise ValueError(f"hub = {value!r} would send the token unencrypted; use https://")
        if parts.username or parts.password:
            raise ValueError("hub holds a password; take it out, the token is enough")
        return value.rstrip("/")
