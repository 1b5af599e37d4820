"""Which candidates one worker of a screening tries, and in which order.

Belongs here: the order, and what a result changes of it. Does not belong here: what candidates do
(`value_probes`), or running them (`trials`).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Order(NamedTuple):
    """All candidates of a plan, by what is known before any is run."""

    first: list[int]
    """Those that do something of their own, the likeliest first."""
    same_values: Mapping[int, list[int]]
    """Those that gave the same values as one of `first`, by that one."""
    idle: list[int]
    """Those that seem to change nothing."""
    alike: list[int]
    """Those that need not be tried."""


class WorkQueue:
    """The part of one of several workers. A candidate that comes further than the test that was
    looked at brings those forward that gave the same values there; others make them come last."""

    def __init__(self, order: Order, worker: int, workers: int, most: int = 0) -> None:
        """`most`: of all workers together; 0: all."""
        self._next = deque(order.first[worker::workers])
        self._waiting = {
            index: order.same_values[index] for index in self._next if index in order.same_values
        }
        self._last = deque(order.idle[worker::workers])
        self._left = len(range(worker, most, workers)) if most else -1
        self._place, self._step = worker, workers
        self.turns: dict[int, int] = {}
        """Candidates that were handed out: their places in the order of all workers."""

    def take(self, count: int) -> list[int]:
        """The next, at most so many; none when the worker is done."""
        batch: list[int] = []
        while len(batch) < count and self._left and (self._next or self._last):
            if not self._next and batch:
                break  # what these show may bring others forward
            index = (self._next or self._last).popleft()
            self.turns[index] = self._place
            self._place += self._step
            self._left -= 1
            batch.append(index)
        return batch

    def learn(self, index: int, *, further: bool) -> None:
        """`further`: it passed the test in which the values were seen."""
        members: Iterable[int] = self._waiting.pop(index, ())
        if further:
            self._next.extendleft(reversed(list(members)))
        else:
            self._last.extend(members)
