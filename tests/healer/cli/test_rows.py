"""Rows of the ledger as lines and as documents."""

from dataclasses import replace

import pytest

from healer.app.state import open_ledger_of
from healer.cli.rows import print_steps, print_waiting, result_document
from healer.ledger.rows import RepairRow
from tests.healer.cli.conftest import Repairs


def row_of(repairs: Repairs, repair: str) -> RepairRow:
    with open_ledger_of(repairs.folder) as ledger:
        return ledger.repair(repair)


def test_what_waits_says_its_failure_and_why(
    repairs: Repairs, capsys: pytest.CaptureFixture[str]
) -> None:
    print_waiting([row_of(repairs, repairs.waiting).glance])
    _, line = capsys.readouterr().out.splitlines()
    assert "KeyError: 'te'" in line
    assert line.rstrip().endswith(row_of(repairs, repairs.waiting).reason)


def test_a_failure_without_a_traceback_is_shown_by_how_it_ended(
    repairs: Repairs, capsys: pytest.CaptureFixture[str]
) -> None:
    glance = row_of(repairs, repairs.waiting).glance
    print_waiting([replace(glance, error="", message="exit code 3")])
    assert "exit code 3" in capsys.readouterr().out.splitlines()[1]


def test_steps_are_lines_in_the_order_given(
    repairs: Repairs, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_ledger_of(repairs.folder) as ledger:
        entries = ledger.entries(repairs.waiting)
    print_steps(entries)
    lines = capsys.readouterr().out.splitlines()[1:]
    assert len(lines) == len(entries)
    assert all(entry.label in line for entry, line in zip(entries, lines, strict=True))


def test_an_open_repair_has_no_result_yet(repairs: Repairs) -> None:
    row = row_of(repairs, repairs.waiting)
    assert result_document(row)["repair"] == repairs.waiting
    assert result_document(row.model_copy(update={"result": None})) == {}
