"""One incident is one thread: no mail too many, and none too few."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healer.notify.fact_files import FactFiles
from healer.notify.notifier import IncidentBook, Notifier
from healer.notify.settings import MailSettings
from healer.notify.store import Change, NotificationStore
from healer.redact import Redactor
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from tests.support.notices import NOON, notice
from tests.support.smtp import Server, smtp_server

OTHER: dict[str, Any] = {"fingerprint": "ff00", "script": "scripts/sync.py", "repair": "r8"}
DEAD = "smtp://127.0.0.1:1"


class Book:
    """What a person wants, and how all incidents stand."""

    def __init__(self, *, silent: bool = False, holds: bool = False) -> None:
        self.silent, self.holds = silent, holds

    def is_silent(self, fingerprint: str, now: float) -> bool:
        return self.silent

    def is_open(self, fingerprint: str) -> bool:
        return self.holds


Place = Path | tuple[Path, SharedTables]


@pytest.fixture(params=["files", "tables"])
def place(request: pytest.FixtureRequest, tmp_path: Path, scope: Scope) -> Iterator[Place]:
    """Where facts are kept: what holds in one place holds in the other."""
    if request.param == "files":
        yield tmp_path
        return
    with SharedTables(request.getfixturevalue("shared_url"), scope) as tables:
        yield tmp_path, tables


def notifier(
    place: Place,
    server: Server | str,
    book: IncidentBook | None = None,
    **changes: Any,
) -> Notifier:
    url = server if isinstance(server, str) else server.url
    facts = {"smtp": url, "from": "h@example.com", "to": ["a@example.com"]}
    folder, tables = (place, None) if isinstance(place, Path) else place
    teller = Notifier(
        folder,
        MailSettings.model_validate(facts | changes),
        Redactor(["s3cret-word"]),
        book=book,
        tables=tables,
    )
    teller.is_attended = True
    return teller


def after(**time: float) -> datetime:
    return NOON + timedelta(**time)


def subjects(server: Server) -> list[str]:
    return [got.mail["Subject"] for got in server.taken]


def text(server: Server, position: int = -1) -> str:
    return server.taken[position].part("plain").replace("\r", "")


def test_the_first_mail_goes_at_once(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    told = teller.notify(notice(), NOON)
    (delivery,) = teller.flush(NOON)
    assert (told.state, delivery.id, delivery.state) == ("mailed", told.mail, "sent")
    assert subjects(server) == ["scripts/report.py: KeyError: 'amuont'"]


def test_the_same_event_told_again_changes_nothing(place: Place, server: Server) -> None:
    """A workflow step that is run again after a crash tells it again, in another process."""
    notifier(place, server).notify(notice(), NOON)
    notifier(place, server).tick(NOON)
    again = notifier(place, server).notify(notice(when=after(hours=1)), after(hours=1))
    assert again.state == "known"
    assert notifier(place, server).tick(after(hours=1)) == ()
    assert len(server.taken) == 1


def test_a_step_that_was_cut_off_before_sending_learns_that_its_mail_still_waits(
    place: Place, server: Server
) -> None:
    first = notifier(place, server).notify(notice(), NOON)
    again = notifier(place, server).notify(notice(), after(minutes=1))
    assert again == first
    notifier(place, server).flush(after(minutes=1))
    assert notifier(place, server).notify(notice(), after(minutes=2)).state == "known"


def test_news_of_an_incident_goes_into_its_thread(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    teller.notify(notice(kind="gave_up", diff=""), NOON)
    teller.notify(notice(kind="review", repair="r9"), after(hours=1))
    teller.notify(notice(kind="resolved", repair="r9", reason="Approved."), after(hours=2))
    teller.flush(after(hours=2))
    first, second, third = (got.mail for got in server.taken)
    assert second["Subject"] == third["Subject"] == f"Re: {first['Subject']}"
    assert second["In-Reply-To"] == first["Message-ID"]
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]


def test_no_change_is_no_mail_whatever_the_repair_is_called(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    states = [
        teller.notify(notice(kind="gave_up", diff="", repair=f"r{n}"), after(hours=n)).state
        for n in range(5)
    ]
    assert states == ["mailed", "known", "known", "known", "known"]


def test_a_new_draft_to_decide_is_news(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    assert teller.notify(notice(repair="r1"), NOON).state == "mailed"
    assert teller.notify(notice(repair="r2"), after(hours=1)).state == "mailed"


def test_what_comes_soon_after_a_mail_goes_together(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    teller.notify(notice(), NOON)
    for number in range(3):
        changes = {"fingerprint": f"f{number}", "script": f"s{number}.py", "repair": f"x{number}"}
        assert teller.notify(notice(**changes), after(seconds=number)).state == "held"
    assert len(teller.tick(after(seconds=10))) == 1
    teller.tick(after(seconds=31))
    assert subjects(server)[1:] == ["3 incidents: s0.py, s1.py, s2.py"]
    names = [part.get_filename() for part in server.taken[1].mail.iter_attachments()]
    assert names == ["s0.py-x0.patch", "s1.py-x1.patch", "s2.py-x2.patch"]


def test_an_incident_of_a_group_goes_on_in_the_groups_thread(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    teller.notify(notice(), NOON)
    teller.notify(notice(**OTHER), after(seconds=1))
    teller.notify(notice(fingerprint="ee", repair="r9"), after(seconds=2))
    teller.tick(after(minutes=1))
    teller.notify(notice(**OTHER | {"kind": "resolved"}), after(hours=1))
    teller.flush(after(hours=1))
    assert server.taken[2].mail["In-Reply-To"] == server.taken[1].mail["Message-ID"]


def test_people_who_are_told_of_one_incident_only_do_not_get_the_others(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server)
    teller.notify(notice(), NOON)
    teller.notify(notice(**OTHER, recipients=("owner@example.com",)), after(seconds=1))
    teller.notify(notice(fingerprint="ee", repair="r9"), after(seconds=2))
    teller.tick(after(minutes=1))
    assert sorted(got.recipients for got in server.taken) == [
        ("a@example.com",),
        ("a@example.com",),
        ("a@example.com", "owner@example.com"),
    ]


def test_a_command_that_ends_soon_does_not_hold_anything_back(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    teller.notify(notice(), NOON)
    assert teller.notify(notice(**OTHER), after(seconds=1), hold=False).state == "mailed"
    teller.is_attended = False
    more: dict[str, Any] = {"fingerprint": "f9", "repair": "r9"}
    assert teller.notify(notice(**more), after(seconds=2)).state == "mailed"


def test_only_the_newest_of_held_notices_is_said(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    teller.notify(notice(), NOON)
    teller.notify(notice(**OTHER | {"kind": "gave_up", "diff": ""}), after(seconds=1))
    teller.notify(notice(**OTHER), after(seconds=2))
    teller.tick(after(minutes=1))
    assert "A fix for scripts/sync.py waits" in text(server)
    assert len(server.taken) == 2


def test_held_news_that_was_taken_back_is_not_said(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    teller.notify(notice(repair="r1"), NOON)
    teller.notify(notice(kind="gave_up", diff="", repair="r2"), after(seconds=1))
    teller.notify(notice(repair="r1", event="again"), after(seconds=2))
    teller.tick(after(minutes=1))
    assert len(server.taken) == 1
    assert teller.status().held == 0


def test_what_healed_before_anybody_was_told_goes_into_the_digest(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server)
    teller.notify(notice(), NOON)
    teller.notify(notice(**OTHER), after(seconds=1))
    told = teller.notify(notice(**OTHER | {"kind": "healed"}), after(seconds=2))
    teller.tick(after(minutes=1))
    assert told.state == "digest"
    assert len(server.taken) == 1


def test_a_reminder_goes_after_repeat_h_while_nothing_changes(place: Place, server: Server) -> None:
    teller = notifier(place, server, repeat_h=24)
    teller.notify(notice(), NOON)
    for hour in range(1, 73):
        teller.tick(after(hours=hour))
    assert len(server.taken) == 4
    assert "Still open after 3 days. The evidence is weak" in text(server)
    assert len({got.mail["Message-ID"] for got in server.taken}) == 4


def test_no_reminder_goes_of_what_somebody_is_at_and_its_news_do(
    place: Place, server: Server
) -> None:
    book = Book(silent=True)
    teller = notifier(place, server, book, repeat_h=24)
    teller.notify(notice(), NOON)
    for hour in range(1, 50):
        teller.tick(after(hours=hour))
    assert len(server.taken) == 1
    teller.notify(notice(repair="r2"), after(hours=50))
    teller.tick(after(hours=51))
    assert len(server.taken) == 2
    book.silent = False
    teller.tick(after(hours=90))
    assert len(server.taken) == 3


def test_what_a_person_turned_down_is_said_only_where_somebody_was_told(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server)
    turned_down = notice(kind="turned_down", reason="rejected by Ada: no")
    assert teller.notify(turned_down, NOON).state == "known"
    teller.notify(notice(), after(hours=1))
    teller.notify(turned_down.model_copy(update={"event": "2"}), after(hours=2))
    teller.tick(after(hours=3))
    assert len(server.taken) == 2
    assert "was turned down, and it is not repaired" in text(server)
    assert teller.status().open == 1


def test_incidents_of_one_mail_are_reminded_of_in_one_mail(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    teller.notify(notice(), NOON)
    for number in range(4):
        teller.notify(notice(fingerprint=f"f{number}", repair=f"x{number}"), after(seconds=1))
    teller.tick(after(minutes=1))
    teller.tick(after(hours=30))
    assert len(server.taken) == 4


def test_resolved_is_said_once_and_ends_the_reminders(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    teller.notify(notice(), NOON)
    teller.notify(notice(kind="resolved", reason="Approved."), after(hours=1))
    teller.notify(notice(kind="resolved", event="probation over"), after(hours=2))
    for hour in range(3, 100):
        teller.tick(after(hours=hour))
    assert len(server.taken) == 2
    assert "this is over\n\nApproved." in text(server)
    assert teller.status().open == 0


def test_an_incident_that_comes_back_goes_on_in_its_thread(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    teller.notify(notice(repair="r1"), NOON)
    teller.notify(notice(kind="resolved", repair="r1"), after(hours=1))
    teller.notify(notice(repair="r2"), after(days=3))
    teller.flush(after(days=3))
    assert server.taken[2].mail["References"].split()[0] == server.taken[0].mail["Message-ID"]
    assert teller.status().open == 1


def test_an_incident_not_seen_for_long_is_closed_by_itself(place: Place, server: Server) -> None:
    teller = notifier(place, server, repeat_h=1000, quiet_h=100)
    teller.notify(notice(kind="gave_up", diff=""), NOON)
    teller.update_count("00112233445566aa", after(hours=50), failures=2)
    teller.tick(after(hours=140))
    assert len(server.taken) == 1
    teller.tick(after(hours=151))
    assert "It was not seen for 4 days." in text(server)


def test_a_draft_that_waits_for_a_person_is_never_closed_by_silence(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server, quiet_h=1)
    teller.notify(notice(), NOON)
    teller.tick(after(days=30))
    assert teller.status().open == 1


def test_a_restart_by_the_watchdog_is_said_once_without_reminder(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server)
    facts: dict[str, Any] = {
        "kind": "restarted",
        "fingerprint": "daemon",
        "script": "",
        "failure": None,
        "diff": "",
    }
    teller.notify(notice(**facts, event="start 1"), NOON)
    teller.tick(after(days=3))
    assert len(server.taken) == 1
    assert teller.notify(notice(**facts, event="start 2"), after(days=4)).state == "mailed"


def test_one_digest_a_day_of_what_healed_by_itself_and_none_without(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server, digest_at="07:00")
    assert teller.notify(notice(kind="healed", reason="Merged as abc."), NOON).state == "digest"
    teller.notify(notice(**OTHER | {"kind": "healed"}), after(hours=1))
    for hour in range(18):
        teller.tick(after(hours=hour))
    assert server.taken == []
    for hour in range(18, 90):
        teller.tick(after(hours=hour))
    assert subjects(server) == ["2 healed by themselves: report.py, sync.py"]
    assert "Merged as abc." in text(server)


def test_what_a_person_ended_before_anybody_was_told_is_no_news(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server)
    assert teller.notify(notice(kind="resolved", reason="Rejected."), NOON).state == "known"
    assert teller.status().digest == 0


def test_that_an_open_incident_heals_by_itself_is_said_in_its_thread(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server)
    teller.notify(notice(kind="gave_up", diff="", repair="r1"), NOON)
    assert teller.notify(notice(kind="healed", repair="r2"), after(hours=1)).state == "mailed"
    teller.flush(after(hours=1))
    assert server.taken[1].mail["In-Reply-To"] == server.taken[0].mail["Message-ID"]
    assert "The fix of scripts/report.py is merged, and on probation" in text(server)
    assert list(server.taken[1].mail.iter_attachments()) == []


AWAY: dict[str, Any] = {
    "kind": "unjudged",
    "fingerprint": "sandbox",
    "script": "",
    "failure": None,
    "diff": "",
}


def test_a_sandbox_that_is_away_for_a_while_is_no_mail(place: Place, server: Server) -> None:
    teller = notifier(place, server)
    for minute in range(14):
        teller.notify(notice(**AWAY, repair=f"r{minute}"), after(minutes=minute), hold=False)
        teller.tick(after(minutes=minute))
    teller.notify(notice(**AWAY | {"kind": "resolved"}, repair="r99"), after(minutes=14))
    teller.tick(after(hours=2))
    assert server.taken == []
    assert teller.status().held == 0


def test_a_sandbox_that_stays_away_is_one_mail_and_its_return_another(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server)
    for minute in range(0, 60, 5):
        teller.notify(notice(**AWAY, repair=f"r{minute}"), after(minutes=minute), hold=False)
        teller.tick(after(minutes=minute))
    assert len(server.taken) == 1
    teller.notify(notice(**AWAY | {"kind": "resolved"}, repair="r99"), after(hours=2))
    teller.flush(after(hours=2))
    assert len(server.taken) == 2
    assert teller.status().open == 0


def test_nothing_is_mailed_without_a_server(tmp_path: Path) -> None:
    teller = Notifier(tmp_path, MailSettings(), Redactor())
    assert teller.notify(notice(), NOON).state == "off"
    assert teller.tick(NOON) == ()
    assert list(tmp_path.iterdir()) == []


def test_with_a_broken_server_everything_is_kept_and_sent_later(place: Place) -> None:
    notifier(place, DEAD).notify(notice(), NOON)
    (kept,) = notifier(place, DEAD).flush(NOON)
    assert kept.state == "kept"
    status = notifier(place, DEAD).status()
    assert (status.open, status.outbox.waiting) == (1, 1)
    assert "Connection refused" in status.outbox.problem
    with smtp_server() as server:
        assert notifier(place, server).tick(after(hours=1))[0].state == "sent"


def test_no_secret_reaches_the_disk_or_the_mail(tmp_path: Path, server: Server) -> None:
    teller = notifier(tmp_path, server)
    leaky = notice(reason="s3cret-word", cause="s3cret-word", diff="+s3cret-word\n")
    teller.notify(leaky, NOON)
    teller.notify(leaky.model_copy(update=OTHER), after(seconds=1))
    for path in tmp_path.rglob("*.json"):
        assert "s3cret-word" not in path.read_text()
    teller.tick(after(minutes=1))
    teller.tick(after(days=2))
    assert len(server.taken) == 4
    assert not any(b"s3cret-word" in got.content for got in server.taken)
    assert not any(list(got.mail.iter_attachments()) for got in server.taken)


def test_addresses_that_are_none_are_left_out_and_nobody_gets_it_twice(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server)
    asked = ("@org/team", "A@Example.com", "own@example.com", "x@y.z\r\nBcc: t@u.v")
    teller.notify(notice(recipients=asked), NOON)
    teller.flush(NOON)
    assert server.taken[0].recipients == ("a@example.com", "own@example.com")


def test_a_crash_between_two_writes_of_a_decision_is_completed_by_the_next(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal is written, and the process dies before anything else is."""
    teller = notifier(tmp_path, server)
    with monkeypatch.context() as patch:
        patch.setattr(NotificationStore, "_apply", _die)
        with pytest.raises(KeyboardInterrupt):
            teller.notify(notice(), NOON)
    assert not (tmp_path / "queue").exists()
    assert notifier(tmp_path, server).notify(notice(), after(hours=1)).state == "mailed"
    notifier(tmp_path, server).flush(after(hours=1))
    assert len(server.taken) == 1


def _die(store: NotificationStore, change: Change) -> None:
    raise KeyboardInterrupt


KINDS = st.sampled_from(
    ["protected", "review", "gave_up", "budget", "reverted", "resolved", "unconfirmed", "healed"]
)
EVENTS = st.lists(
    st.tuples(st.integers(0, 3), KINDS, st.integers(0, 3), st.integers(1, 100_000)), max_size=15
)


@settings(max_examples=25, deadline=None)
@given(EVENTS)
def test_for_any_events_threads_never_outnumber_incidents_and_the_last_word_is_said(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[int, Any, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("book")
    teller = notifier(folder, DEAD, repeat_h=10_000, quiet_h=10_000, digest_at="")
    store = NotificationStore(FactFiles(folder), teller.outbox)
    now, last = NOON, dict[str, str]()
    for incident, kind, repair, wait_s in events:
        now += timedelta(seconds=wait_s)
        told = notice(kind=kind, fingerprint=f"f{incident}", repair=f"r{incident}{repair}")
        thread = store.find_thread(told.fingerprint)
        if not (thread and told.key in thread.events):  # told before: not an event of its own
            last[told.fingerprint] = kind
        teller.notify(told, now)
    teller.tick(now + timedelta(minutes=1))
    threads = store.list_threads()
    assert len({thread.references[0] for thread in threads}) <= len(last)
    assert teller.status().held == 0
    for thread in threads:
        said_over = thread.closed_at is not None
        assert said_over == (last[thread.fingerprint] in ("resolved", "unconfirmed", "budget"))
    said = [path.stem for path in (folder / "queue").glob("*.json")]
    assert all(re.fullmatch(r"[\w.]+", name) for name in said)


def test_what_its_own_book_holds_open_is_not_over_for_having_been_quiet(
    place: Place, server: Server
) -> None:
    book = Book(holds=True)
    teller = notifier(place, server, book, quiet_h=48, repeat_h=1_000)
    teller.notify(notice(kind="gave_up"), NOON)
    teller.tick(after(hours=49))
    assert len(server.taken) == 1
    book.holds = False
    teller.tick(after(hours=50))
    assert server.taken[-1].mail["X-Healer-Kind"] == "resolved"


def test_what_failed_again_is_not_in_the_digest_of_what_healed(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server, digest_at="07:00")
    assert teller.notify(notice(kind="healed"), NOON).state == "digest"
    teller.notify(notice(kind="healed", fingerprint="other", script="b.py"), NOON)
    teller.notify(notice(kind="reverted"), after(hours=5))
    teller.tick(after(hours=20))
    digest = server.taken[-1]
    assert digest.mail["X-Healer-Kind"] == "digest"
    assert "b.py" in digest.part("plain")
    assert "report.py" not in digest.part("plain")


def test_nobody_is_reminded_of_what_is_told_to_be_over_in_a_moment(
    place: Place, server: Server
) -> None:
    teller = notifier(place, server, repeat_h=24, group_wait_s=30)
    teller.notify(notice(kind="gave_up"), NOON)
    teller.notify(notice(kind="gave_up", fingerprint="other"), after(hours=25))
    over = notice(kind="resolved", event="it ran well")
    assert teller.notify(over, after(hours=25, seconds=1)).state == "held"
    teller.tick(after(hours=25, seconds=2))
    teller.tick(after(hours=25, seconds=40))
    kinds = [got.mail["X-Healer-Kind"] for got in server.taken]
    assert kinds == ["gave_up", "gave_up", "resolved"]
