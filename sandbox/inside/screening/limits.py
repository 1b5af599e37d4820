"""What one try may use: processor time and memory.

Belongs here: setting limits for this process. Does not belong here: forks (`forks`).
"""

from __future__ import annotations

import contextlib
import math
import resource
import signal
import sys
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")

_LAST_S = 0.001
_GRACE_S = 1
_MORE_BYTES = 400 << 20
"""What a try may add to its data, stacks of threads included: one that eats memory ends alone."""
_DATA_PAGES = 5
"""Which field of /proc/PID/statm counts them (proc_pid_statm(5))."""


def limit_time(limit_s: float, on_late: Callable[[], None]) -> None:
    """Calls `on_late` once this process has used that much processor time. Where one long operation
    of the interpreter keeps it from being called, the kernel ends the process soon after."""

    def on_alarm(_signal: int, _frame: object) -> None:
        sys.settrace(None)
        on_late()

    signal.signal(signal.SIGVTALRM, on_alarm)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit_s)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    last_s = math.ceil(time.process_time() + limit_s) + _GRACE_S
    if hard == resource.RLIM_INFINITY or last_s < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (last_s, hard))


def stop_timer() -> None:
    """The try came to its end."""
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def run_within(limit_s: float, part: Callable[[], Answer]) -> Answer:
    """Runs a part of what is under limit, with a limit of its own; the rest keeps what is left."""
    left_s = signal.getitimer(signal.ITIMER_VIRTUAL)[0]
    part_s = min(left_s, limit_s) or limit_s
    signal.setitimer(signal.ITIMER_VIRTUAL, part_s)
    answer = part()
    used_s = part_s - signal.getitimer(signal.ITIMER_VIRTUAL)[0]
    signal.setitimer(signal.ITIMER_VIRTUAL, max(left_s - used_s, _LAST_S))
    return answer


def limit_memory() -> None:
    """From here on this process may fill 400 MiB more; where that cannot be set, it may not.

    What it fills is limited, not its address space: each thread reserves some 72 MiB of that and
    never uses them (`malloc` gives it an arena of its own).
    """
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/statm", "rb") as file:
            now = int(file.read().split()[_DATA_PAGES]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = now + _MORE_BYTES
        if hard == resource.RLIM_INFINITY or soft < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
