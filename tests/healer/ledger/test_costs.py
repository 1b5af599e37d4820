"""Every call counts once, in whichever way the sum is cut."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from healer.ledger.costs import Grouping
from healer.ledger.merges import NO_MERGES, MergeCount
from healer.ledger.rows import Entry
from healer.ledger.store import Ledger
from healer.support.clock import SetClock
from healer.support.postgres import Scope
from tests.support.ledger_rows import add_ends, add_repair, request_of, result_of

DAY_S = 86_400.0


def call(repair: str, number: int, model: str, usd: float, day: int, **fields: object) -> Entry:
    known = {
        "repair": repair, "kind": "call", "number": number, "outcome": "answered",
        "drafter": model, "cost_usd": usd, "tokens_in": 100, "tokens_out": 10, "at": day * DAY_S,
    }  # fmt: skip
    return Entry.model_validate(known | fields)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.in_folder(tmp_path) as opened:
        add_repair(opened, "healed", request=request_of("r1", "a.py"))
        add_repair(opened, "gave_up", request=request_of("r2", "b.py"))
        opened.record(call("r1", 1, "small", 0.25, 1, purpose="draft"))
        opened.record(call("r1", 2, "large", 2.0, 2, purpose="second opinion"))
        opened.record(call("r2", 1, "small", 0.5, 2, cost_known=False))
        opened.record(Entry(repair="r1", kind="attempt", number=1, outcome="fixed",
                            drafter="large", at=2 * DAY_S))  # fmt: skip
        opened.record(Entry(repair="r1", kind="outcome", outcome="healed", seconds=9.0, at=DAY_S))
        yield opened


@pytest.mark.parametrize(
    ("grouping", "groups"),
    [
        ("model", [("large", 1, 2.0, True), ("small", 2, 0.75, False)]),
        ("script", [("a.py", 2, 2.25, True), ("b.py", 1, 0.5, False)]),
        ("outcome", [("healed", 2, 2.25, True), ("gave_up", 1, 0.5, False)]),
        ("day", [("1970-01-03", 2, 2.5, False), ("1970-01-02", 1, 0.25, True)]),
        (
            "purpose",
            [("second opinion", 1, 2.0, True), ("", 1, 0.5, False), ("draft", 1, 0.25, True)],
        ),
    ],
)
def test_the_dearest_group_comes_first_and_of_days_the_newest(
    ledger: Ledger, grouping: Grouping, groups: list[tuple[str, int, float, bool]]
) -> None:
    costs = ledger.sums.costs(grouping)
    assert [(c.group, c.calls, c.cost_usd, c.cost_known) for c in costs] == groups
    assert sum(cost.tokens_in for cost in costs) == 300
    assert sum(cost.tokens_out for cost in costs) == 30


def test_a_repair_by_rules_is_listed_with_no_call_and_no_cost(ledger: Ledger) -> None:
    add_repair(ledger, "healed", request=request_of("r3", "c.py"))
    ledger.record(Entry(repair="r3", kind="attempt", number=1, outcome="fixed", drafter="rules"))
    (cost,) = (cost for cost in ledger.sums.costs("script") if cost.group == "c.py")
    assert (cost.calls, cost.cost_usd, cost.cost_known) == (0, 0.0, True)


def test_a_day_is_cut_by_script_drafter_and_outcome_oldest_first(ledger: Ledger) -> None:
    rows = [(c.day, c.script, c.drafter, c.outcome, c.repairs, c.cost_usd)
            for c in ledger.sums.daily_costs()]  # fmt: skip
    assert rows == [
        ("1970-01-02", "a.py", "small", "healed", 1, 0.25),
        ("1970-01-03", "a.py", "large", "healed", 1, 2.0),
        ("1970-01-03", "b.py", "small", "gave_up", 1, 0.5),
    ]


def test_nothing_was_spent_where_nothing_was_called(tmp_path: Path) -> None:
    with Ledger.in_folder(tmp_path) as empty:
        add_repair(empty, "healthy")
        empty.record(Entry(repair="r1", kind="outcome", outcome="healthy"))
        assert empty.sums.costs("day") == ()
        assert empty.sums.daily_costs() == ()


def test_what_was_merged_and_what_was_taken_out_again_is_counted(
    new_ledger: Callable[[], Ledger],
) -> None:
    with new_ledger() as ledger:
        assert ledger.sums.merges(since=0.0) == NO_MERGES
        add_ends(ledger, "healed", "reverted", "rejected", "review", "gave_up", "healed")
        add_repair(ledger, None, request=request_of("open"))
        assert ledger.sums.merges(since=0.0) == MergeCount(merged=3, reverted=1)


def test_what_was_merged_before_does_not_count_and_what_was_taken_out_since_does(
    tmp_path: Path,
) -> None:
    clock = SetClock(100.0)
    with Ledger.in_folder(tmp_path, clock) as ledger:
        add_ends(ledger, "healed", "reverted", "healed")
        clock.seconds = 200.0
        ledger.settle("r0", "reverted", result_of(request_of("r0", "jobs/0.py"), "reverted"))
        add_ends(ledger, "healed", name="s")
        assert ledger.sums.merges(since=200.0) == MergeCount(merged=2, reverted=1)
        assert ledger.sums.merges(since=201.0) == NO_MERGES


def test_a_tenants_repositories_are_counted_together_and_no_other_tenants(
    shared_url: str, scope: Scope
) -> None:
    url = shared_url.replace("postgresql:", "postgresql+psycopg:")
    tenant = f"tenant of {scope.repository}"
    scopes = (Scope(tenant, "host/a"), Scope(tenant, "host/b"), Scope(f"{tenant} 2", "host/a"))
    ledgers = [Ledger(url, each) for each in scopes]
    for ledger, outcomes in zip(
        ledgers, (("healed", "reverted"), ("reverted",), ("healed",)), strict=True
    ):
        add_ends(ledger, *outcomes)
    counts = [ledger.sums.merges(since=0.0) for ledger in ledgers]
    for ledger in ledgers:
        ledger.close()
    assert counts == [MergeCount(3, 2), MergeCount(3, 2), MergeCount(1, 0)]
