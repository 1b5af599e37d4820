"""A storm from many agents through a hub that is killed meanwhile: what is counted, and its cost.

    python -m benchmarks.hub [--failures 10000] [--fingerprints 50] [--agents 20] [--kills 3]
                             [--no-repairs]

Real: PostgreSQL, `healer hub` as a process that is killed with -9 and started again, spools on
disk, HTTP. The agents are threads of one process; each sends what `healer run` would have spooled,
and holds back as `healer agent` does. Then one `healer daemon` on a clone repairs what waits, with
the scripted drafter and sandbox of `benchmarks.fleet_machine`. Milliseconds are of processor time,
of all processes of the hub and of PostgreSQL while the storm lasts.
"""

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

import psycopg

from benchmarks.fleet import PROJECT, good_night, path_of, script
from benchmarks.fleet_machine import traceback_of
from healer.failure import Failure, parse_traceback
from healer.tape.good_nights import keep_good_night
from healer.watch.agent import FailureSender, Source
from healer.watch.hub_client import HubClient, HubError
from healer.watch.inbox import Inbox
from quarantine.remote import canonical_url
from tests.support import postgres
from tests.support.git import git, make_repository
from tests.support.hub_server import make_token

TENANT = "default"
DEADLINE_S = 600.0
_TICK = os.sysconf("SC_CLK_TCK")


class Server:
    """`healer hub`, which may be killed and started again on its port."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, "HEALER_STATE": url, "PYTHONPATH": str(PROJECT)}
        self._folder, self.cpu_s, self.kills = folder, 0.0, 0
        self._process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill(signal.SIGTERM)

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self._process.poll() is not None:
            return
        self.cpu_s += cpu_of(self._process.pid)
        self._process.send_signal(number)
        self._process.wait()

    def kill_and_start(self) -> None:
        self.kill()
        self.kills += 1
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        words = ("hub", "--listen", f"127.0.0.1:{self.port}")
        process = subprocess.Popen(
            [sys.executable, "-m", "healer", *words],
            cwd=self._folder, env=self._environment, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self._listens, "the hub listens")
        return process

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICK


def cpu_of_postgres(url: str) -> float:
    """The same of the server and all that it has started."""
    folder = Path(parse_qs(urlsplit(url).query)["host"][0])
    first = (folder / "data/postmaster.pid").read_text().split()[0]
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return sum(cpu_of(int(pid)) for pid in (first, *children))


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE_S
    while not is_so():
        if time.monotonic() > end:
            sys.exit(f"NOT within {DEADLINE_S:g} s: {what}")
        time.sleep(0.05)


class Agent:
    """A job machine's spool, and the loop that empties it."""

    def __init__(self, folder: Path, hub: Server, token: str, repository: str) -> None:
        self.inbox, self.trouble = Inbox(folder), 0
        client = HubClient(hub.address, token)
        source = Source(repository, folder.name)
        self._sender = FailureSender(self.inbox, client, source, print)

    def run(self) -> None:
        while self.inbox.list_pending():
            try:
                self._sender.send_waiting()
            except HubError as error:
                self.trouble += 1
                time.sleep(max(error.retry_after_s, random.uniform(0.1, 0.3)))


def count(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        return int(row[0] or 0) if row else 0


def run_storm(options: argparse.Namespace, folder: Path, url: str) -> Path:
    """Fills the spools, lets all agents send at once; gives the clone that repairs."""
    files = {path_of(n): script() for n in range(options.fingerprints)}
    files["healer.toml"] = f'state = "{url}"\npush = true\nprobation_runs = 1\n'
    first = make_repository(folder / "first", files)
    remote = folder / "origin.git"
    git(folder, "clone", "-q", "--bare", "first", str(remote))
    git(folder, "clone", "-q", str(remote), "clone")
    repository = canonical_url(str(remote), socket.gethostname())
    commit = git(first, "rev-parse", "main")
    with Server(url, folder) as hub:
        token = make_token(url, "bench", TENANT, repository)
        agents = [Agent(folder / f"job{n}", hub, token, repository) for n in range(options.agents)]
        for number in range(options.failures):
            spool(agents[number % options.agents], number % options.fingerprints, first, commit)
        before, start = cpu_of_postgres(url), time.monotonic()
        send_all(agents, hub, url, options)
        took, server = time.monotonic() - start, cpu_of_postgres(url) - before
    each = 1_000 / options.failures
    print(
        f"{options.failures} failures of {options.fingerprints} fingerprints from "
        f"{options.agents} agents in {took:.0f} s, the hub killed {hub.kills} times; "
        f"{sum(a.trouble for a in agents)} posts met trouble and went again"
    )
    print(f"  per failure: hub {hub.cpu_s * each:.2f} ms, PostgreSQL {server * each:.2f} ms")
    return folder / "clone"


def has_failures(url: str, number: int) -> bool:
    return count(url, "SELECT count(*) FROM healer.all_failure") >= number


def spool(agent: Agent, bug: int, root: Path, commit: str) -> None:
    """As `healer run` does."""
    text = traceback_of(str(root), path_of(bug))
    agent.inbox.put(
        Failure(
            id="", script=path_of(bug), source="run", argv=("python", path_of(bug)), exit_code=1,
            chain=parse_traceback(text, str(root)), stderr_tail=text, commit=commit,
        )
    )  # fmt: skip


def send_all(agents: list[Agent], hub: Server, url: str, options: argparse.Namespace) -> None:
    """All at once; the hub is killed when so many failures have come, by chance."""
    threads = [threading.Thread(target=agent.run, daemon=True) for agent in agents]
    for thread in threads:
        thread.start()
    marks = random.Random(7).sample(range(options.failures // 10, options.failures), options.kills)
    for mark in sorted(marks):
        wait_until(partial(has_failures, url, mark), f"{mark} failures came")
        hub.kill_and_start()
    for thread in threads:
        thread.join()


def report(url: str) -> None:
    rows = count(url, "SELECT count(*) FROM healer.all_failure")
    waiting = count(url, "SELECT count(*) FROM healer.all_failure WHERE state <> 'kept'")
    incidents = count(url, "SELECT count(*) FROM healer.all_incident")
    total = count(url, "SELECT sum(count) FROM healer.all_incident")
    repairs = count(url, "SELECT count(*) FROM healer.all_healer_repairs")
    print(
        f"  {rows} failures known, {waiting} wait; {incidents} incidents with {total} failures; "
        f"{repairs} repairs"
    )


def run_repairs(clone: Path, url: str, fingerprints: int) -> None:
    """One daemon takes what waits."""
    for number in range(fingerprints):
        keep_good_night(clone / ".git/healer", good_night(number, clone))
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "FLEET_STEP_S": "0"}
    with (clone / "../daemon.log").open("ab") as log:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fleet_machine", "daemon"],
            cwd=clone, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        query = "SELECT count(*) FROM healer.all_healer_repairs WHERE state <> 'open'"
        wait_until(lambda: count(url, query) >= fingerprints, "all repairs end")
        query = "SELECT count(*) FROM healer.all_failure WHERE state <> 'kept'"
        wait_until(lambda: count(url, query) == 0, "all failures are handled")
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, number in (("failures", 10_000), ("fingerprints", 50), ("agents", 20), ("kills", 3)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--no-repairs", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the hub and PostgreSQL end with it
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="healer-hub-")))
        url = stack.enter_context(postgres.server())
        clone = run_storm(options, folder, url)
        report(url)
        if not options.no_repairs:
            start = time.monotonic()
            run_repairs(clone, url, options.fingerprints)
            print(f"one daemon, {time.monotonic() - start:.0f} s")
            report(url)


if __name__ == "__main__":
    main()
