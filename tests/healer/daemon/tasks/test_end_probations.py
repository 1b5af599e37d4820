"""A probation ends once, in the ledger and in the thread of mails, and never under a failure."""

import time
from collections.abc import Callable
from pathlib import Path

from dbos import DBOS, SetWorkflowID

from healer.daemon.daemon import Daemon
from healer.daemon.tasks.end_probations import EndProbations
from healer.engine.locks import hold_executor_lock
from healer.ledger.rows import Entry, RepairRow
from healer.repair.rollback import RollbackRequest, rollback
from healer.watch.runner import run_log
from tests.support.shop import SCRIPT, Shop, failed, shop

HOUR_S = 3_600.0
COMMAND = "cli-decide-test"


def run_well(here: Shop, row: RepairRow) -> None:
    moment = row.updated_at + 1
    run_log.append(here.state, run_log.LoggedRun(SCRIPT, here.tip, 0, moment, 0.1))


def probations(here: Shop, row: RepairRow) -> list[str]:
    entries = here.services.ledger.entries(row.id)
    return [entry.outcome for entry in entries if entry.kind == "probation"]


def at(here: Shop, *moments: float, before: Callable[[], object] = lambda: None) -> None:
    with Daemon(here.services, here.state) as daemon:
        before()
        task = EndProbations(here.services, daemon.orphans)
        for moment in moments:
            task.run(moment)


def test_a_probation_that_lasts_is_left_alone(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", probation_h=2) as here:
        row = here.merged()
        at(here, time.time(), row.updated_at + HOUR_S)
        assert probations(here, row) == []


def test_its_end_is_recorded_once(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", probation_runs=1) as here:
        row = here.merged()
        run_well(here, row)
        at(here, row.updated_at + 10, row.updated_at + 20)
        assert probations(here, row) == ["resolved"]


def test_a_job_that_never_ran_is_unconfirmed_when_its_time_is_over(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", probation_h=2) as here:
        row = here.merged()
        at(here, row.updated_at + 2 * HOUR_S)
        assert probations(here, row) == ["unconfirmed"]


def test_a_failure_that_nobody_has_taken_may_be_the_relapse(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", probation_h=2) as here:
        row = here.merged()
        failed(here)
        at(here, row.updated_at + 3 * HOUR_S)
        assert probations(here, row) == []


def test_what_has_relapsed_does_not_end_well(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", probation_h=2) as here:
        row = here.merged()
        entry = Entry(repair=row.id, kind="relapse", outcome="failed", detail="it failed again")
        here.services.ledger.record(entry)
        at(here, row.updated_at + 3 * HOUR_S)
        assert probations(here, row) == []


def test_a_revert_under_way_keeps_its_own_probation_and_no_other_one(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", probation_h=2) as here:
        row = here.merged()
        late = row.updated_at + 3 * HOUR_S

        def begin(repair: str) -> Callable[[], object]:
            request = RollbackRequest(repair=repair, why="a test", by="Ada", when=1)
            # in the queue of a living command: it waits there for as long as this lasts
            return lambda: enqueue(f"rollback-{repair}-1", request)

        with hold_executor_lock(here.state, COMMAND):
            at(here, late, before=begin(row.id))
            assert probations(here, row) == []
            at(here, before=lambda: DBOS.delete_workflow(f"rollback-{row.id}-1"))
            at(here, late, before=begin("0123abcd"))
        assert probations(here, row) == ["unconfirmed"]


def enqueue(workflow_id: str, request: RollbackRequest) -> None:
    DBOS.register_queue(COMMAND)
    with SetWorkflowID(workflow_id):
        DBOS.enqueue_workflow(COMMAND, rollback.run, request.model_dump(mode="json"))
