"""SIGHUP takes a right configuration, and stays with the one before where it is wrong."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from healer.config import ConfigError
from healer.daemon.tasks.reload import Reload, problem
from healer.facts.progress import Progress
from tests.support.daemon_process import DaemonProcess, until
from tests.support.git import make_repository
from tests.support.repair_world import Asked


def right() -> None:
    return None


def wrong() -> None:
    raise ConfigError("healer.toml: unknown key targt")


def turn(reload: Reload) -> None:
    reload.do(1.0, Asked())  # type: ignore[arg-type]


def test_nothing_happens_before_somebody_asks(make: Any, tmp_path: Path) -> None:
    stop = threading.Event()
    reload = Reload(make(), tmp_path, stop, wrong)
    turn(reload)
    assert (stop.is_set(), reload.wanted, problem(tmp_path)) == (False, False, "")


def test_a_right_configuration_stops_the_daemon_to_start_again(make: Any, tmp_path: Path) -> None:
    stop = threading.Event()
    reload = Reload(make(), tmp_path, stop, right)
    reload.ask()
    turn(reload)
    assert (stop.is_set(), reload.wanted, problem(tmp_path)) == (True, True, "")


def test_a_wrong_one_is_kept_out_and_said(make: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    said: list[Progress] = []
    stop = threading.Event()
    reload = Reload(replace(make(), progress=said.append), tmp_path, stop, wrong)
    reload.ask()
    turn(reload)
    assert (stop.is_set(), reload.wanted) == (False, False)
    assert "unknown key targt" in problem(tmp_path)
    assert "the one before stays" in said[0].detail
    Reload(make(), tmp_path, stop, right)  # a daemon that starts has what is on disk
    assert problem(tmp_path) == ""


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
