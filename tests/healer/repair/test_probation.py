"""A merged fix is watched: what fails again is taken out once, what runs well is resolved."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS

from healer.daemon.daemon import Daemon
from healer.engine import workflows
from healer.engine.backoff import Backoffs
from healer.facts.draft import Case, Draft, Drafts, PackageMove, ReplaceText, Source
from healer.facts.progress import Progress
from healer.failure import Raised
from healer.ledger.rows import RepairRow
from healer.nights.expectations import BROKEN_EXPECTATION
from healer.repair.probation import Probation
from healer.repair.rollback import rollback
from healer.tape.store import keep_tape
from healer.watch.inbox import Inbox
from healer.watch.runner import run_log
from sandbox import Fault, Job, ProcessEnd, Report, SandboxError
from sandbox.inside.tree import parse
from tests.support.git import git
from tests.support.shop import (
    AWAY,
    BROKEN,
    FIXED,
    SCRIPT,
    TRACEBACK,
    Shop,
    as_before,
    commit,
    failed,
    look,
    shop,
)
from tests.support.smtp import smtp_server
from tests.support.tapes import tape

HOUR_S = 3_600.0


def watched(here: Shop) -> Probation:
    return Probation(here.services.repository, here.services.config, here.services.ledger)


def ran(here: Shop, code: int = 0, commit_id: str = "", at: float | None = None) -> None:
    """A run of the job, as `healer run` notes it."""
    moment = time.time() if at is None else at
    run_log.append(here.state, run_log.LoggedRun(SCRIPT, commit_id or here.tip, code, moment, 0.1))


@pytest.mark.parametrize(("script", "is_its"), [(SCRIPT, True), ("scripts/other.py", False)])
def test_a_run_that_left_something_else_than_expected_speaks_against_the_fix_of_its_script(
    tmp_path: Path, script: str, is_its: bool
) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        chain = (Raised(type=BROKEN_EXPECTATION, message="`a.csv`: it is empty"),)
        failure = failed(here, chain=chain, exit_code=0, script=script)
        against = watched(here).find_broken_by(failure, time.time())
        assert (against is not None and against[0].id == row.id) == is_its


def ending(here: Shop, row: RepairRow) -> str:
    entries = [e for e in here.services.ledger.entries(row.id) if e.kind == "probation"]
    assert len(entries) <= 1
    return entries[0].outcome if entries else ""


def until_cancelled(workflow: str) -> None:
    deadline = time.monotonic() + 60
    while (known := DBOS.get_workflow_status(workflow)) is None or known.status != "CANCELLED":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def once(here: Shop) -> None:
    with Daemon(here.services, here.state) as daemon:
        daemon.drain()


def test_enough_good_runs_with_the_fix_resolve_it(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", probation_runs=2) as here:
        row = here.merged()
        before = git(here.folder, "rev-parse", "main~1")
        for code, commit_id in ((0, before), (1, here.tip), (0, here.tip)):
            ran(here, code, commit_id)
        run_log.append(
            here.state, run_log.LoggedRun("scripts/other.py", here.tip, 0, time.time(), 0.1)
        )
        once(here)
        assert ending(here, row) == ""
        assert watched(here).describe(row).startswith("on probation: 1 of 2 runs ended well")
        ran(here)
        for _ in range(2):
            once(here)
        assert ending(here, row) == "resolved"
        assert watched(here).describe(row) == ""


@pytest.mark.parametrize(("good", "outcome"), [(0, "unconfirmed"), (1, "resolved")])
def test_time_ends_it_too_and_a_job_that_never_ran_is_unconfirmed(
    tmp_path: Path, good: int, outcome: str
) -> None:
    with shop(tmp_path / "shop", probation_h=2) as here:
        row = here.merged()
        for _ in range(good):
            ran(here, at=row.updated_at + HOUR_S)
        ran(here, at=row.updated_at + 3 * HOUR_S)
        assert watched(here).end_of(row, row.updated_at + HOUR_S) is None
        ended = watched(here).end_of(row, row.updated_at + 2 * HOUR_S)
        assert ended is not None
        assert ended.outcome == outcome
        assert "2 h" in ended.detail


def test_a_weekly_job_is_watched_for_longer_and_a_job_can_have_its_own_measure(
    tmp_path: Path,
) -> None:
    job = {"script": SCRIPT, "every": "7d", "probation_runs": 1}
    with shop(tmp_path / "shop", job=[job]) as here:
        row = here.merged()
        assert watched(here).end_of(row, row.updated_at + 8 * 24 * HOUR_S) is None
        ran(here, at=row.updated_at + 8 * 24 * HOUR_S)
        ended = watched(here).end_of(row, row.updated_at + 9 * 24 * HOUR_S)
        assert ended is not None
        assert ended.outcome == "resolved"


def test_the_same_failure_takes_the_fix_out_once_tells_once_and_is_remembered(
    tmp_path: Path,
) -> None:
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        with shop(tmp_path / "shop", mail=mail | {"to": ["ada@example.com"]}) as here:
            row = here.merged()
            merged = here.tip
            ran(here)
            for _ in range(2):
                as_before(here, row)
            once(here)
            once(here)
            assert git(here.folder, "rev-list", "--count", f"{merged}..main") == "1"
            assert (here.folder / SCRIPT).read_text() == BROKEN
            after = here.services.ledger.repair(row.id)
            assert after.outcome == "reverted"
            assert "on probation it failed again as before" in after.reason
            assert "on probation" in git(here.folder, "log", "-1", "--format=%B", "main")
            told = server.taken[-1]
            assert len(server.taken) == 3  # it waits, it is approved, it is taken out
            assert told.mail["References"].split()[0] == server.taken[0].mail["Message-ID"]
            assert "The fix of scripts/prices.py was taken out again" in told.part("plain")
            incident = here.services.incidents.find(row.incident)
            assert incident is not None
            assert incident.state == "open"
            again = here.fix()
            (turned_down,) = here.drafter.cases[-1].rejected
            assert turned_down.verdict == "reverted"
            assert again.outcome == "gave_up"


def test_a_new_fault_in_the_lines_of_the_fix_takes_it_out(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        failed(here, "TypeError")
        fixed = TRACEBACK.replace('["te"]', '["tea"]').replace("KeyError", "TypeError")
        here.break_fix(fixed)
        once(here)
        after = here.services.ledger.repair(row.id)
        assert after.outcome == "reverted"
        assert "a new failure arose in the lines that it changed" in after.reason


def test_a_failure_that_the_sandbox_does_not_show_takes_nothing_out(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        row, before = here.merged(), here.tip
        failure = failed(here, "TypeError")
        once(here)
        assert here.services.ledger.repair(row.id).outcome == "healed"
        assert here.tip == before
        newest = here.services.ledger.newest(10)[0]
        assert (newest.id == row.id, newest.fingerprint) == (False, failure.fingerprint)


def test_what_was_not_its_fault_leaves_the_fix_watched_and_speaks_against_it_no_more(
    tmp_path: Path,
) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        failure = failed(here, "TypeError")
        once(here)
        assert ending(here, row) == ""
        assert watched(here).describe(row).startswith("on probation: 0 of 3 runs")
        incident = here.services.incidents.find(row.incident)
        assert incident is not None
        assert incident.state == "probation"
        assert watched(here).find_broken_by(failure, time.time()) is None
        as_before(here, row, argv=("python", SCRIPT, "--all"))  # and now it is its fault
        once(here)
        assert here.services.ledger.repair(row.id).outcome == "reverted"
        relapses = here.services.ledger.entries(row.id, kind="relapse")
        assert [entry.number for entry in relapses] == [0, 1]


def test_the_failure_that_it_was_for_ends_its_probation_also_where_it_is_not_shown(
    tmp_path: Path,
) -> None:
    with shop(tmp_path / "shop") as here:
        row, before = here.merged(), here.tip
        made = failed(here)
        again = made.model_copy(update={"fingerprint": row.incident, "id": f"{made.id}0"})
        Inbox(here.state).claim(made.id)
        Inbox(here.state).mark_handled(made.id)
        Inbox(here.state).put(again)
        once(here)
        assert (here.services.ledger.repair(row.id).outcome, here.tip) == ("healed", before)
        assert ending(here, row) == "unconfirmed"


def fails_with_later_commit(job: Job) -> Report | Fault:
    """The job fails in the lines of the fix, but only beside a colleague's module."""
    seen, files = look(job), {entry.path for entry in parse(job.tree)}
    if isinstance(seen, Fault) or seen.command is None or "shared.py" not in files:
        return seen
    stderr = TRACEBACK.replace('["te"]', '["tea"]').replace("KeyError", "TypeError")
    return seen.model_copy(update={"command": ProcessEnd(exit_code=1, stderr=stderr)})


def test_a_right_fix_stays_where_a_colleagues_commit_broke_its_line(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        here.sandbox._answers[:] = [fails_with_later_commit]
        commit(here.folder, "shared.py", "PRICES = None\n")
        failed(here, "TypeError")
        once(here)
        assert here.services.ledger.repair(row.id).outcome == "healed"
        (end,) = here.services.ledger.entries(row.id, kind="relapse_end")
        assert "later commits do it" in end.detail


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("another line", {"kind": "TypeError", "line": 1}),
        ("no fault of the code", {"kind": "ConnectionRefusedError"}),
        ("the code before the fix", {"commit": "main~1"}),
        ("long before", {"occurred_at": "2020-01-01T00:00:00Z"}),
    ],
)
def test_what_does_not_speak_against_the_fix_leaves_it(
    tmp_path: Path, name: str, facts: dict[str, Any]
) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        if "commit" in facts:
            facts = {"commit": git(here.folder, "rev-parse", facts["commit"])}
            failure = as_before(here, row, **facts)
        else:
            failure = failed(here, **facts)
        assert watched(here).find_broken_by(failure, time.time()) is None, name


def test_unfinished_work_of_a_person_in_the_line_does_not_speak_against_the_fix(
    tmp_path: Path,
) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        (here.folder / SCRIPT).write_text(BROKEN)
        assert watched(here).find_broken_by(as_before(here, row, dirty=True), time.time()) is None


def test_a_failure_after_enough_good_runs_is_a_new_one(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", probation_runs=1) as here:
        row = here.merged()
        ran(here, at=time.time() - 1)
        assert watched(here).find_broken_by(as_before(here, row), time.time()) is None


def test_a_fix_that_others_have_built_on_stays_and_a_person_is_told(tmp_path: Path) -> None:
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        with shop(tmp_path / "shop", mail=mail | {"to": ["ada@example.com"]}) as here:
            row = here.merged()
            before = commit(here.folder, SCRIPT, FIXED.replace("print(", "print('now', "))
            as_before(here, row)
            once(here)
            assert here.tip == before
            assert ending(here, row) == "stuck"
            said = server.taken[-1].part("plain")
            assert "is wrong, and could not be taken out" in said
            assert f"healer rollback {row.id}" in said


def test_a_sandbox_that_is_away_only_delays_it(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        row, merged = here.merged(), here.tip
        here.sandbox._answers[:] = [AWAY]
        as_before(here, row)
        with pytest.raises(Exception, match="could not be checked"):
            once(here)
        assert here.tip == merged
        folder = here.folder
    program = (
        "from pathlib import Path\n"
        "from healer.daemon.daemon import Daemon\n"
        "from tests.support.shop import shop\n"
        f"with shop(Path({str(folder)!r})) as here, Daemon(here.services, here.state) as daemon:\n"
        "    daemon.drain()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
    assert (folder / SCRIPT).read_text() == BROKEN


def test_while_the_sandbox_is_away_a_revert_waits_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows.process, "backoffs", backoffs := Backoffs())
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        notes: list[Progress] = []
        services = replace(here.services, progress=notes.append)
        relapse = f"relapse-{row.id}"
        here.sandbox._answers[:] = [AWAY]
        with Daemon(services, here.state) as daemon:
            engine, intake, orphans = daemon.engine, daemon.intake, daemon.orphans
            assert intake.take(as_before(here, row)) == relapse
            for _ in range(2):
                with pytest.raises(SandboxError, match="could not be checked"):
                    engine.wait_until_ended(relapse)
                until_cancelled(relapse)
                tried = len(here.sandbox.jobs)
                orphans.resume_relapses()
                until_cancelled(relapse)
                assert len(here.sandbox.jobs) == tried
                backoffs._due_at.clear()  # as time does
                orphans.resume_relapses()
            with pytest.raises(SandboxError, match="could not be checked"):
                engine.wait_until_ended(relapse)
            until_cancelled(relapse)
            said = [(note.step, note.state) for note in notes if note.repair == row.id]
            assert said == [("check", "running"), ("stopped", "note")]
            here.sandbox._answers[:] = [here.look]
            backoffs._due_at.clear()
            orphans.resume_relapses()
            assert engine.wait_for(rollback, relapse).done
        assert (here.folder / SCRIPT).read_text() == BROKEN


def test_a_fix_is_found_after_the_history_was_rewritten(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        git(here.folder, "commit", "-q", "--amend", "-m", f"Mine\n\nHealer-Repair: {row.id}")
        as_before(here, row)
        once(here)
        assert here.services.ledger.repair(row.id).outcome == "reverted"
        assert (here.folder / SCRIPT).read_text() == BROKEN


def test_the_next_fix_after_a_relapse_waits_for_a_person(tmp_path: Path) -> None:
    from healer.evidence.baseline import examine

    with shop(tmp_path / "shop") as here:
        row = here.merged()
        as_before(here, row)
        once(here)
        assert row.request is not None
        request = row.request.model_copy(update={"base": here.tip})
        assert "was merged and taken out again" in examine(request, here.services).review_only


class PinDraft:
    """A drafter that mends the script, and says that it pins a package."""

    name = "scripted"

    def draft(self, case: Case, source: Source) -> Drafts:
        del source
        if case.rejected:
            return Drafts(reason="it was turned down")
        edit = ReplaceText(path=SCRIPT, find='["te"]', replace='["tea"]')
        pins = (PackageMove(name="Some_Package", old="1.0", new="2.0"),)
        draft = Draft(drafter="rules", edits=(edit,), cause="It moved.", pins=pins)
        return Drafts(candidates=(draft,))


@pytest.mark.parametrize(
    ("packages", "is_against"),
    [
        (("some-package==1.0",), True),
        (("some-package==2.0",), False),
        (("other==1.0",), False),
        ((), False),
    ],
)
def test_a_run_without_what_a_merged_pin_asks_for_says_nothing_of_it(
    tmp_path: Path, packages: tuple[str, ...], is_against: bool
) -> None:
    with shop(tmp_path / "shop") as here:
        here.drafter = PinDraft()
        row = here.merged()
        failure = as_before(here, row)
        keep_tape(here.state, failure.id, tape(packages=packages))
        against = watched(here).find_broken_by(failure, time.time())
        assert (against is not None) == is_against
