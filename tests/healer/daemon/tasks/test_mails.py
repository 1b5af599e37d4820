"""What waits to be sent is sent at a tick, and only once."""

from datetime import UTC, datetime
from pathlib import Path

from healer.daemon.tasks.mails import SendMails
from healer.notify.notifier import Notifier
from healer.notify.settings import MailSettings
from healer.redact import Redactor
from healer.render.notice import Notice
from tests.support.smtp import smtp_server

NOW = 1_795_140_000.0


def notice() -> Notice:
    moment = datetime.fromtimestamp(NOW, UTC)
    return Notice(kind="gave_up", fingerprint="f1", script="a.py", reason="It failed.", when=moment)


def test_a_mail_that_is_held_back_is_sent_once(tmp_path: Path) -> None:
    with smtp_server() as server:
        settings = MailSettings.model_validate(
            {
                "smtp": server.url + "?starttls=false",
                "from": "h@example.com",
                "to": ["ada@example.com"],
            }
        )
        notifier = Notifier(tmp_path, settings, Redactor())
        notifier.is_attended = True
        notifier.notify(notice(), datetime.fromtimestamp(NOW, UTC))
        assert server.taken == []
        task = SendMails(notifier)
        for second in range(0, 1_200, 2):
            task.run(NOW + second)
        assert len(server.taken) == 1


def test_without_a_server_nothing_happens(tmp_path: Path) -> None:
    task = SendMails(Notifier(tmp_path, MailSettings(), Redactor()))
    task.run(NOW)
    assert not list(tmp_path.rglob("*.eml"))
