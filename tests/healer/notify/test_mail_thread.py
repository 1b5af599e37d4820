"""A thread grows with each mail, stays within its bounds, and is closed by what ends it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.notify.mail_thread import (
    EVENTS_KEPT,
    FORGET_DAYS,
    REFERENCES_KEPT,
    MailThread,
    add_mail,
    add_reminder,
    add_without_mail,
    gist,
    is_open,
    is_past,
)
from healer.render.notice import CLOSING, Notice
from tests.support.notices import NOON, notice


def mailed(
    thread: MailThread | None = None,
    *,
    message_id: str = "<1@x>",
    people: tuple[str, ...] = ("a@x",),
    now: datetime = NOON,
    **changes: Any,
) -> MailThread:
    return add_mail(
        thread,
        notice(**changes),
        message_id=message_id,
        subject="It broke",
        recipients=people,
        now=now,
    )


def test_the_first_mail_begins_a_thread() -> None:
    thread = mailed()
    assert (thread.subject, thread.references) == ("It broke", ("<1@x>",))
    assert (thread.mailed_at, thread.seen_at, thread.closed_at) == (NOON, NOON, None)
    assert thread.latest == notice()
    assert is_open(thread)


def test_a_later_mail_keeps_the_subject_and_everybody_who_was_told() -> None:
    thread = mailed(mailed(), message_id="<2@x>", people=("b@x", "a@x"), event="more")
    assert thread.references == ("<1@x>", "<2@x>")
    assert thread.recipients == ("a@x", "b@x")
    assert len(thread.events) == 2


@pytest.mark.parametrize("kind", ["resolved", "unconfirmed", "restarted", "budget"])
def test_what_ends_it_or_has_no_state_closes_it(kind: str) -> None:
    assert not is_open(mailed(mailed(), kind=kind))


@pytest.mark.parametrize("kind", ["review", "gave_up", "reverted", "healed", "merged", "rerun"])
def test_what_goes_on_leaves_it_open(kind: str) -> None:
    closed = mailed(mailed(), kind="resolved")
    assert is_open(mailed(closed, kind=kind))


def test_nobody_was_told_is_not_open() -> None:
    assert not is_open(None)


def test_a_silent_notice_is_the_latest_and_changes_nothing_else() -> None:
    before = mailed()
    later = NOON + timedelta(hours=1)
    after = add_without_mail(before, notice(event="again", attempts=5), later)
    assert (after.latest.attempts, after.seen_at) == (5, later)
    assert (after.mailed_at, after.references, after.told) == (NOON, ("<1@x>",), before.told)


def test_a_silent_notice_that_was_counted_or_comes_after_the_end_is_nothing() -> None:
    before = mailed()
    assert add_without_mail(before, notice(), NOON + timedelta(hours=1)) == before
    closed = mailed(before, kind="resolved")
    assert add_without_mail(closed, notice(event="again"), NOON) == closed


def test_a_reminder_is_counted_until_there_is_news() -> None:
    thread = add_reminder(add_reminder(mailed(), "<2@x>", NOON), "<3@x>", NOON)
    assert thread.reminders == 2
    assert thread.references == ("<1@x>", "<2@x>", "<3@x>")
    assert mailed(thread, message_id="<4@x>", event="news").reminders == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"kind": "gave_up", "repair": "r1"}, {"kind": "gave_up", "repair": "r2"}, True),
        ({"kind": "review", "repair": "r1"}, {"kind": "review", "repair": "r2"}, False),
        ({"kind": "review", "repair": "r1"}, {"kind": "gave_up", "repair": "r1"}, False),
        ({"kind": "review", "reason": "a"}, {"kind": "review", "reason": "b"}, True),
        ({"kind": "merged", "repair": "r1"}, {"kind": "merged", "repair": "r2"}, False),
    ],
)
def test_what_a_mail_says_in_essence(
    one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    assert (gist(notice(**one)) == gist(notice(**other))) == same


@pytest.mark.parametrize(("days", "past"), [(0, False), (FORGET_DAYS, False), (91, True)])
def test_a_closed_thread_is_past_after_three_months(days: int, past: bool) -> None:
    closed = mailed(mailed(), kind="resolved")
    assert is_past(closed, NOON + timedelta(days=days)) == past
    assert not is_past(mailed(), NOON + timedelta(days=days))


STEPS = st.lists(st.sampled_from(["review", "gave_up", "resolved", "remind", "silent"]), min_size=1)


@given(STEPS.map(lambda steps: steps * 12))
def test_however_long_it_goes_on_it_stays_small_and_keeps_its_beginning(steps: list[str]) -> None:
    thread = mailed(message_id="<first@x>")
    for number, step in enumerate(steps):
        news: Notice = notice(event=str(number), repair=f"r{number}")
        if step == "remind":
            thread = add_reminder(thread, f"<{number}@x>", NOON)
        elif step == "silent":
            thread = add_without_mail(thread, news, NOON)
        else:
            thread = mailed(thread, message_id=f"<{number}@x>", event=str(number), kind=step)
            assert is_open(thread) == (step not in CLOSING)
            assert thread.references[-1] == f"<{number}@x>"
    assert thread.references[0] == "<first@x>"
    assert len(thread.references) <= REFERENCES_KEPT
    assert len(thread.events) <= EVENTS_KEPT
