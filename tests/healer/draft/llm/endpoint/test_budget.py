"""No path spends past a budget; breakers close by themselves."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from healer.draft.llm.endpoint.budget import Budget, Denied, Reservation
from healer.support import sqlite_file
from tests.healer.draft.llm.cases import FakeClock, spent_usd


def budget(path: Path | None, repair: float = 1.0, day: float = 3.0, clock=None) -> Budget:
    return Budget(path, usd_per_repair=repair, usd_per_day=day, clock=clock or FakeClock())


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_reservation_counts_until_it_is_settled(tmp_path: Path, in_memory: bool) -> None:
    money = budget(None if in_memory else tmp_path / "a" / "b.sqlite")
    first = money.reserve("r", "m", 0.9)
    assert isinstance(first, Reservation)
    denied = money.reserve("r", "m", 0.2)
    assert isinstance(denied, Denied)
    assert "0.9000 of 1.00 USD" in denied.reason
    money.settle(first, 0.1, tokens_in=5, tokens_out=6)
    assert isinstance(money.reserve("r", "m", 0.2), Reservation)
    assert spent_usd(money, repair="r") == pytest.approx(0.3)
    assert [entry.settled for entry in money.entries()] == [True, False]


def test_a_day_is_over_at_midnight_utc(tmp_path: Path) -> None:
    clock = FakeClock()
    money = budget(tmp_path / "m.sqlite", repair=9, day=1, clock=clock)
    assert isinstance(money.reserve("a", "m", 1.0), Reservation)
    denied = money.reserve("b", "m", 0.01)
    assert isinstance(denied, Denied)
    assert "budget_usd_per_day" in denied.reason
    clock.time += 86_400
    assert isinstance(money.reserve("b", "m", 1.0), Reservation)


def test_the_last_cent_can_be_spent_and_not_a_billionth_more(tmp_path: Path) -> None:
    money = budget(tmp_path / "m.sqlite", repair=0.3)
    assert all(isinstance(money.reserve("r", "m", 0.1), Reservation) for _ in range(3))
    assert isinstance(money.reserve("r", "m", 1e-9), Denied)
    assert isinstance(money.reserve("r", "m", 0.0), Reservation)


def test_what_one_process_reserves_another_sees(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    budget(path).reserve("r", "m", 0.8)
    assert isinstance(budget(path).reserve("r", "m", 0.8), Denied)


def test_a_closed_ledger_opens_again(tmp_path: Path) -> None:
    money = budget(tmp_path / "m.sqlite")
    money.reserve("r", "m", 0.8)
    money.close()
    assert spent_usd(money, day="1970-01-12") == pytest.approx(0.8)
    money.close()


def test_many_threads_never_reserve_more_than_there_is(tmp_path: Path) -> None:
    money = budget(tmp_path / "m.sqlite", repair=100, day=1)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: money.reserve(f"r{n}", "m", 0.03), range(60)))
    assert sum(isinstance(result, Reservation) for result in results) == 33


def test_a_ledger_that_is_no_database_is_an_error_and_no_free_call(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    path.write_text("this is not a database, but long enough to look like a file" * 20)
    with pytest.raises(sqlite3.DatabaseError):
        budget(path)


def test_processes_at_one_ledger_wait_for_each_other_however_long_that_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT_S", 0.0)  # as on a disk that is too slow
    ledgers = [budget(tmp_path / "ledger", repair=100, day=100) for _ in range(4)]

    def spend(number: int) -> None:
        for _ in range(20):
            held = ledgers[number].reserve(f"r{number}", "m", 0.01)
            assert isinstance(held, Reservation)
            ledgers[number].settle(held, 0.01)

    with ThreadPoolExecutor(len(ledgers)) as pool:
        for done in [pool.submit(spend, number) for number in range(len(ledgers))]:
            done.result()
    assert spent_usd(ledgers[0]) == pytest.approx(0.8)
