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


class Pool(Generic[S]):
    """Keeps `size` containers ready. Each is given out once."""

    def __init__(self, make: Callable[[], S], size: int, idle_s: float = IDLE_S) -> None:
        """Starts its threads at once; `make` is called on one of them and may raise."""
        self._make = make
        self._size = size
        self._idle_s = idle_s
        self._ready: deque[S] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._leaving: queue.SimpleQueue[S | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._throw_away, name="sandbox-out", daemon=True)]
        if size > 0:
            filler = threading.Thread(target=self._fill, name="sandbox-pool", daemon=True)
            self._threads.append(filler)
        for thread in self._threads:
            thread.start()

    def take(self) -> S | None:
        """A container that waits for a job, or None when there is none at this moment."""
        while True:
            with self._changed:
                if not self._ready:
                    return None
                slot = self._ready.popleft()
                self._changed.notify_all()
            if slot.is_waiting():
                return slot
            self.put_away(slot)

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
            left = list(self._ready)
            self._ready.clear()
            self._changed.notify_all()
        for slot in left:
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
            self._leaving.put(slot)
            return
        with self._changed:
            if not self._closed:
                self._ready.append(slot)
                self._changed.notify_all()
                return
        slot.discard()

    def _wait_for_need(self) -> bool:
        """Blocks until a container is wanted; false when closed. Recycles old ones meanwhile."""
        with self._changed:
            while not self._closed:
                self._recycle()
                if len(self._ready) < self._size:
                    return True
                oldest = self._ready[0].born + self._idle_s - time.monotonic()
                self._changed.wait(max(oldest, 0.01))
            return False

    def _recycle(self) -> None:
        while self._ready and time.monotonic() - self._ready[0].born >= self._idle_s:
            slot = self._ready.popleft()
            slot.hang_up()
            self._leaving.put(slot)

    def _throw_away(self) -> None:
        while (slot := self._leaving.get()) is not None:
            with contextlib.suppress(Exception):
                slot.discard()
