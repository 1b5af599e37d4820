"""The smallest part of an input that still tells: what a person can read in a test.

Belongs here: taking parts away, and asking for many rests at once. Does not belong here: what tells
(`recorded_call`, `recorded_run`). Reaches nothing but the question and a clock.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

MOST_ROUNDS = 12
"""Questions that are asked; each is a run in the sandbox."""
MOST_PARTS = 16
"""Into which the input is cut in one round."""

BUDGET_S = 30.0
"""For making one input smaller. What is reached then is still an input that tells: a repair does
not wait for a shorter test."""
ROUND_S = 10.0
"""For all the inputs of one question."""

Tells = Callable[[list[Any]], list[bool]]
"""For each of several inputs, whether it tells; an input is of the type of the first one."""


@dataclass
class Budget:
    """How long one input may be made smaller, and how many are asked for at once."""

    ends_at: float = field(default_factory=lambda: time.monotonic() + BUDGET_S)
    input_s: float = 0.0
    """The longest that one took so far."""

    def measure(self, seconds: float, inputs: int) -> None:
        """What `inputs` took together."""
        self.input_s = max(self.input_s, seconds / max(inputs, 1))

    def cut(self, choices: list[Any]) -> list[Any]:
        """Those that are asked for; none once the time is over."""
        if time.monotonic() >= self.ends_at:
            return []
        return choices[: max(1, int(ROUND_S / self.input_s))] if self.input_s else choices


def shrink(value: Any, tells: Tells) -> Any:
    """`value` with parts taken away, as long as what is left tells: items of a list or a table,
    lines of a text. One that tells nothing is given back as it is."""
    for _ in range(MOST_ROUNDS):
        choices = [each for each in list_smaller(value) if each != value]
        answers = tells(choices) if choices else []
        smaller = [each for each, is_telling in zip(choices, answers, strict=False) if is_telling]
        if not smaller:
            return value
        value = min(smaller, key=_size)
    return value


def list_smaller(value: Any) -> list[Any]:
    """The value with one part left out or alone kept, largest parts first, and with one of its
    items made smaller: within tuples the number of items stays, since those are arguments."""
    if isinstance(value, tuple):
        return [
            (*value[:place], each, *value[place + 1 :])
            for place, item in enumerate(value)
            for each in list_smaller(item)
        ]
    if isinstance(value, dict):
        inside: list[Any] = [
            {**value, key: each}
            for key, item in value.items()
            if isinstance(item, (list, dict, str))
            for each in list_smaller(item)
        ]
        parts = [dict(each) for each in _take_parts(list(value.items()))]
        return [*parts, *inside[:MOST_PARTS]]
    if isinstance(value, list):
        inside = [
            [*value[:place], each, *value[place + 1 :]]
            for place, item in enumerate(value[:2])
            if isinstance(item, (list, dict))
            for each in list_smaller(item)
        ]
        return _take_parts(value) + inside[:MOST_PARTS]
    if isinstance(value, str) and value.count("\n") > 1:
        return _list_shorter_texts(value)
    return []


def _list_shorter_texts(text: str) -> list[str]:
    """Whole lines are taken away; the first one may be a header."""
    first, *rest = text.splitlines(keepends=True)
    parts = _take_parts(rest)
    return ["".join([first, *part]) for part in parts] + ["".join(part) for part in parts]


def _take_parts(items: Sequence[Any]) -> list[list[Any]]:
    """Each of a few parts alone, then all but each."""
    count = min(len(items), MOST_PARTS)
    if not count:
        return []
    ends = [round(len(items) * n / count) for n in range(count + 1)]
    pairs = list(pairwise(ends))
    halves = [(0, len(items) // 2), (len(items) // 2, len(items))] if len(items) > count else []
    alone = [list(items[start:end]) for start, end in [*halves, *pairs]]
    rests = [[*items[:start], *items[end:]] for start, end in pairs]
    return [each for each in [*alone, *rests] if len(each) < len(items)]


def _size(value: Any) -> tuple[int, str]:
    text = repr(value)
    return len(text), text
