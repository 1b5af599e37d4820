"""The input that tells a fix from one of its neighbours, the shortest there is.

Belongs here: the words that inputs are made of, and comparing what was seen of both. Does not
belong here: seeing it (`rivals`). Pure.
"""

import ast
import functools
import re
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.behaviour_groups import ENDLESS, SLOW, is_answer, is_odd, tabulate
from healer.draft.search.operators.mutation import operator_of
from healer.evidence.hunks import find_hunks
from healer.evidence.lost_words import find_lost_words
from healer.evidence.neighbour import MOVED_INDEX, NARROW, Neighbour
from healer.judge.facts import Rival
from sandbox import Behaviour

Table = Mapping[str, str]
"""What came of a call, by its arguments, both as text."""
COMMAND = ""
"""In place of arguments: the failing command."""
Repeats = Mapping[str, tuple[str, str]]
"""What the same call gives the first and the second time, where these differ, by its arguments."""
AGAIN = "again"
"""The shape of what the fix itself gives the first time."""
BASE = "base"
"""The shape of the unfixed file: what it answers, the fix must not change where nothing but crashes
is to be healed."""
_RAISES = "raises "
_CHECKSUM = re.compile(r"\), [0-9a-f]{8}$")
"""Behind arguments that were cut off: it tells the calls apart, and a person nothing."""
_NEGATIVE = re.compile(r"(?<![\w'\"])-\d")
_MOST_TEXTS = 8
"""Kept of what was read last: it is asked for every input on which two programs differ."""
_NUMBER_OR_SIGN = re.compile(r"-?[\d.]*")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?|-?\d+")


MOST_WORDS = 24
LONGEST_WORD = 40
_LITERAL = "'\"0123456789"
"""What the text of a number or of a text begins with."""


class Seen(NamedTuple):
    """What one function of a file does by the fix, and by the unfixed code."""

    function: str
    fix: Table
    """Without what differs between two runs of it."""
    base: Table
    """Empty where its answers are not known to be right."""
    repeats: Repeats
    """Of the fix, as `fix`."""
    base_repeats: Repeats
    strange: Set[str] = frozenset()
    """Arguments unlike all that the tests gave: what one program says of them is no promise."""
    crashes: Set[str] = frozenset()
    """Names of the errors by which the tests fail on the unfixed code."""
    missed: Set[str] = frozenset()
    """Names of the errors that the tests ask for and that the unfixed code does not raise."""
    source: str = ""
    """The file with the fix."""
    wrong_indices: Set[tuple[str, int]] = frozenset()
    """Paths and lines of the unfixed code (`find_wrong_indices`)."""


def read_behaviours(function: str, behaviours: Sequence[Behaviour], *, is_base_right: bool) -> Seen:
    """Of the fix the first and, once more, the last; the second is of the unfixed code where that
    is asked at all. What chance or the clock decides differs between the two and tells nothing."""
    tables = tabulate(behaviours)
    last = tables.get(len(behaviours) - 1, {})
    fix = {key: text for key, text in tables.get(0, {}).items() if last.get(key) == text}
    repeats = {b.index: {key: (one, two) for key, one, two in b.repeats} for b in behaviours}
    return Seen(
        function=function,
        fix=fix,
        base=tables.get(1, {}) if is_base_right else {},
        repeats={key: pair for key, pair in repeats.get(0, {}).items() if key in fix},
        base_repeats=repeats.get(1, {}) if is_base_right else {},
        strange=frozenset(behaviours[0].strange) if behaviours else frozenset(),
    )


def tell_apart(behaviour: Seen, neighbour: Neighbour, table: Table) -> Rival | None:
    """The shortest input on which fix and neighbour differ. Where the unfixed code gave what the
    fix gives, the neighbour is the one that does harm: that tells nothing against the fix, unless
    it moves an index by one that was wrong. A strange input tells where the neighbour shows that
    nothing asked for another answer than the old one. What the unfixed code refuses by an error of
    its own, a fix for another error must refuse as well."""
    fix, is_base = behaviour.fix, neighbour.shape == BASE
    hides_errors = operator_of(neighbour.shape) == NARROW
    refusals = find_refusals(neighbour.content)
    own_errors = refusals - behaviour.crashes if is_base else frozenset[str]()

    def tells(key: str) -> bool:
        ours, others = fix[key], table[key]
        if {SLOW, ENDLESS} & {ours, others} or _is_same(ours, others):
            return False
        if _is_excused(behaviour, neighbour, key, others):
            return False
        if is_base and is_odd(behaviour.base_repeats.get(key, ("", ""))[1]):
            first, _ = behaviour.repeats.get(key, (ours, ""))
            return is_answer(first) and not _is_same(first, behaviour.base_repeats[key][0])
        if behaviour.missed and not is_base and is_answer(ours) != is_answer(others):
            return _refuses_otherwise(behaviour, neighbour, key, others)
        if is_answer(ours):
            return is_answer(others) or hides_errors or _find_error(others) in own_errors
        return _find_error(ours) == _find_error(others) and _find_error(ours) in refusals

    telling = [key for key in fix.keys() & table.keys() if tells(key)]
    if not telling:
        return None
    best = min(telling, key=lambda k: (k == COMMAND, len(k), k))
    return _make_rival(behaviour, neighbour, best, (fix[best], table[best]))


def _refuses_otherwise(behaviour: Seen, neighbour: Neighbour, key: str, others: str) -> bool:
    """Where tests ask for an error that was not raised: one of the two refuses this input by such
    an error, the other answers. Not where only a number is another one, since where a border lies
    is asked of numbers by themselves, nor for inputs unlike all that tests gave."""
    errors = behaviour.missed | find_refusals(behaviour.source)
    is_refusal = any(_find_error(text) in errors for text in (behaviour.fix[key], others))
    is_usual = is_refusal and key not in behaviour.strange
    return is_usual and not _changes_number(behaviour.source, neighbour.content)


@functools.lru_cache(maxsize=_MOST_TEXTS)
def _changes_number(*texts: str) -> bool:
    """Whether two texts differ in nothing but numbers."""
    hunks = find_hunks(*texts)
    return all(
        _NUMBER_OR_SIGN.fullmatch(text[span.start : span.end])
        for hunk in hunks
        for text, span in zip(texts, hunk, strict=True)
    )


def _is_excused(behaviour: Seen, neighbour: Neighbour, key: str, others: str) -> bool:
    """Another answer to this input tells nothing, whatever the two are."""
    old, ours = behaviour.base.get(key, ""), behaviour.fix[key]
    if neighbour.shape == BASE:
        # A number below nought is seldom meant where tests have none.
        return key in behaviour.strange or key == COMMAND or bool(_NEGATIVE.search(key))
    place = neighbour.path, neighbour.line
    moves_index = operator_of(neighbour.shape) == MOVED_INDEX and place in behaviour.wrong_indices
    keeps_old = is_answer(others) and _is_same(others, old)
    was_so = is_answer(ours) and _is_same(ours, old)
    return (key in behaviour.strange and not keeps_old) or (was_so and not moves_index)


def find_memory(behaviour: Seen, base: Neighbour) -> Rival | None:
    """The same call answered otherwise the second time, where the unfixed code never did so."""
    if not behaviour.base or not behaviour.repeats or behaviour.base_repeats:
        return None
    best = min(behaviour.repeats, key=lambda key: (len(key), key))
    first, second = behaviour.repeats[best]
    again = Neighbour(base.path, base.content, AGAIN, 0)
    return _make_rival(behaviour, again, best, (second, first))


def _make_rival(behaviour: Seen, neighbour: Neighbour, key: str, gives: tuple[str, str]) -> Rival:
    return Rival(
        path=neighbour.path,
        line=neighbour.line,
        shape=neighbour.shape,
        content=neighbour.content,
        function="" if key == COMMAND else behaviour.function,
        given=_CHECKSUM.sub(")", key),
        fix_gives=gives[0],
        rival_gives=gives[1],
    )


@functools.lru_cache(maxsize=_MOST_TEXTS)
def find_refusals(source: str) -> frozenset[str]:
    """Names of the errors that it raises itself: what it leaves behind then is meant to be so."""
    errors = (node.exc for node in SourceFile("", source).nodes if isinstance(node, ast.Raise))
    calls = (each.func if isinstance(each, ast.Call) else each for each in errors)
    return frozenset(each.id for each in calls if isinstance(each, ast.Name))


def _find_error(result: str) -> str:
    """The name of the error; empty for an answer."""
    return result.removeprefix(_RAISES).partition(",")[0] if result.startswith(_RAISES) else ""


def _is_same(one: str, other: str) -> bool:
    """By the value of their numbers: 2.0 is 2, -0.0 is 0, and noise of rounding is none."""
    return one == other or _round(one) == _round(other)


def _round(text: str) -> str:
    return _NUMBER.sub(lambda number: f"{float(number[0]) + 0.0:.9g}", text)


def collect_words(base: str, fix: str, function: str, messages: Sequence[str]) -> tuple[str, ...]:
    """Literals, as they are written, that inputs are made of: those that the fix takes away, of the
    fixed function, and of the rest of the file."""
    code = SourceFile("", fix)
    functions = [
        node
        for node in code.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
    ]
    roots = (*functions, *([code.tree] if code.tree else ()))
    texts = (
        repr(node.value)
        for root in roots
        for node in ast.walk(root)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float)
    )
    losses = (word for word in find_lost_words(base, fix, messages) if word[0] in _LITERAL)
    short = dict.fromkeys(text for text in (*losses, *texts) if len(text) <= LONGEST_WORD)
    return tuple(short)[:MOST_WORDS]
