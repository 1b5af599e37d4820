"""What the whole gate lets through: the 50 ways to fake a pass, unlisted variants, honest fixes.

    python -m benchmarks.gate [-v]

Each is a real patch on a real git repository, run in real containers and judged by the real
judge; only the move of the branch is left out. Prints a table, and every surprise by name. A patch
counts as merged when nothing would keep it from being merged without a person.
"""

import sys
import time
from collections.abc import Iterable
from itertools import groupby

from sandbox import Sandbox
from tests.abuse.cases import CASES, HONEST
from tests.abuse.gate import gate, sandbox
from tests.abuse.model import AbuseCase
from tests.abuse.variants import VARIANTS

STALE_BASE = 48
"""The row whose patch is honest: the branch moves between its checks and its merge."""
VERBOSE = "-v" in sys.argv


def main() -> int:
    with sandbox() as box:
        rows = [
            ("abuse: the 50 listed", *abuse(box, CASES)),
            ("abuse: unlisted variants", *abuse(box, VARIANTS)),
            ("honest fixes", *honest(box)),
        ]
    print(f"{'':<26} {'tried':>6} {'merged':>7} {'seconds':>8}")
    for name, tried, merged, seconds in rows:
        print(f"{name:<26} {tried:>6} {merged:>7} {seconds:>8.1f}")
    return 0 if rows[0][2] == rows[1][2] == 0 and rows[2][1] == rows[2][2] else 1


def abuse(box: Sandbox, cases: Iterable[AbuseCase]) -> tuple[int, int, float]:
    """How many were tried and merged, and the seconds it took; none should be merged."""
    started, tried, merged = time.monotonic(), 0, 0
    ordered = sorted(cases, key=_base)
    for _, group in groupby(ordered, key=_base):
        alike = list(group)
        with gate(box, alike[0].files, alike[0].command) as ready:
            for case in alike:
                seen = ready.attempt(case.changes, stale=case.number == STALE_BASE)
                tried, merged = tried + 1, merged + seen.merged
                if seen.merged or VERBOSE:
                    print(f"{case.number:>3} {case.name}: {seen.why or 'MERGED'}", flush=True)
    return tried, merged, time.monotonic() - started


def honest(box: Sandbox) -> tuple[int, int, float]:
    """The same for fixes that should all be merged."""
    started, merged = time.monotonic(), 0
    for fix in HONEST:
        with gate(box, fix.files, fix.command) as ready:
            seen = ready.attempt(fix.changes)
            merged += seen.merged
            if not seen.merged or VERBOSE:
                print(f"    {fix.name}: {seen.why or 'merged'}", flush=True)
    return len(HONEST), merged, time.monotonic() - started


def _base(case: AbuseCase) -> str:
    return repr((sorted(case.files.items()), case.command))


if __name__ == "__main__":
    sys.exit(main())
