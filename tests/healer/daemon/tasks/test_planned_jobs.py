"""Planned jobs: each slot one run, never two at once, nothing twice after a crash, gaps told."""

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from healer.app.missed import find_trouble, read_watches
from healer.config import Job
from healer.daemon.tasks.planned_jobs import OVERDUE_AFTER_S, PlannedJobs, argv_of
from tests.support.daemon_process import DaemonProcess, until
from tests.support.git import make_repository
from tests.support.smtp import smtp_server

HOUR = 3_600.0
SLOT = 1_000 * HOUR
SCRIPT = "scripts/a.py"
Make = Callable[..., Any]


def job(**more: Any) -> dict[str, Any]:
    return {"script": SCRIPT, "command": [sys.executable, SCRIPT], "every": "1h", **more}


def runs(tmp_path: Path) -> int:
    log = tmp_path / "jobs.log"
    return log.read_text().count("1\n") if log.exists() else 0


def ended(planned: PlannedJobs) -> None:
    for child in planned._children.values():
        child.wait(timeout=60)


def look(planned: PlannedJobs, now: float) -> None:
    planned.run(now)


def test_a_due_job_is_started_once_however_often_its_schedule_fires(
    make: Make, tmp_path: Path
) -> None:
    planned = PlannedJobs(make(job=[job()]), tmp_path)
    look(planned, SLOT - 10)
    for offset in (-5, 1, 2, 3):
        planned.start_if_due(SCRIPT, SLOT + offset)
    ended(planned)
    assert runs(tmp_path) == 1
    look(planned, SLOT + 60)
    planned.start_if_due(SCRIPT, SLOT + 61)
    assert (runs(tmp_path), planned._children) == (1, {})
    planned.start_if_due(SCRIPT, SLOT + HOUR + 1)
    ended(planned)
    assert runs(tmp_path) == 2


def test_a_run_of_an_earlier_daemon_is_not_overlapped(make: Make, tmp_path: Path) -> None:
    (tmp_path / "shop/scripts/a.py").write_text("import time\ntime.sleep(600)\n")
    services = make(job=[job()])
    first = PlannedJobs(services, tmp_path)
    look(first, SLOT - 10)
    first.start_if_due(SCRIPT, SLOT + 1)
    second = PlannedJobs(services, tmp_path)  # after a crash of the first
    second.start_if_due(SCRIPT, SLOT + HOUR + 1)
    assert second._children == {}
    child = first._children[SCRIPT]
    child.send_signal(signal.SIGKILL)
    child.wait(60)
    second.start_if_due(SCRIPT, SLOT + HOUR + 2)
    assert SCRIPT in second._children
    os.killpg(second._children[SCRIPT].pid, signal.SIGKILL)
    ended(second)


def test_a_start_that_a_crash_cut_off_is_not_made_again_in_its_slot(
    make: Make, tmp_path: Path
) -> None:
    services = make(job=[job()])
    planned = PlannedJobs(services, tmp_path)
    look(planned, SLOT - 10)
    state = json.loads((tmp_path / "jobs.json").read_text())
    state[SCRIPT]["runs"] |= {"last_start": SLOT + 1, "last_end": None}
    (tmp_path / "jobs.json").write_text(json.dumps(state))  # noted, and then nothing
    again = PlannedJobs(services, tmp_path)
    again.start_if_due(SCRIPT, SLOT + 5)
    assert again._children == {}
    again.start_if_due(SCRIPT, SLOT + HOUR + 1)
    ended(again)
    assert runs(tmp_path) == 1


def test_it_runs_under_healer_run_with_its_time_limit(make: Make, tmp_path: Path) -> None:
    (tmp_path / "shop/scripts/a.py").write_text("import os\nprint(os.environ.get('NOTIFY_SOCKET'))")
    os.environ["NOTIFY_SOCKET"] = "/nowhere"
    try:
        planned = PlannedJobs(make(job=[job(max_runtime="90s")]), tmp_path)
        look(planned, SLOT - 10)
        planned.start_if_due(SCRIPT, SLOT + 1)
        words = planned._children[SCRIPT].args
    finally:
        del os.environ["NOTIFY_SOCKET"]
    ended(planned)
    assert isinstance(words, list)
    assert words[2:8] == ["healer", "run", "--source", "job", "--max-runtime", "90"]
    assert (tmp_path / "jobs.log").read_text() == "None\n"


def test_a_missed_run_is_shown_from_when_it_is_told_until_the_next_begins(
    make: Make, tmp_path: Path
) -> None:
    plan = {"every": None, "schedule": "10 2 * * *", "timezone": "Europe/Vienna"}
    slot = datetime(2026, 5, 5, 2, 10, tzinfo=ZoneInfo("Europe/Vienna")).timestamp()
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        services = make(job=[job(**plan)], mail={**mail, "to": ["ada@example.com"]})
        planned = PlannedJobs(services, tmp_path)
        look(planned, slot - 60)
        assert find_trouble(read_watches(tmp_path), SCRIPT, 0.0) == ""
        look(planned, slot + 2 * 24 * HOUR + 60)  # nobody looked for two nights
        text = server.taken[0].part("plain")
        assert "2 planned runs did not start, the last of them that of 6 May 2026, 02:10 CEST" in (
            " ".join(text.split())
        )
        shown = find_trouble(read_watches(tmp_path), SCRIPT, 0.0, "Europe/Vienna")
        assert shown == "missed the run of 06 May 02:10 CEST"  # the one of the 7th is not late yet
        planned.start_if_due(SCRIPT, slot + 2 * 24 * HOUR + 61)
        assert find_trouble(read_watches(tmp_path), SCRIPT, 0.0) == ""
        ended(planned)


def test_missed_and_overdue_runs_are_told_by_one_mail_each(make: Make, tmp_path: Path) -> None:
    (tmp_path / "shop/scripts/a.py").write_text("import time\ntime.sleep(600)\n")
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        services = make(job=[job(max_runtime="10m")], mail={**mail, "to": ["ada@example.com"]})
        planned = PlannedJobs(services, tmp_path)
        look(planned, SLOT - 10)
        for after in (5 * HOUR, 5 * HOUR + 5):
            look(planned, SLOT + after)
        assert "did not start" in server.taken[0].part("plain")
        planned.start_if_due(SCRIPT, SLOT + 5 * HOUR + 10)
        assert "it runs again" in server.taken[1].part("plain")
        late = SLOT + 5 * HOUR + 10 + 600 + OVERDUE_AFTER_S
        for after in (-5, 5, 10):
            look(planned, late + after)
        assert len(server.taken) == 3
        assert "it runs longer than 10m" in server.taken[2].part("plain")
        os.killpg(planned._children[SCRIPT].pid, signal.SIGKILL)
        ended(planned)
        look(planned, late + 20)
        assert len(server.taken) == 4
        assert "the run has ended" in server.taken[3].part("plain")


@pytest.mark.parametrize("text", ["", "[]", '{"scripts/a.py": 3}', '{"scripts/a.py": {"runs": 1}}'])
def test_a_state_that_cannot_be_read_begins_anew(make: Make, tmp_path: Path, text: str) -> None:
    (tmp_path / "jobs.json").write_text(text)
    planned = PlannedJobs(make(job=[job()]), tmp_path)
    look(planned, SLOT - 10)
    assert json.loads((tmp_path / "jobs.json").read_text())[SCRIPT]["runs"]


def test_a_real_daemon_starts_its_jobs_and_forgets_those_that_are_gone(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    (root / "scripts").mkdir(parents=True)
    (root / "scripts" / "a.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write('x')\n")
    settings = '[[job]]\nscript = "scripts/a.py"\nevery = "2s"\n'
    (root / "healer.toml").write_text(settings)
    make_repository(root, {})
    with DaemonProcess(root, tmp_path) as daemon:
        daemon.wait_for("READY=1")
        until(lambda: (tmp_path / "ran").exists() and len((tmp_path / "ran").read_text()) >= 2)
        (root / "healer.toml").write_text("")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("RELOADING=1")
        daemon.wait_for("READY=1")
        daemon.send(signal.SIGTERM)
        assert daemon.process.wait(60) == 0
    with closing(sqlite3.connect(root / ".git/healer/workflows.sqlite")) as database:
        assert database.execute("select count(*) from workflow_schedules").fetchone() == (0,)


def test_a_job_without_a_command_runs_where_only_python3_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job(script="scripts/a.py", every="2s")
    for name in ("python3", "python"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert argv_of(job) == (name, "scripts/a.py")
    own = job.model_copy(update={"command": ("sh", "a.sh")})
    assert argv_of(own) == ("sh", "a.sh")
