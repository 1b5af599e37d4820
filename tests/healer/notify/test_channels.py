"""Other channels are told as mail is: durable, at least once, and without giving their URL away."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from healer.notify import MailSettings, Notifier
from healer.notify.channels import hand_over, read_channels
from healer.redact import Redactor
from tests.support.notices import HOSTILE, NOON, hostile_notice, notice
from tests.support.smtp import smtp_server

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
"""apprise looks whether the standard library still has it."""


class Hook:
    """A web hook that keeps what it is sent, and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[dict[str, Any]] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"json://user:t0psecret@127.0.0.1:{self.port}/hook"


@contextmanager
def web_hook() -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if hook.status == 200:
                hook.got.append(json.loads(body))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield hook
        finally:
            server.shutdown()
            thread.join()


def test_a_channel_alone_is_enough(tmp_path: Path) -> None:
    with web_hook() as hook:
        teller = Notifier(tmp_path, MailSettings(), Redactor(), {"HEALER_CHANNELS": hook.url})
        assert teller.notify(notice(), NOON).state == "mailed"
        (delivery,) = teller.flush(NOON)
    assert delivery.state == "sent"
    (message,) = hook.got
    assert message["title"] == "scripts/report.py: KeyError: 'amuont'"
    assert "waits for your decision" in message["message"]
    assert "healer approve r7" in message["message"]


def test_mail_and_channel_are_each_told_even_if_the_other_fails(tmp_path: Path) -> None:
    with smtp_server() as server, web_hook() as hook:
        facts = {"smtp": server.url, "from": "h@example.com", "to": ["a@example.com"]}
        settings = MailSettings.model_validate(facts)
        teller = Notifier(tmp_path, settings, Redactor(), {"HEALER_CHANNELS": hook.url})
        told = teller.notify(notice(), NOON)
        hook.status = 500
        states = {delivery.id: delivery.state for delivery in teller.flush(NOON)}
        assert states.pop(told.mail) == "sent"
        assert set(states.values()) == {"kept"}
        assert teller.status().outbox.problem == "a json:// channel did not take it"
        hook.status = 200
        assert [delivery.state for delivery in teller.flush(NOON)] == ["sent"]
    assert len(server.taken) == len(hook.got) == 1


def test_the_url_is_written_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with web_hook() as hook:
        hook.status = 403
        teller = Notifier(tmp_path, MailSettings(), Redactor(), {"HEALER_CHANNELS": hook.url})
        teller.notify(notice(), NOON)
        (kept,) = teller.flush(NOON)
    hand_over("nonsense://t0psecret@x", "title", "text")
    said = (
        kept.problem + caplog.text + "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    )
    assert "t0psecret" not in said


def test_a_channel_that_is_gone_does_not_stop_the_others(tmp_path: Path) -> None:
    with web_hook() as hook:
        both = {"HEALER_CHANNELS": f"{hook.url} json://127.0.0.1:1/"}
        Notifier(tmp_path, MailSettings(), Redactor(), both).notify(notice(), NOON)
        left = {"HEALER_CHANNELS": hook.url}
        deliveries = Notifier(tmp_path, MailSettings(), Redactor(), left).flush(NOON)
    problems = {delivery.state: delivery.problem for delivery in deliveries}
    assert problems == {"sent": "", "kept": "its channel is not configured any more"}


def test_a_url_that_is_none_is_said_without_repeating_it() -> None:
    said = hand_over("nonsense://t0psecret@x", "title", "text")
    assert said == "a nonsense:// channel is no URL that apprise knows; correct it"
    assert "t0psecret" not in hand_over("t0psecret" * 5, "title", "text")


def test_without_its_library_a_message_waits_and_says_what_to_install(
    tmp_path: Path,
) -> None:
    with web_hook() as hook:
        teller = Notifier(tmp_path, MailSettings(), Redactor(), {"HEALER_CHANNELS": hook.url})
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "apprise", None)
            teller.notify(notice(), NOON)
            (kept,) = teller.flush(NOON)
        assert (kept.state, hook.got) == ("kept", [])
        assert kept.problem.startswith("a json:// channel needs the library apprise; pip install")
        assert [delivery.state for delivery in teller.flush(NOON)] == ["sent"]
    assert len(hook.got) == 1


def test_channels_are_names_without_their_urls() -> None:
    names = read_channels({"X": " json://a  json://b "}, "X")
    assert sorted(names.values()) == ["json://a", "json://b"]
    assert all(len(name) == 12 and name.isalnum() for name in names)
    assert read_channels({}, "X") == {}


def test_hostile_text_reaches_a_channel_as_text(tmp_path: Path) -> None:
    with web_hook() as hook:
        teller = Notifier(tmp_path, MailSettings(), Redactor(), {"HEALER_CHANNELS": hook.url})
        teller.notify(hostile_notice(), NOON)
        teller.flush(NOON)
    (message,) = hook.got
    assert "\x1b" not in message["message"] + message["title"]
    assert "\u202e" in HOSTILE
    assert "\u202e" not in message["message"] + message["title"]
