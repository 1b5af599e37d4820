"""A merged repair is taken out only where nothing else needs it, and leaves nothing half done."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.config import Config
from healer.ledger.rows import RepairRow
from healer.repair.rollback import RollbackRequest, leave_merged
from healer.repair.run import run_decision
from healer.services import Services
from healer.services.runner import SandboxRunner
from quarantine.merge import BEFORE
from sandbox import Limits, ProcessEnd, Report, TestResult, TestRun
from sandbox.fake import ScriptedSandbox, all_well
from sandbox.inside.tree import parse
from tests.support.git import git
from tests.support.ledger_rows import add_repair, request_of
from tests.support.repair_facts import crash_of
from tests.support.shop import BROKEN, FIXED, SCRIPT, Shop, commit, shop
from tests.support.smtp import Server


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


def test_a_rollback_that_later_commits_need_names_them(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        commit(here.folder, SCRIPT, FIXED.replace("print(", "print('price:', "))
        decided = here.decide("rollback", row.id, "not wanted")
        assert not decided.done
        assert "was changed in the same place since the repair" in decided.reason
        assert "'Change scripts/prices.py' by Ada" in decided.reason
        git(here.folder, "reset", "-q", "--hard", "HEAD~1")
        taken_out = here.decide("rollback", row.id, "not wanted")
        assert taken_out.done, taken_out.reason
        assert (here.folder / SCRIPT).read_text() == BROKEN
        again = here.decide("rollback", row.id)
        assert (again.done, "is not merged (reverted)" in again.reason) == (False, True)


def test_a_rollback_is_a_new_commit_that_says_why_and_by_whom(here: Shop) -> None:
    row, merged = here.merged(), here.tip
    decision = here.decide("rollback", row.id, "tea is out")
    assert (decision.done, decision.merged) == (True, here.tip), decision.reason
    assert git(here.folder, "rev-parse", "main~1") == merged
    message = git(here.folder, "log", "-1", "--format=%B", "main")
    assert message.splitlines()[0] == f"Take out repair {row.id}"
    assert "tea is out" in message
    assert f"This reverts commit {merged}." in message
    assert git(here.folder, "status", "--porcelain") == ""


def test_a_rollback_is_in_the_ledger_and_the_incident_rests(here: Shop) -> None:
    row = here.merged()
    assert here.decide("rollback", row.id, "tea is out").done
    after = here.services.ledger.repair(row.id)
    assert (after.state, after.outcome) == ("reverted", "reverted")
    assert after.reason == "taken out again by Ada: tea is out"
    assert after.fix_commit == row.fix_commit
    (entry,) = (e for e in here.services.ledger.entries(row.id) if e.kind == "rollback")
    assert (entry.number > 0, entry.outcome) == (True, "reverted")


@pytest.mark.parametrize("state", ["waiting", "rejected", "reverted"])
def test_what_is_not_merged_cannot_be_taken_out(here: Shop, state: str) -> None:
    repair = here.fix().repair
    if state == "rejected":
        here.decide("reject", repair, "no")
    if state == "reverted":
        assert here.decide("approve", repair).done
        assert here.decide("rollback", repair, "no").done
    before = here.tip
    decision = here.decide("rollback", repair, "again")
    assert (decision.done, here.tip) == (False, before)
    assert f"repair {repair} is not merged" in decision.reason


def test_a_tip_that_moved_meanwhile_is_built_on(here: Shop) -> None:
    row = here.merged()
    theirs = commit(here.folder, "notes.txt", "meanwhile\n")
    assert here.decide("rollback", row.id, "tea is out").done
    assert git(here.folder, "rev-parse", "main~1") == theirs
    assert (here.folder / SCRIPT).read_text() == BROKEN
    assert (here.folder / "notes.txt").read_text() == "meanwhile\n"


def test_unfinished_work_in_the_checkout_keeps_the_repair_in(here: Shop) -> None:
    row, before = here.merged(), here.tip
    (here.folder / SCRIPT).write_text(FIXED + "# mine\n")
    decision = here.decide("rollback", row.id, "tea is out")
    assert (decision.done, here.tip) == (False, before)
    assert "has uncommitted changes" in decision.reason
    assert here.services.ledger.repair(row.id).state == "merged"


def test_a_branch_that_is_gone_is_named(here: Shop) -> None:
    row = here.merged()
    git(here.folder, "branch", "-m", "main", "trunk")
    decision = here.decide("rollback", row.id, "tea is out")
    assert not decision.done
    assert "main" in decision.reason


def needs_fix(job: Any) -> Report:
    """A test of somebody else's that passes before and after the repair, and not without it."""
    files = {entry.path: bytes(entry.content) for entry in parse(job.tree)}
    passes = "other.py" not in files or b'["tea"]' in files[SCRIPT]
    node = TestResult(node="tests/test_other.py::test_o", outcome="passed" if passes else "failed")
    run = TestRun(results=(node,), ended=ProcessEnd(exit_code=0 if passes else 1))
    return all_well(job).model_copy(update={"tests": (run,)})


def test_a_test_that_passes_only_with_the_repair_keeps_it_in(here: Shop) -> None:
    row = here.merged()
    before = commit(here.folder, "other.py", "from scripts import prices\n")
    sandbox = ScriptedSandbox([needs_fix])
    runner = SandboxRunner(lambda: sandbox, here.state / "other-cache", Limits(), dict)
    decision = run_decision(
        replace(here.services, runner=runner, config=Config()), here.state, "rollback", row.id,
        by="Ada", why="tea is out",
    )  # fmt: skip
    assert (decision.done, here.tip) == (False, before)
    assert "later commits need the repair: without it tests/test_other.py::test_o fails" in (
        decision.reason
    )


def merged_row(services: Services) -> RepairRow:
    request = request_of("r1", base=services.repository.tip("main"), failure=crash_of())
    services.incidents.count_failures(crash_of().fingerprint, now=1.0)
    return add_repair(services.ledger, "healed", request=request)


def test_what_cannot_be_taken_out_by_any_revert_stays_and_a_person_is_told(
    make: Any, server: Server
) -> None:
    mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
    services = make(mail=mail | {"to": ["ada@example.com"]})
    row = merged_row(services)
    leave_merged(row, "healer could not take it out: a bug", services)
    (received,) = server.taken
    assert "Healer could not take it out: a bug" in received.part("plain")
    assert "healer rollback r1" in received.part("plain")
    assert services.ledger.has_entry("r1", "probation")
    assert services.ledger.repair("r1").state == "merged"
    known = services.incidents.find(crash_of().fingerprint)
    assert known is not None
    assert known.state == "open"


def test_a_request_to_take_out_survives_a_checkpoint() -> None:
    request = RollbackRequest(repair="r1", why="no", by="Ada", when=7, failure=crash_of())
    assert RollbackRequest.model_validate_json(request.model_dump_json()) == request


def test_where_the_branch_stood_before_is_kept_under_the_reverts_own_name(here: Shop) -> None:
    row, merged = here.merged(), here.tip
    assert here.decide("rollback", row.id, "no").done
    names = git(here.folder, "for-each-ref", "--format=%(refname) %(objectname)", BEFORE)
    assert [line.split()[1] for line in names.splitlines() if "-revert-" in line] == [merged]
