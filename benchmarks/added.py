"""How long healer takes around a model that answers at once: from the failure to the merged fix.

    python -m benchmarks.added [--repairs 9] [--profile]

Belongs here: the figure. A repository with a broken script and 60 tests, 6 of them of the script,
is broken anew for each repair; a model on this machine answers at once with the fix. What is
timed is everything between the request of the repair and its result in a process that is ready
(services built, sandbox warm), as in the daemon: baseline, draft, quarantine, every check with its
second shuffled run, mutants, merge, checkout, ledger. The first repair warms up and is left out.
The baseline is that of a new commit each time, so it is run, not remembered.
"""

import argparse
import cProfile
import os
import platform
import pstats
import statistics
import sys
import tempfile
import time
from pathlib import Path

from healer.app.build import build_services
from healer.app.state import make_state_dir
from healer.config import Config
from healer.repair import request
from healer.repair.run import run_repair
from quarantine.repository import Repository
from tests.support.endpoint import Reply, ScriptedEndpoint, fix
from tests.support.git import commit_all, git, write_files

GOAL_S = 1.5
TESTS = 60
SCRIPT = "scripts/report.py"
BROKEN = 'return sum(row["amont"] for row in rows)'
FIXED = 'return sum(row["amount"] for row in rows)'
SOURCE = f"""\
import json
import sys


def total(rows):
    {BROKEN}


def main():
    with open("rows.json") as file:
        print(total(json.load(file)))


if __name__ == "__main__":
    main()
"""
_OF_SCRIPT = """\
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "scripts"))
from report import total


"""


def files() -> dict[str, str]:
    """The repository: one script, six tests of it, and the rest of another module."""
    mine = "".join(_test("total", n, f"total([{{'amount': {n}}}]) == {n}") for n in range(6))
    rest = range(TESTS - 6)
    theirs = "".join(_test("sum", n, f"sum(range({n})) == {sum(range(n))}") for n in rest)
    return {
        SCRIPT: SOURCE,
        "rows.json": '[{"amount": 3}, {"amount": 4}]\n',
        "tests/test_report.py": _OF_SCRIPT + mine,
        "tests/test_others.py": theirs,
    }


def _test(name: str, number: int, fact: str) -> str:
    return f"def test_{name}_{number}():\n    assert {fact}\n\n\n"


def write_broken_script(folder: Path, number: int) -> None:
    """A new commit in which the script is broken."""
    write_files(folder, {**files(), "rows.json": f'[{{"amount": {number}}}]\n'})
    commit_all(folder, f"Break it, time {number}")


def measure(folder: Path, repairs: int, *, profile: bool) -> list[float]:
    """Seconds of each repair but the first."""
    git(folder, "init", "-q", "-b", "main")
    write_broken_script(folder, 0)
    reply = Reply(fix(SCRIPT, BROKEN, FIXED), keep=True)
    seconds: list[float] = []
    watch = cProfile.Profile()
    with ScriptedEndpoint([reply]) as endpoint:
        model = {"tiers": ["m"], "base_url": endpoint.base_url, "calls_per_minute": 10_000}
        config = Config.model_validate({"model": model})
        repository = Repository.open(folder)
        with build_services(repository, config, lambda _: None) as real:
            for number in range(1, repairs + 2):
                write_broken_script(folder, number)
                wish = request.build_request(
                    repository, config, SCRIPT, command=("python", SCRIPT), drafter="model"
                )
                start = time.monotonic()
                if profile:
                    watch.enable()
                result = run_repair(real, make_state_dir(repository), wish)
                watch.disable()
                seconds.append(time.monotonic() - start)
                if result.outcome != "healed":
                    sys.exit(f"repair {number} was not healed: {result.reason}")
    if profile:
        pstats.Stats(watch).sort_stats("cumulative").print_stats(40)
    return seconds[1:]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repairs", type=int, default=9)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="healer-added-") as folder:
        seconds = measure(Path(folder), options.repairs, profile=options.profile)
    median = statistics.median(seconds)
    load = os.getloadavg()[0]
    print(
        f"failure to merged fix, warm, {TESTS} tests, {len(seconds)} repairs: "
        f"median {median:.2f} s "
        f"(from {min(seconds):.2f} to {max(seconds):.2f}); goal {GOAL_S} s: "
        f"{'reached' if median <= GOAL_S else 'MISSED'}\n"
        f"{os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}"
    )
    return 0 if median <= GOAL_S else 1


if __name__ == "__main__":
    sys.exit(main())
