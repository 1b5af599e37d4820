"""`healer status --metrics`: what is counted, and that what is not known is left out."""

from pathlib import Path

import pytest

from healer.app.metrics import render_metrics
from healer.ledger.rows import Entry
from healer.watch.pause import pause
from healer.watch.runner import run_log
from tests.support.git import make_repository
from tests.support.ledger_rows import add_ends
from tests.support.shop import SCRIPT, failed, shop


def read_numbers(start: Path) -> dict[str, float]:
    """Every number by its name with its labels."""
    lines = render_metrics(start).splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_a_new_repository_has_the_numbers_that_do_not_depend_on_anything(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    numbers = read_numbers(tmp_path / "repo")
    assert numbers["healer_daemon_up"] == 0
    assert numbers["healer_configuration_ok"] == 1
    assert numbers['healer_repairs_unfinished{state="open"}'] == 0
    assert "healer_daemon_heartbeat_timestamp_seconds" not in numbers


def test_what_was_decided_and_what_waits_is_counted(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        here.decide("rollback", row.id)
        waiting = here.services.ledger
        for number, tokens in ((1, 100), (2, 20)):
            waiting.record(
                Entry(
                    repair=row.id,
                    kind="call",
                    number=number,
                    outcome="answered",
                    drafter='a "quoted" model',
                    tokens_in=tokens,
                    tokens_out=1,
                    cost_usd=0.25,
                )
            )
        failed(here)
        pause(here.state, "", "Ada", 1.0)
        (here.state / "mail" / "failed").mkdir(parents=True)
        (here.state / "mail" / "failed" / "a.json").write_text("{}")
        numbers = read_numbers(here.folder)
    model = r'{model="a \"quoted\" model"}'
    assert numbers['healer_decisions_total{kind="outcome",outcome="review"}'] == 1
    assert numbers['healer_decisions_total{kind="approval",outcome="approved"}'] == 1
    assert numbers['healer_decisions_total{kind="rollback",outcome="reverted"}'] == 1
    assert numbers['healer_repair_duration_seconds_count{outcome="review"}'] == 1
    assert numbers['healer_repair_duration_seconds_sum{outcome="review"}'] > 0
    assert numbers[f"healer_model_calls_total{model}"] == 2
    assert numbers[f"healer_model_input_tokens_total{model}"] == 120
    assert numbers[f"healer_model_cost_dollars_total{model}"] == pytest.approx(0.5)
    assert (numbers["healer_failures_waiting"], numbers["healer_pauses"]) == (1, 1)
    assert (numbers["healer_mails_failed"], numbers["healer_merging_stopped"]) == (1, 0)


def test_too_many_fixes_that_were_taken_out_again_are_a_number(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        add_ends(here.services.ledger, "reverted", "reverted")
        assert read_numbers(here.folder)["healer_merging_stopped"] == 1


def test_a_job_has_its_moments_and_none_that_are_not_known(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        for at, code in ((100.0, 0), (300.0, 3)):
            run_log.append(here.state, run_log.LoggedRun(SCRIPT, "", code, at, 0.1))
        numbers = read_numbers(here.folder)
    script = f'{{script="{SCRIPT}"}}'
    assert numbers[f"healer_job_last_run_timestamp_seconds{script}"] == 300
    assert numbers[f"healer_job_last_success_timestamp_seconds{script}"] == 100
    assert numbers[f"healer_job_last_exit_code{script}"] == 3
    assert f"healer_job_next_due_timestamp_seconds{script}" not in numbers


def test_a_wrong_configuration_is_a_number_too(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n", "healer.toml": "autonomi = 'off'\n"})
    assert read_numbers(tmp_path / "repo")["healer_configuration_ok"] == 0
