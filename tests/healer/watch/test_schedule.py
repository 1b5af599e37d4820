"""Due, missed, overdue and never two at once: a table of moments, and what must always hold."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from healer.watch.schedule import (
    MAX_MISSED,
    CronSchedule,
    Decision,
    Runs,
    Schedule,
    decide,
    find_absence,
    find_mistake,
)

EVERY = 900.0
JOB = Schedule(every_s=EVERY, max_runtime_s=600.0)


def at(now: float, start: float | None = None, end: float | None = None, **more: float) -> Decision:
    return decide(JOB, Runs(watched_since=100.0, last_start=start, last_end=end, **more), now)


def test_a_new_job_waits_for_its_first_slot() -> None:
    assert at(200.0) == Decision("wait", 0.0)
    assert at(900.0).what == "start"


@pytest.mark.parametrize(
    ("now", "start", "end", "what"),
    [
        (950.0, 900.0, 930.0, "wait"),
        (1799.9, 900.0, 930.0, "wait"),
        (1800.0, 900.0, 930.0, "start"),
        (1805.0, 900.2, 930.0, "start"),
        (1000.0, 900.0, None, "running"),
        (1499.0, 900.0, None, "running"),
        (1500.0, 900.0, None, "overdue"),
        (1850.0, 1400.0, None, "running"),
        (1850.0, 1000.0, 1840.0, "start"),
    ],
)
def test_what_is_due(now: float, start: float, end: float | None, what: str) -> None:
    assert at(now, start, end).what == what


def test_an_overdue_run_is_told_once() -> None:
    assert at(1600.0, 900.0, None, reported=900.0).what == "running"


def test_after_a_gap_one_run_starts_and_each_slot_missed_is_named_once() -> None:
    found = at(900.0 * 5 + 10, 900.0, 930.0)
    assert (found.what, found.missed) == ("start", (1800.0, 2700.0, 3600.0))
    again = at(900.0 * 5 + 20, 900.0, 930.0, reported=3600.0)
    assert again.missed == ()


def test_a_slot_that_is_long_past_counts_as_missed_though_the_job_starts_now() -> None:
    assert at(1800.0 + 460, 900.0, 930.0).missed == (1800.0,)
    assert at(1800.0 + 440, 900.0, 930.0).missed == ()


def test_a_slot_that_passed_while_the_job_ran_was_not_missed() -> None:
    assert at(3610.0, 1700.0, 3605.0).missed == ()


def test_very_long_gaps_name_the_last_slots_only() -> None:
    found = at(EVERY * 100_000, EVERY, EVERY + 1)
    assert len(found.missed) == MAX_MISSED


@example(349525.9603402637, 0.0, 1.9603402636712417, 48575.96034026367, 999999.9603402637)
@given(
    st.floats(1, 1e6),
    st.floats(0, 1e9),
    st.floats(0, 1e6),
    st.floats(0, 1e6) | st.none(),
    st.floats(0, 1e6),
)
def test_what_always_holds(
    every: float, since: float, after: float, ran: float | None, gap: float
) -> None:
    schedule = Schedule(every_s=every, max_runtime_s=every / 2)
    runs = Runs(since, since + after, None if ran is None else since + after + ran)
    now = since + after + (ran or 0.0) + gap
    found = decide(schedule, runs, now)
    assert schedule.slot_of(now) <= now
    if ran is None:
        assert found.what in ("running", "overdue")  # never two at once
    else:
        told = replace(runs, reported=max(found.missed, default=None))
        assert decide(schedule, told, now).missed == ()
        restarted = replace(told, last_start=now, last_end=now)
        assert decide(schedule, restarted, now).what == "wait"


VIENNA = ZoneInfo("Europe/Vienna")
NIGHTLY = CronSchedule("10 2 * * *", 3_600.0, "Europe/Vienna")


def moment(text: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA, fold=fold).timestamp()


def local(slots: tuple[float, ...]) -> list[str]:
    return [f"{datetime.fromtimestamp(slot, VIENNA):%m-%d %H:%M}" for slot in slots]


def test_a_cron_job_keeps_its_local_time() -> None:
    slots = NIGHTLY.list_slots(moment("2026-05-01 12:00"), moment("2026-05-04 02:10"))
    assert local(slots) == ["05-02 02:10", "05-03 02:10", "05-04 02:10"]
    assert NIGHTLY.slot_of(slots[1]) == slots[1]
    assert NIGHTLY.slot_before(slots[1]) == slots[0]
    assert NIGHTLY.next_slot(slots[0]) == slots[1]


def test_a_time_that_a_day_does_not_have_comes_once_after_the_gap() -> None:
    """On 29 March 2026 the clocks go from 02:00 to 03:00."""
    slots = NIGHTLY.list_slots(moment("2026-03-28 12:00"), moment("2026-03-30 02:10"))
    assert local(slots)[-1] == "03-30 02:10"
    assert local(slots)[0].startswith("03-29 03:")
    assert len(slots) == 2


def test_a_time_that_a_day_has_twice_comes_once() -> None:
    """On 25 October 2026 the clocks go from 03:00 back to 02:00."""
    slots = NIGHTLY.list_slots(moment("2026-10-24 12:00"), moment("2026-10-26 02:10"))
    assert local(slots) == ["10-25 02:10", "10-26 02:10"]


def test_a_cron_job_that_healer_starts_is_decided_as_any_other() -> None:
    first, second = NIGHTLY.list_slots(moment("2026-05-01 12:00"), moment("2026-05-03 02:10"))
    runs = Runs(first - 100, first, first + 60)
    assert decide(NIGHTLY, runs, second - 10).what == "wait"
    assert decide(NIGHTLY, runs, second + 5).what == "start"
    late = decide(NIGHTLY, runs, second + 5_000)
    assert (late.what, late.missed) == ("start", (second,))


@pytest.mark.parametrize(
    ("start", "minutes", "is_absent"),
    [
        ("2026-05-02 02:10", 30, False),
        ("2026-05-02 02:09:30", 30, False),
        ("2026-05-01 02:10", 30, True),
        ("2026-05-01 02:10", 19, False),
        (None, 30, True),
    ],
)
def test_a_run_that_others_did_not_start_is_missed_after_its_grace(
    start: str | None, minutes: int, is_absent: bool
) -> None:
    slot = moment("2026-05-02 02:10")
    runs = Runs(slot - 50_000, moment(start) if start else None)
    assert find_absence(NIGHTLY, runs, slot + 60 * minutes) == (slot if is_absent else None)
    told = replace(runs, reported=slot)
    assert find_absence(NIGHTLY, told, slot + 60 * minutes) is None


def test_nothing_before_it_was_watched_is_missed() -> None:
    slot = moment("2026-05-02 02:10")
    assert find_absence(NIGHTLY, Runs(slot + 1), slot + 7_200) is None


def test_an_interval_of_others_counts_from_their_last_run() -> None:
    runs = Runs(0.0, last_start=600.0)
    assert find_absence(JOB, runs, 600.0 + 900.0 + 440) is None
    assert find_absence(JOB, runs, 600.0 + 900.0 + 451) == 1_500.0


@pytest.mark.parametrize(
    ("expression", "zone", "part"),
    [
        ("10 2 * * 1-5", "Europe/Vienna", ""),
        ("10 2 * *", "UTC", "no cron expression"),
        ("10 25 * * *", "UTC", "no cron expression"),
        ("0 10 2 * * 1-5", "UTC", "more than five fields"),
        ("@daily", "UTC", "no cron expression"),
        ("0 0 31 2 *", "UTC", "no cron expression"),
        ("10 2 * * *", "Europe/Wien", "no time zone 'Europe/Wien'"),
        ("10 2 * * *", "../etc", "no time zone"),
    ],
)
def test_mistakes_are_named(expression: str, zone: str, part: str) -> None:
    mistake = find_mistake(expression, zone)
    assert bool(mistake) == bool(part)
    assert part in mistake
