"""Answers in the mailbox are carried out one by one; what is none is left aside."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.daemon.tasks.replies import TakeReplies
from healer.notify.asks import Asks
from healer.notify.decide_settings import DecideSettings
from healer.notify.imap import MailboxError
from healer.notify.server_urls import IMAP_PASSWORD_VARIABLE
from tests.support.imap import PASSWORD, ImapServer, imap_server
from tests.support.notices import notice
from tests.support.replies import answer
from tests.support.shop import Shop, shop


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with imap_server() as one:
        yield one


@pytest.fixture
def here(tmp_path: Path, server: ImapServer) -> Iterator[Shop]:
    decide = DecideSettings(replies=True, imap=server.url)
    with shop(tmp_path / "shop", decide=decide) as made:
        yield made


def environment(password: str = PASSWORD) -> dict[str, str]:
    return {**os.environ, IMAP_PASSWORD_VARIABLE: password}


def our_message_id(here: Shop) -> str:
    asks = Asks(here.state / "mail")
    return f"<x.{asks.refer(notice(), here.services.clock.moment(), 3)}@example.com>"


def test_a_stranger_s_mail_is_left_aside_and_no_command_runs(
    here: Shop, server: ImapServer
) -> None:
    for text in ("approve", "BUY NOW"):
        server.put(answer(text))
    server.put(answer(to=our_message_id(here), Auto_Submitted="auto-replied"))
    task = TakeReplies(here.services, environment())
    task.run(0.0)
    assert server.seen == ["1", "2", "3"]


def test_an_answer_is_carried_out_by_a_command_and_then_marked(
    here: Shop, server: ImapServer
) -> None:
    server.put(answer(to=our_message_id(here)))
    server.put(answer("reject: no", to=our_message_id(here)))
    task = TakeReplies(here.services, environment())
    task.run(0.0)
    assert server.seen == []
    for _ in range(600):
        task.run(0.0)
        if server.seen:
            break
        time.sleep(0.1)
    assert server.seen == ["1"]  # the command refused it: healer.toml on disk has no replies
    while len(server.seen) < 2:
        time.sleep(0.1)
        task.run(0.0)


def test_without_a_mailbox_nothing_is_done(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as made:
        TakeReplies(made.services, {}).run(0.0)


def test_a_mailbox_that_refuses_is_said_and_tried_again(here: Shop) -> None:
    with pytest.raises(MailboxError, match="not now"):
        TakeReplies(here.services, environment("wrong")).run(0.0)
