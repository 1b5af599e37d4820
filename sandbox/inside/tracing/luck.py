"""Takes away two things that a lucky program leans on: today's date, and several processors.

Belongs here: what lives in a process of a second run. Does not belong here: what the container
itself varies (`sandbox.surroundings`), and how the date is changed (`world.hook`). It is handed
down to children as traces are, and like them it runs on interpreters from 3.8 on.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

_DAY_S = 86_400


def find_shift(now: float) -> int:
    """Seconds from now to the same time on the first day of the next month, in UTC."""
    import time

    moment = time.gmtime(now)
    days = 1
    while time.gmtime(now + days * _DAY_S).tm_mon == moment.tm_mon:
        days += 1
    return days * _DAY_S


def start(shift_s: int) -> None:
    """From here on this process is so many seconds ahead, and counts the processors that it may
    use."""
    if shift_s:
        _load_hook().shift_clock(shift_s)
    os.cpu_count = count_processors


def count_processors() -> int:
    """From Python 3.13 on a variable says so, too; but not to a process that was only forked."""
    return len(os.sched_getaffinity(0))


def _load_hook() -> ModuleType:
    import _frozen_importlib as bootstrap
    import _frozen_importlib_external as external

    folder = __file__.rpartition("/")[0].rpartition("/")[0]
    spec = external.spec_from_file_location("_hook", f"{folder}/world/hook.py")
    assert spec is not None
    assert spec.loader is not None
    module = bootstrap.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
