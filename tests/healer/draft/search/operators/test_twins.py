"""Functions that people take for one another."""

import builtins
import collections
import keyword

import pytest

from healer.draft.search.operators.twins import TWINS


def test_none_is_its_own_twin_or_named_twice() -> None:
    for name, twins in TWINS.items():
        assert name not in twins
        assert len(set(twins)) == len(twins) > 0


def test_all_are_names() -> None:
    every = {name for name, twins in TWINS.items() for name in (name, *twins)}
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in every)


@pytest.mark.parametrize(
    ("name", "twin"),
    [("min", "max"), ("any", "all"), ("append", "extend"), ("strip", "rstrip"), ("find", "rfind"),
     ("keys", "values"), ("floor", "ceil"), ("bisect_left", "bisect_right"), ("load", "loads")],
)  # fmt: skip
def test_the_usual_pairs_go_both_ways(name: str, twin: str) -> None:
    assert twin in TWINS[name]
    assert name in TWINS[twin] or twin in ("rstrip", "rfind")


def test_methods_of_one_builtin_type_stay_with_it() -> None:
    """A twin that no type has beside the first would fail wherever it is called."""
    types = (str, list, dict, set, collections.deque, bytes)
    for name in ("startswith", "lower", "remove", "popleft", "keys", "union", "split"):
        homes = [kind for kind in types if hasattr(kind, name)]
        assert any(all(hasattr(kind, twin) for twin in TWINS[name]) for kind in homes), name
    assert all(hasattr(builtins, twin) for twin in TWINS["min"])
