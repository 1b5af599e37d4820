"""The index is locked by one at a time, and a dead healer's lock says what it was doing."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from quarantine.checkout.index_lock import IndexLock, Journal, is_held
from quarantine.errors import RepositoryError
from tests.support.git import git, run_git, write_files

JOURNAL = Journal(branch="main", old="a" * 40, new="b" * 40)
LATER = JOURNAL.model_copy(update={"temporary": ("scripts/.job.py.healer-1",)})


def take(folder: Path) -> IndexLock:
    lock = IndexLock.take(folder, JOURNAL)
    assert lock is not None
    return lock


def die(lock: IndexLock) -> None:
    """What the kernel does for a process that ends with the lock held."""
    os.close(lock._handle)


@pytest.fixture(name="lock")
def taken_lock(tmp_path: Path) -> Iterator[IndexLock]:
    lock = take(tmp_path)
    yield lock
    lock.release()


def test_a_fresh_lock_has_nothing_to_finish(lock: IndexLock) -> None:
    assert lock.unfinished is None


def test_a_lock_that_is_held_is_not_given_again(tmp_path: Path, lock: IndexLock) -> None:
    assert is_held(tmp_path)
    assert IndexLock.take(tmp_path, JOURNAL) is None
    assert [path.name for path in tmp_path.iterdir()] == ["index.lock"]


def test_a_released_lock_leaves_nothing(tmp_path: Path) -> None:
    take(tmp_path).release()
    assert list(tmp_path.iterdir()) == []
    assert not is_held(tmp_path)
    take(tmp_path).release()


def test_a_lock_may_be_released_though_somebody_removed_its_file(tmp_path: Path) -> None:
    lock = take(tmp_path)
    (tmp_path / "index.lock").unlink()
    lock.release()


@pytest.mark.parametrize(
    "content", [b"", b"git's own bytes", b"healer", b"healer\n", b"healer\n{}\n"]
)
def test_a_lock_of_gits_is_never_taken_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "index.lock").write_bytes(content)
    assert is_held(tmp_path)
    assert IndexLock.take(tmp_path, JOURNAL) is None
    assert (tmp_path / "index.lock").read_bytes() == content


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    write_files(tmp_path, {"elsewhere": "x"})
    (tmp_path / "index.lock").symlink_to("elsewhere")
    assert is_held(tmp_path)
    assert IndexLock.take(tmp_path, JOURNAL) is None


def test_a_dead_healers_lock_is_taken_over_with_its_journal(tmp_path: Path) -> None:
    die(take(tmp_path))
    assert not is_held(tmp_path)
    lock = take(tmp_path)
    assert lock.unfinished == JOURNAL
    lock.release()


def test_the_last_line_of_a_journal_counts(tmp_path: Path) -> None:
    dead = take(tmp_path)
    dead.note(LATER)
    die(dead)
    lock = take(tmp_path)
    assert lock.unfinished == LATER
    lock.release()


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_line_that_was_cut_off_leaves_the_one_before_it(tmp_path: Path, cut: int) -> None:
    """A power cut in the middle of its last line must not leave a lock for ever."""
    dead = take(tmp_path)
    dead.note(LATER)
    die(dead)
    path = tmp_path / "index.lock"
    path.write_bytes(path.read_bytes()[:-cut])
    assert not is_held(tmp_path)
    lock = take(tmp_path)
    assert lock.unfinished == JOURNAL
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_of_two_that_take_over_one_gets_it(tmp_path: Path) -> None:
    die(take(tmp_path))
    first = IndexLock.take(tmp_path, JOURNAL)
    second = IndexLock.take(tmp_path, JOURNAL)
    assert first is not None
    assert second is None
    first.release()


def test_git_itself_waits_for_it(root: Path) -> None:
    lock = take(root / ".git")
    write_files(root, {"new.py": "x\n"})
    refused = run_git(root, "add", "new.py")
    assert refused.returncode != 0
    assert b"index.lock" in refused.stderr
    lock.release()
    git(root, "add", "new.py")


def test_where_no_file_can_be_made_the_reason_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="see to the disk's space and permissions"):
        IndexLock.take(tmp_path / "absent", JOURNAL)


def test_the_lock_is_for_its_owner_alone(tmp_path: Path, lock: IndexLock) -> None:
    assert stat.S_IMODE((tmp_path / "index.lock").stat().st_mode) == 0o600
