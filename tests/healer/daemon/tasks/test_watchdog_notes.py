"""What the watchdog did is mailed once healer runs again, each note once."""

import time
from pathlib import Path
from typing import Any

from healer.daemon.tasks.watchdog_notes import MailWatchdogNotes
from tests.support.smtp import smtp_server

NOTE = "1795000000 healer did not stay up on host1 for /srv/app: the last good version is back.\n"


def test_each_note_is_one_mail_also_when_it_is_read_again(make: Any, tmp_path: Path) -> None:
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        services = make(mail={**mail, "to": ["ada@example.com"]})
        task = MailWatchdogNotes(services, tmp_path)
        task.run(time.time())
        for _ in range(2):  # as after a crash before the note was removed
            (tmp_path / "restarted").write_text(NOTE)
            task.run(time.time())
        assert len(server.taken) == 1
        assert "the last good version is back" in server.taken[0].part("plain")
        assert "restarted by its watchdog" in server.taken[0].mail["Subject"]
    assert list(tmp_path.glob("restarted*")) == []


def test_a_note_that_cannot_be_read_stops_nothing(make: Any, tmp_path: Path) -> None:
    (tmp_path / "restarted").write_bytes(b"\xff\n\nno number\n12\n")
    MailWatchdogNotes(make(), tmp_path).run(time.time())
    assert not (tmp_path / "restarted").exists()
