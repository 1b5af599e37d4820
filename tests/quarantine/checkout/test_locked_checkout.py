"""A merge that was killed, raced or repeated: checkouts end whole, and nobody's work is lost."""

import os
import time
from functools import partial
from pathlib import Path

import pytest

from quarantine.checkout import follow as checkout
from quarantine.checkout.follow import Followed, LeftAlone, follow, recover
from quarantine.merge import Merged, Refused, merge
from quarantine.repository import Repository
from tests.quarantine.jobs import FIXED, killed_at, make_jobs, snapshot
from tests.quarantine.test_merge import left_over
from tests.quarantine.test_rebase import fix
from tests.support.git import commit_files, git, run_git, write_files


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that stays need not be waited for."""
    monkeypatch.setattr(checkout, "PATIENCE_S", 0.0)


def test_git_cannot_commit_between_the_branch_and_the_index(root: Path) -> None:
    """Else a commit in that moment would take the fix out again, and nobody would notice."""
    tried: list[int] = []

    def commit_now(what: str) -> None:
        if what in ("file scripts/sync.py", "index"):
            done = run_git(root, "commit", "--allow-empty", "-m", "x")
            tried.append(done.returncode)

    made = fix(Repository.open(root))
    repository = Repository.open(root, writing=commit_now)
    assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
    assert tried == [128, 128]
    assert git(root, "rev-parse", "main") == made.commit


def test_a_merge_that_was_killed_at_any_write_is_finished_by_the_next_call(tmp_path: Path) -> None:
    number = 0
    died = True
    while died:
        number += 1
        root = make_jobs(tmp_path / str(number))
        write_files(root, {"README.md": "mine\n"})
        made = fix(
            Repository.open(root),
            {"scripts/sync.py": FIXED, "new/x.py": b"1\n", "data/names.csv": None},
        )
        died = killed_at(root, number, partial(merge, target="main", candidate=made, repair="r1"))
        assert git(root, "rev-parse", "main") in (made.base, made.commit)
        assert (root / "scripts/sync.py").read_bytes() in (FIXED, repository_text(made.base, root))
        done = merge(Repository.open(root), target="main", candidate=made, repair="r1")
        assert isinstance(done, Merged), done
        assert git(root, "status", "--porcelain") == "M README.md"
        assert (root / "scripts/sync.py").read_bytes() == FIXED
        assert left_over(root) == []
    assert number > 8


def repository_text(base: str, root: Path) -> bytes | None:
    return Repository.open(root).tree(base).read("scripts/sync.py")


def test_what_a_killed_merge_left_is_ended_by_recovery_and_by_any_other_merge(
    tmp_path: Path,
) -> None:
    for number in range(1, 12):
        root = make_jobs(tmp_path / str(number))
        repository = Repository.open(root)
        made = fix(repository)
        killed_at(root, number, partial(merge, target="main", candidate=made, repair="r1"))
        recover(repository)
        assert left_over(root) == []
        assert git(root, "status", "--porcelain") == ""
        assert git(root, "rev-parse", "main") in (made.base, made.commit)
        commit_files(root, {"later.py": "x\n"})


def test_a_lock_removed_by_hand_after_a_crash_does_not_stop_the_end(tmp_path: Path) -> None:
    """git tells people to remove a stale index.lock; following goes on without its journal."""
    for number in range(1, 12):
        root = make_jobs(tmp_path / str(number))
        repository = Repository.open(root)
        made = fix(repository)
        killed_at(root, number, partial(merge, target="main", candidate=made, repair="r1"))
        (root / ".git/index.lock").unlink(missing_ok=True)
        assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
        assert git(root, "status", "--porcelain", "--untracked-files=no") == ""
        assert (root / "scripts/sync.py").read_bytes() == FIXED


def test_a_healer_that_lives_keeps_its_lock(root: Path, repository: Repository) -> None:
    made = fix(repository)
    with checkout.hold(repository, branch="main", old=made.base, new=made.commit) as held:
        assert isinstance(held, checkout.Hold)
        second = Repository.open(root)
        recover(second)
        assert isinstance(merge(second, target="main", candidate=made, repair="r2"), Refused)
        assert (root / ".git/index.lock").exists()
    assert left_over(root) == []


def test_a_short_lock_of_gits_is_waited_for(
    root: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "PATIENCE_S", 30.0)
    made = fix(repository)
    lock = root / ".git/index.lock"
    lock.touch()
    child = os.fork()
    if child == 0:
        time.sleep(0.2)
        lock.unlink()
        os._exit(0)
    done = merge(repository, target="main", candidate=made, repair="r1")
    os.waitpid(child, 0)
    assert isinstance(done, Merged)


def test_following_is_the_same_when_repeated(root: Path, repository: Repository) -> None:
    made = fix(repository)
    git(root, "update-ref", "refs/heads/main", made.commit)
    assert follow(repository, branch="main", old=made.base, new=made.commit) == Followed(
        checkouts=(str(root),)
    )
    before = snapshot(root)
    assert follow(repository, branch="main", old=made.base, new=made.commit) == Followed(
        checkouts=(str(root),)
    )
    assert snapshot(root) == before
    commit_files(root, {"later.py": "x\n"})
    assert isinstance(follow(repository, branch="main", old=made.base, new=made.commit), LeftAlone)


def test_a_whole_merge_that_is_repeated_leaves_what_a_person_did_since(root: Path) -> None:
    """Also where what they did looks like a file that has not followed yet: they put it back."""
    old = (root / "scripts/sync.py").read_bytes()
    repository = Repository.open(root)
    made = fix(repository)
    assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
    write_files(root, {"scripts/sync.py": old})
    git(root, "add", "scripts/sync.py")
    before = snapshot(root)
    assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
    assert snapshot(root) == before


def test_a_person_who_merged_by_hand_is_not_followed(root: Path) -> None:
    old = (root / "scripts/sync.py").read_bytes()
    repository = Repository.open(root)
    made = fix(repository)
    git(root, "merge", "-q", "--ff-only", made.branch)
    write_files(root, {"scripts/sync.py": old})
    before = snapshot(root)
    assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
    assert snapshot(root) == before


def test_an_edit_after_a_crash_is_kept_and_the_index_still_follows(tmp_path: Path) -> None:
    """Else the next plain `git commit` would take the fix out again."""
    for number in range(1, 14):
        root = make_jobs(tmp_path / str(number))
        made = fix(Repository.open(root), {"scripts/sync.py": FIXED, "README.md": b"# Fixed\n"})
        died = killed_at(root, number, partial(merge, target="main", candidate=made, repair="r1"))
        moved = git(root, "rev-parse", "main") == made.commit
        write_files(root, {"scripts/sync.py": "mine\n"})
        done = merge(Repository.open(root), target="main", candidate=made, repair="r1")
        assert (root / "scripts/sync.py").read_text() == "mine\n"
        assert git(root, "status", "--porcelain") == "M scripts/sync.py"
        assert isinstance(done, Merged if moved or not died else Refused)
        assert left_over(root) == []
