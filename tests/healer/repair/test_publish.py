"""The quarantine branch on the remote, while a person decides: pushed, taken away, never forced."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.repair.publish import publish_branch, withdraw_branch
from quarantine.candidate import Candidate, write_candidate
from tests.support.git import git
from tests.support.shop import SCRIPT, Shop, commit, shop


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose main follows a bare repository."""
    with shop(tmp_path / "shop", push=True) as made:
        git(tmp_path, "clone", "-q", "--bare", "shop", "shared.git")
        git(made.folder, "remote", "add", "origin", str(tmp_path / "shared.git"))
        git(made.folder, "push", "-q", "-u", "origin", "main")
        yield made


@pytest.fixture
def shared(here: Shop) -> Path:
    """What the others see."""
    return here.folder.parent / "shared.git"


def candidate(here: Shop) -> Candidate:
    return write_candidate(
        here.services.repository, base=here.tip, changes={SCRIPT: b"print(3)\n"},
        branch="quarantine/prices-r1", message="try", when=1,
    )  # fmt: skip


def branches(shared: Path) -> str:
    return git(shared, "for-each-ref", "--format=%(refname:short)")


def test_what_is_pushed_can_be_fetched_and_is_taken_away_again(here: Shop, shared: Path) -> None:
    made = candidate(here)
    assert publish_branch(made, here.services) == "pushed to origin"
    assert git(shared, "rev-parse", made.branch) == made.commit
    withdraw_branch(made.branch, here.services)
    assert branches(shared) == "main"


def test_nothing_is_pushed_where_there_is_nothing(here: Shop, shared: Path) -> None:
    assert publish_branch(None, here.services) == ""
    withdraw_branch("", here.services)
    assert branches(shared) == "main"


def test_nothing_is_pushed_where_nobody_asked_for_it(tmp_path: Path) -> None:
    with shop(tmp_path / "alone") as here:
        git(tmp_path, "clone", "-q", "--bare", "alone", "shared.git")
        git(here.folder, "remote", "add", "origin", str(tmp_path / "shared.git"))
        made = candidate(here)
        assert publish_branch(made, here.services) == ""
        withdraw_branch(made.branch, here.services)
        assert branches(tmp_path / "shared.git") == "main"


def test_a_branch_without_a_remote_is_left_where_it_is(here: Shop) -> None:
    git(here.folder, "remote", "remove", "origin")
    made = candidate(here)
    assert publish_branch(made, here.services) == ""
    withdraw_branch(made.branch, here.services)
    assert here.services.repository.tip(made.branch) == made.commit


def test_a_remote_that_cannot_be_reached_is_named_and_stops_nothing(
    here: Shop, shared: Path
) -> None:
    away = shared.rename(shared.with_name("away.git"))
    made = candidate(here)
    status = publish_branch(made, here.services)
    assert status.startswith("not pushed: origin could not be reached")
    withdraw_branch(made.branch, here.services)
    assert branches(away) == "main"


def test_a_rejected_branch_leaves_the_remote_too(here: Shop, shared: Path) -> None:
    waiting = here.fix()
    assert here.decide("reject", waiting.repair, "no").done
    assert branches(shared) == "main"


def test_a_branch_on_which_a_person_pushed_stays_on_the_remote(here: Shop, shared: Path) -> None:
    waiting = here.fix()
    git(here.folder.parent, "clone", "-q", "shared.git", "anna", "--branch", str(waiting.branch))
    theirs = commit(here.folder.parent / "anna", "notes.txt", "better\n")
    git(here.folder.parent / "anna", "push", "-q")
    assert here.decide("reject", waiting.repair, "no").done
    assert git(shared, "rev-parse", str(waiting.branch)) == theirs
