"""Due, missed, overdue and never two at once: a table of moments, and what must always hold."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from healer.watch.schedule import MAX_MISSED, Decision, Runs, Schedule, decide, slot_of

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
    assert slot_of(schedule, now) <= now
    if ran is None:
        assert found.what in ("running", "overdue")  # never two at once
    else:
        told = replace(runs, reported=max(found.missed, default=None))
        assert decide(schedule, told, now).missed == ()
        restarted = replace(told, last_start=now, last_end=now)
        assert decide(schedule, restarted, now).what == "wait"
