"""What is mailed, held, put into the digest or known already: a table, and what always holds."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.notify.mail_thread import MailThread, add_mail
from healer.notify.rules import (
    GROUP_INCIDENTS,
    Waiting,
    choose_recipients,
    choose_step,
    find_digest_time,
    group_notices,
    make_digest,
    needs_reminder,
    remind,
    resolve_quiet,
    select_newest,
    select_ripe,
)
from healer.notify.settings import MailSettings
from healer.render.notice import Notice
from tests.support.notices import NOON, notice

FACTS = {"smtp": "smtp://localhost", "from": "h@example.com", "to": ["a@example.com"]}
SETTINGS = MailSettings.model_validate(FACTS)


def thread(**changes: Any) -> MailThread:
    return add_mail(
        None,
        notice(**changes),
        message_id=f"<{changes.get('fingerprint', '1')}@x>",
        subject="s",
        recipients=("a@example.com",),
        now=NOON,
    )


def closed(**changes: Any) -> MailThread:
    return thread(**{"kind": "resolved", "event": "over", **changes})


def step(
    news: Notice,
    before: MailThread | None = None,
    *,
    waiting: Notice | None = None,
    mailed_s_ago: float | None = None,
) -> str:
    mailed_at = None if mailed_s_ago is None else NOON - timedelta(seconds=mailed_s_ago)
    return choose_step(
        news, before, waiting=waiting, mailed_at=mailed_at, now=NOON, settings=SETTINGS
    )


@pytest.mark.parametrize(
    ("news", "before", "expected"),
    [
        (notice(), None, "mail"),
        (notice(), thread(), "known"),  # the same event
        (notice(event="again"), thread(), "known"),  # nothing new in it
        (notice(event="again", repair="r9"), thread(), "mail"),  # another draft to decide
        (notice(kind="gave_up", diff=""), thread(), "mail"),
        (notice(event="again"), closed(), "mail"),
        (notice(kind="resolved"), thread(), "mail"),
        (notice(kind="resolved"), None, "known"),  # nobody was told that it was broken
        (notice(kind="resolved", event="2"), closed(), "known"),
        (notice(kind="healed"), thread(kind="gave_up"), "mail"),
        (notice(kind="healed"), None, "digest"),
        (notice(kind="merged"), thread(), "mail"),
        (notice(kind="merged"), None, "known"),  # nobody was asked
        (notice(kind="resolved"), thread(kind="merged"), "mail"),
        (notice(kind="unconfirmed"), thread(kind="merged"), "mail"),
        (notice(kind="unconfirmed"), None, "known"),
        (notice(kind="healed", event="2"), closed(), "known"),  # the same repair, said before
        (notice(kind="healed", repair="r9"), closed(), "digest"),
        (notice(kind="unjudged"), None, "hold"),
        (notice(kind="unjudged"), closed(), "hold"),
        (notice(kind="unjudged", event="2"), thread(kind="unjudged"), "known"),
        (notice(kind="unjudged", event="2"), thread(), "mail"),
    ],
)
def test_what_becomes_of_a_notice(news: Notice, before: MailThread | None, expected: str) -> None:
    assert step(news, before) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(None, "mail"), (0, "hold"), (29.9, "hold"), (30, "mail")]
)
def test_what_comes_soon_after_a_mail_waits_for_more(seconds: float | None, expected: str) -> None:
    assert step(notice(), mailed_s_ago=seconds) == expected


def test_what_says_the_same_as_the_one_that_waits_is_known() -> None:
    assert step(notice(event="2"), waiting=notice()) == "known"
    assert step(notice(event="2", repair="r9"), waiting=notice(), mailed_s_ago=1) == "hold"
    assert step(notice(kind="unjudged", event="2"), waiting=notice(kind="unjudged")) == "known"


def test_a_reminder_says_for_how_long_it_is_open() -> None:
    for days, words in ((0, "1 day."), (1, "1 day."), (3, "3 days.")):
        reason = remind(notice(), NOON + timedelta(days=days)).reason
        assert reason.startswith(f"Still open after {words}")
        assert reason.endswith(notice().reason)


@pytest.mark.parametrize(("hours", "due"), [(23.9, False), (24, True), (100, True)])
def test_a_reminder_is_due_when_nothing_was_said_for_a_day(hours: float, due: bool) -> None:
    assert needs_reminder(thread(), NOON + timedelta(hours=hours), SETTINGS) == due
    assert not needs_reminder(closed(), NOON + timedelta(hours=hours), SETTINGS)


@pytest.mark.parametrize("kind", ["review", "unjudged", "missed", "protected"])
def test_what_waits_for_a_person_or_cannot_be_seen_is_never_over_by_silence(kind: str) -> None:
    waits = thread(kind=kind).latest.awaits_person or kind in ("unjudged", "missed")
    quiet = resolve_quiet(thread(kind=kind), NOON + timedelta(days=100), SETTINGS)
    assert (quiet is None) == waits


def test_what_was_not_seen_for_eight_days_is_over() -> None:
    gave_up = thread(kind="gave_up", diff="")
    assert resolve_quiet(gave_up, NOON + timedelta(hours=191), SETTINGS) is None
    quiet = resolve_quiet(gave_up, NOON + timedelta(hours=192), SETTINGS)
    assert quiet is not None
    assert (quiet.kind, quiet.reason) == ("resolved", "It was not seen for 8 days.")
    assert (quiet.diff, quiet.checks, quiet.commands) == ("", (), ())
    assert quiet.key != gave_up.latest.key
    assert resolve_quiet(closed(), NOON + timedelta(days=100), SETTINGS) is None


def test_one_mail_for_new_incidents_and_one_for_each_thread() -> None:
    old = thread(fingerprint="f0")
    notices = [notice(fingerprint=f"f{n}") for n in range(4)]
    groups = group_notices(notices, {"f0": old}, SETTINGS)
    assert [[each.fingerprint for each in group] for group in groups] == [
        ["f0"],
        ["f1", "f2", "f3"],
    ]


def test_people_who_are_told_of_one_get_a_mail_of_their_own() -> None:
    notices = [notice(fingerprint="f1"), notice(fingerprint="f2", recipients=("o@example.com",))]
    assert [len(group) for group in group_notices(notices, {}, SETTINGS)] == [1, 1]


@given(st.integers(0, 70))
def test_no_mail_has_more_incidents_than_are_read(count: int) -> None:
    notices = [notice(fingerprint=f"f{n}") for n in range(count)]
    groups = group_notices(notices, {}, SETTINGS)
    assert [each for group in groups for each in group] == notices
    assert all(1 <= len(group) <= GROUP_INCIDENTS for group in groups)


def test_a_sandbox_that_is_away_ripens_after_a_quarter_of_an_hour() -> None:
    waiting = [
        Waiting(notice=notice(kind="unjudged"), since=NOON),
        Waiting(notice=notice(), since=NOON),
    ]
    soon = select_ripe(waiting, NOON + timedelta(minutes=14), SETTINGS)
    assert [entry.notice.kind for entry in soon] == ["review"]
    assert len(select_ripe(waiting, NOON + timedelta(minutes=15), SETTINGS)) == 2


def test_of_several_that_wait_the_newest_of_each_incident_counts() -> None:
    waiting = [
        Waiting(notice=notice(fingerprint=name, repair=repair), since=NOON)
        for name, repair in (("f1", "r1"), ("f2", "r2"), ("f1", "r3"))
    ]
    newest = select_newest(waiting)
    assert {name: each.repair for name, each in newest.items()} == {"f1": "r3", "f2": "r2"}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ((), ("a@example.com",)),
        (("b@example.com",), ("a@example.com", "b@example.com")),
        (("A@Example.com",), ("a@example.com",)),
        (("@org/team", "not an address", "x@y\r\nBcc: t@u.v", ""), ("a@example.com",)),
    ],
)
def test_everybody_gets_it_once_and_nobody_who_is_no_address(
    own: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert choose_recipients(notice(recipients=own), None, SETTINGS) == expected


def test_who_got_an_earlier_mail_gets_the_later_ones() -> None:
    before = thread().model_copy(update={"recipients": ("old@example.com",)})
    assert choose_recipients(notice(), before, SETTINGS) == ("a@example.com", "old@example.com")


@pytest.mark.parametrize(
    ("digest_at", "now", "expected"),
    [
        ("07:00", datetime(2026, 3, 5, 6, 59, tzinfo=UTC), datetime(2026, 3, 4, 7, tzinfo=UTC)),
        ("07:00", datetime(2026, 3, 5, 7, 0, tzinfo=UTC), datetime(2026, 3, 5, 7, tzinfo=UTC)),
        ("00:00", datetime(2026, 3, 1, 0, 0, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
        ("", NOON, None),
    ],
)
def test_the_digest_is_due_at_its_hour(
    digest_at: str, now: datetime, expected: datetime | None
) -> None:
    settings = MailSettings.model_validate(FACTS | {"digest_at": digest_at})
    assert find_digest_time(now, settings) == expected


def test_the_digests_hour_is_that_of_the_zone_it_is_asked_in() -> None:
    east = timezone(timedelta(hours=9))
    moment = find_digest_time(datetime(2026, 3, 5, 8, tzinfo=east), SETTINGS)
    assert moment == datetime(2026, 3, 5, 7, tzinfo=east)


@pytest.mark.parametrize(
    ("kind", "is_reminded"),
    [("review", True), ("reverted", True), ("healed", False), ("merged", False), ("rerun", False)],
)
def test_of_a_fix_on_probation_nobody_is_reminded(kind: str, is_reminded: bool) -> None:
    late = NOON + timedelta(days=9)
    assert needs_reminder(thread(kind=kind), late, SETTINGS) == is_reminded


def test_that_a_run_was_done_again_goes_where_the_healing_was_told() -> None:
    again = notice(kind="rerun", repair="r1", event="rerun 1")
    healed = thread(kind="healed", repair="r1")
    assert step(again) == "digest"
    assert step(again, closed(repair="r0")) == "digest"
    assert step(again, healed) == "mail"
    assert step(again, healed, mailed_s_ago=1) == "hold"
    assert step(again, thread(kind="gave_up", repair="r1")) == "mail"


def test_the_digest_has_one_entry_for_each_repair_with_all_that_was_said() -> None:
    healed = notice(kind="healed", repair="r1", reason="It was merged.")
    again = notice(kind="rerun", repair="r1", reason="Re-ran at 03:12, good.")
    other = notice(kind="healed", repair="r2", reason="It was merged.")
    first, second = make_digest([healed, other, again])
    assert (first.kind, first.reason) == ("digest", "It was merged.\nRe-ran at 03:12, good.")
    assert (second.repair, second.reason) == ("r2", "It was merged.")
