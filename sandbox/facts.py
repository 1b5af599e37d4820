"""What all facts of the sandbox have in common."""

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """A frozen value; unknown keys are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )
