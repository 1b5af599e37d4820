"""What a job reads, looks for and writes is noted before it changes, within bounds."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.tape.raw import Record, read_records
from healer.watch.hook.healer_hook_tape import Tape
from healer.watch.hook.healer_hook_watch import MAX_FILE_BYTES, Watcher


class Recorded:
    """A watcher, and what it noted."""

    def __init__(self, max_bytes: int = 32 << 20) -> None:
        self.handle = os.memfd_create("tape")
        self.tape = Tape(self.handle, os.fstat(self.handle).st_ino, max_bytes)
        self.watcher = Watcher(self.tape)

    def records(self) -> list[Record]:
        return [record for record in read_records(self.handle) if record.kind != "P"]

    def open(self, path: object, mode: str | None = "r", flags: int = 0) -> None:
        self.watcher.hear_open((path, mode, flags))


@pytest.fixture
def noted() -> Iterator[Recorded]:
    recorded = Recorded()
    yield recorded
    os.close(recorded.handle)


def write(path: Path, data: bytes = b"rows") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def test_a_file_is_noted_once_with_what_is_in_it(noted: Recorded, tmp_path: Path) -> None:
    path = write(tmp_path / "data" / "é.csv", b"\x00rows\n\xff")
    noted.open(path)
    noted.open(path)
    noted.open(os.fsencode(path), None, os.O_RDONLY)
    (record,) = noted.records()
    assert (record.kind, record.fact()[0], record.rest()) == ("f", path, b"\x00rows\n\xff")


def test_a_file_that_is_overwritten_is_no_input_and_one_that_grows_is(
    noted: Recorded, tmp_path: Path
) -> None:
    noted.open(write(tmp_path / "out.csv"), "w")
    noted.open(write(tmp_path / "log.txt"), "a")
    noted.open(str(tmp_path / "out.csv"))
    assert [(r.kind, Path(r.fact()[0]).name) for r in noted.records()] == [
        ("w", "out.csv"),
        ("f", "log.txt"),
        ("w", "log.txt"),
    ]


def test_a_file_that_is_not_there_is_noted_too(noted: Recorded, tmp_path: Path) -> None:
    noted.open(str(tmp_path / "no" / "such.csv"))
    (record,) = noted.records()
    assert record.kind == "a"
    assert record.fact() == (str(tmp_path / "no" / "such.csv"), 2, str(tmp_path))


@pytest.mark.parametrize(
    "path", ["job.py", "a/site-packages/data.csv", "a/__pycache__/x.bin", ".git/config"]
)
def test_code_and_libraries_are_no_input(noted: Recorded, tmp_path: Path, path: str) -> None:
    noted.open(write(tmp_path / path))
    assert noted.records() == []


@pytest.mark.parametrize("path", ["key.pem", "id.key", "a.netrc", ".netrc"])
def test_of_a_file_of_secrets_only_its_name_is_noted(
    noted: Recorded, tmp_path: Path, path: str
) -> None:
    noted.open(write(tmp_path / path, b"hunter2"))
    (record,) = noted.records()
    assert (record.kind, record.rest()) == ("S", b"")


def test_a_large_file_is_named_and_not_copied(noted: Recorded, tmp_path: Path) -> None:
    noted.open(write(tmp_path / "large.csv", b"x" * (MAX_FILE_BYTES + 1)))
    (record,) = noted.records()
    assert (record.kind, record.fact()[1]) == ("L", MAX_FILE_BYTES + 1)


def test_a_pipe_is_not_read(noted: Recorded, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    noted.open(str(tmp_path / "pipe"))
    assert noted.records() == []


def test_a_database_comes_with_its_journal(noted: Recorded, tmp_path: Path) -> None:
    write(tmp_path / "a.db-wal", b"wal")
    noted.watcher.hear_database((write(tmp_path / "a.db", b"pages"),))
    noted.watcher.hear_database((":memory:",))
    assert [(r.kind, r.rest()) for r in noted.records()] == [
        ("f", b"wal"),
        ("f", b"pages"),
        ("w", b""),
    ]


def test_a_listed_folder_is_noted_with_its_names(noted: Recorded, tmp_path: Path) -> None:
    write(tmp_path / "in" / "b.csv")
    write(tmp_path / "in" / "a.csv")
    noted.watcher.hear_listing((str(tmp_path / "in"),))
    noted.watcher.hear_listing((3,))
    (record,) = noted.records()
    folder, names, facts = record.fact()
    assert (folder, names) == (str(tmp_path / "in"), ["a.csv", "b.csv"])
    status = (tmp_path / "in" / "b.csv").stat()
    assert facts[1] == (status.st_size, status.st_mtime_ns)


def test_a_folder_in_a_listed_folder_is_told_from_a_file(noted: Recorded, tmp_path: Path) -> None:
    write(tmp_path / "old" / "a.csv")
    noted.watcher.hear_listing((str(tmp_path),))
    assert noted.records()[0].fact() == (str(tmp_path), ["old/"], [None])


def test_a_file_that_is_not_there_behind_its_link_has_no_size(
    noted: Recorded, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "no")
    noted.watcher.hear_listing((str(tmp_path),))
    assert noted.records()[0].fact() == (str(tmp_path), ["link"], [None])


def test_what_is_replaced_or_removed_is_noted_as_it_was(noted: Recorded, tmp_path: Path) -> None:
    new, old = str(tmp_path / "new"), write(tmp_path / "out" / "old")
    noted.watcher.hear_rename((new, old, -1, -1))
    handle = os.open(tmp_path / "out", os.O_RDONLY)
    noted.watcher.hear_removal(("gone", handle))
    noted.watcher.hear_removal((3, -1))
    noted.watcher.hear_truncation((old, 0))
    os.close(handle)
    assert [(r.kind, r.fact()[0], r.fact()[-1]) for r in noted.records() if r.kind == "w"] == [
        ("w", new, False),
        ("w", old, True),
        ("w", str(tmp_path / "out" / "gone"), False),
    ]
    assert [r.rest() for r in noted.records() if r.kind == "f"] == [b"rows"]


def test_a_library_that_speaks_in_c_is_noted_and_others_are_not(noted: Recorded) -> None:
    for name in ("pyodbc", "pyodbc.extras", "json"):
        noted.watcher.hear_import((name, None, None, None, None))
    assert [(record.kind, record.fact()) for record in noted.records()] == [("g", "pyodbc")]


def test_programs_are_noted_with_their_words(noted: Recorded) -> None:
    noted.watcher.hear_program(("/bin/df", ["df", b"-h"], None, None))
    noted.watcher.hear_program(("df -h",))
    assert [record.fact() for record in noted.records()] == [["df", "-h"], ["df -h"]]


def test_of_a_path_that_is_tried_the_program_that_is_there_is_noted(noted: Recorded) -> None:
    for path in ("/nowhere/sh", "/bin/sh"):
        noted.watcher.hear_exec((path, ["sh", "-c", "exit"], {}))
    assert [record.fact() for record in noted.records()] == [["sh", "-c", "exit"]]
