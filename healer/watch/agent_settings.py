"""`[agent]` of healer.toml: where a job machine brings what has failed on it.

Belongs here: the keys. Does not belong here: sending (`agent`). The token comes from the
environment only.
"""

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator

from healer.support.token_settings import VariableName, check_address


class AgentSettings(BaseModel):
    """Of `healer agent`, on machines where jobs run and nothing is repaired."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    hub: str = Field(default="", examples=["https://healer.example.com"])
    """Where `healer hub` is reached; empty: there is none."""
    token_env: VariableName = Field(default="HEALER_HUB_TOKEN")
    """The environment variable that holds the token."""

    environment: StrictBool = True
    """Bring the interpreter and the packages that a failed job ran on, too, once as long as they
    stay the same: the fix is then proved on them."""

    @field_validator("hub")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        return check_address(
            "hub", value, example="https://healer.example.com", instead=", the token is enough"
        )
