"""What a command costs that only looks: processor time of its whole process, in a large repository.

    python -m benchmarks.reading

1,000 incidents, 1,000 repairs in the ledger and 10,000 runs in the log; `healer status`,
`incidents`, `incident`, `review` and completion on the TAB key, five times each, the median. The
limit is 0.25 s of processor time. Exit code 1 where one is above it.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from healer.facts.repair import Result
from healer.ledger.store import Ledger
from healer.watch.incidents import Incidents
from healer.watch.runner import run_log
from tests.support.git import make_repository
from tests.support.ledger_rows import request_of

LIMIT_S = 0.25
MANY, RUNS, TRIES = 1_000, 10_000, 5
COMMANDS = {
    "status": ("status",),
    "incidents": ("incidents",),
    "incident": ("incident", "aa0001"),
    "review": ("review",),
    "completion": (),
}


def fill(state_dir: Path) -> None:
    """A year of a busy repository."""
    with Incidents(state_dir / "incidents.sqlite") as incidents:
        for n in range(MANY):
            name = f"aa{n:04}"
            incidents.count_failures(name, now=float(n), script="a.py", failure=f"f{n}")
            if n % 2:
                incidents.apply_event(name, "vanish", now=float(n))
    with Ledger.in_folder(state_dir) as ledger:
        for n in range(MANY):
            request = request_of(f"{n:08x}")
            ledger.open_repair(request, key=request.repair)
            outcome = "review" if n % 10 == 0 else "gave_up"
            result = Result(repair=request.repair, script="a.py", outcome=outcome, reason="weak")
            ledger.settle(request.repair, outcome, result)  # type: ignore[arg-type]  # two of them
    for n in range(RUNS):
        run_log.append(state_dir, run_log.LoggedRun("a.py", "c" * 40, n % 2, float(n), 0.1))


def measure(folder: Path, words: tuple[str, ...]) -> float:
    """Processor seconds of one command, its children's too."""
    environment = dict(os.environ)
    if not words:
        environment |= {
            "_HEALER_COMPLETE": "bash_complete", "COMP_WORDS": "healer show ", "COMP_CWORD": "2"
        }  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "healer", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Prints a line for each command."""
    is_above = False
    with tempfile.TemporaryDirectory() as scratch:
        folder = make_repository(Path(scratch) / "shop", {"a.py": "print()\n"})
        fill(folder / ".git" / "healer")
        measure(folder, COMMANDS["status"])  # it remembers that the configuration is right
        for name, words in COMMANDS.items():
            median_s = statistics.median(measure(folder, words) for _ in range(TRIES))
            is_above |= median_s > LIMIT_S
            print(f"{name:<12}{median_s:.3f} s")
    return int(is_above)


if __name__ == "__main__":
    sys.exit(main())
