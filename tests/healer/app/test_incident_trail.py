"""A life names who was mailed of it and which of its failures have a tape, as both lie."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.app.incident_trail import add_trail
from healer.app.incidents import IncidentLife, tell_life
from healer.support.fact_name import name_fact
from healer.tape.store import tape_path
from healer.watch.incident import Incident
from tests.support.notices import NOON, notice
from tests.support.shop import Shop, shop
from tests.support.smtp import Server

OPEN = Incident("aa11", "a.py", "open", 3, 1, 0, 0.0, 0.0, 0.0, "c1", "r1")
LIFE = IncidentLife(OPEN, (), (("f1", 1.0), ("f2", 2.0)))


@pytest.fixture
def here(tmp_path: Path, server: Server) -> Iterator[Shop]:
    mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com", "group_wait_s": 0}
    with shop(tmp_path / "shop", mail={**mail, "to": ["ada@example.com"]}) as made:
        yield made


def test_without_a_mail_and_a_tape_nothing_is_added(here: Shop) -> None:
    assert add_trail(LIFE, here.folder) == LIFE


def test_who_was_mailed_is_told_with_the_last_time(here: Shop) -> None:
    here.services.notifier.notify(notice(fingerprint="aa11"), NOON)
    here.services.notifier.flush(NOON)
    life = add_trail(LIFE, here.folder)
    assert life.mail == "mailed to ada@example.com, last 2026-11-20 12:00 UTC"
    assert life.mail in tuple(tell_life(life, 10.0))


@pytest.mark.parametrize("text", ["{", "[]", '{"recipients": 1}', "\x00"])
def test_a_thread_that_cannot_be_read_is_none(here: Shop, text: str) -> None:
    path = here.state / "mail" / "threads" / f"{name_fact('aa11')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert add_trail(LIFE, here.folder).mail == ""


def test_a_failure_with_a_tape_names_the_command_that_shows_it(here: Shop) -> None:
    path = tape_path(here.state, "f2")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    lines = tuple(tell_life(add_trail(LIFE, here.folder), 10.0))
    assert [line.endswith("; its tape: healer show f2 --tape") for line in lines[-2:]] == [
        False, True
    ]  # fmt: skip
