"""A person's word from elsewhere on a real repository and ledger: who may, and how often."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from healer.app.remote import Remote, is_authenticated, take_reply
from healer.facts.errors import UsageError
from healer.notify.asks import REFERENCE, AskError
from healer.support.clock import SetClock
from tests.support.git import commit_files
from tests.support.replies import ANNA, answer
from tests.support.shop import Shop, failed, shop
from tests.support.smtp import Server, smtp_server

TOML = """\
[tests]
command = ["true"]
[mail]
smtp = "{smtp}"
from = "healer@example.com"
to = ["{anna}"]
[decide]
url = "https://healer.example.com"
replies = true
"""


@dataclass
class Night:
    """A repair that waits, and the mail that tells of it."""

    here: Shop
    server: Server
    repair: str
    fingerprint: str

    @property
    def folder(self) -> Path:
        return self.here.folder

    @property
    def mail(self) -> str:
        """The newest mail's text."""
        return self.server.taken[-1].part("plain")

    def reference(self, number: int = 0) -> str:
        """As the link of a mail has it."""
        match = REFERENCE.search(self.message_id(number))
        assert match
        return match[0]

    def message_id(self, number: int = 0) -> str:
        return str(self.server.taken[number].mail["Message-ID"])

    def reply(self, text: str, **headers: str) -> str:
        """`healer reply` with an answer to the first mail; what it says."""
        headers.setdefault("to", self.message_id())
        return take_reply(self.folder, answer(text, **headers), lambda _: None).reason

    def remote(self, seconds: float = 0.0) -> Remote:
        services = self.here.services
        clock = SetClock(services.clock.now() + seconds)
        return Remote(services.repository, services.config, services.ledger, clock)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    from healer.config import load

    with smtp_server() as server:
        folder = tmp_path / "shop"
        text = TOML.format(smtp=server.url, anna=ANNA)
        config = load(lambda name: text.encode() if name == "healer.toml" else None)
        settings = {"mail": config.mail, "decide": config.decide}
        with shop(folder, **settings) as here:
            commit_files(folder, {"healer.toml": text}, "Configure")
            failed(here)
            repair = here.fix()
            row = here.services.ledger.repair(repair.repair)
            assert row.state == "waiting"
            yield Night(here, server, repair.repair, row.incident)


def test_a_mail_holds_the_link_and_the_words_of_an_answer(night: Night) -> None:
    link = f"https://healer.example.com/decide/{night.reference()}"
    assert link in night.mail
    assert f'<a href="{link}">' in night.server.taken[0].part("html")
    assert "approve, reject: WHY" in night.mail


def test_a_rejection_by_mail_is_kept_with_who_and_how(night: Night) -> None:
    said = night.reply("reject: it hides the error\n\n> approve\n")
    assert said == f"rejected by {ANNA} (by mail): it hides the error"
    row = night.here.services.ledger.repair(night.repair)
    assert row.state == "rejected"
    entries = night.here.services.ledger.entries(night.repair)
    assert any(e.kind == "rejection" and f"{ANNA} (by mail)" in e.detail for e in entries)
    to = night.server.taken[-1]
    assert (to.recipients, to.mail["Auto-Submitted"]) == ((ANNA,), "auto-replied")
    assert "Done: rejected" in to.part("plain").replace("\n", " ")


@pytest.mark.parametrize(
    ("text", "headers", "said", "is_told"),
    [
        ("approve", {"sender": "eve@example.com"}, "got no mail of it", False),
        ("approve", {"to": "<forged@example.com>"}, "answers no mail of this healer", False),
        ("approve", {"Auto_Submitted": "auto-replied"}, "automatic answer", False),
        ("> approve", {}, "nothing stands above", True),
        ("approve\n\nbut not on Friday", {}, "does not guess", True),
        ("1", {}, "is not what is asked", True),
        ("snooze 0h", {}, "no length of time", True),
    ],
)
def test_what_may_not_decide_is_refused_and_changes_nothing(
    night: Night, text: str, headers: dict[str, str], said: str, is_told: bool
) -> None:
    with pytest.raises(UsageError, match=said):
        night.reply(text, **headers)
    assert night.here.services.ledger.repair(night.repair).state == "waiting"
    answers = [each for each in night.server.taken[1:] if "auto-replied" in str(each.content)]
    assert all(each.recipients == (ANNA,) for each in answers)
    assert bool(answers) == is_told


def test_a_mail_decides_once_and_an_old_incident_is_not_reopened(night: Night) -> None:
    assert "2h" in night.reply("snooze 2h")
    with pytest.raises(UsageError, match="read before"):
        night.reply("snooze 2h")
    with pytest.raises(UsageError, match="is not what is asked"):
        night.reply("snooze 2h", message_id="<other@example.com>")
    night.reply("reject: no", message_id="<second@example.com>")
    with pytest.raises(UsageError, match="is not what is asked"):
        night.reply("reject: no", message_id="<third@example.com>")
    incidents = night.here.services.incidents
    later = night.here.services.clock.now() + 3_600.0
    incidents.apply_event(night.fingerprint, "vanish", now=later)
    incidents.apply_event(night.fingerprint, "start", now=later + 1)
    with pytest.raises(AskError, match="nothing to decide by this any more"):
        night.remote(3_700.0).look_up(night.reference())


def test_whoever_answers_too_late_is_told_and_a_stranger_is_not(night: Night) -> None:
    late = SetClock(night.here.services.clock.now() + 4 * 86_400.0)
    for sender, count in (("eve@example.com", 0), (f"Anna <{ANNA}>", 1)):
        before = len(night.server.taken)
        raw = answer("approve", to=night.message_id(), sender=sender)
        with pytest.raises(UsageError, match=r"held until|got no mail"):
            take_reply(night.folder, raw, lambda _: None, late)
        assert len(night.server.taken) == before + count
    assert "Nothing was done: this link held until" in night.mail.replace("\n", " ")


def test_whoever_answers_second_is_told_who_was_first(night: Night) -> None:
    night.reply("reject: no")
    night.here.services.incidents.apply_event(
        night.fingerprint, "vanish", now=night.here.services.clock.now() + 1
    )
    with pytest.raises(UsageError, match=f"used by {ANNA}"):
        night.reply("approve", message_id="<second@example.com>")
    assert "Nothing was done: there is nothing to decide by this any more" in night.mail
    assert "(by mail)" in night.mail


def test_an_answer_waits_for_the_word_that_is_carried_out(night: Night) -> None:
    """What a link has just used up is not carried out a second time."""
    remote, reference = night.remote(), night.reference()
    said: list[str] = []

    def answer_by_mail() -> None:
        with pytest.raises(UsageError, match="is not what is asked") as caught:
            night.reply("reject: no")
        said.append(str(caught.value))

    with remote.hold(reference, wait=False):
        thread = threading.Thread(target=answer_by_mail)
        thread.start()
        thread.join(0.3)
        assert not said
        remote.use_up(remote.look_up(reference), "approve", "by a link")
    thread.join(60)
    assert said
    assert night.here.services.ledger.repair(night.repair).state == "waiting"


def test_an_approval_that_cannot_be_checked_is_not_used_up(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    with pytest.raises(Exception, match=r"Docker|unix:///nowhere"):
        night.reply("approve")
    one = night.remote().look_up(night.reference())
    assert one.actions == ("approve", "reject", "ack", "snooze")
    assert one.people == (ANNA,)


def test_a_link_that_is_too_old_decides_nothing(night: Night) -> None:
    with pytest.raises(AskError, match="held until"):
        night.remote(4 * 86_400.0).look_up(night.reference())


def test_an_acknowledgement_is_a_row_of_the_ledger_and_a_moment_of_the_incident(
    night: Night,
) -> None:
    night.reply("ack")
    incident = night.here.services.incidents.find(night.fingerprint)
    assert incident
    assert incident.acked_by == f"{ANNA} (by mail)"
    entries = night.here.services.ledger.entries(night.repair)
    assert entries[-1].kind == "acknowledgement"
    assert entries[-1].detail == f"by {ANNA} (by mail)"


def test_without_the_setting_no_mail_decides(tmp_path: Path) -> None:
    with (
        shop(tmp_path / "shop") as here,
        pytest.raises(UsageError, match="set replies = true"),
    ):
        take_reply(here.folder, answer(), lambda _: None)


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        (("mx.example.com; spf=pass; dmarc=pass header.from=example.com",), True),
        (("mx.example.com 1; dmarc = pass",), True),
        (("mx.example.com; dmarc=fail; x=dmarc=pass",), False),
        (("mx.example.com; dmarc=fail", "mx.example.com; dmarc=pass"), False),
        (("evil.example.com; dmarc=pass",), False),
        ((), False),
    ],
)
def test_only_the_word_of_the_configured_server_counts(
    headers: tuple[str, ...], is_ours: bool
) -> None:
    assert is_authenticated(headers, "mx.example.com") == is_ours
