"""The token goes where it cannot be read on the way."""

import pytest
from pydantic import ValidationError

from healer.watch.agent_settings import AgentSettings


@pytest.mark.parametrize(
    "hub", ["", "https://h.example.com/", "http://127.0.0.1:8643", "https://h.example.com/below"]
)
def test_a_hub_is_an_address(hub: str) -> None:
    assert AgentSettings.model_validate({"hub": hub}).hub == hub.rstrip("/")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"hub": "h.example.com"}, "is no URL like"),
        ({"hub": "ftp://h.example.com"}, "is no URL like"),
        ({"hub": "https://"}, "is no URL like"),
        ({"hub": "http://h.example.com"}, "unencrypted"),
        ({"hub": "https://ada:x@h.example.com"}, "holds a password"),
        ({"token_env": "two words"}, "token_env"),
        ({"token": "healer-x"}, "token"),
    ],
)
def test_what_is_none_is_refused_with_the_reason(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        AgentSettings.model_validate(settings)
