"""Clones of one remote on one PostgreSQL, each with a real `healer daemon`: who does what?

    python -m benchmarks.fleet [one-bug] [killed] [idle] [--bugs 12] [--rounds 2] [--seconds 30]

one-bug  two machines have the same failure: repairs, merges, mails, and what it costs in messages
         to PostgreSQL (counted by a relay that reads the protocol)
killed   three machines with `--bugs` bugs, of each machine a third; in each of `--rounds` rounds
         one is killed with -9 at a random moment and stays dead for 40 s, and another is stopped
         (SIGSTOP) for as long and woken; repairs, merges, mails, seconds until taken over
idle     what a daemon that has nothing to do asks PostgreSQL for

PostgreSQL's own programs have to be installed. The machines are processes on one machine, and their
sandbox has no containers (`benchmarks.fleet_machine`): seconds are those of healer and of waiting.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg

from benchmarks.fleet_machine import LINE, traceback_of
from benchmarks.postgres_relay import Relay
from healer.failure import Failure, fingerprint, parse_traceback
from healer.tape.facts import Tape
from healer.tape.good_nights import keep_good_night
from healer.watch.inbox import Inbox
from tests.support import postgres
from tests.support.git import git, make_repository
from tests.support.smtp import Server, smtp_server

PROJECT = Path(__file__).parents[1]
STOPPED_S = 40.0
DEADLINE_S = 200.0


class Machine:
    """A clone with a daemon."""

    def __init__(self, world: "World", name: str) -> None:
        self.root = world.folder / name
        git(world.folder, "clone", "-q", str(world.remote), name)
        self.state = self.root / ".git/healer"
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "XDG_STATE_HOME": str(world.folder / "xdg" / name),
        }
        self.process: subprocess.Popen[bytes]
        for number in range(1, world.bugs, 2):  # with which a fix is proved
            keep_good_night(self.state, good_night(number, self.root))

    def fail(self, number: int) -> str:
        """Records a failure; gives its fingerprint."""
        script = path_of(number)
        text = traceback_of(str(self.root), script)
        failure = Failure(
            id="", script=script, source="run", argv=("python", script), exit_code=1,
            chain=parse_traceback(text, str(self.root)), stderr_tail=text,
            commit=git(self.root, "rev-parse", "main"),
        )  # fmt: skip
        return Inbox(self.state).put(failure).fingerprint or fingerprint(failure)

    def start(self) -> None:
        with (self.root / "../daemon.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.fleet_machine", "daemon"],
                cwd=self.root, env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait()


class World:
    """The remote, PostgreSQL, a mail server, and machines."""

    def __init__(self, folder: Path, bugs: int, relay: Relay, mail: Server, direct: str) -> None:
        self.folder, self.relay, self.mail, self._direct = folder, relay, mail, direct
        self.bugs = bugs
        files = {f"scripts/job_{n:04}.py": script() for n in range(bugs)}
        files["healer.toml"] = (
            f'state = "{relay.url}"\npush = true\nprobation_runs = 1\n'
            f'[mail]\nsmtp = "{mail.url}"\nfrom = "healer@example.com"\nto = ["ada@example.com"]\n'
            'group_wait_s = 0\ndigest_at = ""\nletter_at = ""\n'
        )
        make_repository(folder / "first", files)
        self.remote = folder / "origin.git"
        git(folder, "clone", "-q", "--bare", "first", str(self.remote))
        self.before = git(self.remote, "rev-parse", "main")

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Straight from PostgreSQL, past the relay."""
        with psycopg.connect(self._direct) as connection:
            try:
                return connection.execute(query.encode()).fetchall()
            except psycopg.errors.UndefinedTable:
                return []

    def count_ended(self) -> int:
        query = "SELECT count(*) FROM healer.all_healer_repairs WHERE state <> 'open'"
        return int(str((self.ask(query) or [(0,)])[0][0]))

    def repairs_of_each(self) -> Counter[str]:
        rows = self.ask("SELECT script FROM healer.all_healer_repairs")
        return Counter(str(row[0]) for row in rows)

    def merges_of_each(self) -> Counter[str]:
        """Of each repair, by its trailer in what the remote has."""
        text = git(self.remote, "log", "--format=%B", f"{self.before}..main")
        return Counter(line for line in text.splitlines() if line.startswith("Healer-Repair: "))

    def mails_of_each(self) -> Counter[str]:
        return Counter(str(each.mail["Subject"]) for each in self.mail.taken)


def path_of(number: int) -> str:
    return f"scripts/job_{number:04}.py"


def script() -> str:
    end = 'if __name__ == "__main__":\n    print(total([{"total": 1}]))\n'
    return f"def total(rows):\n    {LINE}\n\n\n{end}"


def good_night(number: int, root: Path) -> Tape:
    """What `healer run` kept of the script before it broke."""
    argv = ("python", path_of(number))
    return Tape(
        script=path_of(number), commit="", started_at=time.time(), timezone="UTC", root=str(root),
        cwd=str(root), environment={}, argv=argv, command=argv, stdout=b"1\n",
    )  # fmt: skip


@contextmanager
def open_world(bugs: int) -> Iterator[World]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="healer-fleet-")))
        direct = stack.enter_context(postgres.server())
        mail = stack.enter_context(smtp_server())
        (folder / "relay").mkdir()
        relay = Relay(folder / "relay", direct)
        yield World(folder, bugs, relay, mail, direct)


@contextmanager
def run_machines(machines: list[Machine]) -> Iterator[None]:
    for machine in machines:
        machine.start()
    try:
        yield
    finally:
        for machine in machines:
            with suppress(ProcessLookupError):
                machine.process.send_signal(signal.SIGCONT)
            machine.kill(signal.SIGTERM)


def until(condition: Callable[[], bool], what: str) -> float:
    """The seconds that it took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > DEADLINE_S:
            print(f"  NOT within {DEADLINE_S:g} s: {what}")
            return DEADLINE_S
        time.sleep(0.2)
    return time.monotonic() - start


def tell(world: World, bugs: int) -> None:
    """What came of all bugs."""
    repairs, merges, mails = world.repairs_of_each(), world.merges_of_each(), world.mails_of_each()
    once = sum(repairs[path_of(n)] == 1 for n in range(bugs))
    print(f"  bugs {bugs}, with exactly one repair {once}, ended {world.count_ended()}")
    print(f"  merges {sum(merges.values())}, merged twice {sum(n > 1 for n in merges.values())}")
    print(f"  mails {sum(mails.values())}, sent twice {sum(n > 1 for n in mails.values())}")
    for row in world.ask(
        "SELECT state, outcome, left(result::json ->> 'reason', 100), count(*)"
        " FROM healer.all_healer_repairs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ):
        print(f"    {row[0]} {row[1]}: {row[3]} ({row[2]})")


def measure_one_bug() -> None:
    """Two machines, one failure."""
    for number, kind in ((0, "a fix that waits for a person"), (1, "a fix that merges")):
        with open_world(2) as world:
            machines = [Machine(world, name) for name in ("one", "two")]
            with run_machines(machines):
                until(lambda: len(world.ask("SELECT 1 FROM healer.all_member")) == 2, "both live")
                time.sleep(3)
                connections, messages = world.relay.connections, world.relay.messages
                prints = {machine.fail(number) for machine in machines}
                took = until(lambda: world.count_ended() == 1, "the repair ends")
                connections = world.relay.connections - connections
                messages = world.relay.messages - messages
                time.sleep(20)  # would the other begin one?
                print(f"{kind}: {took:.1f} s, {len(prints)} fingerprint")
                print(f"  {messages} messages and {connections} new connections of both meanwhile")
                tell(world, 1) if number == 0 else tell(world, 2)


def measure_killed(bugs: int, rounds: int) -> None:
    """Machines that die and machines that sleep."""
    chance = random.Random(7)
    with open_world(bugs) as world:
        machines = [Machine(world, name) for name in ("one", "two", "three")]
        for number in range(bugs):
            machines[number % 3].fail(number)
        seconds: list[float] = []
        with run_machines(machines):
            until(lambda: world.count_ended() > 0, "the first repair ends")
            for _ in range(rounds):
                victim, sleeper = chance.sample(machines, 2)
                time.sleep(chance.uniform(0, 4))
                victim.kill()
                sleeper.process.send_signal(signal.SIGSTOP)
                moment, before = time.monotonic(), _count_taken(world)
                repairs = _count_held(world, victim)
                while time.monotonic() - moment < STOPPED_S:
                    time.sleep(0.2)
                    if _count_taken(world) > before and repairs:
                        seconds.append(time.monotonic() - moment)
                        break
                time.sleep(max(0.0, STOPPED_S - (time.monotonic() - moment)))
                sleeper.process.send_signal(signal.SIGCONT)
                victim.start()
            until(lambda: world.count_ended() >= bugs, "all repairs end")
            time.sleep(5)
        print(f"{rounds} killed for 40 s and {rounds} stopped for 40 s, of 3 machines")
        print(f"  first taken over after {', '.join(f'{s:.0f} s' for s in seconds) or 'nothing'}")
        tell(world, bugs)


def _count_taken(world: World) -> int:
    query = "SELECT count(*) FROM healer.all_healer_steps WHERE outcome = 'taken over'"
    return int(str((world.ask(query) or [(0,)])[0][0]))


def _count_held(world: World, machine: Machine) -> int:
    name = (machine.state / "namespace").read_text().split()[0]
    query = "SELECT holder FROM healer.all_healer_repairs WHERE state = 'open'"
    return world.ask(query).count((name,))


def measure_idle(seconds: float) -> None:
    """One daemon that has nothing to do."""
    with open_world(2) as world, run_machines([Machine(world, "one")]):
        until(lambda: len(world.ask("SELECT 1 FROM healer.all_member")) == 1, "it lives")
        time.sleep(5)
        connections, messages = world.relay.connections, world.relay.messages
        time.sleep(seconds)
        rate = (world.relay.messages - messages) * 60 / seconds
        connections = world.relay.connections - connections
        print(f"idle: {rate:.0f} messages a minute, {connections} new connections")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=["one-bug", "killed", "idle", []])
    parser.add_argument("--bugs", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=30)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # machines and PostgreSQL end with it
    parts = arguments.parts or ["one-bug", "killed", "idle"]
    if "one-bug" in parts:
        measure_one_bug()
    if "killed" in parts:
        measure_killed(arguments.bugs, arguments.rounds)
    if "idle" in parts:
        measure_idle(arguments.seconds)


if __name__ == "__main__":
    main()
