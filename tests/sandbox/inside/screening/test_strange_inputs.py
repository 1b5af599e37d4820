"""Which inputs are unlike all that tests gave."""

from typing import Any

import pytest

from sandbox.inside.screening.strange_inputs import find_strange


@pytest.mark.parametrize(
    ("calls", "call", "is_strange"),
    [
        (["42 (a) S", "7 (b) R", "8 c"], ") 8", True),
        (["42 (a) S", "7 (b) R", "8 c"], "8 (", True),
        (["42 (a) S", "7 (b) R", "8 c"], "x y", False),
        (["42 (a) S", "7 (b) R", "8 c"], "", False),
        (["a b", "(c)", "d "], "(c) ", False),
        (["[::1]", "[a]:1", "b:2"], "[:1]]", True),
        (["[::1]", "[a]:1", "b:2"], "[:(1]", True),
        (["[::1]", "[a]:1", "b:2"], "a(b)c", False),
        (["a)b", "[a]:1", "b:2"], "a]b", False),
        (["a", "b"], "(", False),  # two are no habit
        ([[1, 2, 3], [4, 5]], [2, 1], True),
        ([[1, 2, 3], [4, 5]], [1, 9], False),
        ([[1, 2, 3]], [2, 1], False),
        ([[1, 2], [4, 3]], [2, 1], False),
        ([[1, 2], [3, 4]], ["a", 1], False),
        ([1, 2, 3], -1, False),
        ([1, 2, 3], 1.5, True),
        ([{"n": [1]}], {"n": [1.5]}, True),
        ([1, 2.5], 1.5, False),
        ([True], 1.5, False),
    ],
)
def test_what_breaks_a_habit_is_strange(calls: list[Any], call: Any, is_strange: bool) -> None:
    strange = list(find_strange([(value,) for value in calls], [(call,)]))
    assert strange == ([f"({call!r},)"] if is_strange else [])


def test_a_call_of_another_width_is_looked_at_as_far_as_it_goes() -> None:
    calls: list[tuple[Any, ...]] = [("a",), ("b", 1), ("c", 2)]
    assert list(find_strange(calls, [("(", 1, 2), ("a", 9), ()])) == ["('(', 1, 2)"]
