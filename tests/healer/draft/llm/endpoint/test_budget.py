"""No path spends past a budget; breakers close by themselves."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.endpoint.budget import Budget, Denied, PaidCall, Reservation
from healer.support import sqlite_file
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
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


def test_machines_that_share_a_database_spend_one_budget(shared_url: str, scope: Scope) -> None:
    def on_a_machine() -> bool:
        with SharedTables(shared_url, scope) as tables:
            money = Budget(
                None, usd_per_repair=9, usd_per_day=1.0, clock=FakeClock(), tables=tables
            )
            call = money.reserve("r", "m", 0.3)
            if isinstance(call, Reservation):
                money.settle(call, 0.2, tokens_in=5, tokens_out=6, is_estimate=True)
            return isinstance(call, Reservation)

    with ThreadPoolExecutor(4) as machines:
        answers = [machines.submit(on_a_machine) for _ in range(12)]
    assert sum(answer.result() for answer in answers) == 4
    with SharedTables(shared_url, scope) as tables:
        money = Budget(None, usd_per_repair=9, usd_per_day=1.0, clock=FakeClock(), tables=tables)
        assert spent_usd(money, repair="r") == pytest.approx(0.8)
        denied = money.reserve("r", "m", 0.3)
        assert isinstance(denied, Denied)
        assert "0.8000 of 1.00 USD" in denied.reason
    with SharedTables(shared_url, Scope("another", scope.repository)) as tables:
        money = Budget(None, usd_per_repair=9, usd_per_day=1.0, clock=FakeClock(), tables=tables)
        assert isinstance(money.reserve("r", "m", 1.0), Reservation)


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


def test_a_refusal_says_which_budget_is_used_up_and_what_raises_it(tmp_path: Path) -> None:
    money = budget(tmp_path / "m.sqlite", repair=1, day=2)
    money.reserve("a", "m", 1.0)
    denial = money.reserve("a", "m", 0.5)
    assert isinstance(denial, Denied)
    assert (denial.budget, "model.budget_usd_per_repair" in denial.reason) == ("repair", True)
    money.reserve("b", "m", 1.0)
    denial = money.reserve("c", "m", 0.5)
    assert isinstance(denial, Denied)
    assert (denial.budget, "model.budget_usd_per_day" in denial.reason) == ("day", True)


@pytest.mark.parametrize(("repair", "day", "named"), [(0, 5, "repair"), (5, 0, "day")])
def test_a_budget_of_nothing_allows_not_even_a_free_call(
    repair: float, day: float, named: str
) -> None:
    denial = budget(None, repair=repair, day=day).reserve("r", "m", 0.0)
    assert isinstance(denial, Denied)
    assert denial.budget == named
    assert "is 0" in denial.reason


def test_what_was_settled_is_kept_with_its_counts() -> None:
    with budget(None) as money:
        reservation = money.reserve("r", "small", 0.5)
        assert isinstance(reservation, Reservation)
        money.settle(reservation, 0.1, tokens_in=5, tokens_out=6, is_estimate=True)
        (entry,) = money.entries()
    assert entry == PaidCall("r", "1970-01-12", "small", pytest.approx(0.1), 5, 6, True, True)


def dry(inside: Path, outside: Path) -> Budget:
    """The budget of a dry run: it counts what the repository has spent, and writes elsewhere."""
    return Budget(
        outside,
        usd_per_repair=1.0,
        usd_per_day=1.0,
        clock=FakeClock(),
        counted_too=inside,
        lock=inside.parent,
    )


def test_a_dry_run_counts_what_the_repository_spent_and_leaves_it_as_it_is(tmp_path: Path) -> None:
    inside, outside = tmp_path / "git" / "spending.sqlite", tmp_path / "home" / "dry.sqlite"
    with budget(inside, day=1) as money:
        money.reserve("a", "m", 0.8)
    before = inside.read_bytes()
    with dry(inside, outside) as money:
        assert isinstance(money.reserve("b", "m", 0.3), Denied)
        assert isinstance(money.reserve("b", "m", 0.2), Reservation)
    assert inside.read_bytes() == before
    assert sorted(path.name for path in inside.parent.iterdir()) == ["spending.sqlite"]


def test_where_the_repository_has_spent_nothing_yet_a_dry_run_makes_no_file(tmp_path: Path) -> None:
    inside = tmp_path / "git" / "spending.sqlite"
    inside.parent.mkdir()
    with dry(inside, tmp_path / "dry.sqlite") as money:
        assert isinstance(money.reserve("b", "m", 1.0), Reservation)
    assert not inside.exists()


def test_what_is_spent_elsewhere_and_cannot_be_read_is_not_taken_for_nothing(
    tmp_path: Path,
) -> None:
    inside = tmp_path / "git" / "spending.sqlite"
    inside.mkdir(parents=True)
    with dry(inside, tmp_path / "dry.sqlite") as money:
        denial = money.reserve("b", "m", 0.1)
    assert isinstance(denial, Denied)
    assert "unknown" in denial.reason
    assert str(inside) in denial.reason


def test_a_file_without_a_version_is_gone_on_with(tmp_path: Path) -> None:
    """As an earlier version left it."""
    path = tmp_path / "m.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE spending (id INTEGER PRIMARY KEY, repair TEXT NOT NULL, day TEXT NOT "
            "NULL, model TEXT NOT NULL, nano_usd INTEGER NOT NULL, tokens_in INTEGER NOT NULL "
            "DEFAULT 0, tokens_out INTEGER NOT NULL DEFAULT 0, estimated INTEGER NOT NULL DEFAULT "
            "1, settled INTEGER NOT NULL DEFAULT 0)"
        )
        database.execute(
            "INSERT INTO spending (repair, day, model, nano_usd) VALUES "
            "('r', '1970-01-12', 'm', 900000000)"
        )
    with budget(path) as money:
        assert isinstance(money.reserve("r", "m", 0.2), Denied)
        assert spent_usd(money, repair="r") == pytest.approx(0.9)


def test_a_forked_process_opens_the_file_for_itself(tmp_path: Path) -> None:
    money = budget(tmp_path / "m.sqlite")
    money.reserve("r", "m", 0.1)
    child = os.fork()
    if not child:
        os._exit(0 if isinstance(money.reserve("r", "m", 0.1), Reservation) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert spent_usd(money) == pytest.approx(0.2)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 0.6), st.floats(0, 0.6)), max_size=8))
def test_whatever_is_reserved_and_settled_no_reservation_goes_past_a_budget(
    calls: list[tuple[str, float, float]],
) -> None:
    with budget(None, repair=1.0, day=1.5) as money:
        for repair, worst_usd, usd in calls:
            room = min(1.0 - spent_usd(money, repair=repair), 1.5 - spent_usd(money))
            reservation = money.reserve(repair, "m", worst_usd)
            if isinstance(reservation, Reservation):
                assert worst_usd <= room + 1e-6
                money.settle(reservation, min(usd, worst_usd))
            else:
                assert worst_usd > room - 1e-6


def test_calls_without_a_known_price_are_limited_by_their_tokens(tmp_path: Path) -> None:
    path, clock = tmp_path / "m.sqlite", FakeClock()
    money = Budget(
        path, usd_per_repair=1, usd_per_day=2, tokens_per_repair=1_000, tokens_per_day=1_500,
        clock=clock,
    )  # fmt: skip
    first = money.reserve("a", "m", 0, unpriced_tokens=900)
    assert isinstance(first, Reservation)
    denied = money.reserve("a", "m", 0, unpriced_tokens=200)
    assert isinstance(denied, Denied)
    assert "900 of 1,000 tokens without a known price are spent" in denied.reason
    assert "model.budget_tokens_per_repair" in denied.reason
    assert denied.budget == "repair"
    money.settle(first, 0, tokens_in=300, tokens_out=100)
    assert isinstance(money.reserve("a", "m", 0, unpriced_tokens=600), Reservation)
    of_day = money.reserve("b", "m", 0, unpriced_tokens=600)
    assert isinstance(of_day, Denied)
    assert "model.budget_tokens_per_day" in of_day.reason
    assert isinstance(money.reserve("b", "m", 0.5), Reservation)
    clock.time += 86_400
    assert isinstance(money.reserve("b", "m", 0, unpriced_tokens=600), Reservation)


def test_tokens_that_were_paid_are_not_those_without_a_price(tmp_path: Path) -> None:
    money = Budget(tmp_path / "m.sqlite", usd_per_repair=1, usd_per_day=2, tokens_per_repair=1_000)
    priced = money.reserve("a", "m", 0.1)
    assert isinstance(priced, Reservation)
    money.settle(priced, 0.1, tokens_in=5_000)
    assert isinstance(money.reserve("a", "m", 0, unpriced_tokens=1_000), Reservation)


def test_no_tokens_means_no_call_without_a_known_price(tmp_path: Path) -> None:
    money = Budget(None, usd_per_repair=1, usd_per_day=2, tokens_per_repair=0)
    assert isinstance(money.reserve("a", "m", 0, unpriced_tokens=1), Denied)
    assert isinstance(money.reserve("a", "m", 0.1), Reservation)
