"""A tape is never written to by mistake, and says when something is missing on it."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from healer.tape.raw import read_records
from healer.watch.hook.healer_hook_tape import Tape


class Recorded:
    """A tape as `healer run` (`handle`) and a job see it."""

    def __init__(self, max_bytes: int = 32 << 20) -> None:
        self.handle = os.memfd_create("tape")
        job_handle, inode = os.dup(self.handle), os.fstat(self.handle).st_ino
        self.tape = Tape(job_handle, inode, max_bytes, os.getpid())
        self.tape.path = f"/proc/{os.getpid()}/fd/{self.handle}"

    def kinds(self) -> list[str]:
        return [record.kind for record in read_records(self.handle)]

    def close(self) -> None:
        os.close(self.handle)
        if self.tape.handle >= 0:
            os.close(self.tape.handle)


@pytest.fixture
def noted() -> Iterator[Recorded]:
    recorded = Recorded()
    yield recorded
    recorded.close()


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_tape_says_so_and_grows_no_more() -> None:
    noted = Recorded(max_bytes=1000)
    for number in range(50_000):
        noted.tape.write(b"s", b"x" * 100, number)
    assert "F" in noted.kinds()
    assert os.fstat(noted.handle).st_size < 100_000
    noted.close()


def test_a_handle_that_is_another_file_by_now_is_never_written_to(
    noted: Recorded, tmp_path: Path
) -> None:
    noted.tape.write(b"s", b"said")
    with (tmp_path / "theirs").open("wb") as file:
        handle = os.dup2(file.fileno(), noted.tape.handle, inheritable=False)
        noted.tape.write(b"s", b"secret")
        noted.tape.write(b"s", b"secret")
        os.close(handle)
    assert (tmp_path / "theirs").read_bytes() == b""
    assert noted.kinds() == ["X", "s"]


def test_a_handle_that_was_closed_is_said(noted: Recorded) -> None:
    os.close(noted.tape.handle)
    noted.tape.write(b"s", b"secret")
    assert noted.kinds() == ["X"]


def test_where_nobody_waits_for_the_tape_nothing_happens(noted: Recorded) -> None:
    noted.tape.path = "/proc/0/fd/200"
    os.close(noted.tape.handle)
    noted.tape.write(b"s", b"secret")
    assert noted.kinds() == []


def test_what_does_not_fit_is_said_and_what_fits_afterwards_is_read(noted: Recorded) -> None:
    with file_limit(100):
        noted.tape.write(b"s", b"x" * 400)
        noted.tape.write(b"s", b"y")
    noted.tape.write(b"s", b"z")
    records = list(read_records(noted.handle))
    assert [record.data for record in records if record.kind == "s"] == [b"z"]
    assert {record.kind for record in records} == {"s", "X"}
