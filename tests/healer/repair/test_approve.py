"""What people decide: on today's tip, one at a time, and nothing twice."""

from pathlib import Path

import pytest

from healer.engine.locks import hold_executor_lock
from healer.facts.errors import UsageError
from tests.support.git import git
from tests.support.shop import BROKEN, FIXED, SCRIPT, commit, shop
from tests.support.smtp import smtp_server


def test_an_approved_fix_is_merged_and_nobody_decides_on_it_again(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        waiting = here.fix()
        assert waiting.outcome == "review", waiting.reason
        decided = here.decide("approve", waiting.repair[:4])
        assert (decided.done, decided.merged) == (True, here.tip)
        assert (here.folder / SCRIPT).read_text() == FIXED
        with pytest.raises(UsageError, match="does not wait for a decision"):
            here.decide("approve", waiting.repair)
        with pytest.raises(UsageError, match="does not wait for a decision"):
            here.decide("reject", waiting.repair, "too late")


def test_a_tip_that_moves_on_and_on_is_followed(tmp_path: Path) -> None:
    """Approved on a tip that moved; refused there; approved again on one that moved further."""
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        commit(here.folder, "notes.txt", "one\n")
        (here.folder / SCRIPT).write_text(BROKEN + "# a person's change\n")
        refused = here.decide("approve", repair)
        assert not refused.done
        assert "has uncommitted changes" in refused.reason
        git(here.folder, "checkout", "-q", SCRIPT)
        before = commit(here.folder, "notes.txt", "two\n")
        decided = here.decide("approve", repair)
        assert decided.done, decided.reason
        assert git(here.folder, "rev-parse", "main~1") == before


def test_a_conflict_is_explained_and_the_repair_waits_on(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        before = commit(here.folder, SCRIPT, BROKEN.replace('["te"]', '["coffee"]'))
        decided = here.decide("approve", repair)
        assert (decided.done, here.tip) == (False, before)
        assert f"no longer applies to main: {SCRIPT} changed in the same place" in decided.reason
        assert here.services.ledger.repair(repair).state == "waiting"


def test_a_deleted_branch_does_not_keep_a_fix_from_being_approved(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        waiting = here.fix()
        git(here.folder, "branch", "-D", str(waiting.branch))
        commit(here.folder, "notes.txt", "one\n")
        assert here.decide("approve", waiting.repair).done


def test_a_draft_whose_commit_is_gone_is_explained(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        waiting = here.fix()
        git(here.folder, "branch", "-D", str(waiting.branch))
        git(here.folder, "reflog", "expire", "--expire=now", "--all")
        git(here.folder, "gc", "-q", "--prune=now")
        decided = here.decide("approve", waiting.repair)
        assert not decided.done
        assert "is gone from the repository; repair the script again" in decided.reason


def test_what_a_person_put_on_the_quarantine_branch_is_never_merged_unseen_or_lost(
    tmp_path: Path,
) -> None:
    with shop(tmp_path / "shop") as here:
        waiting = here.fix()
        branch, before = str(waiting.branch), here.tip
        git(here.folder, "checkout", "-q", branch)
        theirs = commit(here.folder, "notes.txt", "my own idea\n")
        git(here.folder, "checkout", "-q", "main")
        decided = here.decide("approve", waiting.repair)
        assert not decided.done
        assert "was changed by hand since it was checked" in decided.reason
        assert git(here.folder, "rev-parse", branch, "main").split() == [theirs, before]


def test_two_decisions_at_once_are_one(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        for action in ("approve", "reject"):
            with hold_executor_lock(here.state, f"cli-decide-{repair}"):
                decided = here.decide(action, repair, "no")
            assert not decided.done
            assert "another decision on it is being carried out" in decided.reason
        assert here.services.ledger.repair(repair).state == "waiting"


def test_a_rejection_is_shown_to_the_next_draft_and_closes_the_thread(tmp_path: Path) -> None:
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        with shop(tmp_path / "shop", mail=mail | {"to": ["ada@example.com"]}) as here:
            waiting = here.fix()
            assert here.decide("reject", waiting.repair, "the till says te").done
            assert waiting.branch not in here.services.repository.branches()
            again = here.fix()
        assert again.outcome == "gave_up"
        (turned_down,) = here.drafter.cases[-1].rejected
        assert "the till says te" in turned_down.evidence
        subjects = [each.mail["Subject"] for each in server.taken]
        assert len(subjects) == 3
        assert server.taken[1].mail["In-Reply-To"] == server.taken[0].mail["Message-ID"]
        assert "rejected by Ada: the till says te" in server.taken[1].part("plain")


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
