"""No more calls in any minute than an endpoint is to get, whoever makes them."""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from healer.draft.llm.endpoint.pace import (
    FAILURES,
    FIRST_BREAK_S,
    WINDOW_S,
    ModelBreakers,
    Pace,
    SystemClock,
    day_of,
)
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from tests.healer.draft.llm.cases import LINE, FakeClock, Files, case
from tests.healer.draft.llm.conftest import Maker
from tests.support.endpoint import fix

URL = "http://model.example/v1"
NOW = 1_000_000.0


def turns(pace: Pace, count: int, per_minute: int, now: float = NOW) -> list[float]:
    return [now + pace.book(URL, per_minute, now) for _ in range(count)]


@pytest.fixture(params=["memory", "file", "shared"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, scope: Scope
) -> Iterator[Path | SharedTables | None]:
    """Where turns are kept: what holds in one place holds in the others."""
    if request.param == "shared":
        with SharedTables(request.getfixturevalue("shared_url"), scope) as tables:
            yield tables
    else:
        yield None if request.param == "memory" else tmp_path / "state" / "pace.sqlite"


def test_calls_beyond_the_limit_wait_for_the_next_minute(place: Path | SharedTables | None) -> None:
    pace = Pace(place)
    assert turns(pace, 7, 3) == [NOW] * 3 + [NOW + WINDOW_S] * 3 + [NOW + 2 * WINDOW_S]
    pace.close()


def test_other_endpoints_have_turns_of_their_own(tmp_path: Path) -> None:
    pace = Pace(tmp_path / "pace.sqlite")
    assert turns(pace, 2, 1)[-1] == NOW + WINDOW_S
    assert pace.book("http://other.example/v1", 1, NOW) == 0


def test_another_process_sees_the_turns(tmp_path: Path) -> None:
    path = tmp_path / "pace.sqlite"
    code = (
        "import sys\nfrom pathlib import Path\nfrom healer.draft.llm.endpoint.pace import Pace\n"
        f"for _ in range(10): Pace(Path(sys.argv[1])).book({URL!r}, 30, {NOW})"
    )
    others = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [other.wait() for other in others] == [0, 0, 0]
    assert Pace(path).book(URL, 30, NOW) == WINDOW_S


def test_no_window_ever_holds_more_than_allowed(tmp_path: Path) -> None:
    chance, pace, now = random.Random(5), Pace(tmp_path / "pace.sqlite"), NOW
    taken = []
    for _ in range(200):
        now += chance.uniform(0, 20)
        taken.append(now + pace.book(URL, 4, now))
    for first in taken:
        assert sum(first <= other < first + WINDOW_S for other in taken) <= 4


def test_a_clock_that_was_set_back_a_day_holds_nobody_up(tmp_path: Path) -> None:
    pace = Pace(tmp_path / "pace.sqlite")
    turns(pace, 3, 1)
    assert pace.book(URL, 1, NOW - 86_400) == 0


def test_a_drafter_waits_for_its_turn_before_it_asks(make: Maker) -> None:
    clock = FakeClock()
    good = fix("scripts/report.py", LINE, LINE.replace('["total"]', '.get("total", 0)'))
    drafter, endpoint = make(good, good, clock=clock, calls_per_minute=1)
    for _ in range(2):
        assert drafter.draft(case(), Files()).candidates
    assert clock.slept == [WINDOW_S]
    assert len(endpoint.requests) == 2


def test_turns_survive_a_restart(tmp_path: Path) -> None:
    with Pace(tmp_path / "pace.sqlite") as pace:
        turns(pace, 2, 2)
    with Pace(tmp_path / "pace.sqlite") as pace:
        assert pace.book(URL, 2, NOW + 1) == WINDOW_S - 1


def test_a_file_of_turns_without_a_version_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "pace.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE turn (endpoint TEXT NOT NULL, at REAL NOT NULL)")
        database.execute("INSERT INTO turn VALUES (?, ?)", (URL, NOW))
    with Pace(path) as pace:
        assert pace.book(URL, 1, NOW + 10) == WINDOW_S - 10


@pytest.mark.parametrize(
    ("now", "day"),
    [(0.0, "1970-01-01"), (86_399.9, "1970-01-01"), (86_400.0, "1970-01-02"),
     (1_795_000_000.0, "2026-11-18")],
)  # fmt: skip
def test_a_day_ends_at_midnight_utc(now: float, day: str) -> None:
    assert day_of(now) == day


def test_the_machines_clock_goes_on_while_it_sleeps() -> None:
    clock = SystemClock()
    before = clock.now()
    clock.sleep(0.01)
    assert clock.now() - before >= 0.009
    assert abs(clock.now() - time.time()) < 1


def test_each_model_has_a_breaker_of_its_own_and_keeps_it() -> None:
    breakers = ModelBreakers()
    for _ in range(FAILURES):
        breakers.breaker_of(URL, "m").record_failure(NOW)
    assert not breakers.breaker_of(URL, "m").allow_request(NOW + FIRST_BREAK_S - 1)
    assert breakers.breaker_of(URL, "m").allow_request(NOW + FIRST_BREAK_S)
    assert breakers.breaker_of("http://other.example/v1", "m").allow_request(NOW)
    assert breakers.breaker_of(URL, "n").allow_request(NOW)


def test_a_success_between_failures_keeps_an_endpoint_in_use() -> None:
    breaker = ModelBreakers().breaker_of(URL, "m")
    for _ in range(10):
        breaker.record_failure(NOW)
        breaker.record_success()
    assert breaker.allow_request(NOW)
