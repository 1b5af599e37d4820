"""Every failure of a call is one sentence with the next step, and the token goes nowhere else."""

import pytest

from healer.forge.api import Api, ForgeError
from tests.support.forge_server import TOKEN, ScriptedForge, scripted_forge


def refused(forge: ScriptedForge, status: int, text: bytes = b"", place: str = "") -> str:
    forge.refuse = (status, text, place)
    with pytest.raises(ForgeError) as error:
        Api(forge.url, {"Authorization": TOKEN}, 5).get("/user", page="1")
    assert TOKEN not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("status", "text", "says"),
    [
        (401, b"", "the token is not accepted"),
        (403, b"", "may not do this"),
        (404, b"", "there is no such project"),
        (422, b'{"message":  "no commits"}', '422 {"message": "no commits"}'),
        (429, b"", "too many calls"),
        (500, b"", "500"),
        (200, b"<html>", "the answer is no JSON"),
    ],
)
def test_what_is_refused_is_said_with_the_next_step(status: int, text: bytes, says: str) -> None:
    with scripted_forge("github") as forge:
        sentence = refused(forge, status, text)
    assert says in sentence
    assert sentence.startswith(f"GET {forge.url}/user: ")


def test_a_redirect_is_not_followed() -> None:
    with scripted_forge("github") as forge, scripted_forge("github") as other:
        assert "points elsewhere" in refused(forge, 302, place=f"{other.url}/user")
        assert other.calls == []


def test_a_forge_that_is_away_is_said_so() -> None:
    with scripted_forge("github") as forge:
        url = forge.url
    with pytest.raises(ForgeError, match="does not answer"):
        Api(url, {}, 2).get("/user")
