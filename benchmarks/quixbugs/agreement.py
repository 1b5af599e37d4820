"""When a program's result agrees with its reference: as a rule when it is equal.

Belongs here: results as plain values, and the few programs where more than one answer is right.
Does not belong here: the arguments (`inputs`). Only the standard library: it runs in the box.
"""

import collections
import collections.abc
import math
from collections.abc import Callable
from typing import Any

from inputs import Node  # type: ignore[import-not-found]  # beside this file in the box


def show(value: Any) -> Any:
    """A result as plain values, so that two programs' results can be compared."""
    if isinstance(value, Node):
        nodes: list[Any] = []
        node: Node | None = value
        while node is not None and len(nodes) < 50:
            nodes.append(node.value)
            node = node.successor
        return nodes
    if isinstance(value, collections.abc.Iterator):
        return [show(item) for item in value]
    if isinstance(value, collections.defaultdict):
        return {key: number for key, number in value.items() if number != math.inf}
    return value


def agree(name: str, arguments: list[Any], expected: Any, value: Any) -> bool:
    """Whether a result is right, where the reference gives `expected`."""
    other = _OTHERS.get(name)
    return bool(expected == value or (other is not None and other(arguments, expected, value)))


def _any_index(arguments: list[Any], expected: Any, value: Any) -> bool:
    values, needle = arguments
    return bool(expected != -1 and 0 <= value < len(values) and values[value] == needle)


def _is_subsequence(part: str, whole: str) -> bool:
    letters = iter(whole)
    return all(letter in letters for letter in part)


def _any_common(arguments: list[Any], expected: Any, value: Any) -> bool:
    return len(expected) == len(value) and all(_is_subsequence(value, whole) for whole in arguments)


def _any_order(arguments: list[Any], _expected: Any, value: Any) -> bool:
    places = {node: place for place, node in enumerate(value)}
    if len(value) != len(arguments[0]) or set(places) != set(arguments[0]):
        return False
    return all(places[node] < places[after] for node in value for after in node.outgoing_nodes)


def _near_root(arguments: list[Any], _expected: Any, value: Any) -> bool:
    return bool(abs(value - math.sqrt(arguments[0])) <= arguments[1])


def _same_subsets(_arguments: list[Any], expected: Any, value: Any) -> bool:
    return sorted(map(sorted, expected)) == sorted(map(sorted, value))


def _as_tuples(_arguments: list[Any], expected: Any, value: Any) -> bool:
    return [tuple(item) for item in expected] == [tuple(item) for item in value]


def _as_truth(_arguments: list[Any], expected: Any, value: Any) -> bool:
    return bool(expected) == bool(value)


_OTHERS: dict[str, Callable[[list[Any], Any, Any], bool]] = {
    "find_in_sorted": _any_index,
    "longest_common_subsequence": _any_common,
    "topological_ordering": _any_order,
    "sqrt": _near_root,
    "powerset": _same_subsets,
    "hanoi": _as_tuples,
    "detect_cycle": _as_truth,
    "breadth_first_search": _as_truth,
    "depth_first_search": _as_truth,
}
