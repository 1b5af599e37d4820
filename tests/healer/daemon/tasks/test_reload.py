"""SIGHUP takes a right configuration, and stays with the one before where it is wrong."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from healer.app.quick_look import read_reload_problem as read_problem
from healer.config import ConfigError
from healer.daemon.tasks.reload import ReloadConfiguration
from healer.facts.progress import Progress
from tests.support.daemon_process import DaemonProcess, until
from tests.support.git import make_repository


def right() -> None:
    return None


def wrong() -> None:
    raise ConfigError("healer.toml: unknown key targt")


def test_nothing_happens_before_somebody_asks(tmp_path: Path) -> None:
    stop = threading.Event()
    reload = ReloadConfiguration(tmp_path, stop, wrong, print)
    reload.run(1.0)
    assert (stop.is_set(), reload.starts_again, read_problem(tmp_path)) == (False, False, "")


def test_a_right_configuration_stops_the_daemon_to_start_again(tmp_path: Path) -> None:
    stop = threading.Event()
    reload = ReloadConfiguration(tmp_path, stop, right, print)
    reload.request()
    reload.run(1.0)
    assert (stop.is_set(), reload.starts_again, read_problem(tmp_path)) == (True, True, "")


def test_a_wrong_one_is_kept_out_and_said(tmp_path: Path) -> None:
    said: list[Progress] = []
    stop = threading.Event()
    reload = ReloadConfiguration(tmp_path, stop, wrong, said.append)
    reload.request()
    reload.run(1.0)
    assert (stop.is_set(), reload.starts_again) == (False, False)
    assert "unknown key targt" in read_problem(tmp_path)
    assert "the one before stays" in said[0].detail
    ReloadConfiguration(tmp_path, stop, right, print)  # a daemon that starts has what is on disk
    assert read_problem(tmp_path) == ""


def status(root: Path) -> dict[str, Any]:
    words = [sys.executable, "-m", "healer", "status", "--json"]
    done = subprocess.run(words, cwd=root, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_real_daemon_keeps_its_process_and_its_old_configuration(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    (root / "scripts").mkdir(parents=True)
    (root / "scripts" / "a.py").write_text("print(1)\n")
    make_repository(root, {})
    with DaemonProcess(root, tmp_path) as daemon:
        daemon.wait_for("READY=1")
        (root / "healer.toml").write_text("targt = 'main'\n")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("READY=1")
        assert "did you mean target" in status(root)["config_problem"]
        (root / "healer.toml").write_text("[watch]\nlogs = ['other/*.log']\n")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("RELOADING=1")
        daemon.wait_for("READY=1")
        assert daemon.process.poll() is None
        assert (status(root)["daemon"], status(root)["config_problem"]) == (True, "")
        (root / "other").mkdir()  # the new configuration is in force: this log is followed
        log = root / "other" / "app.log"
        text = '\n  File "tool.py", line 1, in <module>\n    f()\nKeyError: 1\n'
        log.write_text(f"Traceback (most recent call last):{text}")
        until(lambda: bool(list((root / ".git/healer/kept").glob("*.json"))))
        daemon.send(signal.SIGTERM)
        assert daemon.process.wait(60) == 0
