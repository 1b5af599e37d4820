"""Values varied as a whole: each number and text in them changed, or all numbers alike.

Belongs here: other things of the same shape. Does not belong here: values at the border of a type
(`border_inputs`).
"""

from __future__ import annotations

import datetime
import decimal
from typing import TYPE_CHECKING, Any

from . import similar_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def change_leaves(value: Any, step: int) -> Any:
    """Another thing of the same shape: each number in it so much more, each text another one."""
    if isinstance(value, dict):
        return {key: change_leaves(item, step) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(change_leaves(item, step) for item in value)
    if isinstance(value, str):
        return f"{value}{'a' if step < 0 else 'z'}"
    if isinstance(value, datetime.date):
        return value + datetime.timedelta(days=step)
    return value + step if is_number(value) else value


def level_numbers(items: Sequence[Any]) -> list[Any]:
    """With the numbers of the first in all, as where two come to the same place by chance."""
    numbers = [leaf for leaf in similar_inputs.leaves(items[0]) if is_number(leaf)]
    return [_put_numbers(item, iter(numbers)) for item in items]


def _put_numbers(value: Any, numbers: Iterator[Any]) -> Any:
    if isinstance(value, dict):
        return {key: _put_numbers(item, numbers) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_put_numbers(item, numbers) for item in value)
    return next(numbers, value) if is_number(value) else value


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool)
