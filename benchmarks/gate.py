"""What the whole gate lets through: fake passes, fixes that run and are wrong, honest fixes.

    python -m benchmarks.gate [-v]

Each is a real patch on a real git repository, run in real containers and judged by the real
judge; only the move of the branch is left out. Prints a table, and every surprise by name. A patch
counts as merged when nothing would keep it from being merged without a person.
"""

import sys
import time
from collections.abc import Iterable, Sequence
from itertools import groupby

from sandbox import Sandbox
from tests.abuse.cases import CASES, HONEST
from tests.abuse.gate import gate, sandbox
from tests.abuse.model import AbuseCase, HonestFix
from tests.abuse.more_variants import MORE_VARIANTS
from tests.abuse.plausible import RIGHT, WRONG
from tests.abuse.variants import VARIANTS

STALE_BASE = 48
"""The row whose patch is honest: the branch moves between its checks and its merge."""
VERBOSE = "-v" in sys.argv


def main() -> int:
    with sandbox() as box:
        rows = [
            ("abuse: the 50 listed", *abuse(box, CASES)),
            ("abuse: unlisted variants", *abuse(box, VARIANTS)),
            ("abuse: more unlisted", *abuse(box, MORE_VARIANTS)),
            ("wrong, and breaking no test", *abuse(box, WRONG)),
            ("honest fixes", *honest(box, (*HONEST, *RIGHT))),
        ]
    print(f"{'':<30} {'tried':>6} {'merged':>7} {'seconds':>8}")
    for name, tries, merges, seconds in rows:
        print(f"{name:<30} {tries:>6} {merges:>7} {seconds:>8.1f}")
    kept_out = all(merges == 0 for _, _, merges, _ in rows[:-1])
    return 0 if kept_out and rows[-1][1] == rows[-1][2] else 1


def abuse(box: Sandbox, cases: Iterable[AbuseCase]) -> tuple[int, int, float]:
    """How many were tried and merged, and the seconds it took; none should be merged."""
    start, tries, merges = time.monotonic(), 0, 0
    in_order = sorted(cases, key=_base)
    for _, group in groupby(in_order, key=_base):
        alike = list(group)
        with gate(box, alike[0].files, alike[0].command) as ready:
            for case in alike:
                result = ready.attempt(case.changes, stale=case.number == STALE_BASE)
                tries, merges = tries + 1, merges + result.merged
                if result.merged or VERBOSE:
                    print(f"{case.number:>3} {case.name}: {result.why or 'MERGED'}", flush=True)
    return tries, merges, time.monotonic() - start


def honest(box: Sandbox, fixes: Sequence[HonestFix]) -> tuple[int, int, float]:
    """The same for fixes that should all be merged."""
    start, merges = time.monotonic(), 0
    for fix in fixes:
        with gate(box, fix.files, fix.command) as ready:
            result = ready.attempt(fix.changes)
            merges += result.merged
            if not result.merged or VERBOSE:
                print(f"    {fix.name}: {result.why or 'merged'}", flush=True)
    return len(fixes), merges, time.monotonic() - start


def _base(case: AbuseCase) -> str:
    return repr((sorted(case.files.items()), case.command))


if __name__ == "__main__":
    sys.exit(main())
