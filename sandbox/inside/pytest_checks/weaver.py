"""Puts tests that must fail among the real ones, so that a run that passes them gives itself away.

Belongs here: which tests are copied, and where sentinels stand in the order. Does not belong here:
making them (`sentinel_tests`), and counting how they ended (`reports`).
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from . import sentinel_tests
from .sentinel_names import find_function

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .sentinel_names import SentinelNames


class Weaver:
    """Adds sentinels to the collected tests of one run: plain ones, and copies of real tests."""

    def __init__(
        self,
        names: SentinelNames,
        hosts_first: Sequence[str],
        read: Callable[[str], bytes | None],
    ) -> None:
        """`hosts_first`: node ids of the tests to copy first; `read`: a file of the job's tree."""
        self._names = names
        self._hosts_first = list(hosts_first)
        self._read = read
        self._all_names = {*names.plain, *names.copies}
        self._random = random.SystemRandom()

    def is_sentinel(self, node: str) -> bool:
        """By a node id."""
        return find_function(node) in self._all_names

    def weave(self, session: pytest.Session, items: list[pytest.Item]) -> dict[str, str]:
        """Adds to `items`; gives the real test that each sentinel was made from, by its name."""
        if not self._names.plain:
            return {}
        hosts: dict[str, str] = {}
        originals = list(items)
        copies = self._make_copies(originals, hosts)
        for name in self._names.plain[1:]:
            if not self._weave_plain(name, originals, items, hosts):
                self._weave_bare(name, session, items)
        self._weave_bare(self._names.plain[0], session, items)
        # Copies repeat what a test does; after all tests they cannot disturb one.
        items.extend(copies)
        return hosts

    def _weave_bare(self, name: str, session: pytest.Session, items: list[pytest.Item]) -> None:
        bare = BareSentinel.from_parent(session, name=name)
        items.insert(self._random.randint(0, len(items)), bare)

    def _weave_plain(
        self,
        name: str,
        originals: list[pytest.Item],
        items: list[pytest.Item],
        hosts: dict[str, str],
    ) -> bool:
        if not originals:
            return False
        host = self._random.choice(originals)
        item = sentinel_tests.make_plain(host, name)
        if item is None:
            return False
        hosts[name] = host.nodeid
        items.insert(items.index(host) + self._random.randint(0, 1), item)
        return True

    def _make_copies(
        self, originals: list[pytest.Item], hosts: dict[str, str]
    ) -> list[pytest.Item]:
        first = [item for item in originals if item.nodeid in self._hosts_first]
        rest = [item for item in originals if item.nodeid not in self._hosts_first]
        self._random.shuffle(rest)
        copies: list[pytest.Item] = []
        sources = sentinel_tests.TestSources(self._read)
        for host in first + rest:
            if len(copies) == len(self._names.copies):
                break
            name = self._names.copies[len(copies)]
            copy = sentinel_tests.make_copy(host, name, sources)
            if copy is not None:
                hosts[name] = host.nodeid
                copies.append(copy)
        return copies


class BareSentinel(pytest.Item):
    """A sentinel without fixtures, marks or a module, so that no honest project can skip it."""

    def runtest(self) -> None:
        left, right = object(), object()
        assert left == right

    def repr_failure(self, _excinfo: object, style: object = None) -> str:
        del style
        return "a sentinel"

    def reportinfo(self) -> tuple[str, int | None, str]:
        return self.name, None, self.name
