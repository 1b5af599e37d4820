"""Schedules in the state database: something is to be looked at whenever cron says so.

Belongs here: keeping them as wanted, and passing on that one has fired. Does not belong here: what
is done then (`healer.daemon.tasks.planned_jobs`).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from dbos import DBOS

from healer.engine.durable import Engine
from healer.engine.workflows import register_name

QUEUE = "jobs"
LOOK_S = 2.0
"""How soon a schedule is acted on after it has fired. DBOS itself adds up to a tenth of the
interval, at most 10 s, so that many machines do not fire at once."""
_PREFIX = "job "
_DIVISORS = (30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1)
_UNITS = (
    (86_400, (1,), "0 0 0 * * *"),
    (3_600, (12, 8, 6, 4, 3, 2, 1), "0 0 */{} * * *"),
    (60, _DIVISORS, "0 */{} * * * *"),
    (1, _DIVISORS, "*/{} * * * * *"),
)


class Schedule(NamedTuple):
    """One of them."""

    name: str
    cron: str
    """Six fields, seconds first, in UTC."""


_listeners: list[Callable[[str], None]] = []
"""DBOS calls workflows by name after a crash, so they find here whom to tell."""


@DBOS.workflow(name=register_name("job"))
def fire(_at: datetime, name: str) -> None:
    """What a schedule starts. (The time comes as text, for it was stored as JSON.)"""
    for listener in _listeners:
        listener(name)


def replace_schedules(
    engine: Engine, schedules: Sequence[Schedule], listener: Callable[[str], None]
) -> None:
    """From now on there are these schedules and no others. Each fires once at the beginning, for
    what came due while nobody ran; `listener` gets its name, in a thread of the engine."""
    _listeners[:] = [listener]
    for schedule in DBOS.list_schedules(schedule_name_prefix=_PREFIX):
        DBOS.delete_schedule(schedule["schedule_name"])
    if schedules:
        engine.serve(QUEUE, look_s=LOOK_S)
    for each in schedules:
        stored_name = f"{_PREFIX}{each.name}"
        DBOS.create_schedule(
            schedule_name=stored_name,
            workflow_fn=fire,
            schedule=each.cron,
            context=each.name,
            queue_name=QUEUE,
        )
        DBOS.trigger_schedule(stored_name)


def cron_of(every_s: float) -> str:
    """The sparsest cron expression (seconds first, UTC) that fires at every n × `every_s` since
    the epoch; the finest, each second, for what cron cannot divide."""
    for unit_s, counts, form in _UNITS:
        for count in counts:
            if every_s % (unit_s * count) == 0:
                return form.format(count)
    return "* * * * * *"
