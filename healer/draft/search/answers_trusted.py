"""Of edits that pass every test and still differ: those that leave alone what was not broken.

Belongs here: holding survivors against the program as it was. Does not belong here: running them
(`comparison`), or telling them from each other (`behaviour_groups`).

A failure that is a crash or a hang says where the program is wrong: on the inputs on which it does
not answer. What it answers elsewhere is right as far as anyone knows, if tests saw it answer
rightly often enough. So a fix that changes those answers gives way to one that keeps them all, and
a fix that still hangs where the program hung gives way to one that does not. A failed assertion
says nothing of the kind: then every answer may be wrong.
"""

from collections.abc import Iterable, Mapping, Sequence

from healer.draft.rules.observed_errors import parse_errors, short_type
from healer.draft.rules.source_file import SourceFile
from healer.draft.search.behaviour_groups import ENDLESS, SLOW, Table, is_answer, tabulate
from healer.draft.search.localise import ENDLESS as ENDLESS_TEST
from healer.draft.search.localise import find_innermost_line
from sandbox import Behaviour, SpectrumTest

FEWEST_ANSWERS = 3
"""Passing tests of a function, from which on its answers are trusted where it gives any."""
_HANGS = frozenset((ENDLESS, "raises RecursionError"))


def are_all_crashes(spectrum: Iterable[SpectrumTest], codes: Mapping[str, SourceFile]) -> bool:
    """Every failing test ended inside the searched code, by an exception or its time limit."""
    failures = [test for test in spectrum if test.outcome not in ("passed", "skipped")]
    return bool(failures) and all(_is_crash(test, codes) for test in failures)


def _is_crash(test: SpectrumTest, codes: Mapping[str, SourceFile]) -> bool:
    if test.outcome == "timeout":
        return True
    errors = parse_errors(test.detail)[:1]
    kinds = {short_type(error) for error in errors}
    if ENDLESS_TEST in kinds:
        return True
    return any(find_innermost_line(e, codes) and short_type(e) != "AssertionError" for e in errors)


def count_answers(spectrum: Iterable[SpectrumTest], path: str, lines: range) -> int:
    """How many passing tests ran some of these lines."""
    passes = [test for test in spectrum if test.outcome == "passed"]
    return sum(any(line in lines for line in test.lines.get(path, ())) for test in passes)


def keep_conservative(
    count: int, behaviours: Sequence[Behaviour], *, answers_trusted: bool
) -> list[int]:
    """Of candidates 0 to `count` - 1 those that are not to give way; all of them where that leaves
    none. `behaviours[count]` is the program as it was; `answers_trusted`: what it answers is right.
    """
    tables = tabulate(behaviours)
    before = tables.pop(count, None)
    every = list(range(count))
    if before is None or set(tables) != set(every):
        return every
    remaining = [index for index in every if not _still_hangs(index, tables, before)]
    if answers_trusted:
        remaining = [index for index in remaining if _keeps_answers(tables[index], before)]
    return remaining or every


def _keeps_answers(table: Table, before: Table) -> bool:
    return all(
        table.get(arguments, result) in (result, SLOW)
        for arguments, result in before.items()
        if is_answer(result)
    )


def _still_hangs(index: int, tables: Mapping[int, Table], before: Table) -> bool:
    """It does not come to an end where the program did not either, and another fix does, which
    gives the same answers otherwise."""
    own = tables[index]
    hangs = [key for key, result in before.items() if {result, own.get(key)} <= _HANGS]
    return any(
        any(is_answer(table.get(key, SLOW)) for key in hangs)
        and all(table.get(key, r) in (r, SLOW) for key, r in own.items() if is_answer(r))
        for other, table in tables.items()
        if other != index
    )
