"""Of edits that pass every test and still differ: those that leave alone what was not broken.

Belongs here: holding survivors against the program as it was. Does not belong here: running them
(`sandbox.Screening`), or telling them from each other (`behaviour`).

A failure that is a crash or a hang says where the program is wrong: on the inputs on which it does
not answer. What it answers elsewhere is right as far as anyone knows, if tests saw it answer
rightly often enough. So a fix that changes those answers gives way to one that keeps them all, and
a fix that still hangs where the program hung gives way to one that does not. A failed assertion
says nothing of the kind: then every answer may be wrong.
"""

from collections.abc import Iterable, Mapping, Sequence

from healer.draft.rules.observed_errors import parse_errors, short_type
from healer.draft.rules.source_file import SourceFile
from healer.draft.search.behaviour_groups import ENDLESS, SLOW, is_answer, tables_of
from healer.draft.search.localise import ENDLESS as ENDLESS_TEST
from healer.draft.search.localise import innermost
from sandbox import Behaved, Seen

FEWEST_ANSWERS = 3
"""Passing tests of a function, from which on its answers are believed where it gives any."""
_HANGS = (ENDLESS, "raises RecursionError")


def only_crashes(seen: Iterable[Seen], codes: Mapping[str, SourceFile]) -> bool:
    """Every failing test ended inside the searched code, by an exception or its time limit."""
    failed = [test for test in seen if test.outcome not in ("passed", "skipped")]
    return bool(failed) and all(_crashed(test, codes) for test in failed)


def _crashed(test: Seen, codes: Mapping[str, SourceFile]) -> bool:
    if test.outcome == "timeout":
        return True
    errors = parse_errors(test.detail)[:1]
    kinds = {short_type(error) for error in errors}
    if ENDLESS_TEST in kinds:
        return True
    return any(innermost(e, codes) and short_type(e) != "AssertionError" for e in errors)


def answers(seen: Iterable[Seen], path: str, lines: range) -> int:
    """How many passing tests ran some of these lines."""
    passed = [test for test in seen if test.outcome == "passed"]
    return sum(any(line in lines for line in test.lines.get(path, ())) for test in passed)


def conservative(count: int, behaved: Sequence[Behaved], *, believed: bool) -> list[int]:
    """Of candidates 0 to `count` - 1 those that are not to give way; all of them where that leaves
    none. `behaved[count]` is the program as it was; `believed`: its answers are right elsewhere."""
    tables = tables_of(behaved)
    was = tables.pop(count, None)
    every = list(range(count))
    if was is None or set(tables) != set(every):
        return every
    left = [index for index in every if not _still_hangs(index, tables, was)]
    if believed:
        left = [index for index in left if _keeps(tables[index], was)]
    return left or every


def _keeps(table: Mapping[str, str], was: Mapping[str, str]) -> bool:
    return all(
        table.get(given, result) in (result, SLOW)
        for given, result in was.items()
        if is_answer(result)
    )


def _still_hangs(
    index: int, tables: Mapping[int, Mapping[str, str]], was: Mapping[str, str]
) -> bool:
    """It does not come to an end where the program did not either, and another fix does, which
    gives the same answers otherwise."""
    mine = tables[index]
    hung = [
        given for given, result in was.items() if result in _HANGS and mine.get(given) in _HANGS
    ]
    return any(
        any(is_answer(table.get(given, SLOW)) for given in hung)
        and all(table.get(given, r) in (r, SLOW) for given, r in mine.items() if is_answer(r))
        for other, table in tables.items()
        if other != index
    )
