"""File locks, which the kernel drops however a process ends: who lives, who merges, who decides.

Belongs here: the locks. Does not belong here: what is done under them.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from healer.facts.errors import WorkflowError
from healer.support.atomic_file import make_private_folder


class AlreadyRunningError(WorkflowError):
    """A living process has the executor id that was asked for."""


@contextmanager
def hold_executor_lock(folder: Path, executor: str) -> Iterator[None]:
    """Holds the lock of an executor id. Raises AlreadyRunningError where a process has it."""
    with _open_lock(folder, executor) as descriptor:
        if not _try_lock(descriptor):
            raise AlreadyRunningError(
                f"another healer runs as {executor} in {folder}; wait for it, or end it"
            )
        yield


def is_alive(folder: Path, executor: str) -> bool:
    """Whether a process of this machine runs under this executor id."""
    if not _lock_path(folder, executor).exists():
        return False
    with _open_lock(folder, executor) as descriptor:
        return not _try_lock(descriptor)


def find_holder(folder: Path, executor: str) -> int | None:
    """The process that runs under this executor id; None where there is none, or the kernel does
    not say, as of a process in another container."""
    try:
        facts = _lock_path(folder, executor).stat()
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    place = f"{os.major(facts.st_dev):02x}:{os.minor(facts.st_dev):02x}:{facts.st_ino}"
    holders = (line.split()[4] for line in lines if " FLOCK " in line and f" {place} " in line)
    return next((int(pid) for pid in holders if int(pid) > 0), None)


@contextmanager
def hold_merge_lock(folder: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """One merge at a time for each repository, over all threads and processes of this machine.

    A fix that is checked again because the branch has moved is then not overtaken by the next one.
    `on_wait` is called where another merge has to be waited for. Not to be nested.
    """
    with _open_lock(folder, "merge") as descriptor:
        if not _try_lock(descriptor):
            on_wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


@contextmanager
def hold_decision_lock(folder: Path, incident: str, *, wait: bool) -> Iterator[None]:
    """One word from elsewhere at a time on an incident: what it allows is looked up, carried out
    and used up under this lock.

    Incidents share a few files, so that these do not become more. Raises AlreadyRunningError
    where another word is carried out now and this one does not `wait`.
    """
    with _open_lock(folder, f"decision-{incident[:1]}") as descriptor:
        if wait:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        elif not _try_lock(descriptor):
            raise AlreadyRunningError(
                "another decision is carried out at this moment; look again in a minute"
            )
        yield


@contextmanager
def hold_closing_lock(folder: Path, incident: str) -> Iterator[None]:
    """One repair of an incident ends at a time, over all threads and processes of this machine:
    what another one has come to is looked up, and this one's end recorded, under this lock.

    Incidents share a few files, as with decisions. Not to be nested.
    """
    with _open_lock(folder, f"closing-{incident[:1]}") as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def _lock_path(folder: Path, name: str) -> Path:
    return folder / "locks" / f"{name}.lock"


@contextmanager
def _open_lock(folder: Path, name: str) -> Iterator[int]:
    """The descriptor of a lock's file, which is made where it is missing; closing it unlocks."""
    path = _lock_path(folder, name)
    make_private_folder(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
