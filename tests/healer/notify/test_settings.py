"""`[mail]`: every mistake is named with its value and what is allowed."""

import pytest
from pydantic import ValidationError

from healer.notify.settings import MailSettings, is_address

GOOD = {"smtp": "smtp://localhost", "from": "healer@example.com", "to": ["on@example.com"]}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:25", "is not a mail server; allowed: smtp://"),
        ("http://x", "'http://x' is not a mail server"),
        ("smtp://", "is not a mail server"),
        ("smtp://h:99999", "Port out of range"),
        ("smtp://h:0", "no server has port 0"),
        ("smtp://h/path", "more than a server"),
        ("smtp://h?starttls=maybe", "the only option is starttls"),
        ("smtp://h?tls=1", "the only option is starttls"),
        ("smtps://h?starttls=true", "encrypted already"),
        ("smtp://u:p@h", "set HEALER_SMTP_PASSWORD instead"),
        ("smtp://[::1", "Invalid IPv6"),
        ("smtp://a b", "is not a mail server"),
    ],
)
def test_a_wrong_server_url_is_explained(url: str, said: str) -> None:
    with pytest.raises(ValidationError, match="smtp") as caught:
        MailSettings.model_validate(GOOD | {"smtp": url})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"from": "not an address"}, "from = 'not an address'"),
        ({"from": ""}, 'add from = "healer@example.com"'),
        ({"to": []}, 'add to = ["you@example.com"]'),
        ({"to": ["a@example.com\r\nBcc: b@example.com"]}, "which is not a mail address"),
        ({"digest_at": "7 o'clock"}, "is not a time from 00:00 to 23:59"),
        ({"timeout_s": 0}, "greater than 0"),
        ({"smpt": "x"}, "smpt"),
    ],
)
def test_a_wrong_value_is_explained(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        MailSettings.model_validate(GOOD | change)
    assert said in str(caught.value)


def test_without_a_table_nothing_is_mailed() -> None:
    assert MailSettings().server is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "a@",
        "@b",
        "a b@c.org",
        "a@b@c",
        "<a@b.c>",
        "A <a@b.c>",
        "a@b.c\n",
        "a@b.c,d@e.f",
        "a@-b.c",
        "ü@b.c",
        '"a"@b.c',
        "a@b.c\x00",
        "@org/team",
    ],
)
def test_what_is_not_a_plain_address_is_refused(text: str) -> None:
    assert not is_address(text)
