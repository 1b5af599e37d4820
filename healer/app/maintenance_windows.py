"""The maintenance windows that are on now, from the configuration as a plain table.

Belongs here: which, and until when, in words. Does not belong here: what they keep back
(`healer.repair.premises`), and whether the configuration is right (`healer.config`).
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from healer.app.quick_look import WindowTable
from healer.support.local_time import format_local

_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


def list_windows(tables: Iterable[WindowTable], now: float) -> Iterator[str]:
    """`until 28 Nov 23:00 UTC, for everything`, for each that is on; one that is wrong is none."""
    for each in tables:
        from healer.watch.schedule import CronSchedule, find_mistake  # noqa: PLC0415  # heavy

        zone = each.timezone or "UTC"
        if find_mistake(each.schedule, zone):
            continue
        with suppress(ValueError, LookupError):
            duration_s = float(each.duration[:-1]) * _UNIT_S[each.duration[-1:]]
            end = CronSchedule(each.schedule, 0.0, zone).slot_of(now) + duration_s
            if now < end:
                scripts = ", ".join(each.scripts) or "everything"
                yield f"until {format_local(end, zone)}, for {scripts}"
