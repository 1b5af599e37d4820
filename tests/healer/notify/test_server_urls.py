"""What the URLs of mail servers mean; any other text is a sentence, and no password is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.notify.server_urls import Mailbox, SmtpServer, parse_imap_url, parse_smtp_url


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", SmtpServer(host="localhost", port=25)),
        ("smtp://h:2525/", SmtpServer(host="h", port=2525, security="starttls")),
        ("smtp://h", SmtpServer(host="h", port=25, security="starttls")),
        ("smtp://h?starttls=offered", SmtpServer(host="h", port=25, security="offered")),
        ("smtp://127.0.0.1", SmtpServer(host="127.0.0.1", port=25, security="offered")),
        (
            "smtp://localhost.example.com",
            SmtpServer(host="localhost.example.com", port=25, security="starttls"),
        ),
        ("smtp://h?starttls=true", SmtpServer(host="h", port=587, security="starttls")),
        ("smtp://h?starttls=false", SmtpServer(host="h", port=25, security="plain")),
        ("smtps://u%40x.org@h", SmtpServer(host="h", port=465, user="u@x.org", security="tls")),
        ("smtp://[::1]:25", SmtpServer(host="::1", port=25)),
    ],
)
def test_a_server_url_means(url: str, server: SmtpServer) -> None:
    assert parse_smtp_url(url) == server


def test_a_mailbox_url_means() -> None:
    assert parse_imap_url("imaps://u%40x.org@h/A%20B") == Mailbox(
        host="h", port=993, user="u@x.org", folder="A B", is_encrypted=True
    )
    assert parse_imap_url("imap://u@127.0.0.1:1143").folder == "INBOX"


def test_a_password_in_the_url_is_not_repeated_in_our_sentence() -> None:
    with pytest.raises(ValueError, match="holds a password") as caught:
        parse_smtp_url("smtp://u:hunter2@h")
    assert "hunter2" not in str(caught.value)


@given(st.text())
def test_any_url_gives_a_server_or_a_sentence(url: str) -> None:
    try:
        assert parse_smtp_url(url).port > 0
    except ValueError as error:
        assert "smtp" in str(error)


@given(st.text())
def test_any_url_gives_a_mailbox_or_a_sentence(url: str) -> None:
    for each in (url, f"imaps://{url}"):
        try:
            assert parse_imap_url(each).port > 0
        except ValueError as error:
            assert "imap" in str(error)
