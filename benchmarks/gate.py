"""What the whole gate lets through: fake passes, fixes that run and are wrong, honest fixes.

    python -m benchmarks.gate [-v] [--part listed --part honest] [--only TEXT]

Each is a real patch on a real git repository, run in real containers and judged by the real
judge; only the move of the branch is left out. A patch counts as merged when nothing would keep it
from being merged without a person. While it runs, standard error says what is tried, how many were
and for how long; every surprise is printed by name, and at the end a table by part and by kind.
`--only` tries the cases whose name or kind holds TEXT.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
PARTS: dict[str, Sequence[AbuseCase | HonestFix]] = {
    "listed": CASES,
    "variants": VARIANTS,
    "more": MORE_VARIANTS,
    "wrong": WRONG,
    "honest": (*HONEST, *RIGHT),
}
"""The known ways to fake a pass, unlisted ones twice, fixes that break no test and are wrong, and
what should be merged."""


@dataclass(frozen=True)
class Result:
    """What became of one patch."""

    part: str
    kind: str
    name: str
    merged: bool
    why: str
    """What kept it from being merged; empty where nothing did."""
    seconds: float

    @property
    def is_right(self) -> bool:
        return self.merged == (self.part == "honest")


class Progress:
    """Says on standard error what is tried, how many were, and for how long."""

    def __init__(self, part: str, total: int) -> None:
        self._part, self._total = part, total
        self._count, self._start = 0, time.monotonic()

    def say(self, name: str) -> None:
        """Before a case is tried."""
        self._count += 1
        seconds = time.monotonic() - self._start
        line = f"{self._part} {self._count} of {self._total}, {seconds:.0f} s: {name}"
        print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Tries the chosen cases, prints the table; the exit status is 1 where one surprised."""
    options = _arguments().parse_args()
    results = []
    with sandbox() as box:
        for part in options.part or PARTS:
            cases = [case for case in PARTS[part] if options.only in f"{case.name} {kind_of(case)}"]
            for result in try_cases(part, cases, box):
                results.append(result)
                if options.verbose or not result.is_right:
                    print(f"{result.part}: {result.name}: {result.why or 'MERGED'}", flush=True)
    print_table(results)
    return 0 if all(result.is_right for result in results) else 1


def try_cases(part: str, cases: Iterable[AbuseCase | HonestFix], box: Sandbox) -> Iterator[Result]:
    """One result for each case; cases of one repository share its baseline."""
    in_order = sorted(cases, key=_base)
    progress = Progress(part, len(in_order))
    for _, group in groupby(in_order, key=_base):
        alike = list(group)
        with gate(box, alike[0].files, alike[0].command) as ready:
            for case in alike:
                progress.say(case.name)
                start = time.monotonic()
                is_stale = isinstance(case, AbuseCase) and case.number == STALE_BASE
                answer = ready.attempt(case.changes, stale=is_stale)
                seconds = time.monotonic() - start
                yield Result(part, kind_of(case), case.name, answer.merged, answer.why, seconds)


def kind_of(case: AbuseCase | HonestFix) -> str:
    """The rules that name the trick, the defences that stop it, or what an honest fix is about."""
    words = case.kinds if isinstance(case, HonestFix) else sorted(case.rules)
    return ", ".join(words) or (case.defences if isinstance(case, AbuseCase) else "honest")


def print_table(results: Sequence[Result]) -> None:
    """Tried, merged and seconds, for each part and each kind in it."""
    print(f"{'':<44} {'tried':>6} {'merged':>7} {'seconds':>8}")
    for part in dict.fromkeys(result.part for result in results):
        of_part = [result for result in results if result.part == part]
        _print_row(part, of_part)
        for kind in sorted({result.kind for result in of_part}):
            _print_row(f"  {kind}"[:44], [result for result in of_part if result.kind == kind])


def _print_row(title: str, results: Sequence[Result]) -> None:
    merges = sum(result.merged for result in results)
    seconds = sum(result.seconds for result in results)
    print(f"{title:<44} {len(results):>6} {merges:>7} {seconds:>8.1f}")


def _base(case: AbuseCase | HonestFix) -> str:
    return repr((sorted(case.files.items()), case.command))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--part", action="append", choices=list(PARTS), help="one, or several")
    parser.add_argument("--only", default="", metavar="TEXT", help="in a case's name or kind")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what became of each")
    return parser


if __name__ == "__main__":
    sys.exit(main())
