"""`healer status`: what runs and waits now."""

import json
from pathlib import Path

import pytest

from healer.app.status import collect_status
from healer.cli.status import _draw
from healer.ledger.store import Ledger
from healer.watch.incidents import Incidents
from healer.watch.pause import pause
from tests.healer.cli.conftest import Repairs
from tests.support.command_line import run_command
from tests.support.git import make_repository
from tests.support.ledger_rows import add_ends


def test_what_waits_and_what_is_on_probation_is_said(repairs: Repairs) -> None:
    answer = run_command("status", cwd=repairs.folder)
    assert answer.code == 0
    assert "daemon: not running" in answer.out
    assert "recorded failures not yet repaired: 0" in answer.out
    assert any(line.startswith(repairs.waiting) for line in answer.out.splitlines())
    assert f"{repairs.healed}  scripts/prices.py  on probation: 0 good runs" in answer.out
    assert "incidents: 1 waits for a person" in answer.out


def test_states_of_several_are_said_in_their_number(tmp_path: Path) -> None:
    state = make_repository(tmp_path / "repo", {"a.py": "x\n"}) / ".git/healer"
    state.mkdir()
    with Incidents(state / "incidents.sqlite") as incidents:
        for name in ("aa11", "bb22"):
            incidents.count_failures(name, now=9.0, script="a.py")
            incidents.apply_event(name, "ask", now=9.0)
    pause(state, "a.py", "Ada", 9.0)
    answer = run_command("status", cwd=tmp_path / "repo")
    assert "incidents: 2 wait for a person\n" in answer.out
    assert "PAUSED: a.py, by Ada; next: healer resume a.py\n" in answer.out


def test_a_run_that_nobody_will_start_is_not_promised(tmp_path: Path) -> None:
    job = '[[job]]\nscript = "a.py"\nschedule = "10 2 * * *"\n'
    make_repository(tmp_path / "repo", {"a.py": "x\n", "healer.toml": job})
    lines = run_command("status", cwd=tmp_path / "repo").out.splitlines()
    (line,) = (each for each in lines if each.startswith("a.py"))
    assert line.endswith("not before healer daemon runs")


def test_a_maintenance_window_is_said(tmp_path: Path) -> None:
    window = '[[maintenance]]\nschedule = "* * * * *"\nduration = "2h"\nscripts = ["a.py"]\n'
    make_repository(tmp_path / "repo", {"a.py": "x\n", "healer.toml": window})
    out = run_command("status", cwd=tmp_path / "repo").out
    assert "MAINTENANCE: no repair begins, and none merges, until " in out
    assert ", for a.py\n" in out


def test_what_is_watched_fits_the_terminal_from_its_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = "".join(f'[[job]]\nscript = "a{n}.py"\nevery = "1h"\n' for n in range(100))
    make_repository(tmp_path / "repo", {"a.py": "x\n", "healer.toml": jobs})
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setattr("healer.cli.status._Canvas.isatty", lambda _: True)
    lines = _draw(collect_status(tmp_path / "repo")).splitlines()
    assert len(lines) == 23
    assert lines[0] == "daemon: not running"
    assert lines[-1].startswith("… and ")
    assert lines[-1].endswith(" lines more: healer status")
    monkeypatch.setenv("LINES", "400")
    assert len(_draw(collect_status(tmp_path / "repo")).splitlines()) > 100


def test_too_many_fixes_that_were_taken_out_again_are_said(
    repairs: Repairs, tmp_path: Path
) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    with Ledger.in_folder(tmp_path / "repo/.git/healer") as ledger:
        add_ends(ledger, "reverted", "reverted", "healed")
    lines = run_command("status", cwd=tmp_path / "repo").out.splitlines()
    assert (
        "NOTHING MERGES BY ITSELF: 2 of the 3 fixes that were merged in 30 days were taken out "
        "again, more than 1 %; see healer log"
    ) in lines
    document = json.loads(run_command("status", "--json", cwd=tmp_path / "repo").out)
    assert document["merges"] == {"merged": 3, "reverted": 2}
    assert "NOTHING MERGES" not in run_command("status", cwd=repairs.folder).out


def test_programs_get_one_document(repairs: Repairs) -> None:
    document = json.loads(run_command("status", "--json", cwd=repairs.folder).out)
    assert document["daemon"] is False
    assert [each["id"] for each in document["repairs"]] == [repairs.waiting]


def test_a_new_repository_has_nothing_to_say(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    assert "no repair is open or waits" in run_command("status", cwd=tmp_path / "repo").out


def test_a_wrong_configuration_is_said_and_the_rest_too(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n", "healer.toml": "autonomi = 'off'\n"})
    answer = run_command("status", cwd=tmp_path / "repo")
    assert answer.code == 0
    assert "configuration is wrong: healer.toml: unknown key autonomi" in answer.out
    assert "no repair is open or waits" in answer.out


def test_prometheus_gets_numbers(repairs: Repairs) -> None:
    answer = run_command("status", "--metrics", cwd=repairs.folder)
    assert (answer.code, answer.out.endswith("\n")) == (0, True)
    assert "healer_daemon_up 0.0" in answer.out.splitlines()
    assert 'healer_repairs_unfinished{state="waiting"} 1.0' in answer.out.splitlines()


@pytest.mark.parametrize("name", ["ledger", "incidents"])
def test_what_cannot_be_read_is_not_called_well(repairs: Repairs, name: str) -> None:
    path = repairs.folder / ".git/healer" / f"{name}.sqlite"
    path.write_bytes(b"no database" * 500)
    answer = run_command("status", cwd=repairs.folder)
    assert answer.code == 0
    assert "what is open or waits is not known" in answer.out
    assert "no repair is open or waits" not in answer.out


def test_why_something_waits_is_told_once(tmp_path: Path) -> None:
    state = make_repository(tmp_path / "repo", {"a.py": "x\n"}) / ".git/healer"
    with Ledger.in_folder(state) as ledger:
        add_ends(ledger, "review", "escalated")
        reason = ledger.repair("r0").reason
    with Incidents(state / "incidents.sqlite") as incidents:
        incidents.count_failures("aa11", now=1.0, script="a.py", failure="f1", summary="x")
        incidents.apply_event("aa11", "ask", now=2.0, reason=reason)
    lines = run_command("status", cwd=tmp_path / "repo").out.splitlines()
    assert [line.split()[0] for line in lines if reason in line] == ["aa11"]
    (own,) = [line for line in lines if line.startswith("r0 ")]
    (other,) = [line for line in lines if line.startswith("r1 ")]
    assert (own.endswith("as above"), other.endswith("it was escalated")) == (True, True)
