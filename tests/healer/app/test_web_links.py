"""A link on the page's own repairs: shown as often as one likes, carried out once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from healer.app.remote import Remote
from healer.app.web_backend import WebBackend
from healer.app.web_links import carry_out, look_up_link
from healer.facts.repair import Result
from healer.notify.asks import Asks
from healer.render.notice import Notice
from healer.web.repairs import RefusedError, Word
from tests.support.notices import notice
from tests.support.shop import Shop, failed, shop


@dataclass
class Desk:
    """The page's repairs, which only remember what they were asked."""

    backend: WebBackend
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def get(self, repair: str) -> Any:
        return self.backend.get(repair)

    def incident(self, fingerprint: str) -> Any:
        return self.backend.incident(fingerprint)

    def approve(self, repair: str, *, overrule: bool, by: str) -> None:
        self.calls.append(("approve", repair, overrule, by))

    def answer(self, repair: str, choice: str, value: str, *, by: str) -> None:
        self.calls.append(("answer", repair, choice, value, by))

    def reject(self, repair: str, reason: str, *, by: str) -> None:
        self.calls.append(("reject", repair, reason, by))


@dataclass
class Link:
    """A repair that waits, and the link to it."""

    desk: Desk
    remote: Remote
    reference: str
    told: Notice

    def send(self, action: str, **word: Any) -> str:
        return carry_out(self.desk, self.remote, self.reference, Word(action=action, **word))


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("links") / "shop") as made:
        failed(made)
        made.fix()
        yield made


@pytest.fixture
def link(here: Shop, tmp_path: Path) -> Iterator[Link]:
    services = here.services
    (row,) = services.ledger.repairs("waiting")
    (here.state / "mail" / "decisions.sqlite").unlink(missing_ok=True)
    told = notice(fingerprint=row.incident, repair=row.id)
    reference = Asks(here.state / "mail").refer(told, services.clock.moment(), 3)
    with WebBackend(services.repository, services.config) as backend:
        remote = Remote(services.repository, services.config, services.ledger)
        yield Link(Desk(backend), remote, reference, told)


def test_a_link_shows_the_repair_the_incident_and_what_can_be_done(link: Link) -> None:
    ask = look_up_link(link.desk, link.remote, link.reference)
    assert ask.repair
    assert ask.repair.repair == link.told.repair
    assert ask.repair.last
    assert ask.repair.last.diff
    assert ask.actions == ("approve", "reject", "ack", "snooze")
    assert any("waits for a person" in line for line in ask.life)


def test_a_word_is_carried_out_once_with_who_and_how(link: Link) -> None:
    assert "merged if that passes" in link.send("approve")
    assert link.desk.calls == [("approve", link.told.repair, False, "somebody (by a link)")]
    with pytest.raises(RefusedError, match="is not what is asked"):
        link.send("approve")
    ask = look_up_link(link.desk, link.remote, link.reference)
    assert ask.actions == ("ack", "snooze")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ({"action": "reject"}, "needs a reason"),
        ({"action": "approve", "who": "eve@example.com"}, "none of those who got this link"),
        ({"action": "rollback"}, "is not what is asked"),
        ({"action": "snooze", "argument": "for ever"}, "no length of time"),
        ({"action": ""}, "is not what is asked"),
    ],
)
def test_a_word_that_is_none_changes_nothing(link: Link, word: dict[str, str], said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        link.send(**word)
    assert link.desk.calls == []
    assert "approve" in look_up_link(link.desk, link.remote, link.reference).actions


def test_what_became_of_a_rejection_is_said_as_it_is(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "It is turned down" in link.send("reject", argument="no")
    (link.remote.repository.state_dir / "mail" / "decisions.sqlite").unlink()
    monkeypatch.setattr(Result, "has_draft", False)
    assert link.send("reject", argument="no") == (
        "Its repair is ended, and the reason is kept with it."
    )


def test_a_snooze_leaves_the_decision_open(link: Link) -> None:
    assert "2h" in link.send("snooze", argument="2h")
    ask = look_up_link(link.desk, link.remote, link.reference)
    assert ask.actions == ("approve", "reject", "ack")
    assert ask.state == "snoozed"


def test_a_forged_link_is_refused(link: Link) -> None:
    with pytest.raises(RefusedError, match="no link of this healer"):
        look_up_link(link.desk, link.remote, link.reference[:-1])


def test_of_two_words_at_the_same_moment_one_is_carried_out(link: Link) -> None:
    """The second comes while the first has begun and is not yet used up."""
    second: list[str] = []

    def reject(repair: str, reason: str, *, by: str) -> None:
        with pytest.raises(RefusedError, match="another decision is carried out") as caught:
            link.send("approve")
        second.append(str(caught.value))

    link.desk.reject = reject  # type: ignore[method-assign]  # what the page would start
    link.send("reject", argument="it hides the error")
    assert len(second) == 1
    assert link.desk.calls == []
    assert look_up_link(link.desk, link.remote, link.reference).actions == ("ack", "snooze")


def test_a_word_that_could_not_begin_does_not_use_the_link_up(link: Link) -> None:
    def approve(repair: str, *, overrule: bool, by: str) -> None:
        raise RefusedError("a command for it still runs; wait for it")

    link.desk.approve = approve  # type: ignore[method-assign]  # what the page would start
    with pytest.raises(RefusedError, match="still runs"):
        link.send("approve")
    assert "approve" in look_up_link(link.desk, link.remote, link.reference).actions
