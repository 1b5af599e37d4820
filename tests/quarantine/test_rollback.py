"""A merged repair comes out again, also long afterwards, and nothing else with it."""

from pathlib import Path

import pytest

from quarantine.candidate import Candidate
from quarantine.history import find_repair
from quarantine.merge import Merged, merge
from quarantine.rebase import Conflict
from quarantine.repository import Repository
from quarantine.rollback import revert
from tests.quarantine.jobs import FIXED
from tests.quarantine.test_rebase import fix
from tests.support.git import commit_files, git


def merged(repository: Repository, changes: dict[str, bytes | None] | None = None) -> str:
    """A repair on main; its commit."""
    done = merge(repository, target="main", candidate=fix(repository, changes), repair="r1")
    assert isinstance(done, Merged)
    return done.commit


def test_a_repair_is_taken_out_long_after_it_was_merged(root: Path, repository: Repository) -> None:
    broken = (root / "scripts/sync.py").read_bytes()
    at = merged(
        repository, {"scripts/sync.py": FIXED, "tests/test_new.py": b"x\n", "data/names.csv": None}
    )
    for number in range(30):
        commit_files(root, {"other.py": f"{number}\n"})
    commit_files(root, {"scripts/sync.py": b"# Syncs.\n" + FIXED})
    git(root, "gc", "--quiet", "--prune=now")
    tip = git(root, "rev-parse", "main")
    made = revert(Repository.open(root), repair="r1", commit_to_revert=at, target="main", when=9)
    assert isinstance(made, Candidate)
    assert made.base == tip
    assert made.branch == "quarantine/revert-r1"
    done = merge(repository, target="main", candidate=made, repair="r1-revert")
    assert isinstance(done, Merged)
    assert (root / "scripts/sync.py").read_bytes() == b"# Syncs.\n" + broken
    assert not (root / "tests/test_new.py").exists()
    assert (root / "data/names.csv").exists()
    assert (root / "other.py").read_text() == "29\n"
    assert git(root, "status", "--porcelain") == ""
    assert f"This reverts commit {at}." in git(root, "log", "-1", "--format=%B")


def test_the_same_revert_again_is_the_same_candidate(root: Path, repository: Repository) -> None:
    at = merged(repository)
    once = revert(repository, repair="r1", commit_to_revert=at, target="main", when=9)
    assert revert(repository, repair="r1", commit_to_revert=at, target="main", when=9) == once
    assert isinstance(once, Candidate)
    merge(repository, target="main", candidate=once, repair="r1-revert")
    answer = revert(repository, repair="r1", commit_to_revert=at, target="main", when=10)
    assert isinstance(answer, Conflict)
    assert "nothing of repair r1" in answer.reason


def test_a_conflict_names_the_commits_that_are_in_the_way(
    root: Path, repository: Repository
) -> None:
    at = merged(repository)
    commit_files(
        root, {"scripts/sync.py": FIXED.replace(b"dumps({})", b"dumps([])")}, "Send a list"
    )
    before = git(root, "for-each-ref")
    answer = revert(repository, repair="r1", commit_to_revert=at, target="main", when=9)
    assert isinstance(answer, Conflict)
    assert answer.paths == ("scripts/sync.py",)
    assert "'Send a list' by Ada" in answer.reason
    assert git(root, "for-each-ref") == before


@pytest.mark.parametrize("case", ["not there", "first commit"])
def test_what_is_no_merged_repair_of_the_target_is_said_so(
    root: Path, repository: Repository, case: str
) -> None:
    at = git(root, "rev-parse", "HEAD") if case == "first commit" else fix(repository).commit
    answer = revert(repository, repair="r1", commit_to_revert=at, target="main", when=9)
    assert isinstance(answer, Conflict)
    assert ("does not hold" if case == "not there" else "0 parents") in answer.reason


def test_a_repair_is_found_by_its_trailer(root: Path, repository: Repository) -> None:
    made = fix(repository)
    text = "Fix sync\n\nHealer-Repair: r.1\nHealer-Drafter: rules"
    done = merge(repository, target="main", candidate=made, repair="r1", message=text, when=1)
    assert isinstance(done, Merged)
    commit_files(root, {"other.py": "x\n"}, "About\n\nHealer-Repair: rx1")
    assert find_repair(repository, "main", "r.1") == done.commit
    assert find_repair(repository, "main", "r") is None
