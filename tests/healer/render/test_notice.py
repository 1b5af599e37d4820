"""One event is one key, and a redacted notice has no secret in any of its words."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from healer.failure import Frame, Raised
from healer.redact import Redactor
from healer.render.notice import CheckRow, Kind, format_time, redact_notice
from tests.support.notices import NOON, failure, notice

SECRET = "hunter2-correct-horse"


@pytest.mark.parametrize(
    "changes",
    [{"when": NOON + timedelta(days=1)}, {"reason": "other words"}, {"attempts": 9}, {"diff": ""}],
)
def test_the_same_event_has_the_same_key_whenever_it_is_told(changes: dict[str, Any]) -> None:
    assert notice(**changes).key == notice().key


@pytest.mark.parametrize(
    "changes",
    [{"kind": "gave_up"}, {"fingerprint": "f2"}, {"repair": "r8"}, {"event": "2"}],
)
def test_another_event_has_another_key(changes: dict[str, Any]) -> None:
    assert notice(**changes).key != notice().key


def test_a_key_is_short_and_plain_whatever_it_is_made_of() -> None:
    for word in ("", "\ud800", "\0", "é" * 9_999):
        key = notice(fingerprint=word, repair=word, event=word).key
        assert len(key) == 16
        assert set(key) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("kind", "diff", "awaits"),
    [
        ("review", "x", True),
        ("protected", "x", True),
        ("protected", "", False),
        ("review", "", False),
        ("gave_up", "x", False),
        ("reverted", "x", False),
    ],
)
def test_a_person_is_awaited_where_a_draft_is_there(kind: Kind, diff: str, awaits: bool) -> None:
    assert notice(kind=kind, diff=diff).awaits_person == awaits


@pytest.mark.parametrize(
    ("kind", "repair", "takes"),
    [
        ("review", "r1", True),
        ("protected", "r1", True),
        ("for_people", "r1", True),
        ("unseen", "r1", True),
        ("unseen", "", False),
        ("gave_up", "r1", False),
        ("turned_down", "r1", False),
        ("ended", "r1", False),
    ],
)
def test_a_repair_that_waits_may_be_ended_with_a_draft_or_without(
    kind: Kind, repair: str, takes: bool
) -> None:
    assert notice(kind=kind, repair=repair, diff="").takes_rejection == takes


def leaky_notice() -> Any:
    frame = Frame(
        file=SECRET,
        line=1,
        function=SECRET,
        source=f"f('{SECRET}')",
        own=True,
        locals={"x": SECRET},
    )
    error = Raised(
        type=SECRET, message=SECRET, frames=(frame,), notes=(SECRET,), attributes={"a": SECRET}
    )
    bad = failure(
        script=SECRET,
        argv=("job", SECRET),
        chain=(error,),
        stdout_tail=SECRET,
        stderr_tail=SECRET,
        stdin=SECRET,
        inputs={"a": SECRET},
        environment={"A": SECRET},
    )
    return notice(
        script=SECRET,
        reason=SECRET,
        cause=SECRET,
        evidence=SECRET,
        diff=f"+x = '{SECRET}'\n",
        failure=bad,
        checks=(CheckRow(name=SECRET, status="fail", detail=SECRET),),
        commands=(f"healer fix {SECRET}",),
    )


def test_no_text_keeps_a_secret() -> None:
    redacted = redact_notice(leaky_notice(), Redactor([SECRET]))
    assert SECRET not in redacted.model_dump_json()


def test_names_and_numbers_that_healer_gave_stay() -> None:
    before = leaky_notice()
    redacted = redact_notice(before, Redactor([SECRET]))
    assert redacted.key == before.key
    assert (redacted.repair, redacted.when, redacted.attempts) == ("r7", NOON, 2)
    assert redacted.failure is not None
    assert redacted.failure.id == "f1"


def test_what_is_never_shown_is_left_out() -> None:
    redacted = redact_notice(notice(failure=failure(stdin="x", inputs={"a": "b"})), Redactor())
    assert redacted.failure is not None
    assert (redacted.failure.stdin, redacted.failure.inputs) == (None, {})


def test_a_notice_without_secrets_says_what_it_said() -> None:
    assert redact_notice(notice(), Redactor()) == notice()


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (datetime(2026, 11, 20, 20, 47, 59, tzinfo=UTC), "20 Nov 2026, 20:47 UTC"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2 Jan 2026, 03:04 UTC"),
        (
            datetime(2026, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=2))),
            "2 Jan 2026, 03:04 UTC+02:00",
        ),
    ],
)
def test_a_time_as_people_read_it(when: datetime, text: str) -> None:
    assert format_time(when) == text
