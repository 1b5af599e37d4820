"""A worker's mirrors on its disk: the ones used lately, within a limit of bytes.

Belongs here: where a mirror lies, who works in it, and which one goes. Does not belong here: git
(`quarantine.mirror`), and which repository is next (`healer.services.work`).

What the owner of this machine has allowed a repository's healer.toml outlives its mirror: else each
new mirror would trust whatever is committed by then.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from healer.services.work import Work
from healer.support.atomic_file import make_private_folder, write_atomically
from healer.watch.inbox import Inbox
from quarantine.errors import RepositoryError
from quarantine.mirror import follow_branch, update_mirror
from quarantine.repository import Repository

_STATE = "healer"
_TRUSTED = "trusted.json"
"""As `healer.app.trust` has it."""


class BusyMirrorError(RepositoryError):
    """Another process works in the mirror."""


class Mirrors:
    """Those in one folder; any number of processes may use it."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        """`most_bytes` is what all of them may take; one that is in use stays in any case."""
        self._folder, self._most_bytes = folder.absolute(), most_bytes  # git runs elsewhere
        make_private_folder(self._folder)

    @property
    def name(self) -> str:
        """What this folder, and so its worker, is called among others."""
        path = self._folder / "name"
        if not path.exists():
            write_atomically(path, secrets.token_hex(8).encode("ascii"))
        return path.read_text("ascii")

    @contextmanager
    def open(self, work: Work) -> Iterator[Repository]:
        """The mirror of a repository as its remote is now, for this process alone. Raises
        BusyMirrorError, and RepositoryError where the remote cannot be reached."""
        name = _name_of(work)
        folder = self._folder / f"{name}.git"
        with self._lock(name) as is_alone:
            if not is_alone:
                raise BusyMirrorError(f"another process works in {folder}; wait for its end")
            repository = update_mirror(folder, work.url)
            self._restore_trust(name)
            yield repository
            size = sum(path.lstat().st_size for path in folder.rglob("*"))
            write_atomically(self._folder / f"{name}.size", str(size).encode("ascii"))

    def evict(self) -> list[str]:
        """Removes mirrors, the ones used the longest ago first, until the limit is kept; never one
        in use, or with failures that are not handled. Gives their names."""
        files = {path.stem: path for path in self._folder.glob("*.size")}
        names = sorted(files, key=lambda name: files[name].stat().st_mtime)
        sizes = {name: int(files[name].read_text("ascii")) for name in names}
        removals = []
        for name in names:
            if sum(sizes.values()) <= self._most_bytes:
                break
            if self._remove(name):
                del sizes[name]
                removals.append(name)
        return removals

    def _remove(self, name: str) -> bool:
        folder = self._folder / f"{name}.git"
        with self._lock(name) as is_alone:
            if not is_alone or Inbox(folder / _STATE).list_pending():
                return False
            allowlist = folder / _STATE / _TRUSTED
            if allowlist.exists():
                allowlist.replace(self._folder / f"{name}.{_TRUSTED}")
            shutil.rmtree(folder, ignore_errors=True)
            (self._folder / f"{name}.size").unlink(missing_ok=True)
            return True

    def _restore_trust(self, name: str) -> None:
        copy = self._folder / f"{name}.{_TRUSTED}"
        place = self._folder / f"{name}.git" / _STATE / _TRUSTED
        if copy.exists() and not place.exists():
            make_private_folder(place.parent)
            write_atomically(place, copy.read_bytes())

    @contextmanager
    def _lock(self, name: str) -> Iterator[bool]:
        descriptor = os.open(self._folder / f"{name}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
        except BlockingIOError:
            yield False
        finally:
            os.close(descriptor)


def follow_target(repository: Repository, target: str) -> None:
    """Brings the mirror's target, and HEAD, to where the remote has it."""
    if repository.branch() != target:
        follow_branch(repository, target)


def _name_of(work: Work) -> str:
    return hashlib.sha256(f"{work.tenant}\n{work.repository}".encode()).hexdigest()[:24]
