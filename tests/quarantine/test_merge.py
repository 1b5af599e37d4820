"""The target moves to exactly the tree that was checked, or it does not move at all."""

from pathlib import Path

import pytest

from quarantine.candidate import Candidate, write_candidate
from quarantine.errors import RepositoryError
from quarantine.merge import Merged, Moved, Refused, is_merge_begun, list_merged, merge
from quarantine.repository import Repository
from tests.quarantine.jobs import FIXED, make_jobs, snapshot
from tests.quarantine.test_rebase import fix
from tests.support.git import commit_files, git, write_files


def test_the_target_and_its_checkout_get_the_checked_tree(
    root: Path, repository: Repository
) -> None:
    before = git(root, "rev-parse", "main")
    made = fix(
        repository, {"scripts/sync.py": FIXED, "tests/test_new.py": b"x\n", "data/names.csv": None}
    )
    (root / "scripts/sync.py").chmod(0o640)
    done = merge(repository, target="main", candidate=made, repair="r1")
    assert done == Merged(commit=made.commit, before=before, checkouts=(str(root),))
    assert git(root, "rev-parse", "main") == made.commit
    assert git(root, "rev-parse", "main^{tree}") == made.tree
    assert git(root, "rev-parse", "refs/healer/before/r1") == before
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "diff-files") == ""
    assert (root / "scripts/sync.py").read_bytes() == FIXED
    assert (root / "scripts/sync.py").stat().st_mode & 0o777 == 0o640
    assert (root / "tests/test_new.py").read_bytes() == b"x\n"
    assert not (root / "data").exists()
    assert left_over(root) == []


def test_a_bisection_that_begins_while_a_merge_is_made_ready_stops_it(root: Path) -> None:
    """It takes no lock of git's: only looking again shows it."""
    before = git(root, "rev-parse", "main")
    begun: list[str] = []

    def begin(write: str) -> None:
        if write.startswith("ref refs/healer/before/"):
            begun.append(git(root, "bisect", "start"))

    repository = Repository.open(root, writing=begin)
    done = merge(repository, target="main", candidate=fix(repository), repair="r1")
    assert isinstance(done, Refused)
    assert "bisection" in done.reason
    assert (len(begun), git(root, "rev-parse", "main")) == (1, before)
    assert left_over(root) == []


def test_a_merge_of_ours_is_known_from_the_moment_the_branch_moves(root: Path) -> None:
    repository = Repository.open(root)
    assert not is_merge_begun(repository, "r1", "main")
    assert isinstance(
        merge(repository, target="main", candidate=fix(repository), repair="r1"), Merged
    )
    assert is_merge_begun(repository, "r1", "main")
    git(root, "update-ref", "-d", "refs/healer/merged/r1")  # as if it had died before the note
    assert is_merge_begun(repository, "r1", "main")
    assert not is_merge_begun(repository, "r2", "main")


def test_what_was_merged_is_listed_by_its_repair(root: Path) -> None:
    repository = Repository.open(root)
    assert list_merged(repository) == {}
    done = merge(repository, target="main", candidate=fix(repository), repair="r1")
    assert isinstance(done, Merged)
    assert list_merged(repository) == {"r1": done.commit}


def left_over(root: Path) -> list[str]:
    """Files of ours that must not stay."""
    return [
        str(path) for path in root.rglob("*")
        if ".healer-" in path.name or "healer-lock" in path.name
        or path.name in ("index.lock", "index.healer")
    ]  # fmt: skip


def test_a_message_makes_a_commit_with_the_same_tree_and_parent(
    root: Path, repository: Repository
) -> None:
    made = fix(repository)
    text = "Repair sync\n\nHealer-Checks: tests\nHealer-Cost-USD: 0.01"
    done = merge(repository, target="main", candidate=made, repair="r1", message=text, when=7)
    assert isinstance(done, Merged)
    assert done.commit != made.commit
    facts = git(root, "show", "-s", "--format=%T %P %ct %an|%B", "main")
    assert facts == f"{made.tree} {made.base} 7 healer|{text}"
    again = merge(repository, target="main", candidate=made, repair="r1", message=text, when=7)
    assert again == done.model_copy(update={"checkouts": (str(root),)})


def test_the_same_merge_again_changes_nothing(root: Path, repository: Repository) -> None:
    made = fix(repository)
    first = merge(repository, target="main", candidate=made, repair="r1")
    before = snapshot(root)
    assert merge(repository, target="main", candidate=made, repair="r1") == first
    assert snapshot(root) == before
    later = commit_files(root, {"other.py": "x\n"})
    again = merge(repository, target="main", candidate=made, repair="r1")
    assert isinstance(again, Merged)
    assert again.before == made.base
    assert git(root, "rev-parse", "main") == later


def test_a_tip_that_moved_is_answered_with_the_tip(root: Path, repository: Repository) -> None:
    made = fix(repository)
    tip = commit_files(root, {"other.py": "x\n"})
    before = snapshot(root)
    assert merge(repository, target="main", candidate=made, repair="r1") == Moved(tip=tip)
    assert snapshot(root) == before
    assert repository.ref("refs/healer/before/r1") is None


def test_a_commit_that_lands_at_the_last_moment_wins(root: Path) -> None:
    """The compare-and-swap, and not the look before it, is what decides."""
    landed: list[str] = []

    def interfere(what: str) -> None:
        if what == "ref refs/heads/main" and not landed:
            tree = git(root, "rev-parse", "main^{tree}")
            landed.append(git(root, "commit-tree", tree, "-p", "main", "-m", "From elsewhere"))
            git(root, "update-ref", "refs/heads/main", landed[0])

    made = fix(Repository.open(root))
    repository = Repository.open(root, writing=interfere)
    assert merge(repository, target="main", candidate=made, repair="r1") == Moved(tip=landed[0])
    assert git(root, "status", "--porcelain") == ""
    assert left_over(root) == []


@pytest.mark.parametrize("swap", ["tree", "base", "commit"])
def test_what_is_not_exactly_what_was_checked_is_an_error(
    root: Path, repository: Repository, swap: str
) -> None:
    made = fix(repository)
    other = commit_files(root, {"other.py": "x\n"})
    git(root, "reset", "-q", "--hard", "HEAD~")
    values = {"tree": git(root, "rev-parse", f"{other}^{{tree}}"), "base": other, "commit": other}
    wrong = made.model_copy(update={swap: values[swap]})
    before = snapshot(root)
    with pytest.raises(RepositoryError):
        merge(repository, target="main", candidate=wrong, repair="r1")
    assert snapshot(root) == before


def test_a_target_that_is_no_plain_branch_is_refused(root: Path, repository: Repository) -> None:
    made = fix(repository)
    git(root, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    for target in ("absent", "alias"):
        answer = merge(repository, target=target, candidate=made, repair="r1")
        assert isinstance(answer, Refused)
        assert target in answer.reason
    for repair in ("", "../x", "a b", "-x", "x.lock/..", "a..b", "x" * 200):
        with pytest.raises(RepositoryError, match="repair id"):
            merge(repository, target="main", candidate=made, repair=repair)


def test_a_bare_repository_merges_without_any_checkout(root: Path) -> None:
    git(root, "clone", "-q", "--bare", ".", "../bare.git")
    bare = Repository.open(root.parent / "bare.git")
    made = fix(bare)
    assert merge(bare, target="main", candidate=made, repair="r1") == Merged(
        commit=made.commit, before=made.base
    )


def test_a_branch_that_is_checked_out_nowhere_moves_alone(
    root: Path, repository: Repository
) -> None:
    made = fix(repository)
    git(root, "checkout", "-q", "-b", "mine")
    write_files(root, {"scripts/sync.py": "dirty\n"})
    before = snapshot(root)
    done = merge(repository, target="main", candidate=made, repair="r1")
    assert isinstance(done, Merged)
    assert done.checkouts == ()
    after = snapshot(root)
    assert after["files"] == before["files"]
    assert after["index"] == before["index"]


def test_a_shallow_clone_merges(root: Path) -> None:
    commit_files(root, {"other.py": "x\n"})
    git(root, "clone", "-q", "--depth=1", f"file://{root}", "../shallow")
    shallow = Repository.open(root.parent / "shallow")
    made = fix(shallow)
    assert isinstance(merge(shallow, target="main", candidate=made, repair="r1"), Merged)
    assert (root.parent / "shallow/.git/shallow").exists()
    assert git(root.parent / "shallow", "rev-list", "--count", "main") == "2"


def test_a_submodules_own_repository_merges_and_its_parent_stays(root: Path) -> None:
    make_jobs(root.parent / "library")
    git(root, "submodule", "--quiet", "add", "../library", "lib")
    git(root, "commit", "-q", "-m", "Add a library")
    outer = snapshot(root)
    inner = Repository.open(root / "lib")
    made = fix(inner)
    done = merge(inner, target="main", candidate=made, repair="r1")
    assert isinstance(done, Merged)
    assert done.checkouts == (str(root / "lib"),)
    assert (root / "lib/scripts/sync.py").read_bytes() == FIXED
    after = snapshot(root)
    assert {**after, "files": 0} == {**outer, "files": 0}


def test_a_sha256_repository_merges(tmp_path: Path) -> None:
    repository = Repository.open(make_jobs(tmp_path / "wide", "--object-format=sha256"))
    made: Candidate = write_candidate(
        repository, base="main", changes={"scripts/sync.py": FIXED, "data/names.csv": None},
        branch="quarantine/x-1", message="x", when=1,
    )  # fmt: skip
    assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
    assert git(tmp_path / "wide", "status", "--porcelain") == ""
