"""How soon a real `healer daemon` acts, what it costs while it waits, and what a storm does to it.

    python -m benchmarks.daemon [crash] [log] [storm] [idle] [--rounds 100] [--seconds 60]

crash  from the moment a job under `healer run` raises, to the start of its repair's workflow
log    from the last line of a traceback in a followed log, to the same
storm  10,000 identical failures written to a log within 10 s: repairs, counts, memory
idle   processor time and memory of the daemon and its children with 10,000 files in the repository

Without a name, all of them. Each part starts a daemon of its own. In `crash`, `log` and `storm`
autonomy is "off", so that a repair ends as soon as it has started and no container disturbs the
next round; what is timed comes before that. A workflow has started when its first step begins.
"""

import argparse
import os
import platform
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType

from tests.support.git import make_repository

PROJECT = Path(__file__).parents[1]
FILES = 10_000
STORM, STORM_S = 10_000, 10.0
TRACEBACK = """Traceback (most recent call last):
  File "{root}/scripts/sync.py", line 7, in {name}
    return rows["{name}"]
           ~~~~^^^^^^^^^
KeyError: '{name}'
"""
CRASH = """import sys, time
def {name}():
    sys.stderr.write("%.6f\\n" % time.time())
    return {{}}["{name}"]
{name}()
"""


class Daemon:
    """A daemon on a repository of its own; it says over systemd's socket when it serves."""

    def __init__(self, folder: Path, settings: str) -> None:
        self.root = folder / "app"
        self.state = self.root / ".git" / "healer"
        (self.root / "scripts").mkdir(parents=True)
        (self.root / "logs").mkdir()
        (self.root / "scripts/sync.py").write_text("print(1)\n")
        (self.root / "healer.toml").write_text(settings)
        self._log = folder / "daemon.log"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.settimeout(120)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        make_repository(self.root, {})
        notify = f"{self._socket.getsockname()}"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "healer", "daemon"],
                cwd=self.root,
                env={**os.environ, "PYTHONPATH": str(PROJECT), "NOTIFY_SOCKET": notify},
                stderr=log,
            )
        while self._socket.recv(100) != b"READY=1":
            pass

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        self._socket.close()

    def starts(self) -> list[float]:
        """When each workflow's first step began, in seconds since the epoch.

        SQLite's own clock, which stamps the workflow itself, has whole seconds.
        """
        sql = "SELECT min(started_at_epoch_ms) FROM operation_outputs GROUP BY workflow_uuid"
        return [float(row[0]) / 1000 for row in self._query("workflows", sql)]

    def incidents(self) -> list[int]:
        """How often each incident was counted."""
        return [int(row[0]) for row in self._query("incidents", "SELECT count FROM incident")]

    def repairs(self) -> int:
        return int(self._query("ledger", "SELECT count(*) FROM healer_repairs")[0][0])

    def _query(self, name: str, sql: str) -> list[tuple[int, ...]]:
        path = self.state / f"{name}.sqlite"
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def cpu_s(self) -> float:
        """Of the daemon, and of children that have ended."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        line = next(row for row in self._proc("status").splitlines() if row.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def _proc(self, name: str) -> str:
        return Path(f"/proc/{self.process.pid if self.process else 0}/{name}").read_text()


@contextmanager
def daemon(settings: str, scripts: Mapping[str, str] = MappingProxyType({})) -> Iterator[Daemon]:
    with tempfile.TemporaryDirectory(prefix="healer-daemon-") as folder:
        daemon = Daemon(Path(folder), settings)
        for name, text in scripts.items():
            path = daemon.root / "scripts" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.stop()


def crash(options: argparse.Namespace) -> None:
    names = [f"step_{letters(n)}" for n in range(options.rounds)]
    jobs = {f"{name}.py": CRASH.format(name=name) for name in names}
    with daemon('autonomy = "off"\n', jobs) as one:
        healer = [sys.executable, "-m", "healer", "run", "--", sys.executable]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        took = []
        for n, job in enumerate(jobs):
            command = [*healer, f"scripts/{job}"]
            answer = subprocess.run(
                command, cwd=one.root, env=environment, capture_output=True, check=False
            )
            wait_for(partial(has_started, one, n + 1))
            took.append((max(one.starts()) - float(answer.stderr.split(b"\n")[0])) * 1000)
            wait_for_rest(one)
    print(f"crash: a job's exception to its repair's start: {spread(took)}")


def log(options: argparse.Namespace) -> None:
    with daemon('autonomy = "off"\n') as one:
        took = []
        for n in range(options.rounds):
            with (one.root / "logs/app.log").open("a") as file:
                file.write(TRACEBACK.format(root=one.root, name=f"step_{letters(n)}"))
            written_at = time.time()
            wait_for(partial(has_started, one, n + 1))
            took.append((max(one.starts()) - written_at) * 1000)
            wait_for_rest(one)
    print(f"log: the last line of a traceback to its repair's start: {spread(took)}")


def storm(_: argparse.Namespace) -> None:
    with daemon('autonomy = "off"\n') as one:
        path = one.root / "logs/app.log"
        path.write_text(TRACEBACK.format(root=one.root, name="first"))
        wait_for(lambda: len(one.starts()) == 1)  # everything is loaded now
        time.sleep(5)
        before, cpu, most = one.resident_mb(), one.cpu_s(), 0.0
        text = TRACEBACK.format(root=one.root, name="storm")
        start = time.monotonic()
        for n in range(STORM):
            with path.open("a") as file:
                file.write(text)
            if n % 100 == 0:
                most = max(most, one.resident_mb())
                time.sleep(max(0.0, start + STORM_S * n / STORM - time.monotonic()))
        took = time.monotonic() - start
        wait_for(lambda: STORM in one.incidents())
        print(
            f"storm: {STORM} written in {took:.1f} s: {one.repairs() - 1} repair,"
            f" {max(one.incidents())} counted, {one.cpu_s() - cpu:.1f} s of CPU, memory"
            f" {before:.0f} MB before, {most:.0f} MB at most, {one.resident_mb():.0f} MB after"
        )


def idle(options: argparse.Namespace) -> None:
    many = {f"d{n % 100}/f{n}.py": f"print({n})\n" for n in range(FILES)}
    with daemon('[watch]\nlogs = ["**/*.log"]\n', many) as one:
        time.sleep(70)  # the engine looks more often in its first minute
        cpu, start = one.cpu_s(), time.monotonic()
        time.sleep(options.seconds)
        share = (one.cpu_s() - cpu) / (time.monotonic() - start)
        print(
            f"idle: {share:.2%} of one core over {options.seconds:.0f} s,"
            f" {one.resident_mb():.0f} MB resident, {FILES} files"
        )


def wait_for_rest(one: Daemon) -> None:
    """Until the daemon has done with the last round, so that the next one does not wait for it."""
    wait_for(lambda: not list((one.state / "taken").glob("*.json")))
    time.sleep(0.3)


def has_started(daemon: Daemon, repairs: int) -> bool:
    """Whether so many repairs have begun."""
    return len(daemon.starts()) >= repairs


def letters(n: int) -> str:
    """A name without digits, which a fingerprint would leave out: a for 0, b for 1, ba for 26."""
    name = ""
    while True:
        n, rest = divmod(n, 26)
        name = chr(97 + rest) + name
        if n == 0:
            return name


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("nothing happened within 120 s")
        time.sleep(0.02)


def spread(values: list[float]) -> str:
    ascending = sorted(values)
    last = ascending[min(len(ascending) - 1, int(len(ascending) * 0.99))]
    return (
        f"median {statistics.median(ascending):.0f} ms, 99th percentile {last:.0f} ms,"
        f" least {ascending[0]:.0f} ms, {len(ascending)} rounds"
    )


PARTS = {"crash": crash, "log": log, "storm": storm, "idle": idle}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("part", nargs="*", choices=[[], *PARTS])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")
    for name in options.part or PARTS:
        PARTS[name](options)


if __name__ == "__main__":
    main()
