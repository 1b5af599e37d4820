"""git's own lock on a checkout's index, held while a branch and its files move.

Belongs here: taking, marking, releasing it, and telling ours from another's. Does not belong
here: what is done under it (`checkout`).

While `index.lock` exists, git refuses to commit, stage, stash, switch, reset or merge in that
checkout. Without it a commit made in the milliseconds between the branch and the index would
silently take the fix out again. The lock file is also the journal: it says what was to move. The
kernel drops our `flock` on it when we die, so a lock of ours that nobody holds is a crash's.
"""

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from quarantine.errors import RepositoryError
from quarantine.facts import Fact

_SIGN: Final = b"healer\n"


class Journal(Fact):
    """What was going on in a checkout when its lock was taken."""

    branch: str
    old: str
    new: str
    temporary: tuple[str, ...] = ()
    """Files of ours in the checkout, relative to its root, that must not stay."""


class IndexLock:
    """A lock that is held; `release` ends it."""

    def __init__(self, path: Path, handle: int, unfinished_journal: Journal | None) -> None:
        """`take` is the way to one."""
        self._path = path
        self._handle = handle
        self.unfinished = unfinished_journal
        """What a process that died under this lock was doing; None for a fresh one."""

    @classmethod
    def take(cls, git_dir: Path, journal: Journal) -> "IndexLock | None":
        """The lock of the checkout, with what it is taken for; None when another holds it.

        It appears with its journal and our `flock` on it, or not at all. RepositoryError where no
        file can be made.
        """
        path = git_dir / "index.lock"
        try:
            handle, name = tempfile.mkstemp(dir=git_dir, prefix="healer-lock-")
        except OSError as error:
            raise _not_made(path, error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _append(handle, _SIGN + _line(journal))
            os.link(name, path)
        except FileExistsError:
            os.close(handle)
            return cls._adopt(path)
        except OSError as error:
            os.close(handle)
            raise _not_made(path, error) from error
        finally:
            Path(name).unlink()
        return cls(path, handle, None)

    @classmethod
    def _adopt(cls, path: Path) -> "IndexLock | None":
        try:
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return None
        journal = _read(handle)
        if journal is not None and _flock(handle) and _is_at(handle, path):
            return cls(path, handle, journal)
        os.close(handle)
        return None

    def note(self, journal: Journal) -> None:
        """Writes down what is about to happen, before it does; what was written before stays."""
        _append(self._handle, _line(journal))

    def release(self) -> None:
        """Ends the lock; git may work in the checkout again."""
        self._path.unlink(missing_ok=True)
        os.close(self._handle)


def is_held(git_dir: Path) -> bool:
    """Whether another process, git or a healer that lives, has the index locked."""
    path = git_dir / "index.lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        return _read(handle) is None or not _flock(handle)
    finally:
        os.close(handle)


def _not_made(path: Path, error: OSError) -> RepositoryError:
    return RepositoryError(
        f"{path} could not be made ({error.strerror}); see to the disk's space and permissions."
    )


def _line(journal: Journal) -> bytes:
    return journal.model_dump_json().encode("utf-8") + b"\n"


def _append(handle: int, content: bytes) -> None:
    """At the end: a line that a crash cut off leaves the one before it whole."""
    os.lseek(handle, 0, os.SEEK_END)
    os.write(handle, content)
    os.fsync(handle)


def _read(handle: int) -> Journal | None:
    """The last whole line of a lock of ours; None for a lock of git's."""
    content = os.pread(handle, 1024 * 1024, 0)
    if not content.startswith(_SIGN):
        return None
    for line in reversed(content.split(b"\n")[1:-1]):
        with suppress(ValidationError):
            return Journal.model_validate_json(line)
    return None


def _flock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_at(handle: int, path: Path) -> bool:
    """Whether the open file is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
