"""Connections to a shared PostgreSQL for many requests at once, each for another repository.

Belongs here: lending them. Does not belong here: what a request is told where none is free, or the
database is away (`healer.app.hub`, `healer.app.fleet_view`).
"""

import queue
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Self

from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables

NOBODY = Scope("", "")
"""Sees no repository's rows."""


class BusyError(Exception):
    """No connection has come free in time."""


class SharedPool:
    """A few connections; a with-block. Safe for several threads."""

    def __init__(self, url: str, size: int) -> None:
        """`url` is libpq's; the schema is there. Each is opened when it is first needed."""
        self._url, self._size = url, size
        self._stack = ExitStack()
        self._free: queue.LifoQueue[SharedTables] = queue.LifoQueue()

    def __enter__(self) -> Self:
        for _ in range(self._size):
            self._free.put(self._stack.enter_context(SharedTables(self._url, NOBODY)))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def borrow(self, scope: Scope, wait_s: float) -> Iterator[SharedTables]:
        """One that sees the rows of `scope`, for this block. Raises BusyError."""
        try:
            tables = self._free.get(timeout=wait_s)
        except queue.Empty:
            raise BusyError from None
        try:
            tables.enter(scope)
            yield tables
        finally:
            self._free.put(tables)
