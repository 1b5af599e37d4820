"""No mail is lost: not with a broken server, a killed sender or a full disk."""

import fcntl
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from healer.notify.fact_files import FactFiles, FactStore, NotificationError
from healer.notify.mail import Mail
from healer.notify.outbox import Outbox
from healer.notify.settings import MailSettings
from tests.support.notices import NOON
from tests.support.smtp import Server, smtp_server


def outbox(place: Path | FactStore, server: Server | str, **changes: Any) -> Outbox:
    url = server if isinstance(server, str) else server.url
    facts = {"smtp": url, "from": "h@example.com", "to": ["a@example.com"], "timeout_s": 5}
    store = FactFiles(place) if isinstance(place, Path) else place
    return Outbox(store, MailSettings.model_validate(facts | changes))


def mail(number: int = 1, when: datetime = NOON, **changes: Any) -> Mail:
    message_id = f"<{number}@example.com>"
    facts: dict[str, Any] = {
        "id": f"m{number}",
        "message_id": message_id,
        "sender": "h@example.com",
        "recipients": ("a@example.com",),
        "content": f"Message-ID: {message_id}\r\nSubject: x\r\n\r\nhello\r\n",
        "stored_at": when,
        "next_try_at": when,
    }
    return Mail(**facts | changes)


DEAD = "smtp://127.0.0.1:1"


def test_a_mail_put_is_sent_by_another_process_and_only_once(facts: FactStore) -> None:
    with smtp_server() as server:
        outbox(facts, DEAD).put(mail())
        (delivery,) = outbox(facts, server).flush(NOON)
        assert delivery.state == "sent"
        assert outbox(facts, server).flush(NOON) == ()
    assert len(server.taken) == 1


def test_the_same_mail_put_again_after_it_was_sent_is_not_sent_again(facts: FactStore) -> None:
    with smtp_server() as server:
        box = outbox(facts, server)
        box.put(mail())
        box.put(mail())
        box.flush(NOON)
        box.put(mail())
        assert box.flush(NOON) == ()
    assert len(server.taken) == 1


def test_without_a_server_the_mail_is_kept_and_the_reason_is_shown(facts: FactStore) -> None:
    box = outbox(facts, DEAD)
    box.put(mail())
    (delivery,) = box.flush(NOON)
    assert (delivery.state, delivery.problem) == (
        "kept",
        "mail server 127.0.0.1:1: Connection refused",
    )
    status = box.status()
    assert (status.waiting, status.failed, status.oldest) == (1, 0, NOON)
    assert status.problem == "mail server 127.0.0.1:1: Connection refused"


def test_a_dead_server_is_left_in_peace_between_tries_but_a_person_may_insist(
    facts: FactStore,
) -> None:
    outbox(facts, DEAD).put(mail())
    outbox(facts, DEAD).flush(NOON)
    with smtp_server() as server:
        box = outbox(facts, server)
        (waiting,) = box.flush(NOON + timedelta(seconds=5))
        assert waiting.state == "kept"
        assert server.commands == 0
        (delivery,) = box.flush(NOON + timedelta(seconds=6), patient=False)
        assert delivery.state == "sent"
    assert box.status().problem == ""


def test_after_48_hours_it_is_set_aside_not_forgotten(facts: FactStore) -> None:
    box = outbox(facts, DEAD)
    box.put(mail())
    assert box.flush(NOON + timedelta(hours=47, minutes=59))[0].state == "kept"
    later = NOON + timedelta(hours=48, minutes=20)
    assert box.flush(later)[0].state == "failed"
    assert box.status().failed == 1
    assert [name for name, _ in facts.read_all("failed", Mail)] == ["m1"]


def test_only_those_who_do_not_have_it_get_it_again(facts: FactStore) -> None:
    with smtp_server() as server:
        server.refuse["b@example.com"] = "452 mailbox full"
        box = outbox(facts, server)
        box.put(mail(recipients=("a@example.com", "b@example.com")))
        assert box.flush(NOON)[0].problem == "b@example.com: 452 mailbox full"
        server.refuse.clear()
        assert box.flush(NOON + timedelta(minutes=1))[0].state == "sent"
    assert [got.recipients for got in server.taken] == [("a@example.com",), ("b@example.com",)]


def test_one_bad_mail_does_not_hold_up_the_others(facts: FactStore) -> None:
    with smtp_server() as server:
        server.refuse["bad@example.com"] = "550 no"
        box = outbox(facts, server)
        box.put(mail(1, recipients=("bad@example.com",)))
        box.put(mail(2))
        states = {delivery.id: delivery.state for delivery in box.flush(NOON)}
    assert states == {"m1": "kept", "m2": "sent"}


def test_a_damaged_file_is_set_aside_and_counted(tmp_path: Path) -> None:
    with smtp_server() as server:
        box = outbox(tmp_path, server)
        box.put(mail(1))
        (tmp_path / "queue" / "m0.json").write_text('{"id": "half')
        assert [delivery.id for delivery in box.flush(NOON)] == ["m1"]
    assert box.status().failed == 1
    assert (tmp_path / "failed" / "m0.json").read_text() == '{"id": "half'


def test_a_full_disk_is_an_error_with_the_next_step_and_leaves_no_half_file(
    tmp_path: Path,
) -> None:
    """A file size limit in a child process refuses the write as a full disk does."""
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from tests.healer.notify.test_outbox import mail, outbox, DEAD, NotificationError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "try: outbox(Path(sys.argv[1]), DEAD).put(mail())\n"
        "except NotificationError as error: print(error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "m1.json: File too large; make room" in ran.stdout
    assert list((tmp_path / "queue").iterdir()) == []


def test_two_senders_at_once_send_each_mail_once(facts: FactStore) -> None:
    with smtp_server() as server:
        box = outbox(facts, server)
        for number in range(20):
            box.put(mail(number))
        threads = [threading.Thread(target=box.flush, args=(NOON,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        box.flush(NOON)
    assert sorted(got.mail["Message-ID"] for got in server.taken) == sorted(
        f"<{number}@example.com>" for number in range(20)
    )


def test_a_command_waits_for_another_sender_to_end(tmp_path: Path) -> None:
    """The other one may have looked into the queue before this mail was there."""
    with smtp_server() as server:
        box = outbox(tmp_path, server)
        box.put(mail())
        with (tmp_path / "lock").open("a") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            assert box.flush(NOON)[0].problem == "another healer process is sending"
            threading.Timer(0.2, fcntl.flock, (other, fcntl.LOCK_UN)).start()
            assert box.flush(NOON, patient=False)[0].state == "sent"
    assert len(server.taken) == 1


def test_the_server_is_checked_without_a_mail(tmp_path: Path) -> None:
    with smtp_server(login=("me", "right")) as server:
        box = outbox(tmp_path, server.url.replace("//", "//me@"))
        assert box.check(password="right") == ""
        assert "login refused" in box.check(password="wrong")
    assert "Connection refused" in outbox(tmp_path, server).check()
    assert "set smtp" in Outbox(FactFiles(tmp_path), MailSettings()).check()
    assert server.taken == []


def test_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    outbox(tmp_path, DEAD).put(mail())
    (path,) = (tmp_path / "queue").iterdir()
    assert path.stat().st_mode & 0o077 == 0


def test_an_unusable_folder_is_an_error_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotificationError, match="make room or fix its permissions"):
        outbox(tmp_path / "file", DEAD).put(mail())
