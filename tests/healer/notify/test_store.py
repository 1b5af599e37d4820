"""A change is made whole or not at all, whenever the process dies."""

import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from healer.notify.fact_files import FactFiles, FactStore, NotificationError, write_fact
from healer.notify.mail import Mail
from healer.notify.mail_thread import MailThread, add_mail
from healer.notify.outbox import Outbox
from healer.notify.rules import Waiting
from healer.notify.settings import MailSettings
from healer.notify.store import Change, NotificationStore
from tests.support.healer_jobs import PROJECT
from tests.support.notices import NOON, notice

MAIL = Mail(
    id="m1",
    message_id="<m1@x>",
    sender="h@example.com",
    recipients=("a@example.com",),
    content="hello",
    stored_at=NOON,
    next_try_at=NOON,
)


def new_store(place: Path | FactStore) -> NotificationStore:
    facts = FactFiles(place) if isinstance(place, Path) else place
    return NotificationStore(facts, Outbox(facts, MailSettings()))


def thread(fingerprint: str = "f1", hours: int = 0, **changes: Any) -> MailThread:
    return add_mail(
        None,
        notice(fingerprint=fingerprint, **changes),
        message_id="<m1@x>",
        subject="s",
        recipients=(),
        now=NOON + timedelta(hours=hours),
    )


def waiting(repair: str, minutes: int = 0) -> Waiting:
    return Waiting(notice=notice(repair=repair), since=NOON + timedelta(minutes=minutes))


WHOLE = Change(
    mails=(MAIL,),
    threads=(thread("f1", 1), thread("f2", 0)),
    held=(waiting("r2", 2), waiting("r1", 1)),
    digest=(waiting("r3"),),
    mailed_at=NOON,
)


def assert_whole(place: Path | FactStore) -> None:
    store, facts = new_store(place), FactFiles(place) if isinstance(place, Path) else place
    assert [each.fingerprint for each in store.list_threads()] == ["f2", "f1"]
    assert [each.notice.repair for each in store.list_held()] == ["r1", "r2"]
    assert [each.notice.repair for each in store.list_digest()] == ["r3"]
    assert store.last_mailed_at() == NOON
    assert list(facts.read_all("queue", Mail)) == [("m1", MAIL)]
    assert not facts.own.has("journal", "")


def test_an_empty_store_has_nothing(facts: FactStore) -> None:
    store = new_store(facts)
    with store.lock():
        assert store.find_thread("f1") is None
        assert store.list_threads() == store.list_held() == store.list_digest() == ()
        assert store.last_mailed_at() is None
        assert store.find_waiting() == frozenset()


def test_its_folder_is_made_for_the_user_alone(tmp_path: Path) -> None:
    with new_store(tmp_path / "new").lock():
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_change_is_there_for_every_other_process(facts: FactStore) -> None:
    store = new_store(facts)
    with store.lock():
        store.commit(WHOLE)
    assert_whole(facts)
    assert new_store(facts).find_thread("f1") == thread("f1", 1)
    assert store.find_waiting() == {"held", "queue"}


def test_a_change_that_is_made_twice_is_made_once(facts: FactStore) -> None:
    for _ in range(2):
        with new_store(facts).lock():
            new_store(facts).commit(WHOLE)
    assert_whole(facts)


def test_no_change_writes_nothing(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with store.lock():
        store.commit(Change())
    assert [path.name for path in tmp_path.iterdir()] == ["book.lock"]


def test_what_was_told_waits_no_more_and_what_is_forgotten_is_gone(facts: FactStore) -> None:
    store = new_store(facts)
    with store.lock():
        store.commit(WHOLE)
        keys = (waiting("r1").notice.key, waiting("r3").notice.key)
        store.commit(Change(told=keys, forgotten=("f2", "unknown")))
    assert [each.notice.repair for each in store.list_held()] == ["r2"]
    assert store.list_digest() == ()
    assert [each.fingerprint for each in store.list_threads()] == ["f1"]


def test_a_journal_that_a_crash_left_is_completed_by_the_next(tmp_path: Path) -> None:
    write_fact(tmp_path / "journal.json", WHOLE)
    with new_store(tmp_path).lock():
        assert_whole(tmp_path)


def test_a_journal_that_was_half_applied_is_applied_again(tmp_path: Path) -> None:
    with new_store(tmp_path).lock():
        new_store(tmp_path).commit(Change(threads=WHOLE.threads, held=WHOLE.held[:1]))
    write_fact(tmp_path / "journal.json", WHOLE)
    with new_store(tmp_path).lock():
        assert_whole(tmp_path)


@pytest.mark.parametrize("deaths", range(1, 9))
def test_whenever_the_process_dies_the_next_one_finds_all_or_nothing(
    tmp_path: Path, deaths: int
) -> None:
    """The child dies at its nth write to the disk."""
    code = (
        "import os, sys; from pathlib import Path\n"
        "from healer.notify import fact_files\n"
        "from tests.healer.notify.test_store import WHOLE, new_store\n"
        "left = int(sys.argv[2])\n"
        "write = fact_files.write_atomically\n"
        "def dying(*words):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if not left: os._exit(9)\n"
        "    write(*words)\n"
        "fact_files.write_atomically = dying\n"
        "store = new_store(Path(sys.argv[1]))\n"
        "with store.lock(): store.commit(WHOLE)\n"
    )
    child = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), str(deaths)],
        cwd=PROJECT,
        check=False,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    assert child.returncode == (9 if deaths <= 8 else 0)
    store = new_store(tmp_path)
    with store.lock():
        if deaths == 1:  # the journal itself was not written
            assert store.list_threads() == ()
            assert store.list_held() == ()
        else:
            assert_whole(tmp_path)


def test_only_one_is_alone_with_it_at_a_time(facts: FactStore) -> None:
    counts = [0, 0]

    def count() -> None:
        for _ in range(20):
            with new_store(facts).lock():
                counts[0] += 1
                counts[1] = max(counts)
                assert counts[0] == 1
                counts[0] -= 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert counts == [0, 1]


def test_damaged_files_are_as_if_they_were_not_there(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with store.lock():
        store.commit(WHOLE)
    for path in (*tmp_path.glob("threads/*.json"), tmp_path / "mailed.json"):
        path.write_text("{")
    (tmp_path / "journal.json").write_text("{")
    with store.lock():
        assert store.list_threads() == ()
        assert store.last_mailed_at() is None
        assert len(store.list_held()) == 2


def test_an_unusable_folder_is_an_error_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(NotificationError, match="make room or fix its permissions"),
        new_store(tmp_path / "file").lock(),
    ):
        pass
