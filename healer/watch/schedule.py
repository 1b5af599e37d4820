"""When a watched job is due, missed, late or still running: pure schedule logic.

Belongs here: times and states in, what is to be done out. Does not belong here: starting anything,
or the clock (`healer.daemon` gives the time and does what is said). All times are seconds since
the epoch; all lengths are seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

MISSED_AFTER = 0.5
"""A start that is later than this part of the interval counts as missed; at least GRACE_S."""
GRACE_S = 60.0

What = Literal["start", "wait", "running", "overdue"]


@dataclass(frozen=True)
class Schedule:
    """One `[[job]]` with `every`."""

    every_s: float
    max_runtime_s: float
    anchor: float = 0.0
    """Starts fall on `anchor + n × every`; 0 keeps them where every process sees them alike."""

    @property
    def late_s(self) -> float:
        """A start that is so much later than its slot counts as missed."""
        return max(GRACE_S, self.every_s * MISSED_AFTER)

    def slot_of(self, moment: float) -> float:
        """The last slot at or before a moment."""
        number = (moment - self.anchor) // self.every_s
        slot = self.anchor + number * self.every_s
        # The product may round to just a whole interval before the moment: that slot has come.
        return slot if slot + self.every_s > moment else slot + self.every_s

    def next_slot(self, moment: float) -> float:
        """The first slot after a moment."""
        return self.slot_of(moment) + self.every_s

    def slot_before(self, slot: float) -> float:
        """The slot before this one."""
        return slot - self.every_s

    def list_slots(self, since: float, last: float) -> tuple[float, ...]:
        """The slots after `since` up to `last`, itself one; at most the last MAX_MISSED."""
        count = int((last - since) // self.every_s) + 1 if last > since else 0
        first = max(0, count - MAX_MISSED)
        slots = (last - (count - 1 - n) * self.every_s for n in range(first, count))
        return tuple(each for each in slots if each > since)


@dataclass(frozen=True)
class CronSchedule:
    """One `[[job]]` with `schedule`: local times, as cron keeps them over daylight saving. A time
    that a day does not have comes right after the gap; one that it has twice comes once."""

    expression: str
    max_runtime_s: float
    timezone: str = "UTC"
    late_s: float = 20 * 60.0
    """A start that is so much later than its slot counts as missed."""

    def slot_of(self, moment: float) -> float:
        """The last slot at or before a moment."""
        return next(self._walk(moment + 1.0, is_back=True))

    def next_slot(self, moment: float) -> float:
        """The first slot after a moment."""
        return next(self._walk(moment, is_back=False))

    def slot_before(self, slot: float) -> float:
        """The slot before this one."""
        return self.slot_of(slot - 1.0)

    def list_slots(self, since: float, last: float) -> tuple[float, ...]:
        """The slots after `since` up to `last`; at most the last MAX_MISSED."""
        slots: list[float] = []
        for slot in self._walk(last + 1.0, is_back=True):
            if slot <= since or len(slots) == MAX_MISSED:
                break
            slots.append(slot)
        return tuple(reversed(slots))

    def _walk(self, moment: float, *, is_back: bool) -> Iterator[float]:
        start = datetime.fromtimestamp(moment, ZoneInfo(self.timezone))
        for slot in CronSim(self.expression, start, reverse=is_back):
            yield slot.timestamp()


_FIELDS = 5
_LIKE = "10 2 * * 1-5"


def find_mistake(expression: str, timezone: str) -> str:
    """What is wrong with a cron expression or a zone's name, in a few words; or nothing."""
    try:
        zone = ZoneInfo(timezone)
    except (LookupError, ValueError, OSError):
        return f"there is no time zone {timezone!r}; such as Europe/Vienna or UTC"
    if len(expression.split()) > _FIELDS:  # of which CronSim would take the first for seconds
        return (
            f"{expression!r} has more than five fields, and cron knows no seconds; such as {_LIKE}"
        )
    try:
        next(CronSim(expression, datetime(2026, 1, 1, tzinfo=zone)))
    except (CronSimError, StopIteration) as error:
        return f"{expression!r} is no cron expression that comes ({error}); such as {_LIKE}"
    return ""


@dataclass(frozen=True)
class Runs:
    """What is known of a job's runs."""

    watched_since: float
    """When healer first knew the job: nothing before it can have been missed."""
    last_start: float | None = None
    last_end: float | None = None
    """None while the last one runs."""
    reported: float | None = None
    """The slot whose miss, or the start whose delay, was reported last."""


@dataclass(frozen=True)
class Decision:
    """What is to be done now."""

    what: What
    slot: float
    """The slot that this is about; of `overdue`, the start of the run."""
    missed: tuple[float, ...] = ()
    """Slots that passed without a start, not yet reported; at most the last 100."""


MAX_MISSED = 100


def find_absence(schedule: Schedule | CronSchedule, runs: Runs, now: float) -> float | None:
    """Of a job that others start: the slot whose run did not begin in time, and was not reported;
    None where none is missed. A run may begin a moment before its slot, as clocks differ; one of an
    interval is due so long after the one before, whenever that was."""
    if isinstance(schedule, Schedule):
        slot = max(runs.watched_since, runs.last_start or 0.0) + schedule.every_s
        if now < slot + schedule.late_s:
            return None
    else:
        slot = schedule.slot_of(now - schedule.late_s)
    has_started = runs.last_start is not None and runs.last_start >= slot - GRACE_S
    is_reported = runs.reported is not None and runs.reported >= slot
    return None if has_started or is_reported or slot < runs.watched_since else slot


def decide(schedule: Schedule | CronSchedule, runs: Runs, now: float) -> Decision:
    """What to do about a job now.

    `start`: a slot has come and nothing runs. `running`: a slot may have come, but the last run is
    not over, and two never overlap. `overdue`: it runs longer than it may, and this was not
    reported yet. `wait`: nothing. After a gap, one run is started, not one for each slot missed.
    """
    slot = schedule.slot_of(now)
    if runs.last_start is not None and runs.last_end is None:
        return _while_running(schedule, runs, runs.last_start, now)
    missed_slots = _find_missed(schedule, runs, slot, now)
    has_started = runs.last_start is not None and runs.last_start >= slot
    is_new = runs.last_start is None and slot < runs.watched_since
    if has_started or is_new:
        return Decision("wait", slot, missed_slots)
    return Decision("start", slot, missed_slots)


def _while_running(
    schedule: Schedule | CronSchedule, runs: Runs, start: float, now: float
) -> Decision:
    if now < start + schedule.max_runtime_s or runs.reported == start:
        return Decision("running", schedule.slot_of(now))
    return Decision("overdue", start)


def _find_missed(
    schedule: Schedule | CronSchedule, runs: Runs, slot: float, now: float
) -> tuple[float, ...]:
    """Slots without a start: all before the current one, and that one when it is long past."""
    since = max(runs.watched_since, runs.last_start or 0.0, runs.last_end or 0.0)
    since = max(since, runs.reported if runs.reported is not None else 0.0)
    last = slot if now - slot > schedule.late_s else schedule.slot_before(slot)
    return schedule.list_slots(since, last)
