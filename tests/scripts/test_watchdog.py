"""scripts/watchdog, run for real on a version of healer that is a small program of the tests."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.git import make_repository

SCRIPT = Path(__file__).parents[2] / "scripts" / "watchdog"
DEADLINE_S = 60.0
GOOD = f"""#!{sys.executable}
import fcntl, os, sys, time
state = sys.argv[2] + "/.git/healer"
lock = open(state + "/locks/daemon.lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
open(state + "/started", "w").close()
open(state + "/alive", "w").write(str(os.getpid()))
time.sleep(600)
"""
BAD = "#!/bin/sh\necho 'cannot start' >&2\nexit 4\n"


class Machine:
    """An installed version, a repository, and the watchdog as cron starts it."""

    def __init__(self, folder: Path, *, is_wheel: bool = False) -> None:
        """`is_wheel`: as pip puts it into an environment; else a checkout with one in it."""
        self.scripts, self.programs = "scripts", ".venv/bin"
        if is_wheel:
            self.scripts, self.programs = "share/healer", "bin"
        self.home, self.repo = folder / "healer", folder / "app"
        self.good = folder / "healer.last-good"
        self.state = self.repo / ".git" / "healer"
        (self.home / self.scripts).mkdir(parents=True)
        (self.home / ".git").mkdir()
        (self.home / ".git" / "work").write_text("a person's")
        shutil.copy(SCRIPT, self.home / self.scripts / "watchdog")
        make_repository(self.repo, {"README": "x"})

    def install(self, program: str, version: str) -> None:
        """Another version lies on disk from now on."""
        path = self.home / self.programs / "healer"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(program)
        path.chmod(0o755)
        (self.home / "VERSION").write_text(version)

    def installed_long_ago(self) -> None:
        """Every file is an hour old."""
        for path in self.home.rglob("*"):
            os.utime(path, (time.time() - 3600,) * 2)

    def minute(self, **more: str) -> "subprocess.CompletedProcess[str]":
        """The watchdog's turn."""
        return subprocess.run(
            [str(self.home / self.scripts / "watchdog"), str(self.repo)],
            env={**os.environ, **more},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )

    @property
    def pid(self) -> int:
        """The living daemon's id, or 0."""
        with suppress(OSError, ValueError):
            pid = int((self.state / "alive").read_text())
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            return 0 if state == "Z" else pid
        return 0

    def stop(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            until(lambda: not self.pid)

    @property
    def starts(self) -> int:
        return len((self.state / "starts").read_text().splitlines())

    def told(self) -> str:
        path = self.state / "restarted"
        return path.read_text() if path.exists() else ""


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.stop()


def test_a_daemon_that_does_not_run_is_started_and_one_that_lives_is_left_alone(
    machine: Machine,
) -> None:
    machine.install(GOOD, "1")
    assert machine.minute().returncode == 0
    until(lambda: machine.pid)
    pid = machine.pid
    for _ in range(3):
        assert machine.minute().returncode == 0
    assert (machine.pid, machine.starts, machine.told()) == (pid, 1, "")


def test_a_daemon_that_was_killed_is_started_again(machine: Machine) -> None:
    machine.install(GOOD, "1")
    machine.minute()
    until(lambda: machine.pid)
    machine.stop()
    machine.minute()
    until(lambda: machine.pid)
    assert machine.starts == 2


def test_a_daemon_that_hangs_is_ended_and_started_again(machine: Machine) -> None:
    machine.install(GOOD, "1")
    machine.minute()
    until(lambda: machine.pid)
    first = machine.pid
    old = time.time() - 3600
    os.utime(machine.state / "alive", (old, old))
    (machine.state / "starts").write_text(f"{old:.0f}\n")
    machine.minute()
    until(lambda: machine.pid not in (0, first))


def kept(machine: Machine) -> None:
    """The version on disk runs, and has run for long."""
    machine.installed_long_ago()
    machine.minute()
    until(lambda: machine.pid)
    until(lambda: (machine.minute(WATCHDOG_HEALTHY_S="0"), machine.good.exists())[1])


def test_after_three_starts_the_last_good_version_is_back_and_a_mail_is_due(
    machine: Machine,
) -> None:
    machine.install(GOOD, "1")
    kept(machine)
    machine.stop()
    (machine.state / "starts").write_text("")
    machine.install(BAD, "2")
    for _ in range(3):
        assert machine.minute().returncode == 0
        assert not machine.pid
    assert (machine.home / "VERSION").read_text() == "2"
    machine.minute()
    until(lambda: machine.pid)
    assert (machine.home / "VERSION").read_text() == "1"
    (bad,) = machine.home.parent.glob("healer.bad-*")
    assert (bad / "VERSION").read_text() == "2"
    assert "The last good version is back" in machine.told()
    assert (machine.home / ".git" / "work").read_text() == "a person's"
    assert machine.minute().returncode == 0


def test_a_version_that_changed_while_the_daemon_ran_is_not_kept_as_good(
    machine: Machine,
) -> None:
    machine.install(GOOD, "1")
    kept(machine)
    machine.install(BAD, "2")  # on disk; what runs is the first one
    for _ in range(3):
        machine.minute(WATCHDOG_HEALTHY_S="0")
    assert (machine.good / "VERSION").read_text() == "1"


def test_without_a_good_version_it_is_told_once_and_tried_again_later(machine: Machine) -> None:
    machine.install(BAD, "1")
    assert [machine.minute().returncode for _ in range(5)] == [0, 0, 0, 1, 1]
    assert machine.told().count("no earlier good version") == 1
    assert machine.starts == 3
    (machine.state / "starts").write_text(f"{time.time() - 700:.0f}\n" * 3)
    assert machine.minute().returncode == 0
    assert machine.starts == 4


def test_what_healer_cannot_mail_itself_goes_through_sendmail(
    machine: Machine, tmp_path: Path
) -> None:
    machine.install(BAD, "1")
    for _ in range(4):
        machine.minute()
    old = time.time() - 3600
    os.utime(machine.state / "restarted", (old, old))
    sendmail = tmp_path / "sendmail"
    sendmail.write_text(f"#!/bin/sh\ncat >{tmp_path}/sent\n")
    sendmail.chmod(0o755)
    machine.minute(WATCHDOG_MAIL="ops@example.com", SENDMAIL=str(sendmail))
    sent = (tmp_path / "sent").read_text()
    assert sent.startswith("To: ops@example.com\nSubject: healer does not run on ")
    assert "no earlier good version" in sent
    assert machine.told() == ""


def test_without_sendmail_cron_gets_it(machine: Machine) -> None:
    machine.install(BAD, "1")
    for _ in range(4):
        machine.minute()
    old = time.time() - 3600
    os.utime(machine.state / "restarted", (old, old))
    assert "no earlier good version" in machine.minute().stderr


def test_another_way_to_start_is_taken(machine: Machine, tmp_path: Path) -> None:
    machine.install(BAD, "1")
    machine.minute(WATCHDOG_START=f"touch {tmp_path}/asked")
    assert (tmp_path / "asked").exists()


def test_one_from_the_wheel_starts_the_daemon_of_its_environment(tmp_path: Path) -> None:
    machine = Machine(tmp_path, is_wheel=True)
    machine.install(GOOD, "1")
    assert machine.minute().returncode == 0
    until(lambda: machine.pid)
    machine.stop()
