"""Containers that are started ahead of need, and those that are on their way out.

Belongs here: how many wait, for how long, and who throws used ones away. Does not belong here:
what a container does. Taking from an empty pool returns None; the caller then starts one itself.
"""

import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from sandbox.resource import Resource
from sandbox.session import IDLE_S

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_CLOSE_TIMEOUT_S = 60.0


class Slot(Protocol):
    """What the pool needs to know of a container."""

    born: float

    def wait_until_ready(self) -> None: ...
    def is_waiting(self) -> bool: ...
    def hang_up(self) -> None: ...
    def discard(self) -> None: ...


S = TypeVar("S", bound=Slot)


class Pool(Resource, Generic[S]):
    """Keeps `size` containers ready. Each is given out once."""

    def __init__(self, make: Callable[[], S], size: int, idle_s: float = IDLE_S) -> None:
        """Starts its threads at once; `make` is called on one of them and may raise."""
        self._make = make
        self._size = size
        self._idle_s = idle_s
        self._expected = 0
        """How many more are wanted for once."""
        self._making = 0
        self._promised = 0
        """How many of those in the making somebody waits for."""
        self._ready: deque[S] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._leaving: queue.SimpleQueue[S | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._throw_away, name="sandbox-out", daemon=True),
            threading.Thread(target=self._fill, name="sandbox-pool", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def expect(self) -> None:
        """One more is wanted soon: it is made now, and thrown away if nobody takes it in time."""
        with self._changed:
            self._expected = 1
            self._changed.notify_all()

    def take(self) -> S | None:
        """A container that waits for a job, also one that is about to; None when there is none."""
        while True:
            with self._changed:
                if not self._ready and not self._wait_for_one():
                    return None
                slot = self._ready.popleft()
                self._expected = 0
                self._changed.notify_all()
            if slot.is_waiting():
                return slot
            self.put_away(slot)

    def _wait_for_one(self) -> bool:
        """One that is being started is ready sooner than one that is started only now."""
        if self._promised >= self._making:
            return False
        self._promised += 1
        try:
            self._changed.wait_for(lambda: self._ready or not self._making or self._closed)
            return bool(self._ready)
        finally:
            self._promised -= 1

    def put_away(self, slot: S) -> None:
        """Throws a container away without keeping the caller waiting."""
        slot.hang_up()
        if self._closed:
            slot.discard()
        else:
            self._leaving.put(slot)

    def wait_until_full(self, timeout_s: float) -> bool:
        """For benchmarks and for a daemon that warms up: true when `size` containers wait."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._ready) >= self._size, timeout_s)

    def close(self) -> None:
        """Throws everything away and ends the threads. May be called twice."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            slots = list(self._ready)
            self._ready.clear()
            self._changed.notify_all()
        for slot in slots:
            slot.hang_up()
            self._leaving.put(slot)
        for thread in reversed(self._threads):
            if thread.name == "sandbox-out":
                self._leaving.put(None)
            thread.join(_CLOSE_TIMEOUT_S)

    def _fill(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while self._wait_for_need():
            try:
                slot = self._make()
            except Exception:
                # The next job meets the same trouble on the cold path, and reports it there.
                self._finish_making(None)
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                continue
            pause_s = _FIRST_PAUSE_S
            self._add(slot)

    def _add(self, slot: S) -> None:
        try:
            slot.wait_until_ready()
        except Exception:
            self._finish_making(None)
            self._leaving.put(slot)
            return
        if not self._finish_making(slot):
            slot.discard()

    def _finish_making(self, slot: S | None) -> bool:
        """Puts it with those that are ready; false where it is None or comes too late."""
        with self._changed:
            self._making -= 1
            is_kept = slot is not None and not self._closed
            if slot is not None and is_kept:
                self._ready.append(slot)
            self._changed.notify_all()
            return is_kept

    def _wait_for_need(self) -> bool:
        """Blocks until a container is wanted; false when closed. Recycles old ones meanwhile."""
        with self._changed:
            while not self._closed:
                self._recycle()
                if len(self._ready) < self._size + self._expected:
                    self._making += 1
                    return True
                self._changed.wait(self._until_recycling())
            return False

    def _until_recycling(self) -> float | None:
        if not self._ready:
            return None
        return max(self._ready[0].born + self._idle_s - time.monotonic(), 0.01)

    def _recycle(self) -> None:
        while self._ready and time.monotonic() - self._ready[0].born >= self._idle_s:
            slot = self._ready.popleft()
            self._expected = 0
            slot.hang_up()
            self._leaving.put(slot)

    def _throw_away(self) -> None:
        while (slot := self._leaving.get()) is not None:
            with contextlib.suppress(Exception):
                slot.discard()
