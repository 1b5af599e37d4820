"""What is old goes, branch and evidence together; what waits for a person never does."""

import os
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from dbos import DBOS

from healer.daemon.tasks.retention import DAY_S, ForgetOldRepairs, remove_half_written
from healer.engine.durable import Engine
from healer.engine.workflows import workflow
from healer.facts.errors import WorkflowError
from healer.facts.repair import Baseline, Dossier, Request
from healer.facts.states import RepairOutcome
from healer.services import install_services
from healer.services.decisions import Decision, Decisions
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from quarantine.candidate import quarantine_branch, write_candidate
from tests.support.git import git
from tests.support.ledger_rows import add_repair, request_of
from tests.support.shop import SCRIPT, Shop, shop


@workflow("test-retention-bug", Request, Request)
def end_by_bug(argument: Request) -> Request:
    raise KeyError(argument.repair)


def nothing(before: float, keep: Collection[str]) -> None:
    """Stands for the engine where none runs: nothing is checkpointed."""


def branch(
    here: Shop, repair: str, days: float, outcome: RepairOutcome | Literal["open", ""]
) -> str:
    """A quarantine branch of that age with a repair that came to this; empty: nobody knows it."""
    made = write_candidate(
        here.services.repository,
        base=here.tip,
        changes={SCRIPT: b"print(3)\n"},
        branch=quarantine_branch(SCRIPT, repair),
        message="try",
        when=int(time.time() - days * DAY_S),
    )
    if outcome:
        request = request_of(repair, SCRIPT)
        dossier = Dossier(request=request, baseline=Baseline())
        add_repair(
            here.services.ledger,
            None if outcome == "open" else outcome,
            request=request,
            dossier=dossier,
            branch=made.branch,
        )
    return made.branch


def test_old_branches_go_and_those_that_wait_for_a_person_stay(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", keep_days=30) as here:
        unknown = branch(here, "r0", 40, "")
        waits = branch(here, "r1", 400, "review")
        runs = branch(here, "r2", 40, "open")
        decided_today = branch(here, "r3", 40, "rejected")
        fresh = branch(here, "r4", 1, "")
        task = ForgetOldRepairs(here.services, nothing)
        task.run(time.time())
        kept = {waits, runs, decided_today, fresh}
        assert set(here.services.repository.branches()) == kept | {"main"}
        assert unknown not in kept
        task.run(time.time() + 31 * DAY_S)
        assert set(here.services.repository.branches()) == {waits, runs, "main"}
        is_kept = [here.services.ledger.dossier(f"r{number}") is not None for number in (1, 3)]
        assert is_kept == [True, False]
        assert here.services.ledger.repair("r3").branch == decided_today


def test_the_tip_before_a_merge_is_forgotten_in_time_and_the_merge_is_not(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        merged = here.merged()
        notes = [f"refs/healer/{name}/{merged.id}" for name in ("before", "merged")]
        task = ForgetOldRepairs(here.services, nothing)
        task.run(time.time())
        assert all(map(here.services.repository.ref, notes))
        task.run(time.time() + 31 * DAY_S)
        assert [bool(here.services.repository.ref(each)) for each in notes] == [False, True]
        assert here.decide("rollback", merged.id).done


def test_a_waiting_fix_can_still_be_approved_after_a_year(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        ForgetOldRepairs(here.services, nothing).run(time.time() + 365 * DAY_S)
        assert here.decide("approve", repair).done


def test_the_copy_on_the_remote_goes_with_the_branch(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", push=True) as here:
        git(tmp_path, "clone", "-q", "--bare", "shop", "shared.git")
        git(here.folder, "remote", "add", "origin", str(tmp_path / "shared.git"))
        waiting = here.fix()
        assert here.decide("approve", waiting.repair).done
        assert git(tmp_path / "shared.git", "branch", "--list", "quarantine/*")
        ForgetOldRepairs(here.services, nothing).run(time.time() + 31 * DAY_S)
        assert not git(tmp_path / "shared.git", "branch", "--list", "quarantine/*")


def test_checkpoints_of_what_ended_go_and_others_stay(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        here.fix()
        install_services(here.services)
        with Engine(state_dir=here.state, executor="x", queue="x") as engine:
            task = ForgetOldRepairs(here.services, engine.forget)
            task.run(time.time())
            assert len(DBOS.list_workflows()) == 1
            task.run(time.time() + 31 * DAY_S)
            assert DBOS.list_workflows() == []


def test_how_often_a_bug_ended_an_open_repair_is_never_forgotten(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", keep_days=1) as here:
        for name in ("r1", "r2"):
            branch(here, name, 0, "open" if name == "r1" else "gave_up")
        install_services(here.services)
        with Engine(state_dir=here.state, executor="x", queue="x") as engine:
            for name in ("r1", "r2"):
                engine.start(end_by_bug, name, request_of(name, SCRIPT))
                with pytest.raises(WorkflowError, match="KeyError"):
                    engine.wait_until_ended(name)
            ForgetOldRepairs(here.services, engine.forget).run(time.time() + 31 * DAY_S)
            assert [each.workflow_id for each in DBOS.list_workflows()] == ["r1"]


def test_incidents_that_are_over_go_after_three_times_as_long(tmp_path: Path) -> None:
    day_s = 86_400.0
    with shop(tmp_path / "shop", keep_days=1) as here:
        incidents = here.services.incidents
        for name, event in (("aa", "confirm"), ("bb", "fail")):
            incidents.apply_event(name, event, now=1_000.0, script=SCRIPT)  # type: ignore[arg-type]  # of a table
        task = ForgetOldRepairs(here.services, nothing)
        task.run(1_000.0 + 3 * day_s)
        assert len(incidents.list_all()) == 2
        task.run(1_001.0 + 3 * day_s)
        assert [each.fingerprint for each in incidents.list_all()] == ["bb"]


def test_decisions_of_the_fleet_s_page_go_and_what_waits_keeps_its_answer(
    tmp_path: Path, shared_url: str, scope: Scope
) -> None:
    with shop(tmp_path / "shop") as here, SharedTables(shared_url, scope) as tables:
        decisions, waiting = Decisions(tables), here.fix().repair
        for repair in (waiting, "r9"):
            decisions.ask(Decision(repair, "reject", "anna"))
        for one in decisions.list_open():
            decisions.end(one.number, "Not done.")
        task = ForgetOldRepairs(replace(here.services, decisions=decisions), nothing)
        task.run(time.time())
        assert decisions.find_last("r9")
        task.run(time.time() + 31 * DAY_S)
        assert (bool(decisions.find_last(waiting)), decisions.find_last("r9")) == (True, None)


def test_what_a_killed_process_left_half_written_goes_after_a_day(tmp_path: Path) -> None:
    folder = tmp_path / "mail" / "threads"
    folder.mkdir(parents=True)
    yesterday = time.time() - DAY_S - 60
    for name in (".new-0a1b", "decide.key.new-0a1b", "thread.json"):
        for age, at in (("old", yesterday), ("fresh", time.time())):
            path = folder / f"{name}{age}"
            path.write_bytes(b"x")
            os.utime(path, (at, at))
    remove_half_written(tmp_path)
    gone = {".new-0a1bold", "decide.key.new-0a1bold"}
    assert {path.name for path in folder.iterdir()} & gone == set()
    assert len(list(folder.iterdir())) == 4
