"""When a watched job is due, missed, late or still running: pure schedule logic.

Belongs here: times and states in, what is to be done out. Does not belong here: starting anything,
or the clock (`healer.daemon` gives the time and does what is said). All times are seconds since
the epoch; all lengths are seconds.
"""

from dataclasses import dataclass
from typing import Literal

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


def decide(schedule: Schedule, runs: Runs, now: float) -> Decision:
    """What to do about a job now.

    `start`: a slot has come and nothing runs. `running`: a slot may have come, but the last run is
    not over, and two never overlap. `overdue`: it runs longer than it may, and this was not
    reported yet. `wait`: nothing. After a gap, one run is started, not one for each slot missed.
    """
    slot = slot_of(schedule, now)
    if runs.last_start is not None and runs.last_end is None:
        return _while_running(schedule, runs, runs.last_start, now)
    missed_slots = _find_missed(schedule, runs, slot, now)
    has_started = runs.last_start is not None and runs.last_start >= slot
    is_new = runs.last_start is None and slot < runs.watched_since
    if has_started or is_new:
        return Decision("wait", slot, missed_slots)
    return Decision("start", slot, missed_slots)


def slot_of(schedule: Schedule, moment: float) -> float:
    """The last slot at or before a moment."""
    number = (moment - schedule.anchor) // schedule.every_s
    slot = schedule.anchor + number * schedule.every_s
    # The product may round to just a whole interval before the moment: that slot has come.
    return slot if slot + schedule.every_s > moment else slot + schedule.every_s


def _while_running(schedule: Schedule, runs: Runs, start: float, now: float) -> Decision:
    if now < start + schedule.max_runtime_s or runs.reported == start:
        return Decision("running", slot_of(schedule, now))
    return Decision("overdue", start)


def _find_missed(schedule: Schedule, runs: Runs, slot: float, now: float) -> tuple[float, ...]:
    """Slots without a start: all before the current one, and that one when it is long past."""
    since = max(runs.watched_since, runs.last_start or 0.0, runs.last_end or 0.0)
    since = max(since, runs.reported if runs.reported is not None else 0.0)
    grace = max(GRACE_S, schedule.every_s * MISSED_AFTER)
    last = slot if now - slot > grace else slot - schedule.every_s
    count = int((last - since) // schedule.every_s) + 1 if last > since else 0
    first = max(0, count - MAX_MISSED)
    slots = (last - (count - 1 - n) * schedule.every_s for n in range(first, count))
    return tuple(each for each in slots if each > since)
