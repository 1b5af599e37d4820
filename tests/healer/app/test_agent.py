"""An agent needs a checkout and a token; what it brings a daemon of another clone takes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from healer.app.agent import HubAwayError, examine_hub, find_hub, send_once
from healer.app.configuration import read_settings
from healer.app.doctor import diagnose
from healer.app.trust import TrustError
from healer.config import ConfigError
from healer.engine.locks import AlreadyRunningError, hold_executor_lock
from healer.facts.errors import UsageError
from healer.failure import Failure
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.inbox import Inbox
from healer.watch.runner import run_log
from healer.watch.runner.run_log import LoggedRun
from healer.watch.shared_inbox import SharedInbox
from quarantine.repository import Repository
from tests.support.git import git, make_repository
from tests.support.hub_server import hub_server, make_token

TOKEN = "healer-x"


class JobMachine:
    """A checkout whose remote others know, and the hub."""

    def __init__(self, folder: Path, scope: Scope, hub: str) -> None:
        # What daemons of other machines need does not keep an agent from its work.
        toml = 'state_env = "NOT_SET_HERE"\npush = true\n'
        toml += f'[agent]\nhub = "{hub}"\nenvironment = false\n'
        toml += f'[fleet]\ntenant = "{scope.tenant}"\n[watch]\nlogs = ["logs/*.log"]\n'
        self.root = make_repository(folder / "jobs", {"a.py": "1 / 0\n", "healer.toml": toml})
        git(self.root, "remote", "add", "origin", f"https://{scope.repository}.git")
        self.repository = Repository.open(self.root)
        self.inbox = Inbox(self.root / ".git/healer")

    def fail(self, script: str = "a.py") -> Failure:
        return self.inbox.put(Failure(id="", script=script, source="run", exit_code=1))


@pytest.fixture
def hub(shared_url: str) -> Iterator[str]:
    with hub_server(shared_url) as address:
        yield address


@pytest.fixture
def machine(
    tmp_path: Path, shared_url: str, scope: Scope, hub: str, monkeypatch: pytest.MonkeyPatch
) -> JobMachine:
    token = make_token(shared_url, scope.repository, scope.tenant, scope.repository)
    monkeypatch.setenv("HEALER_HUB_TOKEN", token)
    return JobMachine(tmp_path, scope, hub)


@pytest.fixture
def pending(shared_url: str, scope: Scope) -> Iterator[Callable[[], tuple[str, ...]]]:
    """What waits in the shared inbox for a clone."""
    with SharedTables(shared_url, scope) as tables:
        yield lambda: SharedInbox(tables).list_pending()


def test_what_is_spooled_comes_to_the_shared_inbox_once(
    machine: JobMachine, pending: Callable[[], tuple[str, ...]]
) -> None:
    failures = [machine.fail("a.py"), machine.fail("b.py")]
    run_log.append(machine.inbox.state_dir, LoggedRun("a.py", "", 0, time.time(), 1.0))
    assert send_once(machine.repository, print) == 2
    assert send_once(machine.repository, print) == 0
    assert pending() == tuple(each.id for each in failures)


def test_what_a_killed_agent_had_in_its_hand_is_brought(
    machine: JobMachine, pending: Callable[[], tuple[str, ...]]
) -> None:
    failure = machine.fail()
    machine.inbox.claim(failure.id)
    assert send_once(machine.repository, print) == 1
    assert pending() == (failure.id,)


def test_a_hub_that_is_away_is_said_and_nothing_is_lost(
    tmp_path: Path, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEALER_HUB_TOKEN", TOKEN)
    machine = JobMachine(tmp_path, scope, "http://127.0.0.1:1")
    failure = machine.fail()
    with pytest.raises(HubAwayError, match="stays"):
        send_once(machine.repository, print)
    assert machine.inbox.list_pending() == (failure.id,)
    (diagnosis,) = examine_hub(machine.repository, read_settings(machine.repository))
    assert diagnosis.status == "note"


def test_where_the_daemon_takes_failures_no_agent_does(machine: JobMachine) -> None:
    with (
        hold_executor_lock(machine.inbox.state_dir, "daemon"),
        pytest.raises(AlreadyRunningError),
    ):
        send_once(machine.repository, print)


def test_a_commit_cannot_send_failures_elsewhere(machine: JobMachine) -> None:
    send_once(machine.repository, print)
    toml = (machine.root / "healer.toml").read_text()
    (machine.root / "healer.toml").write_text(
        toml.replace("[agent]\nhub = ", '[agent]\nhub = "https://evil.example.com" # ')
    )
    with pytest.raises(TrustError, match=r"evil\.example\.com"):
        send_once(machine.repository, print)


def test_doctor_says_whether_the_hub_takes_it(machine: JobMachine) -> None:
    (diagnosis,) = examine_hub(machine.repository, read_settings(machine.repository))
    assert (diagnosis.name, diagnosis.status) == ("hub", "pass")


def test_on_a_job_machine_doctor_asks_for_no_state_and_no_docker(machine: JobMachine) -> None:
    send_once(machine.repository, print)
    diagnoses = {each.name: each.status for each in diagnose(machine.root)}
    assert diagnoses == {"git": "pass", "config": "note", "trust": "pass", "hub": "pass"}


def test_doctor_says_that_the_hub_does_not_know_the_token(
    machine: JobMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEALER_HUB_TOKEN", TOKEN)
    (diagnosis,) = examine_hub(machine.repository, read_settings(machine.repository))
    assert (diagnosis.status, "not known" in diagnosis.detail) == ("note", True)


@pytest.mark.parametrize("token", ["", " ", "ü", "a\nb"])
def test_without_a_token_it_says_which_variable_holds_it(
    machine: JobMachine, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HEALER_HUB_TOKEN", token)
    with pytest.raises(ConfigError, match="HEALER_HUB_TOKEN"):
        find_hub(machine.repository, read_settings(machine.repository))


def test_a_checkout_without_a_remote_has_no_name_for_others(machine: JobMachine) -> None:
    git(machine.root, "remote", "remove", "origin")
    with pytest.raises(UsageError, match="git remote add"):
        send_once(machine.repository, print)


def test_it_brings_what_comes_after_kill_9_too_and_ends_on_sigterm(
    machine: JobMachine, pending: Callable[[], tuple[str, ...]]
) -> None:
    with ExitStack() as stack:
        agents = [start_agent(machine.root, stack)]
        first = machine.fail("a.py")
        wait_until(lambda: first.id in pending())
        agents[0].kill()
        agents[0].wait()
        second = machine.fail("b.py")
        (machine.root / "logs").mkdir()
        agents.append(start_agent(machine.root, stack))
        wait_until(lambda: second.id in pending())
        (machine.root / "logs/x.log").write_text(
            'Traceback (most recent call last):\n  File "c.py", line 1, in <module>\n'
            "    c\nNameError: name 'c' is not defined\n"
        )
        wait_until(lambda: len(pending()) == 3)
        agents[1].send_signal(signal.SIGTERM)
        assert agents[1].wait(30) == 0


def start_agent(root: Path, stack: ExitStack) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "healer", "agent"]
    process = stack.enter_context(subprocess.Popen(words, cwd=root, env=dict(os.environ)))
    stack.callback(process.kill)
    return process


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.05)
