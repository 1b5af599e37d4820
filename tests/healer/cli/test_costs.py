"""`healer costs`: money and tokens in groups."""

import json
from pathlib import Path

import click
import pytest

from healer.cli.costs import DAYS, draw_days
from healer.ledger.costs import Cost
from healer.ledger.rows import Entry
from healer.ledger.store import Ledger
from tests.healer.cli.conftest import Repairs
from tests.support.command_line import run_command
from tests.support.git import make_repository
from tests.support.ledger_rows import add_repair, request_of


@pytest.mark.parametrize("by", ["day", "script", "model", "outcome"])
def test_each_group_is_a_line(repairs: Repairs, by: str) -> None:
    header, *lines = run_command("costs", "--by", by, cwd=repairs.folder).out.splitlines()
    assert header.split()[0] == by.upper()
    groups = json.loads(run_command("costs", "--by", by, "--json", cwd=repairs.folder).out)
    assert len(lines) == len(groups) > 0
    assert all("cost_usd" in group for group in groups)


def test_calls_of_an_earlier_version_have_a_purpose_that_is_not_known(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "repo", {"a.py": "x\n"})
    state = folder / ".git" / "healer"
    state.mkdir()
    with Ledger.in_folder(state) as ledger:
        add_repair(ledger, "healed", request=request_of("r1"))
        ledger.record(Entry(repair="r1", kind="call", number=1, outcome="answered"))
        review = {"repair": "r1", "outcome": "answered", "purpose": "review", "cost_usd": 2.0}
        ledger.record(Entry(kind="call", number=2, **review))
    _, *lines = run_command("costs", "--by", "purpose", cwd=folder).out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["review", "not known"]


def test_an_unknown_grouping_is_wrong_usage(repairs: Repairs) -> None:
    answer = run_command("costs", "--by", "colour", cwd=repairs.folder)
    assert isinstance(answer.error, click.UsageError)


def test_where_nothing_was_spent_that_is_said(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    answer = run_command("costs", cwd=tmp_path / "repo")
    assert (answer.code, answer.out) == (0, "")
    assert "nothing was spent yet" in answer.err


def days(**costs: float) -> list[Cost]:
    """The newest first, as the ledger gives them: `d05=1.0` is the fifth of May."""
    rows = [
        Cost(group=f"2026-05-{day[1:]}", calls=1, tokens_in=1, tokens_out=1, cost_usd=cost)
        for day, cost in costs.items()
    ]
    return sorted(rows, key=lambda row: row.group, reverse=True)


@pytest.mark.parametrize(
    ("rows", "drawn"),
    [
        (days(d04=0.5), "2026-05-04 █ 2026-05-04"),
        (days(d04=0.5, d07=1.0), "2026-05-04 ▅  █ 2026-05-07"),
        (days(d04=0.0, d05=0.0), ""),
    ],
)
def test_each_day_has_a_bar_and_so_have_those_between(rows: list[Cost], drawn: str) -> None:
    assert draw_days(rows) == drawn


def test_the_bars_of_a_year_fit_on_a_line() -> None:
    old = Cost(group="2025-05-04", calls=1, tokens_in=1, tokens_out=1, cost_usd=9)
    line = draw_days([*days(d30=1.0), old])
    assert line == f"2026-04-05 {' ' * (DAYS - 1)}█ 2026-05-30"
    assert len(line) <= 80


def test_a_pipe_gets_no_bars(repairs: Repairs) -> None:
    assert "█" not in run_command("costs", cwd=repairs.folder).out
