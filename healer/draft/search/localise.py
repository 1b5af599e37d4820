"""Where the fault probably is: from what tests ran, how they failed, and what changed last.

Belongs here: one weight for each line. Does not belong here: what is edited there (`ranking`).
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from healer.draft.rules.observed_errors import parse_errors, short_type
from healer.draft.rules.source_file import SourceFile
from healer.draft.search.search_time import UNLIMITED, SearchTime
from healer.draft.search.slicing import slice_line, slice_loop, slice_recursion
from healer.failure import Raised
from sandbox import SpectrumTest

FileLine = tuple[str, int]
"""A path and a 1-based line."""
Suspicion = Mapping[FileLine, float]

ENDLESS = "EndlessTestError"
"""How the sandbox names a test that was ended by its time limit."""
_NOT_IN_ALL = 0.3
"""For lines that some failing test did not run: one edit there cannot heal that test."""
_OUT_OF_SLICE = 0.5
_CHANGED_LAST = 1.5


def weigh_lines(
    spectrum: Iterable[SpectrumTest],
    codes: Mapping[str, SourceFile] | None = None,
    changed_lines: frozenset[FileLine] = frozenset(),
    time: SearchTime = UNLIMITED,
) -> dict[FileLine, float]:
    """A weight for each line that a failing test ran. Ochiai's (1.0 where only failing tests came),
    lowered outside the slice of the failing value, raised on `changed_lines` (the last commit's).
    Where the time is over, the failures of the other tests are not sliced.
    """
    tests = list(spectrum)
    failures = [test for test in tests if test.outcome not in ("passed", "skipped")]
    weights = _weigh_by_ochiai(tests, failures)
    factor = _OUT_OF_SLICE ** (1 / len(failures)) if failures else 1.0
    for test in failures:
        if time.is_past():
            break
        blamed_lines = _find_blamed_lines(test, codes or {})
        for line in weights.keys() - blamed_lines if blamed_lines else ():
            weights[line] *= factor
    for line in changed_lines & weights.keys():
        weights[line] *= _CHANGED_LAST
    return weights


def _weigh_by_ochiai(
    tests: Sequence[SpectrumTest], failures: Sequence[SpectrumTest]
) -> dict[FileLine, float]:
    fail_counts: dict[FileLine, int] = {}
    pass_counts: dict[FileLine, int] = {}
    for test in tests:
        counts = fail_counts if test in failures else pass_counts
        for path, lines in test.lines.items():
            for line in lines:
                counts[path, line] = counts.get((path, line), 0) + 1
    weights = {}
    for place, hits in fail_counts.items():
        every_hit = hits + pass_counts.get(place, 0)
        weight = math.sqrt(hits * hits / (len(failures) * every_hit))
        weights[place] = weight if hits == len(failures) else weight * _NOT_IN_ALL
    return weights


def _find_blamed_lines(test: SpectrumTest, codes: Mapping[str, SourceFile]) -> set[FileLine]:
    """Lines behind the failure of one test; empty where its text does not tell."""
    for error in parse_errors(test.detail)[:1]:
        innermost = find_innermost_line(error, codes)
        if innermost is not None:
            path, line = innermost
            return {(path, number) for number in _slice(error, codes[path], line)}
    return set()


def _slice(error: Raised, code: SourceFile, line: int) -> frozenset[int]:
    if short_type(error) == "RecursionError":
        return slice_recursion(code, line)
    if short_type(error) == ENDLESS:
        return slice_loop(code, line) or slice_recursion(code, line)
    return slice_line(code, line)


def find_innermost_line(error: Raised, codes: Mapping[str, SourceFile]) -> FileLine | None:
    """The innermost frame in a searched file, unless a test file's frame lies deeper."""
    for frame in reversed(error.frames):
        fitting = [path for path in codes if frame.file.endswith(f"/{path}") or frame.file == path]
        if fitting:
            return max(fitting, key=len), frame.line
        if "/job/tree" in frame.file:
            return None
    return None
