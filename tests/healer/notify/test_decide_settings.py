"""`[decide]`: all is off by default, and every mistake is named with what is allowed."""

import pytest
from pydantic import ValidationError

from healer.notify.decide_settings import DecideSettings


def test_all_is_off_by_default() -> None:
    decide = DecideSettings.model_validate({})
    assert (decide.url, decide.replies, decide.imap, decide.channels) == ("", False, "", False)
    assert decide.link("h1-x") == ""
    assert decide.host == ""


def test_a_link_is_the_page_of_a_reference() -> None:
    decide = DecideSettings(url="https://healer.example.com/")
    assert decide.link("h1-x") == "https://healer.example.com/decide/h1-x"
    assert decide.link("") == ""
    assert decide.host == "healer.example.com"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"url": "http://healer.example.com"}, "is not the address of a page"),
        ({"url": "https://user@healer.example.com"}, "is not the address of a page"),
        ({"url": "https://healer.example.com/a?b"}, "is not the address of a page"),
        ({"url": "https://x y"}, "is not the address of a page"),
        ({"url": "https://[::1"}, "is not the address of a page"),
        ({"days": 0}, "greater than or equal to 1"),
        ({"days": 31}, "less than or equal to 30"),
        ({"imap": "imaps://u@h"}, "set replies = true"),
        ({"channels": True}, "needs url"),
        ({"replies": True, "imap": "imap://u@mail.example.com"}, "is not a mailbox"),
        ({"replies": True, "imap": "imaps://mail.example.com"}, "is not a mailbox"),
        ({"replies": True, "imap": "imaps://u:secret@h"}, "HEALER_IMAP_PASSWORD"),
        ({"replies": True, "imap": "imaps://u@h:x"}, "allowed: imaps://"),
        ({"replies": True, "imap": "imaps://u@h:0"}, "no server has port 0; allowed: imaps://"),
        ({"replies": True, "imap": "imaps://u@a b"}, "is not a mailbox"),
    ],
)
def test_a_mistake_is_named(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        DecideSettings.model_validate(values)
