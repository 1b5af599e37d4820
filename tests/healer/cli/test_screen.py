"""One repair on a screen, whether there is evidence of it or not."""

import pytest

from healer.app.state import open_ledger_of
from healer.cli.screen import print_repair
from tests.healer.cli.conftest import Repairs


def printed(
    repairs: Repairs,
    capsys: pytest.CaptureFixture[str],
    *,
    full: bool = False,
    with_evidence: bool = True,
    probation: str = "",
) -> str:
    with open_ledger_of(repairs.folder) as ledger:
        row = ledger.repair(repairs.waiting)
        dossier = ledger.dossier(row.id) if with_evidence else None
        print_repair(row, dossier, ledger.entries(row.id), full=full, probation=probation)
    return capsys.readouterr().out


def test_the_whole_screen(repairs: Repairs, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(repairs, capsys)
    titles = ["What failed", "Cause, as drafted", "Patch", "Checks", "Attempts", "History", "Next"]
    places = [out.index(title) for title in titles]
    assert places == sorted(places)


def test_without_evidence_the_row_is_shown(
    repairs: Repairs, capsys: pytest.CaptureFixture[str]
) -> None:
    out = printed(repairs, capsys, full=True, with_evidence=False)
    assert "scripts/prices.py waits for your decision" in out
    assert "--- attempt" not in out


def test_full_has_each_output_under_its_attempt(
    repairs: Repairs, capsys: pytest.CaptureFixture[str]
) -> None:
    out = printed(repairs, capsys, full=True)
    assert out.index("--- attempt 1: command, standard output") < out.index(
        "--- attempt 1: command, standard error"
    )


def test_a_probation_is_said(repairs: Repairs, capsys: pytest.CaptureFixture[str]) -> None:
    assert "It is on probation." in printed(repairs, capsys, probation="on probation")
