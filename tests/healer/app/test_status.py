"""What runs, waits and is watched is told as it is, also where the configuration is wrong."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from healer.app.status import collect_status
from healer.daemon.tasks.reload import FILE
from healer.engine.locks import hold_executor_lock
from healer.render.notice import Notice
from healer.watch.pause import pause
from healer.watch.runner import run_log
from tests.support.git import commit_files
from tests.support.shop import SCRIPT, failed, shop


def test_a_quiet_repository(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        status = collect_status(here.folder)
    assert (status.daemon, status.config_problem, status.failures) == (False, "", 0)
    assert (status.mails.text, status.database.text, status.repairs, status.watched) == (
        "none waits", "ok", (), ()
    )  # fmt: skip
    assert (status.incidents, status.open_incidents, status.jobs) == ({}, (), ())


def test_what_waits_and_what_is_watched_is_listed(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        merged = here.merged()
        commit_files(
            here.folder, {SCRIPT: 'PRICES = {"tea": 4.5}\n\n\nprint(PRICES["te"])  # again\n'}
        )
        waiting = here.fix()
        failed(here, kind="ValueError")
        run_log.append(here.state, run_log.LoggedRun(SCRIPT, "", 0, merged.updated_at + 1, 0.1))
        status = collect_status(here.folder / "scripts")
    assert [(row.id, row.outcome) for row in status.repairs] == [(waiting.repair, "review")]
    assert status.repairs[0].reason == waiting.reason
    assert [(w.repair, w.script, w.good_runs) for w in status.watched] == [(merged.id, SCRIPT, 1)]
    assert status.failures == 1
    assert status.incidents["waits for a person"] == 1
    assert status.open_incidents[0].repair == waiting.repair


def test_jobs_tell_their_last_run_their_last_good_run_and_the_next(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        (here.folder / "healer.toml").write_text(
            '[[job]]\nscript = "scripts/other.py"\nevery = "10m"\n'
        )
        for at, code in ((100.0, 0), (200.0, 0), (300.0, 3)):
            run_log.append(here.state, run_log.LoggedRun(SCRIPT, "", code, at, 0.1))
        (here.state / "jobs.json").write_text(
            json.dumps({"scripts/other.py": {"runs": {"last_start": 601.0}}})
        )
        with hold_executor_lock(here.state, "daemon"):
            prices, other = collect_status(here.folder).jobs
    assert (other.script, other.schedule, other.next_due) == ("scripts/other.py", "every 10m", 1200)
    assert (prices.last_run, prices.last_good_run, prices.last_exit) == (300.0, 200.0, 3)
    assert (prices.schedule, prices.next_due, other.last_run) == ("", None, None)


@pytest.mark.parametrize(
    ("starter", "waits"),
    [("", True), ('started_by = "healer"', True), ('started_by = "cron"', False)],
)
def test_while_no_daemon_runs_no_next_run_is_promised_of_what_it_starts(
    tmp_path: Path, starter: str, waits: bool
) -> None:
    with shop(tmp_path / "shop") as here:
        job = f'[[job]]\nscript = "{SCRIPT}"\nschedule = "10 2 * * *"\n{starter}\n'
        (here.folder / "healer.toml").write_text(job)
        (without,) = collect_status(here.folder).jobs
        with hold_executor_lock(here.state, "daemon"):
            (beside,) = collect_status(here.folder).jobs
    assert (without.waits_for_daemon, without.next_due is None) == (waits, waits)
    assert (beside.waits_for_daemon, beside.next_due is None) == (False, False)


def test_what_was_given_up_is_an_open_incident(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        incidents = here.services.incidents
        incidents.apply_event("aa", "fail", now=1.0, script=SCRIPT, reason="no draft passed")
        status = collect_status(here.folder)
    assert [(each.state, each.reason) for each in status.open_incidents] == [
        ("open", "no draft passed")
    ]


def test_a_pause_and_records_that_were_set_aside_are_told(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        pause(here.state, "", "Ada", 1.0)
        (here.state / "broken").mkdir()
        (here.state / "broken" / "a.json").write_text("x")
        status = collect_status(here.folder)
    assert [each.by for each in status.paused] == ["Ada"]
    assert status.set_aside == 1


@pytest.mark.parametrize("name", ["ledger", "incidents"])
def test_a_database_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with shop(tmp_path / "shop") as here:
        state = here.state
    (state / f"{name}.sqlite").write_bytes(b"no database" * 100)
    database = collect_status(tmp_path / "shop").database
    assert "cannot be read" in database.text
    assert not database.is_well


def test_a_ledger_that_is_missing_with_what_waited_is_told(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        here.fix()
        state = here.state
    for path in state.glob("ledger.sqlite*"):
        path.unlink()
    database = collect_status(tmp_path / "shop").database
    assert "the ledger is missing" in database.text
    assert not database.is_well


def test_a_configuration_that_was_mended_is_read_anew(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        file = here.folder / "healer.toml"
        problems = []
        for text in ("targt = 1\n", "targt = 1\n", "target = 'main'\n", "targt = 1\n"):
            file.write_text(text)
            problems.append(bool(collect_status(here.folder).config_problem))
    assert problems == [True, True, False, True]


def test_a_running_daemon_is_seen(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        with hold_executor_lock(here.state, "daemon"):
            assert collect_status(here.folder).daemon
        assert not collect_status(here.folder).daemon


def test_a_wrong_configuration_is_said_and_the_rest_is_told_all_the_same(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        waiting = here.fix()
        (here.folder / "healer.toml").write_text("targt = 'main'\n")
        status = collect_status(here.folder)
    assert "did you mean target" in status.config_problem
    assert [row.id for row in status.repairs] == [waiting.repair]


def test_what_a_running_daemon_refused_counts_only_while_it_runs(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        (here.state / FILE).write_text(json.dumps({"at": 1.0, "problem": "unknown key targt"}))
        assert collect_status(here.folder).config_problem == ""
        with hold_executor_lock(here.state, "daemon"):
            assert collect_status(here.folder).config_problem == "unknown key targt"


def test_mails_that_wait_are_counted_with_what_is_the_matter(tmp_path: Path) -> None:
    mail = {"smtp": "smtp://127.0.0.1:9", "from": "h@example.com", "to": ["ada@example.com"]}
    with shop(tmp_path / "shop", mail=mail) as here:
        lines = [f"{key} = {json.dumps(value)}" for key, value in mail.items()]
        (here.folder / "healer.toml").write_text("\n".join(["[mail]", *lines, ""]))
        now = datetime.now(UTC)
        notice = Notice(
            kind="gave_up", fingerprint="f", script=SCRIPT, reason="It failed.", when=now
        )
        here.services.notifier.notify(notice, now)
        here.services.notifier.flush(now)
        assert collect_status(here.folder).mails.text.startswith("1 wait to be sent (")
