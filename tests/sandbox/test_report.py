"""Which failing tests touch a place of the code."""

import pytest

from sandbox.report import FailingTests


@pytest.mark.parametrize(
    ("loaded", "executed", "places", "touches"),
    [
        ({}, {"a.py": (1, 5)}, {"a.py": (5,)}, True),
        ({"a.py": (0,)}, {}, {"a.py": (0, 9)}, True),
        ({}, {"a.py": (1,)}, {"a.py": (2,)}, False),
        ({}, {"a.py": (1,)}, {"b.py": (1,)}, False),
        ({}, {"a.py": ()}, {"a.py": ()}, False),
        ({}, {}, {"a.py": (1,)}, False),
        ({}, {"a.py": (1,)}, {}, False),
        ({"b.py": (3,)}, {"a.py": (1,)}, {"a.py": (9,), "b.py": (3,)}, True),
    ],
)
def test_a_place_is_touched_where_file_and_line_are_the_same(
    loaded: dict[str, tuple[int, ...]],
    executed: dict[str, tuple[int, ...]],
    places: dict[str, tuple[int, ...]],
    touches: bool,
) -> None:
    tests = FailingTests(nodes=("t.py::test",), loaded=loaded, executed=executed)
    assert tests.touches(places) is touches


def test_what_is_loaded_and_what_is_executed_stay_apart() -> None:
    tests = FailingTests(nodes=(), loaded={"a.py": (1,)}, executed={"a.py": (2,)})
    assert not tests.touches({"a.py": (3,)})
    assert tests.touches({"a.py": [2]})
