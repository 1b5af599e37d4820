"""A call that is only asked for its answer does not wait: the clock goes ahead instead.

Belongs here: sleeping, and an end for what waits otherwise (a lock, a queue, a program). Does not
belong here: limits of processor time (`observation`), or a whole try that waits (`forks`).
"""

from __future__ import annotations

import contextlib
import inspect
import os
import signal
import time
from typing import TYPE_CHECKING, Any

from .forks import read_sleep_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST_WAIT_S = 1.0
"""Asleep, not waiting for a processor: so the answer does not depend on the load."""
_LOOK_S = 0.25
_CLOCKS = ("time", "monotonic")


@contextlib.contextmanager
def skip_waits(function: Callable[..., Any], on_late: Callable[[], None]) -> Iterator[None]:
    """`time.sleep`, also under the name that the function's module has for it, ends at once, and
    clocks are ahead by what it skipped. Whatever waits otherwise is broken off: `on_late`, which
    raises, is called after a second."""
    skipped_s = 0.0
    namespace = getattr(inspect.unwrap(function), "__globals__", {})
    sleep = time.sleep
    clocks = {name: getattr(time, name) for name in _CLOCKS}

    def skip(seconds: Any) -> None:
        nonlocal skipped_s
        if not seconds >= 0:
            sleep(seconds)  # its own error
        skipped_s += seconds

    def ahead(real: Callable[[], float]) -> Callable[[], float]:
        return lambda: real() + skipped_s

    names = [name for name, value in namespace.items() if value is sleep]
    time.sleep = skip
    for name, real in clocks.items():
        setattr(time, name, ahead(real))
    namespace.update(dict.fromkeys(names, skip))
    try:
        with _end_waiting(on_late):
            yield
    finally:
        time.sleep = sleep
        for name, real in clocks.items():
            setattr(time, name, real)
        namespace.update(dict.fromkeys(names, sleep))


@contextlib.contextmanager
def _end_waiting(on_late: Callable[[], None]) -> Iterator[None]:
    began_s = read_sleep_clock(os.getpid())

    def look(_signal: int, _frame: object) -> None:
        if read_sleep_clock(os.getpid()) - began_s >= LONGEST_WAIT_S:
            on_late()

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_WAIT_S, _LOOK_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
