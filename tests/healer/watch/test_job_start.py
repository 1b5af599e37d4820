"""A job that healer starts runs beside it, with its own variables, and what it prints is kept."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from healer.watch.job_start import LOG, MAX_LOG_BYTES, start_job
from tests.support.git import make_repository

PRINT = "import os, sys; print(os.getcwd(), sys.stdin.read(), os.environ.get('NOTIFY_SOCKET'))"


def start(folder: Path, log: Path, **more: Any) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "NOTIFY_SOCKET": "/nowhere"}
    facts: dict[str, Any] = {"source": "job", "max_runtime_s": 60.0, **more}
    argv = (sys.executable, "-c", PRINT)
    return start_job(argv, log=log, cwd=folder, environment=environment, **facts)


def test_it_runs_in_its_folder_and_session_without_the_daemons_variables(tmp_path: Path) -> None:
    make_repository(tmp_path / "shop", {"a.py": ""})
    folder, log = tmp_path / "shop", tmp_path / LOG
    (tmp_path / "stdin").write_text("given")
    with (tmp_path / "stdin").open("rb") as stdin:
        job = start(folder, log, stdin=stdin, source="rerun")
        assert os.getsid(job.pid) == job.pid
        assert job.wait(60) == 0
    assert log.read_text() == f"{folder} given None\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_log_that_is_too_long_begins_anew_and_the_one_before_is_kept(tmp_path: Path) -> None:
    make_repository(tmp_path / "shop", {"a.py": ""})
    log = tmp_path / LOG
    with log.open("wb") as file:
        file.truncate(MAX_LOG_BYTES + 1)
    assert start(tmp_path / "shop", log).wait(60) == 0
    assert log.read_text() == f"{tmp_path / 'shop'}  None\n"
    assert (tmp_path / f"{LOG}.1").stat().st_size == MAX_LOG_BYTES + 1
