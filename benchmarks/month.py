"""A month of a hundred jobs: is every incident over once, and every mail true and due?

    python -m benchmarks.month [--days 31] [--jobs 100] [--seed 1] [--all]

Real: daemon with its tasks, inbox, incidents, ledger, outbox, an SMTP server, git, the workflow
engine. Scripted: the sandbox, which tells from the text of a script what running it would show, the
drafter, and the clock. What happens: bugs of eight kinds in colleagues' commits and in the data,
mends by hand, approvals, rejections, `healer fix`, acknowledgements, snoozes, a pause, nights
without a network, runs that nobody starts, a daemon that dies with a failure in its hands, and the
change to summer time. Prints what was counted, the state folder and git objects day by day, and
every fault that was found. Workflows' checkpoints are dated by the engine's own clock, and
forgotten at once here. `--all` lists every mail.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

from tests.support.git import git
from tests.support.month import ZONE, Fate, Month, open_month
from tests.support.month_rules import examine

START = datetime(2027, 3, 15, tzinfo=ZONE)
KEEP_DAYS = 7
SHARES: dict[Fate, float] = {
    "merge": 0.16, "approve": 0.08, "reject": 0.04, "colleague": 0.06, "hand": 0.12,
    "wrong": 0.05, "drift": 0.06, "by hand": 0.06,
}  # fmt: skip
"""Of a hundred jobs, so many break so."""


def measure(month: Month, day: int) -> None:
    """One line on what is kept."""
    files = [path for path in month.state.rglob("*") if path.is_file()]
    kilobytes = sum(path.stat().st_size for path in files) // 1024
    refs = len(git(month.root, "for-each-ref", "--format=%(refname)", "refs/healer").splitlines())
    branches = len(git(month.root, "branch", "--list", "quarantine/*").splitlines())
    numbers = git(month.root, "count-objects", "-v").split()
    objects = int(numbers[1]) + int(numbers[5])
    databases = sum(path.stat().st_size for path in month.state.glob("*.sqlite*")) // 1024
    mail = sum(1 for path in (month.state / "mail").rglob("*") if path.is_file())
    print(
        f"day {day + 1:2}  {len(files):5} files  {kilobytes:6} KiB  databases {databases:6} KiB"
        f"  mail {mail:4} files  refs {refs:3}  quarantine {branches:3}  objects {objects:5}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    fates = {fate: max(1, round(share * options.jobs)) for fate, share in SHARES.items()}
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="healer-month-") as folder,
        open_month(
            Path(folder), jobs=options.jobs, start=START, days=options.days, fates=fates,
            seed=options.seed, keep_days=KEEP_DAYS,
        ) as month,
    ):  # fmt: skip
        month.daily.append(measure)
        month.play()
        findings = examine(month)
        states = Counter(each.state for each in month.services.incidents.list_all())
        outcomes = Counter(row.outcome for row in month.services.ledger.repairs())
    seconds = time.monotonic() - began
    print(f"{options.days} days of {options.jobs} jobs, seed {options.seed}, in {seconds:.0f} s")
    print(f"runs {month.runs}, failed {month.failures}, starts of the daemon {month.restarts}")
    print(f"bugs {len(month.bugs)}: {dict(Counter(b.fate for b in month.bugs.values()))}")
    print(f"incidents at the end: {dict(states)}")
    print(f"repairs: {dict(outcomes)}")
    print(f"mails {len(month.told)}; told in them: {dict(findings.mails)}")
    if options.all:
        for word in findings.words:
            print(f"{datetime.fromtimestamp(word.at, ZONE):%d %b %H:%M}  {word}")
    print(f"faults: {len(findings.faults)}")
    for fault in findings.faults:
        print(f"  {fault}")
    return 1 if findings.faults else 0


if __name__ == "__main__":
    sys.exit(main())
