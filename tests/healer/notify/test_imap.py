"""A mailbox is read without changing it, and what was looked at is marked."""

from collections.abc import Iterator

import pytest

from healer.notify.imap import MailboxError, MailboxSession
from healer.notify.server_urls import parse_imap_url
from tests.support.imap import PASSWORD, ImapServer, imap_server


@pytest.fixture(scope="module")
def one_server() -> Iterator[ImapServer]:
    with imap_server() as server:
        yield server


@pytest.fixture
def server(one_server: ImapServer) -> ImapServer:
    one_server.mails, one_server.seen, one_server.refuses = {}, [], ""
    return one_server


def session_of(server: ImapServer, password: str = PASSWORD) -> MailboxSession:
    return MailboxSession(parse_imap_url(server.url), password, 5.0)


def test_new_mails_are_read_and_marked(server: ImapServer) -> None:
    first, second = server.put(b"Subject: a\r\n\r\none"), server.put(b"Subject: b\r\n\r\ntwo")
    with session_of(server) as session:
        assert session.list_new() == (first, second)
        assert session.fetch(second, 1_000) == b"Subject: b\r\n\r\ntwo"
        assert session.fetch(second, 7) == b"Subject"
        assert server.seen == []
        session.mark_seen(first)
        assert session.list_new() == (second,)


def test_an_empty_mailbox_has_nothing_new(server: ImapServer) -> None:
    with session_of(server) as session:
        assert session.list_new() == ()


def test_a_wrong_password_and_a_missing_one_are_named(server: ImapServer) -> None:
    with pytest.raises(MailboxError, match="not now"):
        session_of(server, "wrong")
    with pytest.raises(MailboxError, match="set HEALER_IMAP_PASSWORD"):
        session_of(server, "")


@pytest.mark.parametrize("command", ["SELECT", "SEARCH"])
def test_what_the_server_refuses_is_an_error_with_its_words(
    server: ImapServer, command: str
) -> None:
    server.refuses = command
    with (
        pytest.raises(MailboxError, match=rf"mailbox 127.0.0.1:{server.port}"),
        session_of(server) as session,
    ):
        session.list_new()


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(MailboxError, match=r"127\.0\.0\.1:9"):
        MailboxSession(parse_imap_url("imap://u@127.0.0.1:9"), "x", 2.0)
