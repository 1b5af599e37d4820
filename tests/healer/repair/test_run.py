"""Who runs what in this process: one repair, one decision at a time, and never the same twice."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from healer.engine.condition import DAEMON, DAEMON_QUEUE
from healer.engine.locks import hold_executor_lock, is_alive
from healer.facts.errors import UsageError
from healer.facts.progress import Progress
from healer.facts.repair import Dossier, Result
from healer.repair.request import build_request, find_or_open
from healer.repair.run import FOLLOWING, open_engine, run_decision, run_repair
from healer.services import current_services
from tests.support.ledger_rows import result_of
from tests.support.shop import SCRIPT, Shop, shop


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


def test_the_same_wish_typed_again_after_its_end_is_a_new_repair(here: Shop) -> None:
    first, second = here.fix(), here.fix()
    assert first.repair != second.repair
    assert {row.id for row in here.services.ledger.repairs()} == {first.repair, second.repair}


def test_an_open_repair_that_does_the_same_is_gone_on_with(here: Shop) -> None:
    request = build_request(
        here.services.repository, here.services.config, SCRIPT, command=("python", SCRIPT)
    )
    opened = request.model_copy(update={"repair": "feed0001"})
    find_or_open(here.services.ledger, opened)
    assert run_repair(here.services, here.state, request).repair == "feed0001"


def test_a_repair_that_another_process_runs_is_awaited_and_told(here: Shop) -> None:
    request = build_request(
        here.services.repository, here.services.config, SCRIPT, command=("python", SCRIPT)
    )
    row, _ = find_or_open(here.services.ledger, request)
    notes: list[Progress] = []
    services = replace(here.services, progress=notes.append)
    results: list[Result] = []
    with hold_executor_lock(here.state, f"cli-{row.id}"):
        waiter = threading.Thread(
            target=lambda: results.append(run_repair(services, here.state, request))
        )
        waiter.start()
        while not notes:
            waiter.join(0.01)
        assert waiter.is_alive()
        ended = result_of(request, "gave_up")
        here.services.ledger.settle(row.id, "gave_up", ended)
        waiter.join(30)
    assert results == [ended]
    assert [note.detail for note in notes] == [FOLLOWING]


def test_a_repair_whose_process_died_is_taken_over(here: Shop) -> None:
    request = build_request(
        here.services.repository, here.services.config, SCRIPT, command=("python", SCRIPT)
    )
    row, _ = find_or_open(here.services.ledger, request)
    notes: list[Progress] = []
    services = replace(here.services, progress=notes.append)
    results: list[Result] = []
    with hold_executor_lock(here.state, f"cli-{row.id}"):
        waiter = threading.Thread(
            target=lambda: results.append(run_repair(services, here.state, request))
        )
        waiter.start()
        while not notes:
            waiter.join(0.01)
    waiter.join(60)
    (result,) = results
    assert (result.repair, result.outcome) == (row.id, "review")


@pytest.mark.parametrize(("executor", "queue"), [(DAEMON, DAEMON_QUEUE), ("cli-r1", "cli-r1")])
def test_the_daemon_serves_its_queue_and_a_command_one_of_its_own(
    here: Shop, executor: str, queue: str
) -> None:
    with open_engine(here.services, here.state, executor) as engine:
        assert engine.queue == queue
        assert is_alive(here.state, executor)
        assert current_services() is here.services
    assert not is_alive(here.state, executor)


def test_two_decisions_at_once_are_one(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        for action in ("approve", "reject"):
            with hold_executor_lock(here.state, f"cli-decide-{repair}"):
                decided = here.decide(action, repair, "no")
            assert not decided.done
            assert "another decision on it is being carried out" in decided.reason
        assert here.services.ledger.repair(repair).state == "waiting"


def test_a_decision_takes_the_beginning_of_an_id(here: Shop) -> None:
    repair = here.fix().repair
    decision = here.decide("reject", repair[:3], "no")
    assert (decision.repair, decision.done, decision.reason) == (
        repair,
        True,
        "rejected by Ada: no",
    )


@pytest.mark.parametrize("action", ["approve", "reject", "rollback"])
def test_a_decision_on_a_repair_that_is_not_there_is_refused(here: Shop, action: str) -> None:
    with pytest.raises(UsageError, match="there is no repair 'f00'"):
        here.decide(action, "f00")


@pytest.mark.parametrize("answer", [True, False])
def test_an_approval_is_carried_out_only_where_it_is_confirmed(here: Shop, answer: bool) -> None:
    repair, dossiers = here.fix().repair, list[Dossier]()

    def confirm(dossier: Dossier) -> bool:
        dossiers.append(dossier)
        return answer

    decision = run_decision(
        here.services, here.state, "approve", repair, by="Ada", why="", is_confirmed=confirm
    )
    assert decision.done is answer
    assert [dossier.request.repair for dossier in dossiers] == [repair]
    state = here.services.ledger.repair(repair).state
    assert state == ("merged" if answer else "waiting")
    if not answer:
        assert decision.reason == "it was not confirmed"


def test_nobody_is_asked_to_confirm_a_rejection(here: Shop) -> None:
    repair = here.fix().repair
    decision = run_decision(
        here.services, here.state, "reject", repair, by="Ada", why="no",
        is_confirmed=lambda _: pytest.fail("nobody needs to"),
    )  # fmt: skip
    assert decision.done
