"""In which order and portions the tests are run by processes that take one after the other.

Belongs here: that. Does not belong here: the processes (`collect_once`).
"""

from collections.abc import Sequence
from itertools import groupby, islice

import pytest

LONGEST = 60
"""Tests of a portion. The shorter it is, the more even all end; the queue holds 16,384 portions."""
LONGEST_WITH_ENGINE = 4
ENGINE = frozenset({"docker_engine", "docker_sandbox", "engine"})
"""Fixtures of tests that wait for containers, seconds each."""


def cut(items: Sequence[pytest.Item]) -> list[list[int]]:
    """Portions of tests of one file, by their numbers, in which each test is once.

    Those that wait for containers stand evenly among the first four fifths of the others: some of
    the processes wait while others compute, and at the end nobody waits for a long one.
    """
    waits: list[list[int]] = []
    others: list[list[int]] = []
    for _, group in groupby(enumerate(items), lambda pair: pair[1].path):
        tests = dict(group)
        needs_engine = any(map(_needs_engine, tests.values()))
        length = LONGEST_WITH_ENGINE if needs_engine else LONGEST
        if any(map(_shares_module, tests.values())):
            length *= 4  # what it shares is made again for each portion
        portions = waits if needs_engine else others
        portions += (list(tests)[at : at + length] for at in range(0, len(tests), length))
    return spread(waits, others)


def spread(waits: Sequence[list[int]], others: Sequence[list[int]]) -> list[list[int]]:
    """All of both, each in its order, the first begun with."""
    every = max(1, len(others) * 4 // 5 // max(1, len(waits)))
    portions: list[list[int]] = []
    rest = iter(others)
    for portion in waits:
        portions += [portion, *islice(rest, every)]
    return [*portions, *rest]


def _needs_engine(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    return bool(item.get_closest_marker("docker") or ENGINE.intersection(names))


def _shares_module(item: pytest.Item) -> bool:
    info = getattr(item, "_fixtureinfo", None)
    scopes = (
        (each.scope for defs in info.name2fixturedefs.values() for each in defs) if info else ()
    )
    return "module" in scopes
