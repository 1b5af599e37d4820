"""Several machines on one: a hub, two agents where jobs fail, two workers that repair, one of which
is killed in the middle. Run by scripts/fleet-demo.

Everything is real: PostgreSQL, HTTP, git and a remote, Docker Engine. Only the network between the
machines is missing: each is a folder of its own.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from examples.demo import HEALER, SHOP, free_port, git, title
from tests.support import postgres  # the tests' own server

SCRIPT = "scripts/daily_sales.py"
TOML = """\
state_env = "HEALER_STATE"
push = true
[tests]
command = ["python", "-m", "pytest", "-q"]
[agent]
hub = "http://127.0.0.1:{port}"
"""
FAILURES = "SELECT count(*) FROM healer.all_failure"
COUNTED = "SELECT sum(count) FROM healer.all_incident"
OPEN = "SELECT count(*) FROM healer.all_healer_repairs WHERE state = 'open'"
HEALED = "SELECT count(*) FROM healer.all_healer_repairs WHERE outcome = 'healed'"
DEADLINE_S = 300.0
MIDDLE_S = 2.0
"""A repair of the example takes some eight seconds."""


class Machine:
    """A folder, and the one program that runs there for long."""

    def __init__(self, folder: Path, name: str, stack: ExitStack, **environment: str) -> None:
        self.name, self.root = name, folder / name
        self.root.mkdir()
        home = {"XDG_STATE_HOME": str(self.root / "state")}
        self.environment = {**os.environ, **home, **environment}
        self._stack = stack
        self._process: subprocess.Popen[bytes] | None = None

    def clone(self, remote: Path) -> None:
        git(self.root, "clone", "-q", str(remote), "jobs")
        self.root /= "jobs"

    def run(self, *words: str) -> int:
        print(f"{self.name}$ {' '.join(words)}", flush=True)
        program = {"healer": str(HEALER), "python3": sys.executable, "git": "git"}[words[0]]
        return subprocess.run(
            [program, *words[1:]], cwd=self.root, env=self.environment, check=False
        ).returncode

    def start(self, *words: str) -> None:
        print(f"{self.name}$ {' '.join(words)} &", flush=True)
        log = self._stack.enter_context((self.root.parent / f"{self.name}.log").open("ab"))
        self._process = subprocess.Popen(
            [HEALER, *words[1:]], cwd=self.root, env=self.environment, stdout=log, stderr=log
        )
        self._stack.callback(self.stop)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait()

    def is_at_work(self) -> bool:
        """A turn of a worker is a process of its own."""
        if self._process is None:
            return False
        pid = self._process.pid
        return bool(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def main() -> int:
    if not postgres.is_installed():
        print("PostgreSQL's programs (initdb, pg_ctl) are not on PATH")
        return 3
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="healer-fleet-")))
        url = stack.enter_context(postgres.server())
        port = free_port()
        make_remote(folder, port)
        return show(folder, url, port, stack)


def make_remote(folder: Path, port: int) -> None:
    """The example, which every machine clones."""
    first = folder / "first"
    shutil.copytree(SHOP, first, ignore=shutil.ignore_patterns("__pycache__"))
    (first / "healer.toml").write_text(TOML.format(port=port))
    git(first, "init", "-q", "-b", "main")
    git(first, "add", ".")
    git(first, "commit", "-q", "-m", "The shop's nightly jobs")
    git(folder, "clone", "-q", "--bare", "first", "origin.git")


def show(folder: Path, url: str, port: int, stack: ExitStack) -> int:
    """The story; 0 when it ends as it should."""
    remote = folder / "origin.git"
    title("A hub, and a token that may only post")
    hub = Machine(folder, "hub", stack, HEALER_STATE=url)
    words = ["hub", "token", "make", "jobs", "--repository", f"{os.uname().nodename}:{remote}"]
    token = subprocess.check_output([HEALER, *words], env=hub.environment, text=True).strip()
    hub.start("healer", "hub", "--listen", f"127.0.0.1:{port}")

    title("Two job machines: no Docker, no database, no right to push")
    jobs = [Machine(folder, f"jobs{n}", stack, HEALER_HUB_TOKEN=token) for n in (1, 2)]
    for each in jobs:
        each.clone(remote)
        each.start("healer", "agent")
        each.run("healer", "run", "python3", SCRIPT)
    wait_for(lambda: ask(url, FAILURES) == len(jobs), "both failures")
    print("the hub has both failures; they are one incident")

    title("Two workers; the one that repairs is killed with -9 in the middle")
    workers = [Machine(folder, f"worker{n}", stack, HEALER_STATE=url) for n in (1, 2)]
    for each in workers:
        each.start("healer", "worker", "--mirrors", "mirrors", "--add", str(remote))
    wait_for(lambda: ask(url, OPEN) == 1, "a repair is under way")
    time.sleep(MIDDLE_S)
    victim = next(each for each in workers if each.is_at_work())
    victim.stop(signal.SIGKILL)
    killed_at = time.monotonic()
    print(f"{victim.name} was killed while it repaired")
    wait_for(lambda: ask(url, HEALED) == 1, "the repair is merged")
    print(f"merged by the other one, {time.monotonic() - killed_at:.0f} s after that")

    title("The job machines pull, as they do for any commit, and the job runs")
    codes = [each.run("git", "pull", "-q") or each.run("python3", SCRIPT) for each in jobs]
    merges = subprocess.check_output(
        ["git", "log", "--format=%(trailers:key=Healer-Repair,valueonly)", "main"],
        cwd=remote,
        text=True,
    ).split()
    if codes != [0, 0] or ask(url, COUNTED) != len(jobs) or len(set(merges)) != 1:
        print(f"\nthe demo did not end as it should: exit codes {codes}, merged {merges}")
        return 1
    print("\nTwo failures, one incident, one merge.")
    return 0


def ask(url: str, query: str) -> object:
    """The first value that PostgreSQL gives; None where there is none, or no table yet."""
    with psycopg.connect(url) as connection:
        try:
            row = connection.execute(query.encode()).fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    value = row[0] if row else None
    return int(value) if value is not None and not isinstance(value, str) else value


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE_S
    while not is_so():
        if time.monotonic() > end:
            sys.exit(f"not within {DEADLINE_S:g} s: {what}")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
