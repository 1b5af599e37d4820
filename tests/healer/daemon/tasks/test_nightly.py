"""Patterns are drawn once a night, a missed night is made up, and the first day is left out."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from healer.daemon.tasks import nightly
from healer.daemon.tasks.nightly import FILE, ConsolidateNightly
from healer.services import Services
from tests.support.bench import GOOD, SCRIPT, SOURCE, Bench

DAY_S = 86_400.0
NOON = time.mktime((2026, 11, 20, 12, 0, 0, 0, 0, -1))
EARLY = NOON - 10 * 3_600
"""Two o'clock, before the hour of the configuration."""
Make = Callable[..., Services]


@pytest.fixture
def nights(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number for each time that patterns are drawn."""
    drawn: list[int] = []

    def draw(_: Services) -> tuple[()]:
        drawn.append(len(drawn) + 1)
        return ()

    monkeypatch.setattr(nightly, "consolidate", draw)
    return drawn


def test_the_daemon_consolidates_once_a_night_and_makes_up_a_missed_one(bench: Bench) -> None:
    bench.write("scripts/job.md", "# job\n\nGoal: one number every night.\n")
    bench.commit("Notes")
    assert bench.fix(GOOD).outcome == "healed"
    bench.write(SCRIPT, SOURCE)
    bench.commit("Bring the fault back")
    assert bench.fix(GOOD).outcome == "healed"
    with bench.opened() as services:
        task = ConsolidateNightly(services, bench.state)
        task.run(NOON)
        assert services.ledger.repairs("waiting") == ()
        task.run(NOON + DAY_S - 10 * 3_600)
        assert services.ledger.repairs("waiting") == ()
        task.run(NOON + DAY_S)
        assert len(services.ledger.repairs("waiting")) == 1
        task.run(NOON + DAY_S + 60)
        assert len(services.ledger.repairs("waiting")) == 1


@pytest.mark.parametrize(
    ("moments", "count"),
    [
        ([NOON], 0),  # the day on which the daemon first ran
        ([NOON, NOON + 60, NOON + 3_600], 0),
        ([NOON, NOON + DAY_S], 1),
        ([NOON, EARLY + DAY_S], 0),
        ([NOON, EARLY + DAY_S, NOON + DAY_S], 1),
        ([NOON, NOON + 5 * DAY_S, NOON + 5 * DAY_S + 60], 1),
        ([NOON, NOON + DAY_S, NOON + 2 * DAY_S], 2),
        ([NOON, NOON - DAY_S], 0),  # a clock that was put back
    ],
)
def test_each_day_counts_once(
    make: Make, tmp_path: Path, nights: list[int], moments: list[float], count: int
) -> None:
    task = ConsolidateNightly(make(consolidate_at="03:00"), tmp_path)
    for moment in moments:
        task.run(moment)
    assert len(nights) == count


def test_another_daemon_remembers_the_day(make: Make, tmp_path: Path, nights: list[int]) -> None:
    services = make(consolidate_at="03:00")
    for moment in (NOON, NOON + DAY_S, NOON + DAY_S + 60):
        ConsolidateNightly(services, tmp_path).run(moment)
    assert nights == [1]


def test_without_an_hour_it_is_never_done(make: Make, tmp_path: Path, nights: list[int]) -> None:
    task = ConsolidateNightly(make(consolidate_at=""), tmp_path)
    for day in range(3):
        task.run(NOON + day * DAY_S)
    assert (nights, (tmp_path / FILE).exists()) == ([], False)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\n"])
def test_a_day_that_cannot_be_read_is_as_the_first(
    make: Make, tmp_path: Path, nights: list[int], content: bytes
) -> None:
    (tmp_path / FILE).write_bytes(content)
    task = ConsolidateNightly(make(consolidate_at="03:00"), tmp_path)
    task.run(NOON)
    assert nights == []
    task.run(NOON + DAY_S)
    assert nights == [1]
