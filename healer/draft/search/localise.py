"""Where the fault probably is: from what tests ran, how they failed, and what changed last.

Belongs here: one weight for each line. Does not belong here: what is edited there (`ranking`).
"""

import math
from collections.abc import Iterable, Mapping

from healer.draft.rules.observed_errors import parse_errors, short_type
from healer.draft.rules.source_file import SourceFile
from healer.draft.search.slicing import behind_line, behind_loop, calls_itself
from healer.failure import Raised
from sandbox import Seen

Place = tuple[str, int]
Suspicion = Mapping[Place, float]

_NOT_IN_ALL = 0.3
"""For lines that some failing test did not run: one edit there cannot heal that test."""
_OUT_OF_SLICE = 0.5
_AT_FAULT = 1.5
_CHANGED_LAST = 1.5


def suspicion(
    seen: Iterable[Seen],
    codes: Mapping[str, SourceFile] | None = None,
    changed: frozenset[Place] = frozenset(),
) -> dict[Place, float]:
    """A weight for each line that a failing test ran. Ochiai's (1.0 where only failing tests came),
    lowered outside the slice of the failing value, raised where the last commit changed something.
    """
    tests = list(seen)
    bad = [test for test in tests if test.outcome not in ("passed", "skipped")]
    weights = _ochiai(tests, bad)
    for test in bad:
        blamed = _blamed(test, codes or {})
        if blamed:
            for place in weights:
                if place not in blamed:
                    weights[place] *= _OUT_OF_SLICE ** (1 / len(bad))
    for place in changed & weights.keys():
        weights[place] *= _CHANGED_LAST
    return weights


def _ochiai(tests: list[Seen], bad: list[Seen]) -> dict[Place, float]:
    failed: dict[Place, int] = {}
    passed: dict[Place, int] = {}
    for test in tests:
        counts = failed if test in bad else passed
        for path, lines in test.lines.items():
            for line in lines:
                counts[path, line] = counts.get((path, line), 0) + 1
    found = {}
    for place, hits in failed.items():
        weight = math.sqrt(hits * hits / (len(bad) * (hits + passed.get(place, 0))))
        found[place] = weight if hits == len(bad) else weight * _NOT_IN_ALL
    return found


def _blamed(test: Seen, codes: Mapping[str, SourceFile]) -> set[Place]:
    """Lines behind the failure of one test; empty where its text does not tell."""
    for error in parse_errors(test.detail)[:1]:
        place = innermost(error, codes)
        if place is not None:
            path, line = place
            return {(path, number) for number in _slice(error, codes[path], line)}
    return set()


def _slice(error: Raised, code: SourceFile, line: int) -> frozenset[int]:
    if short_type(error) == "RecursionError":
        return calls_itself(code, line)
    if short_type(error) == ENDLESS:
        return behind_loop(code, line) or calls_itself(code, line)
    return behind_line(code, line)


ENDLESS = "EndlessTestError"
"""How the sandbox names a test that was ended by its time limit."""


def innermost(error: Raised, codes: Mapping[str, SourceFile]) -> Place | None:
    """The innermost frame in a searched file, unless a test file's frame lies deeper."""
    for frame in reversed(error.frames):
        fitting = [path for path in codes if frame.file.endswith(f"/{path}") or frame.file == path]
        if fitting:
            return max(fitting, key=len), frame.line
        if "/job/tree" in frame.file:
            return None
    return None
