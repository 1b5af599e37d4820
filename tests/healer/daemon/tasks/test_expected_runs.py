"""A run that others did not start, or that does not end, is told once; that it is back, once."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from healer.daemon.tasks.expected_runs import FILE, ExpectedRuns
from healer.watch.pause import pause
from healer.watch.runner import run_log
from tests.support.shop import SCRIPT, Shop, shop
from tests.support.smtp import Server

SLOT = datetime(2026, 5, 5, 2, 10, tzinfo=ZoneInfo("Europe/Vienna")).timestamp()
DAY = 86_400.0
JOB = {
    "script": SCRIPT, "schedule": "10 2 * * *", "timezone": "Europe/Vienna", "grace": "20m",
    "started_by": "cron", "max_runtime": "1h",
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, server: Server) -> Iterator[Shop]:
    url = server.url + "?starttls=false"
    mail = {"smtp": url, "from": "h@example.com", "to": ["ada@example.com"], "group_wait_s": 0}
    with shop(tmp_path / "shop", mail=mail, job=[JOB]) as made:
        yield made


def look(here: Shop, *moments: float) -> None:
    for each in moments:
        ExpectedRuns(here.services, here.state).run(each)


def ran(here: Shop, at: float) -> None:
    run_log.append(here.state, run_log.LoggedRun(SCRIPT, "", 0, at, 5.0))


def told(server: Server) -> list[str]:
    return [each.part("plain") for each in server.taken]


def test_a_run_that_did_not_begin_is_told_once_and_that_it_is_back_once(
    here: Shop, server: Server
) -> None:
    look(here, SLOT - 100, SLOT + 60, SLOT + 1_100)
    assert told(server) == []
    look(here, SLOT + 1_300, SLOT + 1_400)
    (mail,) = told(server)
    assert "did not run as planned" in mail
    assert "the run of 5 May 2026, 02:10 CEST did not begin within 20m" in mail
    ran(here, SLOT + 1_500)
    look(here, SLOT + 1_600, SLOT + 1_700)
    assert len(told(server)) == 2
    assert "it runs again" in told(server)[-1]


def test_each_night_without_a_run_is_one_incident(here: Shop, server: Server) -> None:
    look(here, SLOT - 100, SLOT + 1_300, SLOT + DAY + 1_300, SLOT + 2 * DAY + 1_300)
    assert len(told(server)) == 1


@pytest.mark.parametrize("began", [0.0, 600.0, -30.0])
def test_a_run_in_time_is_no_news(here: Shop, server: Server, began: float) -> None:
    look(here, SLOT - 100)
    ran(here, SLOT + began)
    look(here, SLOT + 1_300, SLOT + 5_000)
    assert told(server) == []


def test_a_run_that_is_not_over_has_begun_and_may_take_too_long(here: Shop, server: Server) -> None:
    look(here, SLOT - 100)
    mark = run_log.mark_start(here.state, SCRIPT, SLOT + 5)
    look(here, SLOT + 1_300)
    assert told(server) == []
    look(here, SLOT + 3_600 + 70, SLOT + 3_600 + 100)
    assert len(told(server)) == 1
    assert "it runs longer than 1h" in told(server)[0]
    mark.unlink()
    ran(here, SLOT + 5)
    look(here, SLOT + 4_000)
    assert "the run has ended" in told(server)[-1]


def test_while_it_is_paused_nothing_is_missed(here: Shop, server: Server) -> None:
    pause(here.state, SCRIPT, "Ada", 1.0)
    look(here, SLOT - 100, SLOT + 1_300)
    assert told(server) == []


@pytest.mark.parametrize("text", ["", "[]", "{", '{"scripts/prices.py": {"x": 1}}'])
def test_a_file_that_cannot_be_read_begins_anew(here: Shop, server: Server, text: str) -> None:
    (here.state / FILE).write_text(text)
    look(here, SLOT + 1_300)
    assert told(server) == []


def test_a_job_that_healer_starts_is_not_looked_at_here(tmp_path: Path) -> None:
    with shop(tmp_path / "other", job=[JOB | {"started_by": "healer"}]) as other:
        look(other, SLOT - 100, SLOT + 1_300)
        assert not (other.state / FILE).exists()
