"""`[mail]`: every mistake is named with its value and what is allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from healer.notify.settings import MailSettings, Server, is_address, parse_server

GOOD = {"smtp": "smtp://localhost", "from": "healer@example.com", "to": ["on@example.com"]}


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", Server(host="localhost", port=25)),
        ("smtp://h:2525/", Server(host="h", port=2525, security="starttls")),
        ("smtp://h", Server(host="h", port=25, security="starttls")),
        ("smtp://h?starttls=offered", Server(host="h", port=25, security="offered")),
        ("smtp://127.0.0.1", Server(host="127.0.0.1", port=25, security="offered")),
        (
            "smtp://localhost.example.com",
            Server(host="localhost.example.com", port=25, security="starttls"),
        ),
        ("smtp://h?starttls=true", Server(host="h", port=587, security="starttls")),
        ("smtp://h?starttls=false", Server(host="h", port=25, security="plain")),
        ("smtps://u%40x.org@h", Server(host="h", port=465, user="u@x.org", security="tls")),
        ("smtp://[::1]:25", Server(host="::1", port=25)),
    ],
)
def test_a_server_url_means(url: str, server: Server) -> None:
    assert parse_server(url) == server


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:25", "is not a mail server; allowed: smtp://"),
        ("http://x", "'http://x' is not a mail server"),
        ("smtp://", "is not a mail server"),
        ("smtp://h:99999", "Port out of range"),
        ("smtp://h:0", "more than a server"),
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


def test_a_password_in_the_url_is_not_repeated_in_our_sentence() -> None:
    with pytest.raises(ValueError, match="holds a password") as caught:
        parse_server("smtp://u:hunter2@h")
    assert "hunter2" not in str(caught.value)


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


@given(st.text())
def test_any_url_gives_a_server_or_a_sentence(url: str) -> None:
    try:
        assert parse_server(url).port > 0
    except ValueError as error:
        assert "smtp" in str(error)
