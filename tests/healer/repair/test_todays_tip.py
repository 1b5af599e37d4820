"""A candidate that waited is brought to the tip of today, or it is said what happened to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.repair.todays_tip import OnTip, bring_to_tip
from quarantine.candidate import Candidate
from quarantine.merge import Merged, merge
from tests.support.git import git
from tests.support.shop import BROKEN, SCRIPT, Shop, commit, shop


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


def candidate_of(here: Shop, repair: str) -> Candidate:
    dossier = here.services.ledger.dossier(repair)
    assert dossier is not None
    assert dossier.last_candidate is not None
    assert dossier.last_candidate.candidate is not None
    return dossier.last_candidate.candidate


def test_on_the_tip_that_it_was_checked_on_it_is_what_it_was(here: Shop) -> None:
    repair = here.fix().repair
    assert bring_to_tip(repair, here.services) == OnTip(candidate=candidate_of(here, repair))


def test_on_another_tip_it_is_carried_over(here: Shop) -> None:
    repair = here.fix().repair
    tip = commit(here.folder, "notes.txt", "meanwhile\n")
    found = bring_to_tip(repair, here.services)
    assert found.candidate is not None
    assert found.candidate.base == tip
    assert git(here.folder, "rev-parse", found.candidate.branch) == found.candidate.commit
    assert bring_to_tip(repair, here.services).candidate == found.candidate  # and again the same


def test_an_approval_that_came_to_nothing_leaves_it_to_be_carried_further(here: Shop) -> None:
    repair = here.fix().repair
    for number in range(3):
        tip = commit(here.folder, "notes.txt", f"{number}\n")
        found = bring_to_tip(repair, here.services)
        assert found.candidate is not None
        assert found.candidate.base == tip


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_what_was_decided_meanwhile_waits_no_more(here: Shop, action: str) -> None:
    repair = here.fix().repair
    here.decide(action, repair, "no")
    found = bring_to_tip(repair, here.services)
    assert found.candidate is None
    assert "does not wait for a decision" in found.conflict


def test_what_an_approval_merged_and_could_not_record_is_merged(here: Shop) -> None:
    repair = here.fix().repair
    candidate = candidate_of(here, repair)
    done = merge(here.services.repository, target="main", candidate=candidate, repair=repair)
    assert isinstance(done, Merged)
    assert bring_to_tip(repair, here.services) == OnTip(merged=done.commit)
    decision = here.decide("approve", repair)
    assert (decision.done, decision.merged, here.tip) == (True, done.commit, done.commit)
    row = here.services.ledger.repair(repair)
    assert (row.state, row.fix_commit) == ("merged", done.commit)


def test_a_merge_that_somebody_took_back_is_no_merge(here: Shop) -> None:
    repair = here.fix().repair
    candidate, before = candidate_of(here, repair), here.tip
    merge(here.services.repository, target="main", candidate=candidate, repair=repair)
    git(here.folder, "reset", "-q", "--hard", before)
    assert bring_to_tip(repair, here.services) == OnTip(candidate=candidate)


def test_a_target_that_is_gone_is_named(here: Shop) -> None:
    repair = here.fix().repair
    git(here.folder, "branch", "-m", "main", "trunk")
    assert "the target branch 'main' is gone" in bring_to_tip(repair, here.services).conflict


def test_a_message_that_only_speaks_of_the_repair_is_a_persons(here: Shop) -> None:
    waiting = here.fix()
    branch = str(waiting.branch)
    git(here.folder, "checkout", "-q", branch)
    git(here.folder, "commit", "-q", "--allow-empty", "--amend",
        "-m", f"My own idea\n\nIt is not Healer-Repair: {waiting.repair} any more.")  # fmt: skip
    git(here.folder, "checkout", "-q", "main")
    found = bring_to_tip(waiting.repair, here.services)
    assert found.candidate is None
    assert "was changed by hand since it was checked" in found.conflict


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
