"""Every checkout of a repository is found, with its branch and what is going on in it."""

import shutil
from pathlib import Path

import pytest

from quarantine.checkout.worktrees import Worktree, worktrees
from quarantine.errors import RepositoryError
from quarantine.repository import Repository
from tests.quarantine.jobs import make_jobs
from tests.support.git import git, write_files


def test_the_main_checkout_is_the_first(root: Path, repository: Repository) -> None:
    assert worktrees(repository) == (Worktree(root, root / ".git", "main"),)


def test_linked_checkouts_come_with_their_own_git_folders(root: Path) -> None:
    git(root, "worktree", "add", "-q", "-b", "topic", "../second")
    second = root.parent / "second"
    found = worktrees(Repository.open(second))
    assert [(each.root, each.branch) for each in found] == [(root, "main"), (second, "topic")]
    assert found[1].git_dir == root / ".git/worktrees/second"


def test_a_detached_checkout_is_on_no_branch(root: Path, repository: Repository) -> None:
    git(root, "checkout", "-q", "--detach")
    assert [each.branch for each in worktrees(repository)] == [None]


def test_a_checkout_whose_folder_is_gone_is_left_out(root: Path, repository: Repository) -> None:
    git(root, "worktree", "add", "-q", "-b", "topic", "../second")
    shutil.rmtree(root.parent / "second")
    assert [each.root for each in worktrees(repository)] == [root]


def test_a_locked_one_must_be_there(root: Path, repository: Repository) -> None:
    git(root, "worktree", "add", "-q", "-b", "topic", "../second")
    git(root, "worktree", "lock", "../second")
    shutil.rmtree(root.parent / "second")
    with pytest.raises(RepositoryError, match="git worktree unlock"):
        worktrees(repository)


def test_a_bare_repository_has_no_checkout_of_its_own(root: Path) -> None:
    git(root.parent, "clone", "-q", "--bare", str(root), "bare.git")
    bare = root.parent / "bare.git"
    assert worktrees(Repository.open(bare)) == ()
    git(bare, "worktree", "add", "-q", "../second", "main")
    assert [each.branch for each in worktrees(Repository.open(bare))] == ["main"]


def test_a_submodule_is_found_at_its_own_place(root: Path) -> None:
    make_jobs(root.parent / "library")
    git(root, "submodule", "--quiet", "add", "../library", "lib")
    (checkout,) = worktrees(Repository.open(root / "lib"))
    assert (checkout.root, checkout.git_dir) == (root / "lib", root / ".git/modules/lib")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("MERGE_HEAD", "a merge"),
        ("CHERRY_PICK_HEAD", "a cherry-pick"),
        ("REVERT_HEAD", "a revert"),
        ("BISECT_LOG", "a bisection"),
        ("rebase-merge/head-name", "a rebase"),
        ("rebase-apply/next", "a rebase"),
        ("sequencer/todo", "a sequence of picks"),
        ("COMMIT_EDITMSG", ""),
        ("ORIG_HEAD", ""),
    ],
)
def test_what_a_person_is_in_the_middle_of_is_named(tmp_path: Path, name: str, what: str) -> None:
    write_files(tmp_path, {name: "x\n"})
    assert Worktree(tmp_path, tmp_path, "main").in_progress == what


@pytest.mark.parametrize(
    ("name", "content", "works"),
    [
        ("rebase-merge/head-name", "refs/heads/main\n", True),
        ("rebase-apply/head-name", "refs/heads/main\n", True),
        ("rebase-merge/update-refs", "refs/heads/a\n1\n2\nrefs/heads/main\n3\n4\n", True),
        ("BISECT_START", "main\n", True),
        ("BISECT_START", "refs/heads/main\n", True),
        ("rebase-merge/head-name", "refs/heads/maintenance\n", False),
        ("rebase-merge/update-refs", "refs/heads/main-2\n", False),
        ("BISECT_START", "maintenance\n", False),
        ("ORIG_HEAD", "refs/heads/main\n", False),
    ],
)
def test_a_checkout_that_will_come_back_to_a_branch_works_on_it(
    tmp_path: Path, name: str, content: str, works: bool
) -> None:
    write_files(tmp_path, {name: content})
    assert Worktree(tmp_path, tmp_path, "topic").works_on("main") == works


@pytest.mark.parametrize(
    ("branch", "works"), [("main", True), ("topic", False), (None, False), ("main-2", False)]
)
def test_a_checkout_works_on_its_own_branch(
    tmp_path: Path, branch: str | None, works: bool
) -> None:
    assert Worktree(tmp_path, tmp_path, branch).works_on("main") == works
