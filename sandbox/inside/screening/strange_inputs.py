"""Inputs that are unlike all that tests gave, of which answers are no promise.

Belongs here: telling them. Does not belong here: making inputs (`border_inputs`), or what an answer
to a strange one counts, which the host decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import similar_inputs
from .descriptions import show_call
from .similar_inputs import Habits
from .whole_values import is_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .border_inputs import Call

FEWEST_TEXTS = 3
"""Different texts of one argument, from which on how they begin and end is a habit."""

_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def find_strange(calls: Sequence[Call], inputs: Iterable[Call]) -> Iterator[str]:
    """Of the inputs, as text, those with a text that begins or ends with a kind of sign with which
    none of the tests' texts does, or with a bracket that is not closed, a list out of order or a
    number with a fraction where all of theirs are closed, in order and whole."""
    width = max(map(len, calls), default=0)
    habits = [_Habit([call[n] for call in calls if len(call) > n]) for n in range(width)]
    for call in inputs:
        if any(habit.is_broken_by(value) for habit, value in zip(habits, call)):
            yield show_call(call)


class _Habit:
    """What all values of one argument have in common."""

    def __init__(self, values: Sequence[Any]) -> None:
        texts = {value for value in values if isinstance(value, str) and value}
        is_enough = len(texts) >= FEWEST_TEXTS
        self._firsts = {_kind_of(text[0]) for text in texts} if is_enough else set()
        self._lasts = {_kind_of(text[-1]) for text in texts} if is_enough else set()
        has_brackets = any(sign in _BRACKETS for text in texts for sign in text)
        self._is_balanced = is_enough and has_brackets and all(map(_is_balanced, texts))
        numbers = [leaf for leaf in similar_inputs.leaves([*values]) if is_number(leaf)]
        self._is_whole = bool(numbers) and all(isinstance(each, int) for each in numbers)
        lists = [value for value in values if isinstance(value, (list, tuple))]
        self._is_ordered = bool(lists) and Habits(lists).ordered

    def is_broken_by(self, value: Any) -> bool:
        if self._is_whole and any(type(leaf) is float for leaf in similar_inputs.leaves([value])):
            return True
        if isinstance(value, str) and value and self._firsts:
            if self._is_balanced and not _is_balanced(value):
                return True
            return _kind_of(value[0]) not in self._firsts or _kind_of(value[-1]) not in self._lasts
        if isinstance(value, (list, tuple)) and self._is_ordered:
            return not _is_in_order(value)
        return False


def _kind_of(sign: str) -> str:
    """Letters and digits are of one kind, all blanks of another; each other sign is its own."""
    return "a" if sign.isalnum() else " " if sign.isspace() else sign


def _is_balanced(text: str) -> bool:
    """Each bracket is closed once, by its own kind."""
    waiting: list[str] = []
    for sign in text:
        if sign in _BRACKETS:
            waiting.append(_BRACKETS[sign])
        elif sign in _BRACKETS.values() and (not waiting or waiting.pop() != sign):
            return False
    return not waiting


def _is_in_order(items: Sequence[Any]) -> bool:
    try:
        return all(one <= other for one, other in zip(items, items[1:]))
    except Exception:  # the program's own comparisons may raise anything
        return True
