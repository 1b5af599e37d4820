"""A session is its person's for its hours, at the server that made it, until it is ended."""

import pytest

from healer.web.roles import Grant, Person
from healer.web.sessions import Sessions, TooManyGrantsError

ANNA = Person("anna@example.com", "signed on", (Grant("viewer"), Grant("admin", ("shop", "b"))))


def test_a_session_gives_back_its_person() -> None:
    sessions = Sessions(1)
    value = sessions.open(ANNA)
    assert sessions.find(value) == ANNA
    assert sessions.open(ANNA) != value
    assert Sessions(1).find(value) is None


def test_it_ends_by_its_time_and_by_a_word() -> None:
    now = [100.0]
    sessions = Sessions(1, lambda: now[0])
    one, other = sessions.open(ANNA), sessions.open(ANNA)
    sessions.end(one)
    assert (sessions.find(one), sessions.find(other)) == (None, ANNA)
    now[0] += 3600
    assert sessions.find(other) is None
    sessions.end("forged")
    now[0] -= 3600  # a clock that is set back brings no ended one back
    sessions.end(other)
    assert sessions.find(other) is None


@pytest.mark.parametrize("value", ["", ".", "x", "x.y", "ü.ü", "e30.", "\udcff.\udcff"])
def test_what_was_not_made_here_is_nobodys(value: str) -> None:
    assert Sessions(1).find(value) is None


def test_what_was_sealed_for_another_purpose_is_no_session() -> None:
    sessions = Sessions(1)
    value = sessions.open(ANNA)
    text = sessions.unseal(value, "session")
    assert text is not None
    assert sessions.unseal(value, "sign-on") is None
    assert sessions.find(sessions.seal(text, "sign-on")) is None
    assert sessions.make_form_token(value) != sessions.make_form_token(sessions.open(ANNA))


def test_what_no_cookie_takes_is_refused() -> None:
    many = tuple(Grant("viewer", (f"tenant-{number}" * 3,)) for number in range(100))
    with pytest.raises(TooManyGrantsError):
        Sessions(1).open(Person("anna", "", many))
