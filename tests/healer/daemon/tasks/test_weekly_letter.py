"""The weekly letter comes once, on its day, with true sums, and not where nothing happened."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from healer.daemon.tasks.weekly_letter import (
    FILE,
    SendWeeklyLetter,
    describe_week,
    find_letter_time,
)
from healer.ledger.rows import Entry
from healer.support.clock import SetClock
from healer.watch.runner import run_log
from tests.healer.survey.test_expiries import make_token
from tests.support.ledger_rows import SCRIPT, add_repair, failure_of, request_of, result_of
from tests.support.shop import Shop, shop
from tests.support.smtp import Server, smtp_server

WEEK_S = 7 * 86_400.0
TUESDAY = datetime(2027, 3, 30, 9, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Server]:
    with smtp_server() as made:
        yield made


@pytest.fixture
def here(tmp_path: Path, server: Server) -> Iterator[Shop]:
    mail = {"smtp": server.url, "from": "h@example.com", "to": ["on@example.com"]}
    with shop(tmp_path / "shop", clock=SetClock(TUESDAY.timestamp()), mail=mail) as made:
        yield made


@pytest.mark.parametrize(
    ("letter_at", "expected"),
    [("mon 07:00", 29), ("tue 09:00", 30), ("tue 09:01", 23), ("wed 00:00", 24)],
)
def test_it_is_due_at_the_latest_such_day_and_hour(letter_at: str, expected: int) -> None:
    assert find_letter_time(TUESDAY, letter_at).day == expected


def give_week(here: Shop) -> None:
    """Two fixes, of which one ran well since and one was taken out; and one open incident."""
    ledger, incidents = here.services.ledger, here.services.incidents
    request = request_of("r1", failure=failure_of("aa"))
    add_repair(ledger, request=request)
    vars(here.services.clock)["seconds"] = TUESDAY.timestamp() + 720
    ledger.settle("r1", "healed", result_of(request, "healed"))
    ledger.record(Entry(repair="r1", kind="probation", outcome="resolved", detail="3 runs"))
    add_repair(ledger, "reverted", request=request_of("r2", failure=failure_of("bb")))
    merged_at = ledger.repair("r1").updated_at
    for since, code in ((-60.0, 0), (60.0, 0), (120.0, 1), (180.0, 0)):
        run = run_log.LoggedRun(SCRIPT, "", code, merged_at + since, 0.1)
        run_log.append(here.state, run)
    at = TUESDAY.timestamp() - 3 * 86_400
    incidents.count_failures("cc", now=at, script="scripts/c.py")
    incidents.apply_event("cc", "fail", now=at)


def test_it_says_what_healed_ran_well_was_taken_out_and_waits(here: Shop) -> None:
    give_week(here)
    assert describe_week(here.services, TUESDAY.timestamp() + 800) == (
        "1 failure healed, in 12 min (median). Their jobs ran well 2 times since. "
        "1 of these fixes held on probation. "
        "1 fix taken out again. 1 incident needs a person, the oldest for 3 d: scripts/c.py."
    )


def test_a_fix_on_probation_is_not_told_as_one_that_failed_it(here: Shop) -> None:
    add_repair(here.services.ledger, "healed", request=request_of("r1", failure=failure_of("aa")))
    week = describe_week(here.services, here.services.clock.now() + 800)
    assert "0 of these fixes held on probation, 1 is on it still." in week


def test_it_says_which_token_ends_soon(here: Shop) -> None:
    token = make_token(exp=TUESDAY.timestamp() + 5 * 86_400)
    (here.folder / ".env").write_text(f"API_TOKEN={token}\n")
    assert describe_week(here.services, TUESDAY.timestamp()) == (
        ".env: API_TOKEN ends on 2027-04-04."
    )


def test_it_goes_once_a_week_and_not_for_the_time_before_the_daemon_first_ran(
    here: Shop, server: Server
) -> None:
    give_week(here)
    task = SendWeeklyLetter(here.services, here.state)
    now = TUESDAY.timestamp()
    task.run(now)
    assert (server.taken, (here.state / FILE).exists()) == ([], True)
    for later in (WEEK_S, WEEK_S + 60.0, WEEK_S + 3_600.0):
        task.run(now + later)
    (got,) = server.taken
    assert got.mail["X-Healer-Kind"] == "letter"
    assert "1 incident needs a person" in " ".join(got.part("plain").split())


def test_a_week_without_news_has_no_letter_and_an_empty_key_ends_them(
    here: Shop, server: Server, tmp_path: Path
) -> None:
    task = SendWeeklyLetter(here.services, here.state)
    task.run(TUESDAY.timestamp())
    task.run(TUESDAY.timestamp() + WEEK_S)
    assert server.taken == []
    with shop(tmp_path / "other", mail={"letter_at": ""}) as other:
        SendWeeklyLetter(other.services, other.state).run(TUESDAY.timestamp())
        assert not (other.state / FILE).exists()
