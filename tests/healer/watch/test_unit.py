"""`healer report --unit`: what systemd and its journal know of a failed unit becomes a failure.

systemd itself does not run where tests run: `systemctl` and `journalctl` are small programs here
that print what the real ones print.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.healer_jobs import PROJECT, environment, open_inbox, repository

SHOWN = """ExecMainCode={how}
ExecMainStatus={status}
ExecStart={{ path=/usr/bin/python3 ; argv[]=/usr/bin/python3 {root}/scripts/a.py --all ; \
ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }}
InvocationID=0123456789abcdef0123456789abcdef
Result={result}
WorkingDirectory={root}
"""
JOURNAL = """starting
Traceback (most recent call last):
  File "{root}/scripts/a.py", line 3, in main
    work()
KeyError: 'x'
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    made = repository(tmp_path)
    (made / "scripts").mkdir(exist_ok=True)
    (made / "scripts/a.py").write_text("work()\n")
    return made


def program(folder: Path, name: str, prints: str) -> None:
    """A program that prints this, and notes its words in `NAME.words`."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.out").write_text(prints)
    (folder / name).write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >{folder}/{name}.words\ncat {folder}/{name}.out\n'
    )
    (folder / name).chmod(0o755)


def reported(
    repo: Path, folder: Path, shown: str, journal: str, **more: str
) -> "subprocess.CompletedProcess[str]":
    program(folder, "systemctl", shown)
    program(folder, "journalctl", journal)
    path = f"{folder}:{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-m", "healer", "report", "--json", "--unit", "sync.service"],
        cwd=repo,
        text=True,
        capture_output=True,
        env=environment(PYTHONPATH=str(PROJECT), PATH=path, **more),
        timeout=60,
        check=False,
    )


def test_its_command_its_exit_code_and_its_traceback_are_recorded(
    repo: Path, tmp_path: Path
) -> None:
    shown = SHOWN.format(how=1, status=1, result="exit-code", root=repo)
    done = reported(repo, tmp_path / "bin", shown, JOURNAL.format(root=repo))
    assert done.returncode == 0, done.stderr
    failure = open_inbox(repo).read(json.loads(done.stdout)["recorded"][0]["id"])
    assert (failure.script, failure.exit_code, failure.source) == ("scripts/a.py", 1, "report")
    assert failure.argv[-2:] == (f"{repo}/scripts/a.py", "--all")
    assert failure.exception is not None
    assert failure.exception.type == "KeyError"
    words = (tmp_path / "bin/journalctl.words").read_text()
    assert "_SYSTEMD_INVOCATION_ID=0123456789abcdef0123456789abcdef" in words


def test_a_killed_unit_without_a_traceback_is_recorded_too(repo: Path, tmp_path: Path) -> None:
    shown = SHOWN.format(how=2, status=9, result="oom-kill", root=repo)
    done = reported(repo, tmp_path / "bin", shown, "half of the wor")
    failure = open_inbox(repo).read(json.loads(done.stdout)["recorded"][0]["id"])
    assert (failure.signal, failure.exit_code, failure.chain) == (9, None, ())
    assert failure.stderr_tail == "half of the wor"


def test_the_run_that_failed_is_asked_for_and_not_the_one_after_it(
    repo: Path, tmp_path: Path
) -> None:
    shown = SHOWN.format(how=1, status=1, result="timeout", root=repo)
    told = {"MONITOR_UNIT": "sync.service", "MONITOR_INVOCATION_ID": "f" * 32}
    done = reported(repo, tmp_path / "bin", shown, JOURNAL.format(root=repo), **told)
    failure = open_inbox(repo).read(json.loads(done.stdout)["recorded"][0]["id"])
    assert failure.timed_out
    words = (tmp_path / "bin/journalctl.words").read_text()
    assert f"_SYSTEMD_INVOCATION_ID={'f' * 32}" in words


def test_without_systemd_the_next_step_is_said(repo: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "healer", "report", "--unit", "sync.service"],
        cwd=repo,
        text=True,
        capture_output=True,
        env=environment(PYTHONPATH=str(PROJECT), PATH=str(tmp_path / "nothing")),
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert "systemctl is not here; pipe the text into healer report" in done.stderr
