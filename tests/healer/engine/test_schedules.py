"""Schedules are those that are wanted and no others, and fire at every slot of theirs."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from croniter import croniter
from dbos import DBOS
from hypothesis import given
from hypothesis import strategies as st

from healer.engine.durable import Engine
from healer.engine.schedules import Schedule, cron_of, replace_schedules


@given(st.integers(1, 10**7), st.integers(0, 4 * 10**9))
def test_a_schedule_fires_at_every_slot(every_s: int, moment: int) -> None:
    slot = datetime.fromtimestamp(moment // every_s * every_s, UTC)
    assert croniter.match(cron_of(every_s), slot, second_at_beginning=True)


@pytest.mark.parametrize(
    ("every_s", "cron"),
    [
        (900, "0 */15 * * * *"),
        (420, "0 */1 * * * *"),
        (86_400, "0 0 0 * * *"),
        (7 * 86_400, "0 0 0 * * *"),
        (50 * 3_600, "0 0 */2 * * *"),
        (45, "*/15 * * * * *"),
        (0.5, "* * * * * *"),
    ],
)
def test_no_schedule_fires_oftener_than_it_must(every_s: float, cron: str) -> None:
    assert cron_of(every_s) == cron


def test_new_schedules_replace_the_old_and_fire_once_at_once(tmp_path: Path) -> None:
    yearly, names = "0 0 0 1 1 *", list[str]()
    came = threading.Event()

    def listen(name: str) -> None:
        names.append(name)
        came.set()

    with Engine(state_dir=tmp_path, executor="cli-1", queue="cli-1") as engine:
        replace_schedules(engine, [Schedule("a.py", yearly), Schedule("b.py", yearly)], listen)
        replace_schedules(engine, [Schedule("b.py", yearly)], listen)
        stored = DBOS.list_schedules()
        assert [each["schedule_name"] for each in stored] == ["job b.py"]
        assert came.wait(60)
        replace_schedules(engine, [], listen)
        assert DBOS.list_schedules() == []
    assert set(names) <= {"a.py", "b.py"}
