"""Many failures, a daemon that is killed again and again: each failure has exactly one outcome.

    python -m benchmarks.drain [--failures 1000] [--kills 10] [--keep]

So many scripts of one repository fail, each in its own way, and all failures are recorded before a
daemon runs. It drains them in the real sandbox, with a scripted drafter, and is killed with -9
whenever another part of the work is done. Every fifth script has a good run on record and is
given the right fix, which prints the same again: it is merged, and checked again on what was merged
before it. The others have to stay as they are.

Looked at, in the end: every failure's incident has one repair, every repair one outcome, which is
the right one; every merge is one commit with its own trailer; every quarantine branch belongs to a
repair; nothing waits in the inbox; none of our containers is left. Anything else is counted.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.scripted_daemon import RIGHT_EVERY
from healer.failure import Failure, parse_traceback
from healer.tape.facts import Tape
from healer.tape.good_nights import keep_good_night
from healer.watch.inbox import Inbox
from sandbox.engine import connect
from sandbox.session import OWNER
from tests.support.git import git, make_repository

PROJECT = Path(__file__).parents[1]
SCRIPT = '''"""Prints what was sold in region {n}."""

ROWS = [{{"region": {n}, "total": 2}}, {{"region": {n}, "total": {n}}}]


def total(rows):
    return sum(row["totl"] for row in rows)


if __name__ == "__main__":
    print(total(ROWS))
'''
TRACEBACK = """Traceback (most recent call last):
  File "{root}/{path}", line 11, in <module>
    print(total(ROWS))
          ^^^^^^^^^^^
  File "{root}/{path}", line 7, in total
    return sum(row["totl"] for row in rows)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "{root}/{path}", line 7, in <genexpr>
    return sum(row["totl"] for row in rows)
               ~~~^^^^^^^^
KeyError: 'totl'
"""


def make(root: Path, failures: int) -> None:
    """The repository, and its failures in the inbox."""
    (root / "scripts").mkdir(parents=True)
    for n in range(1, failures + 1):
        (root / path_of(n)).write_text(SCRIPT.format(n=n))
    (root / "healer.toml").write_text("[sandbox]\npool = 2\n")
    make_repository(root, {})
    inbox, commit = Inbox(root / ".git/healer"), git(root, "rev-parse", "main")
    for n in range(1, failures + 1):
        text = TRACEBACK.format(root=root, path=path_of(n))
        inbox.put(
            Failure(
                id="",
                script=path_of(n),
                source="run",
                argv=("python", path_of(n)),
                exit_code=1,
                chain=parse_traceback(text, str(root)),
                stderr_tail=text,
                commit=commit,
            )
        )
        if expected(n) == "healed":
            keep_good_night(root / ".git/healer", good_night(n, root))


def good_night(n: int, root: Path) -> Tape:
    """What `healer run` kept of the script before it broke."""
    argv = ("python", path_of(n))
    return Tape(
        script=path_of(n),
        commit="",
        started_at=time.time(),
        timezone="UTC",
        root=str(root),
        cwd=str(root),
        environment={},
        argv=argv,
        command=argv,
        stdout=f"{2 + n}\n".encode(),
    )


def path_of(n: int) -> str:
    return f"scripts/job_{n:04}.py"


def expected(n: int) -> str:
    """The one right outcome."""
    return "healed" if n % RIGHT_EVERY == 0 else "gave_up"


def drain(root: Path, failures: int, kills: int) -> tuple[float, list[str]]:
    """(seconds, owners of containers) of daemons that were killed `kills` times."""
    chance = random.Random(7)
    marks = [round(failures * (k + chance.uniform(0.2, 0.8)) / kills) for k in range(kills)]
    start, owners = time.monotonic(), []
    for mark in [*marks, failures]:
        daemon = serve(root)
        owners.append(f"/{daemon.pid}/")
        while (number := count_ended(root)) < mark:
            if daemon.poll() is not None:
                raise SystemExit(f"the daemon ended by itself; see {root}/daemon.log")
            time.sleep(0.2)
        time.sleep(chance.uniform(0, 1) if mark < failures else 0)
        print(f"  {number} ended after {time.monotonic() - start:.0f} s", file=sys.stderr)
        daemon.send_signal(signal.SIGKILL if mark < failures else signal.SIGTERM)
        daemon.wait()
    return time.monotonic() - start, owners


def serve(root: Path) -> "subprocess.Popen[bytes]":
    with (root / "daemon.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.scripted_daemon", "daemon"],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stderr=log,
        )


def count_ended(root: Path) -> int:
    """Repairs of failures with an outcome; checks of changed scripts are none."""
    sql = "SELECT count(*) FROM healer_repairs WHERE state != 'open' AND fingerprint != ''"
    try:
        return int(str(query(root, "ledger", sql)[0][0]))
    except sqlite3.OperationalError:
        return 0  # no ledger yet


def problems(root: Path, failures: int, owners: list[str]) -> Counter[str]:
    """What is not as it has to be, and how often."""
    kinds: Counter[str] = Counter()
    rows = query(root, "ledger", "SELECT id, script, state, outcome, result FROM healer_repairs")
    by_script = Counter(row[1] for row in rows)
    for n in range(1, failures + 1):
        kinds["lost"] += by_script[path_of(n)] == 0
        kinds["repaired twice"] += by_script[path_of(n)] > 1
    outcomes = {row[1]: row[3] for row in rows}
    kinds["wrong outcome"] += sum(
        outcomes.get(path_of(n)) not in (None, expected(n)) for n in range(1, failures + 1)
    )
    steps = query(root, "ledger", "SELECT repair FROM healer_steps WHERE label = 'outcome'")
    kinds["outcomes told twice"] += len(steps) - len(set(steps))
    kinds["outcomes not told"] += len({row[0] for row in rows}) - len(set(steps))
    kinds["counted wrongly"] += sum(
        count != 1 for (count,) in query(root, "incidents", "SELECT count FROM incident")
    )
    inbox = root / ".git/healer"
    kinds["left in the inbox"] += len(list((inbox / "inbox").glob("*.json")))
    kinds["left taken"] += len(list((inbox / "taken").glob("*.json")))
    merges = [json.loads(row[4]).get("merged") for row in rows if row[3] == "healed"]
    trailers = git(root, "log", "--format=%(trailers:key=Healer-Repair,valueonly,separator=)")
    commits = [line for line in trailers.splitlines() if line]
    kinds["merged twice"] += len(commits) - len(set(commits))
    kinds["merges and outcomes differ"] += abs(len(commits) - len(merges))
    branches = git(root, "branch", "--list", "quarantine/*").split()
    ids = {row[0] for row in rows}
    kinds["branches of no repair"] += sum(b.rpartition("-")[2] not in ids for b in branches)
    kinds["containers left"] += count_leftovers(owners)
    return +kinds


def count_leftovers(owners: list[str]) -> int:
    """Containers of these processes; the last one's may take a moment to go."""
    deadline = time.monotonic() + 15
    with connect() as client:
        while True:
            labels = [box["Labels"].get(OWNER, "") for box in client.containers(all=True)]
            ours = sum(any(owner in label for owner in owners) for label in labels)
            if not ours or time.monotonic() > deadline:
                return ours
            time.sleep(0.5)


def query(root: Path, name: str, sql: str) -> list[tuple[Any, ...]]:
    path = root / f".git/healer/{name}.sqlite"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--failures", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--keep", action="store_true", help="keep the repository for a look")
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="healer-drain-")) / "jobs"
    make(root, options.failures)
    print(f"repository: {root}", file=sys.stderr)
    load = os.getloadavg()[0]
    seconds, owners = drain(root, options.failures, options.kills)
    kinds_of_problem = problems(root, options.failures, owners)
    kinds = Counter(expected(n) for n in range(1, options.failures + 1))
    summary = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(
        f"drain: {options.failures} distinct failures, {options.kills} kills with -9,"
        f" {seconds:.0f} s ({seconds / options.failures:.2f} s each, load {load:.0f} at the start);"
        f" expected {summary}; wrong: {dict(kinds_of_problem) or 'nothing'}"
    )
    if options.keep:
        print(f"kept: {root}", file=sys.stderr)
    else:
        shutil.rmtree(root.parent, ignore_errors=True)
    sys.exit(bool(kinds_of_problem))


if __name__ == "__main__":
    main()
