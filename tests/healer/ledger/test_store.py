"""The ledger: one open repair for one wish, ends that are whole, states that only go forward."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest

from healer.facts.repair import Baseline, Dossier
from healer.facts.states import IllegalTransitionError, RepairOutcome
from healer.ledger.rows import Entry
from healer.ledger.store import Ledger
from healer.support.clock import SetClock
from healer.support.postgres import Scope
from tests.support.deadline import deadline
from tests.support.ledger_rows import (
    SCRIPT,
    add_ends,
    add_repair,
    failure_of,
    request_of,
    result_of,
)

REQUEST = request_of("r1")
DOSSIER = Dossier(request=REQUEST, baseline=Baseline(reason="it failed"))
MERGED = result_of(REQUEST, "healed", reason="checked and merged", branch="quarantine/a-r1")
ATTEMPT = Entry(repair="r1", kind="attempt", number=1, outcome="fixed")


@pytest.fixture
def ledger(new_ledger: Callable[[], Ledger]) -> Iterator[Ledger]:
    """A ledger with one open repair."""
    with new_ledger() as opened:
        opened.open_repair(REQUEST, key="k")
        yield opened


def ids(*rows: object) -> list[str]:
    return [row.id for row in rows]  # type: ignore[attr-defined]  # rows of the ledger


def test_an_open_repair_is_what_was_asked_and_nothing_more(ledger: Ledger) -> None:
    row = ledger.repair("r1")
    assert (row.state, row.outcome, row.result) == ("open", "", None)
    assert (row.request, row.script, row.key) == (REQUEST, SCRIPT, "k")
    assert (row.reason, row.fix_commit, row.branch, row.incident) == ("", "", "", "r1")
    assert row.outcome_or_state == "open"


def test_a_wish_by_the_id_of_what_has_ended_finds_that(ledger: Ledger) -> None:
    add_repair(ledger, "gave_up", request=request_of("r9"))
    with deadline():
        row, is_new = ledger.open_repair(request_of("r9"), key="k9")
    assert (row.id, row.outcome, is_new) == ("r9", "gave_up", False)


def test_the_same_wish_finds_the_open_repair_and_another_wish_opens_one(ledger: Ledger) -> None:
    row, is_new = ledger.open_repair(request_of("r2"), key="k")
    assert (row.id, is_new) == ("r1", False)
    row, is_new = ledger.open_repair(request_of("r2"), key="other")
    assert (row.id, is_new) == ("r2", True)


def test_a_wish_whose_repair_has_ended_opens_a_new_one(ledger: Ledger) -> None:
    ledger.settle("r1", "gave_up", result_of(REQUEST, "gave_up"))
    row, is_new = ledger.open_repair(request_of("r2"), key="k")
    assert (row.id, is_new) == ("r2", True)


def test_of_many_that_open_at_the_same_time_all_get_the_same_repair(
    new_ledger: Callable[[], Ledger],
) -> None:
    count, found = 6, list[str]()
    together = Barrier(count)
    new_ledger().close()

    def open_one(number: int) -> None:
        with new_ledger() as mine:
            together.wait()
            found.append(mine.open_repair(request_of(f"r{number}"), key="k")[0].id)

    threads = [Thread(target=open_one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == count
    assert len(set(found)) == 1


def test_the_end_of_a_repair_is_kept_with_its_steps_and_evidence(ledger: Ledger) -> None:
    for _ in range(2):  # a crash may come before the checkpoint that says it was done
        ledger.finish(MERGED, entries=[ATTEMPT], dossier=DOSSIER)
    row = ledger.repair("r1")
    assert (row.state, row.outcome, row.result) == ("merged", "healed", MERGED)
    assert (row.reason, row.fix_commit, row.branch) == (
        "checked and merged", "c" * 40, "quarantine/a-r1",
    )  # fmt: skip
    assert [entry.label for entry in ledger.entries("r1")] == ["attempt 1"]
    assert ledger.dossier("r1") == DOSSIER


def test_an_end_that_cannot_be_written_whole_leaves_the_repair_open(ledger: Ledger) -> None:
    def entries() -> Iterator[Entry]:
        yield ATTEMPT
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        ledger.finish(MERGED, entries=entries(), dossier=DOSSIER)
    assert ledger.repair("r1").state == "open"
    assert ledger.entries("r1") == ()
    assert ledger.dossier("r1") is None


def test_what_a_person_decided_is_not_undone_by_a_step_that_is_repeated(ledger: Ledger) -> None:
    waiting = result_of(REQUEST, "review")
    ledger.finish(waiting, entries=(), dossier=DOSSIER)
    ledger.settle("r1", "rejected", waiting.model_copy(update={"reason": "no"}))
    ledger.finish(waiting, entries=[ATTEMPT], dossier=DOSSIER)
    row = ledger.repair("r1")
    assert (row.state, row.reason) == ("rejected", "no")
    assert ledger.entries("r1") == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("healed", "rejected"),
        ("gave_up", "healed"),
        ("rejected", "healed"),
        ("reverted", "healed"),
        ("healthy", "reverted"),
        ("review", "gave_up"),
        ("review", "reverted"),
    ],
)
def test_a_state_that_may_not_follow_is_refused_and_changes_nothing(
    new_ledger: Callable[[], Ledger], before: RepairOutcome, after: RepairOutcome
) -> None:
    with new_ledger() as ledger:
        row = add_repair(ledger, before, request=REQUEST)
        version = ledger.version()
        with pytest.raises(IllegalTransitionError, match="repair r1 is"):
            ledger.settle("r1", after, result_of(REQUEST, after))
        assert ledger.repair("r1") == row
        assert ledger.version() == version


def test_the_same_state_again_changes_nothing(ledger: Ledger) -> None:
    ledger.settle("r1", "healed", MERGED)
    row = ledger.repair("r1")
    ledger.settle("r1", "healed", MERGED.model_copy(update={"reason": "something else"}))
    assert ledger.repair("r1") == row


def test_two_that_decide_at_the_same_time_do_not_both_succeed(
    new_ledger: Callable[[], Ledger],
) -> None:
    with new_ledger() as ledger:
        add_repair(ledger, "review", request=REQUEST)
    together, refused = Barrier(2), list[str]()

    def decide(outcome: RepairOutcome) -> None:
        with new_ledger() as mine:
            together.wait()
            try:
                mine.settle("r1", outcome, result_of(REQUEST, outcome))
            except IllegalTransitionError:
                refused.append(outcome)

    threads = [Thread(target=decide, args=(outcome,)) for outcome in ("healed", "rejected")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with new_ledger() as ledger:
        (loser,) = refused
        assert {"healed", "rejected"} - {loser} == {ledger.repair("r1").outcome}


def test_an_incident_that_machines_share_is_one_s_at_a_time(shared_url: str, scope: Scope) -> None:
    url, order = shared_url.replace("postgresql:", "postgresql+psycopg:"), list[str]()
    with Ledger(url, scope) as first, Ledger(url, scope) as second:

        def wait_for_it() -> None:
            with second.hold_incident("a"):
                order.append("second")

        thread = Thread(target=wait_for_it)
        with first.hold_incident("a"), second.hold_incident("b"):
            thread.start()
            first.open_repair(REQUEST, key="k")
            thread.join(0.3)
            order.append("first")
        thread.join()
    assert order == ["first", "second"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda ledger: ledger.repair("r9"),
        lambda ledger: ledger.settle("r9", "healed", MERGED),
        lambda ledger: ledger.finish(
            MERGED.model_copy(update={"repair": "r9"}), entries=(), dossier=DOSSIER
        ),
    ],
)
def test_a_repair_that_is_not_there_is_a_key_error(
    ledger: Ledger, ask: Callable[[Ledger], object]
) -> None:
    with pytest.raises(KeyError, match="r9"):
        ask(ledger)


def test_repairs_are_found_by_the_beginning_of_their_id_as_it_is_written(ledger: Ledger) -> None:
    add_repair(ledger, request=request_of("r12"))
    add_repair(ledger, request=request_of("x_1"))
    assert ids(*ledger.find("r1")) == ["r1", "r12"]
    assert ids(*ledger.find("x_")) == ["x_1"]
    assert ids(*ledger.find("x%")) == []
    assert ids(*ledger.find("")) == ["r1", "r12", "x_1"]


def test_repairs_are_listed_by_state_oldest_first(ledger: Ledger) -> None:
    add_repair(ledger, "review", request=request_of("w"))
    add_repair(ledger, "healed", request=request_of("h"))
    assert ids(*ledger.repairs("open")) == ["r1"]
    assert ids(*ledger.repairs("waiting")) == ["w"]
    assert ids(*ledger.repairs("open", "waiting")) == ["r1", "w"]
    assert ids(*ledger.repairs()) == ["r1", "w", "h"]


def test_the_newest_are_all_that_run_or_wait_and_some_that_ended(ledger: Ledger) -> None:
    for number in range(3):
        add_repair(ledger, "gave_up", request=request_of(f"e{number}"))
    assert ids(*ledger.newest(2)) == ["e2", "e1", "r1"]


def test_pages_hold_each_repair_once_whatever_it_came_to_and_when(tmp_path: Path) -> None:
    outcomes: list[RepairOutcome | None] = ["gave_up", "healed", None, "review", "healthy"]
    with Ledger.in_folder(tmp_path, SetClock(1_800_000_000.0)) as opened:
        for number, outcome in enumerate(outcomes):
            add_repair(opened, outcome, request=request_of(f"e{number}"))
        first = opened.page(2)
        second = opened.page(2, first[-1])
        third = opened.page(2, second[-1])
        assert ids(*first, *second, *third) == ["e4", "e3", "e2", "e1", "e0"]
        assert opened.page(2, third[-1]) == ()


def test_an_outcome_is_asked_for_since_a_moment(ledger: Ledger) -> None:
    row = add_repair(ledger, "unjudged", request=request_of("u"))
    add_repair(ledger, "gave_up", request=request_of("g"))
    assert ids(*ledger.with_outcome("unjudged", since=row.updated_at)) == ["u"]
    assert ids(*ledger.with_outcome("unjudged", since=row.updated_at + 1)) == []
    assert ids(*ledger.with_outcome("escalated", since=0)) == []


def test_what_waits_has_not_ended_with_its_outcome(ledger: Ledger) -> None:
    add_repair(ledger, "escalated", request=request_of("w"))
    assert ledger.with_outcome("escalated", since=0) == ()
    assert ledger.closed_since(0) == ()


def test_merged_repairs_without_a_step_are_those_that_have_none_of_its_kind(
    ledger: Ledger,
) -> None:
    for repair in ("a", "b"):
        add_repair(ledger, "healed", request=request_of(repair))
    add_repair(ledger, "reverted", request=request_of("c"))
    ledger.record(Entry(repair="a", kind="probation", outcome="resolved"))
    ledger.record(Entry(repair="b", kind="relapse", outcome="failed"))
    assert ids(*ledger.merged_without("probation")) == ["b"]
    assert ids(*ledger.merged_without("rollback")) == ["a", "b"]


def test_what_was_turned_down_is_known_by_its_failure_or_by_what_its_checks_showed(
    ledger: Ledger,
) -> None:
    add_repair(ledger, "rejected", request=request_of("a", failure=failure_of("f1")))
    shown = {"fingerprint": "f1", "type": "KeyError", "message": "", "file": SCRIPT, "line": 1}
    add_repair(ledger, "reverted", request=request_of("b"), failure=shown)
    add_repair(ledger, "healed", request=request_of("c", failure=failure_of("f1")))
    add_repair(ledger, "rejected", request=request_of("d", failure=failure_of("f2")))
    assert ids(*ledger.turned_down("f1")) == ["a", "b"]
    assert ledger.repair("b").incident == "f1"


def test_closed_repairs_come_in_the_order_in_which_they_were_changed(ledger: Ledger) -> None:
    add_repair(ledger, "healed", request=request_of("a"))
    late = add_repair(ledger, "gave_up", request=request_of("b"))
    ledger.settle("a", "reverted", result_of(request_of("a"), "reverted"))
    assert ids(*ledger.closed_since(0)) == ["b", "a"]
    assert ids(*ledger.closed_since(late.updated_at)) == ["a"]
    assert ids(*ledger.opened_since(SCRIPT, late.created_at - 1e-6)) == ["b"]
    assert ledger.opened_since("other.py", 0) == ()


def test_a_step_is_recorded_once_however_often_it_is_done(ledger: Ledger) -> None:
    ledger.record(ATTEMPT)
    ledger.record(ATTEMPT.model_copy(update={"outcome": "regressed"}))
    (entry,) = ledger.entries("r1")
    assert (entry.outcome, entry.at > 0) == ("fixed", True)


def test_steps_of_one_kind_are_asked_for(ledger: Ledger) -> None:
    ledger.record(ATTEMPT)
    ledger.record(Entry(repair="r2", kind="outcome", outcome="healed"))
    assert [entry.repair for entry in ledger.entries(kind="outcome")] == ["r2"]
    assert ledger.entries("r1", kind="outcome") == ()


def test_steps_are_the_newest_and_come_oldest_first(ledger: Ledger) -> None:
    for number in range(1, 4):
        ledger.record(ATTEMPT.model_copy(update={"number": number}))
    ledger.record(Entry(repair="r2", kind="outcome", outcome="healed"))
    assert [entry.label for entry in ledger.entries("r1")] == [
        "attempt 1",
        "attempt 2",
        "attempt 3",
    ]
    assert [entry.label for entry in ledger.entries(limit=2)] == ["attempt 3", "outcome"]
    assert ledger.count_entries("r1", "attempt") == 3
    assert ledger.has_entry("r2", "outcome")
    assert not ledger.has_entry("r1", "outcome")


def test_the_evidence_of_what_was_closed_is_forgotten_and_of_what_waits_is_not(
    ledger: Ledger,
) -> None:
    for repair, outcome in (("w", "review"), ("h", "healed")):
        request = request_of(repair)
        dossier = Dossier(request=request, baseline=Baseline())
        add_repair(ledger, outcome, request=request, dossier=dossier)  # type: ignore[arg-type]  # a str of the tuple
    ledger.forget_dossiers(before=ledger.repair("h").updated_at)
    assert ledger.dossier("h") is not None
    ledger.forget_dossiers(before=ledger.repair("h").updated_at + 1)
    assert ledger.dossier("h") is None
    assert ledger.dossier("w") is not None
    assert ledger.dossier("nobody") is None


def test_the_version_changes_with_every_repair_state_and_step(ledger: Ledger) -> None:
    versions = [ledger.version(), ledger.version()]
    ledger.record(ATTEMPT)
    versions.append(ledger.version())
    ledger.settle("r1", "healed", MERGED)
    versions.append(ledger.version())
    add_repair(ledger, request=request_of("r2"))
    versions.append(ledger.version())
    assert versions[0] == versions[1]
    assert len(set(versions)) == 4


def test_those_that_are_over_are_chosen(new_ledger: Callable[[], Ledger]) -> None:
    with new_ledger() as ledger:
        add_ends(ledger, "healed", "review", "gave_up", "rejected")
        add_repair(ledger, None, request=request_of("open"))
        chosen = ledger.choose_closed(["r0", "r1", "r2", "r3", "open", "unknown", "r0'"])
        assert sorted(chosen) == ["r0", "r2", "r3"]
        assert ledger.choose_closed([]) == ()
