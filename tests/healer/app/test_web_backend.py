"""`healer web`'s desk on a real repository and ledger; what needs Docker is in the journeys."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.app.web_backend import WebBackend
from healer.config import Config
from healer.facts.states import RepairOutcome
from healer.ledger.rows import Entry
from healer.ledger.store import Ledger
from healer.render.repair_view import RepairView
from healer.web.repairs import RefusedError
from quarantine.repository import Repository
from tests.support.git import make_repository
from tests.support.ledger_rows import add_repair, failure_of, request_of, result_of

SCRIPT = "scripts/job.py"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.open(make_repository(tmp_path, {SCRIPT: "print(1)\n"}))


@pytest.fixture
def desk(repository: Repository) -> Iterator[WebBackend]:
    with WebBackend(repository, Config()) as open_desk:
        yield open_desk


@pytest.fixture
def ledger(desk: WebBackend, repository: Repository) -> Iterator[Ledger]:
    open_ledger = Ledger.in_folder(repository.state_dir)
    yield open_ledger
    open_ledger.close()


def add(ledger: Ledger, repair: str, outcome: RepairOutcome | None) -> None:
    request = request_of(repair, SCRIPT, base="0" * 40, failure=failure_of("f", SCRIPT))
    add_repair(ledger, outcome, request=request, reason=f"it is {outcome}", cost_usd=0.25)


def ended(desk: WebBackend, repair: str) -> RepairView:
    """The repair once no command of the desk works on it any more."""
    for _ in range(300):
        shown = desk.get(repair)
        assert shown
        if shown.state != "running":
            return shown
        time.sleep(0.1)
    pytest.fail("the command did not end")


def test_repairs_are_shown_newest_first_in_their_states(desk: WebBackend, ledger: Ledger) -> None:
    add(ledger, "a1", "healed")
    add(ledger, "b2", "escalated")
    add(ledger, "c3", None)
    states = [(one.repair, one.state) for one in desk.all()]
    assert states == [("c3", "running"), ("b2", "review"), ("a1", "healed")]
    assert [one.watched for one in desk.all()] == ["", "", "on probation"]
    ledger.record(Entry(repair="a1", kind="probation", outcome="resolved"))
    assert [one.watched for one in desk.all()] == ["", "", ""]
    one = desk.get("a1")
    assert one
    assert (one.reason, one.cost_usd) == ("it is healed", 0.25)
    assert desk.get("none") is None


def test_pages_of_one_state_are_full_and_come_to_an_end(desk: WebBackend, ledger: Ledger) -> None:
    outcomes: tuple[RepairOutcome, ...] = ("healed", "gave_up", "escalated")
    for number in range(9):
        add(ledger, f"r{number}", outcomes[number % 3])
    first = desk.page("healed", 2, "")
    assert [view.repair for view in first] == ["r6", "r3"]
    assert [view.repair for view in desk.page("healed", 2, "r3")] == ["r0"]
    assert [view.repair for view in desk.page("", 3, "r7")] == ["r6", "r5", "r4"]
    with pytest.raises(RefusedError, match="there is no repair 'none'"):
        desk.page("", 3, "none")


def test_a_rejection_runs_as_the_command_does_and_keeps_its_reason(
    desk: WebBackend, ledger: Ledger
) -> None:
    add(ledger, "b2", "review")
    desk.reject("b2", "--yes; not like this")
    shown = ended(desk, "b2")
    assert shown.state == "rejected", shown
    assert "--yes; not like this" in shown.reason
    with pytest.raises(RefusedError, match="does not wait for a decision"):
        desk.reject("b2", "again")


def test_what_a_command_refuses_is_said_where_it_was_asked(
    desk: WebBackend, ledger: Ledger
) -> None:
    """Here another repair's id begins alike, so that the command cannot tell them apart."""
    add(ledger, "b2", "review")
    add(ledger, "b2b", "review")
    desk.reject("b2", "no")
    shown = ended(desk, "b2")
    assert shown.state == "review"
    assert shown.reason.startswith("Not done: healer: 'b2' may be any of")


def test_what_cannot_be_approved_is_refused_at_once(desk: WebBackend, ledger: Ledger) -> None:
    add(ledger, "a1", "healed")
    add(ledger, "b2", "review")
    with pytest.raises(RefusedError, match="does not wait for a decision"):
        desk.approve("a1", overrule=False)
    with pytest.raises(RefusedError, match="the evidence of repair b2 is gone"):
        desk.approve("b2", overrule=True)


def test_what_is_not_merged_is_not_taken_out(desk: WebBackend, ledger: Ledger) -> None:
    add(ledger, "b2", "review")
    for name in ("b2", "none"):
        with pytest.raises(RefusedError, match="is not merged"):
            desk.roll_back(name, "no")


def test_a_take_out_that_is_not_done_says_why(desk: WebBackend, ledger: Ledger) -> None:
    """Here nothing says which commit it was."""
    add(ledger, "a1", "healed")
    desk.roll_back("a1", "the price was right")
    shown = ended(desk, "a1")
    assert shown.state == "healed"
    assert shown.reason.startswith("Not done: ")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("scripts/none.py", "there is no scripts/none.py"),
        ("../elsewhere.py", "lies outside the repository"),
        ("scripts", "is a folder"),
    ],
)
def test_what_cannot_be_repaired_is_explained_and_opens_nothing(
    desk: WebBackend, script: str, said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        desk.submit(script, None)
    assert desk.all() == ()


def test_decisions_are_listed_newest_first_with_their_script(
    desk: WebBackend, ledger: Ledger
) -> None:
    add(ledger, "a1", "healed")
    for number in (1, 2):
        step = Entry(
            repair="a1",
            kind="attempt",
            number=number,
            outcome="fixed",
            drafter="m",
            at=86_400.0 * number,
            tokens_in=10,
            cost_usd=0.5,
        )
        ledger.record(step)
    newest, oldest = desk.ledger(10)
    assert (newest.what, newest.script, newest.cost_usd) == ("attempt 2: fixed", SCRIPT, 0.5)
    assert oldest.at.isoformat() == "1970-01-02T00:00:00+00:00"
    assert len(desk.ledger(1)) == 1
    assert desk.ledger(10, before=newest.number) == (oldest,)
    assert (len(desk.ledger(10, "a1")), desk.ledger(10, "b2")) == (2, ())
    days = [(row.day, row.drafter, row.outcome, row.cost_usd) for row in desk.costs()]
    assert days == [("1970-01-02", "m", "healed", 0.5), ("1970-01-03", "m", "healed", 0.5)]


def test_the_version_changes_with_every_change_and_with_nothing_else(
    desk: WebBackend, ledger: Ledger
) -> None:
    seen = [desk.version()]
    for change in (
        lambda: add(ledger, "b2", None),
        lambda: ledger.record(Entry(repair="b2", kind="attempt", number=1, outcome="fixed")),
        lambda: ledger.settle("b2", "review", result_of(request_of("b2", SCRIPT))),
        lambda: desk.reject("b2", "no"),
    ):
        change()
        seen.append(desk.version())
    ended(desk, "b2")
    seen.append(desk.version())
    assert len(set(seen)) == len(seen)
    assert desk.version() == seen[-1]


def test_many_closed_repairs_do_not_push_out_what_waits(desk: WebBackend, ledger: Ledger) -> None:
    add(ledger, "w1", "review")
    for number in range(5):
        add(ledger, f"x{number}", "healed")
    assert [row.id for row in ledger.newest(2)] == ["x4", "x3", "w1"]
