"""What a repair by models costs, where that is written down, and what a spent budget means."""

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from healer.ledger.store import Ledger
from tests.support.bench import BAD, FILES, GOOD, Bench
from tests.support.endpoint import Reply
from tests.support.smtp import smtp_server

PRICED = {"model": "small", "usd_per_million_in": 1.0, "usd_per_million_out": 2.0}


def calls(bench: Bench) -> list[dict[str, Any]]:
    ledger = Ledger.in_folder(bench.state)
    try:
        return [e.model_dump() for e in ledger.entries() if e.kind == "call"]
    finally:
        ledger.close()


def costs(bench: Bench) -> list[tuple[str, int, float, bool]]:
    ledger = Ledger.in_folder(bench.state)
    try:
        rows = ledger.sums.costs("model")
    finally:
        ledger.close()
    return [(row.group, row.calls, row.cost_usd, row.cost_known) for row in rows]


def test_every_call_is_in_the_ledger_also_useless_ones_of_a_round_without_a_draft(
    bench: Bench,
) -> None:
    useless = Reply("I would change the loop.", usage=(1_000, 100))
    result = bench.fix(useless, useless, tiers=[PRICED], candidates=1)
    assert result.outcome == "gave_up"
    assert result.cost_usd == pytest.approx(0.0024)
    assert costs(bench) == [("small", 2, pytest.approx(0.0024), True)]
    assert [call["outcome"] for call in calls(bench)] == ["useless", "useless"]
    assert len(bench.evidence(result).fruitless) == 2


def test_a_call_without_usage_or_price_makes_the_cost_known_to_be_unknown(bench: Bench) -> None:
    result = bench.fix(Reply(BAD, usage=None), GOOD, tiers=[PRICED], candidates=1)
    assert result.outcome == "healed"
    assert not result.cost_known
    ((model, count, usd, known),) = costs(bench)
    assert (model, count, known) == ("small", 2, False)
    assert usd > 0


def test_every_decision_has_its_inputs_outcome_and_duration(bench: Bench) -> None:
    bench.fix(BAD, GOOD)
    ledger = Ledger.in_folder(bench.state)
    entries = ledger.entries()
    ledger.close()
    assert [(entry.label, entry.outcome) for entry in entries] == [
        ("examine", "reproduced"),
        ("draft 1", "1 draft"),
        ("draft 2", "1 draft"),
        ("call 1", "answered"),
        ("call 2", "answered"),
        ("attempt 1", "unchanged"),
        ("attempt 2", "fixed"),
        ("statement", "unsigned"),
        ("outcome", "healed"),
    ]
    assert all(entry.inputs for entry in entries)
    assert len({entry.inputs for entry in entries}) == len(entries) - 0
    assert entries[-1].seconds >= 0


def test_a_ledger_of_an_earlier_version_gets_the_new_columns(tmp_path: Path) -> None:
    Ledger.in_folder(tmp_path).close()
    old = sqlite3.connect(tmp_path / "ledger.sqlite")
    old.execute("ALTER TABLE healer_steps DROP COLUMN inputs")
    old.execute("ALTER TABLE healer_steps DROP COLUMN cost_known")
    old.execute(
        "INSERT INTO healer_steps (repair, label, at, outcome, detail, drafter, tokens_in, "
        "tokens_out, cost_usd, seconds) VALUES ('r', 'attempt 1', 1, 'fixed', '', 'm', 1, 2, 3, 4)"
    )
    old.commit()
    old.close()
    ledger = Ledger.in_folder(tmp_path)
    (entry,) = ledger.entries()
    ledger.close()
    assert (entry.inputs, entry.cost_known, entry.cost_usd) == ("", True, 3)


@pytest.mark.parametrize(
    "how",
    [
        {"options": {"budget_usd": 0.0}},
        {"budget_usd_per_repair": 0},
        {"budget_usd_per_day": 0},
        {"options": {"budget_usd": 0.0}, "reviewer": "second", "investigator": "third"},
    ],
)
def test_a_budget_of_nothing_means_no_call_at_all_not_even_a_free_one(
    bench: Bench, how: dict[str, Any]
) -> None:
    asked: list[int] = []
    result = bench.fix(GOOD, asked=lambda endpoint: asked.append(len(endpoint.requests)), **how)
    assert asked == [0]
    assert (result.outcome, result.stopped_by_budget) == ("gave_up", True)
    assert result.reason.startswith("stopped by budget: the budget is 0")


def test_a_spent_budget_is_mailed_once_a_day(bench: Bench) -> None:
    with smtp_server() as mailbox:
        mail = {"smtp": f"smtp://127.0.0.1:{mailbox.port}", "from": "h@shop.example",
                "to": ["oncall@shop.example"]}  # fmt: skip
        for _ in range(3):
            result = bench.fix(GOOD, config={"mail": mail}, budget_usd_per_day=0)
            assert result.stopped_by_budget
        assert len(mailbox.taken) == 1
        assert "the budget for repairs is spent" in mailbox.taken[0].part("plain")


def test_a_dry_run_spends_of_the_days_budget_and_writes_nothing_into_the_repository(
    bench: Bench,
) -> None:
    dear = Reply(BAD, usage=(20_000, 0))
    limits: dict[str, Any] = {"budget_usd_per_day": 0.07, "max_output_tokens": 4_096}
    real = {"tiers": [PRICED], "candidates": 1, "options": {"attempts": 1}} | limits
    assert bench.fix(dear, **real).outcome == "gave_up"  # makes the files of a first repair
    before = _digest(bench.folder)
    dry = bench.fix(dear, dry=True, **real)
    assert not dry.stopped_by_budget, dry.reason
    assert _digest(bench.folder / ".git" / "healer") == _digest_of(before, ".git/healer")
    bench.write("rows.json", FILES["rows.json"] + "\n")
    bench.commit("Another base")
    third = bench.fix(dear, **real)
    fourth = bench.fix(dear, dry=True, **real)
    assert (third.stopped_by_budget, fourth.stopped_by_budget) == (False, True)
    assert "model.budget_usd_per_day" in fourth.reason


def _digest(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _digest_of(whole: dict[str, str], folder: str) -> dict[str, str]:
    return {p.removeprefix(f"{folder}/"): d for p, d in whole.items() if p.startswith(f"{folder}/")}
