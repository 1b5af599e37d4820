"""`healer worker` on one PostgreSQL: who repairs what, how often, and what a look for work costs.

    python -m benchmarks.workers [admission] [scale] [killed] [flood]
        [--repositories 6] [--rounds 2] [--waiting 10000]

admission  what a worker's look for work, the end of a turn, and a look for the dead cost
           PostgreSQL, in milliseconds of processor time, with `--waiting` repositories due
scale      one worker, then two, with one slot each: seconds and processor time for each repair
killed     three workers; in each of `--rounds` rounds one is killed with -9 at a random moment,
           another stopped (SIGSTOP) for 40 s; repairs, merges and mails, and seconds until taken
           over
flood      how long a tenant's repair waits for its start alone, and beside one that floods

PostgreSQL's own programs have to be installed. Workers are processes on one machine, and their
sandbox has no containers (`benchmarks.fleet_machine`): seconds are those of healer and of waiting.
"""

import argparse
import os
import random
import resource
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg

from benchmarks.fleet import until
from benchmarks.workers_world import HOST, end_workers, open_world
from healer.services.work import PREFERENCE_S, WorkTable
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables

STOPPED_S = 40.0


def measure_admission(waiting: int) -> None:
    """A table of due repositories, and one worker that looks."""
    with open_world() as world, ExitStack() as stack:
        tables = stack.enter_context(SharedTables(world.url, Scope("", "")))
        tables.query(
            "INSERT INTO healer.all_work (tenant, repository, url, due_at)"
            " SELECT 't' || n % 20, 'example.com/' || n, 'u', now() - interval '1 hour'"
            " FROM generate_series(1, ?) AS n RETURNING 1",
            (waiting,),
        )
        world.execute("ANALYZE healer.all_work")
        tenants = tuple(f"t{number}" for number in range(20))
        table = stack.enter_context(WorkTable(world.url, tenants, name="one", host=HOST, slots=2))
        table.beat()
        with psycopg.connect(world.url) as connection:
            pids = [
                int(row[0])
                for row in connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE query LIKE '%healer.worker%'"
                    " AND pid <> pg_backend_pid()"
                )
            ]
        for name, times, call in (
            ("take two and end their turns", 200, lambda: [table.end(w) for w in table.take(2)]),
            ("look for the dead", 200, table.reap),
            ("sign of life", 200, table.beat),
        ):
            call()
            before = sum(map(_processor_ms, pids))
            for _ in range(times):
                call()
            each = (sum(map(_processor_ms, pids)) - before) / times
            print(f"admission, {waiting} waiting: {name}: {each:.2f} ms of PostgreSQL")


def _processor_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1_000 / os.sysconf("SC_CLK_TCK")


def measure_scale(repositories: int) -> None:
    """One worker, then two."""
    for number in (1, 2):
        with open_world() as world:
            works = [world.add_repository(f"r{n}", bugs=4) for n in range(repositories)]
            for work in works:
                for bug in range(4):
                    world.fail(work, bug)
            start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
            for each in range(number):
                world.start_worker(f"w{each}", "--slots=1")
            bugs = 4 * repositories
            until(lambda w=world, b=bugs: w.count_ended() == b, "all repairs end")  # type: ignore[misc]  # of its own
            took = time.monotonic() - start
            end_workers(world)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            processor_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(
                f"{number} worker(s): {bugs} repairs in {took:.0f} s, {processor_s / bugs:.2f} s of"
            )
            print("  processor for each (worker, turn, git)")
            world.workers.clear()


def measure_killed(repositories: int, rounds: int) -> None:
    """Workers that die, and workers that sleep."""
    chance = random.Random(7)
    with open_world() as world:
        works = [world.add_repository(f"r{n}", bugs=3) for n in range(repositories)]
        for work in works:
            for bug in range(3):
                world.fail(work, bug)
        workers = [world.start_worker(f"w{n}") for n in range(3)]
        bugs, seconds = 3 * repositories, list[float]()
        until(lambda: world.count_ended() > 0, "the first repair ends")
        for _ in range(rounds):
            victim, sleeper = chance.sample(range(3), 2)
            time.sleep(chance.uniform(0, 4))
            number = world.count("healer.all_healer_repairs WHERE state = 'open'")
            workers[victim].kill()
            workers[victim].wait()
            workers[sleeper].send_signal(signal.SIGSTOP)
            began = time.monotonic()
            while time.monotonic() - began < STOPPED_S:
                time.sleep(0.2)
                if number and world.count(
                    "healer.all_healer_steps WHERE outcome = 'taken over'"
                ) > len(seconds):
                    seconds.append(time.monotonic() - began)
                    break
            time.sleep(max(0.0, STOPPED_S - (time.monotonic() - began)))
            workers[sleeper].send_signal(signal.SIGCONT)
            workers[victim] = world.start_worker(f"w{victim}")
        until(lambda: world.count_ended() >= bugs, "all repairs end")
        time.sleep(5)
        print(f"killed: {rounds} killed and {rounds} stopped for {STOPPED_S:g} s, of 3 workers")
        print(f"  first taken over after {', '.join(f'{s:.0f} s' for s in seconds) or 'nothing'}")
        world.tell(bugs)


def measure_flood(repositories: int) -> None:
    """The time from a failure to the start of its repair."""
    for floods in (0, repositories):
        with open_world() as world:
            quiet = world.add_repository("quiet", "quiet")
            for number in range(floods):
                work = world.add_repository(f"flood{number}", "flood", bugs=4)
                for bug in range(4):
                    world.fail(work, bug)
            world.start_worker("one", "--tenant=flood", "--tenant=quiet", "--slots=1")
            if floods:
                until(lambda: world.count_ended() > 0, "the flood is worked on")
            else:
                time.sleep(PREFERENCE_S + 12)  # its first turn, which finds nothing
            began = time.monotonic()
            world.fail(quiet)
            query = "healer.all_healer_repairs WHERE tenant = 'quiet'"
            until(lambda q=query: world.count(q) > 0, "the quiet tenant's repair starts")  # type: ignore[misc]  # a lambda of its own
            took = time.monotonic() - began
            print(f"flood of {floods} repositories: the quiet one starts after {took:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = ["admission", "scale", "killed", "flood"]
    parser.add_argument("parts", nargs="*", choices=[*names, []])
    parser.add_argument("--repositories", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--waiting", type=int, default=10_000)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # workers and PostgreSQL end with it
    parts = arguments.parts or names
    if "admission" in parts:
        measure_admission(arguments.waiting)
    if "scale" in parts:
        measure_scale(arguments.repositories)
    if "killed" in parts:
        measure_killed(arguments.repositories, arguments.rounds)
    if "flood" in parts:
        measure_flood(arguments.repositories)


if __name__ == "__main__":
    main()
