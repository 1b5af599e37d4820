"""One log file is read on from where it was left, and known again under another name."""

import os
from pathlib import Path

import pytest

from healer.failure.blocks import Block
from healer.watch.logs.file import LogFile, find_renamed, identify, open_log

TRACEBACK = (
    'Traceback (most recent call last):\n  File "a.py", line 3, in main\n    {}()\nKeyError: 1\n'
)
END = "2026-11-20 20:47:17 INFO going on\n"


def open_file(path: Path, offset: int = 0, skip: tuple[str, ...] = ()) -> LogFile:
    return LogFile(str(path), open_log(str(path)), offset, skip)


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def read_all(log: LogFile) -> list[str]:
    """What is found once the file is quiet."""
    return sources([*log.new_blocks(), *log.settle()])


def sources(blocks: "list[Block]") -> list[str]:
    return [block.lines[2].strip() for block in blocks]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.touch()
    return path


def test_what_was_written_since_last_time_is_read(path: Path) -> None:
    with open_file(path) as log:
        append(path, TRACEBACK.format("one") + END)
        assert read_all(log) == ["one()"]
        append(path, TRACEBACK.format("two") + END)
        assert read_all(log) == ["two()"]
        assert list(log.new_blocks()) == []


def test_a_traceback_that_is_open_is_complete_when_it_settles_or_the_file_ends(path: Path) -> None:
    with open_file(path) as log:
        append(path, TRACEBACK.format("one"))
        assert list(log.new_blocks()) == []
        assert sources(log.settle()) == ["one()"]
        append(path, TRACEBACK.format("two"))
        assert list(log.new_blocks()) == []
        assert sources(log.end()) == ["two()"]


def test_an_offset_lies_before_what_is_still_open(path: Path) -> None:
    with open_file(path) as log:
        append(path, END)
        list(log.new_blocks())
        append(path, TRACEBACK.format("one"))
        list(log.new_blocks())
        assert log.to_offset().offset == len(END)
        assert log.read_to == path.stat().st_size


def test_who_goes_on_finds_nothing_twice(path: Path) -> None:
    append(path, TRACEBACK.format("one") + END)
    with open_file(path) as log:
        assert read_all(log) == ["one()"]
        log.remember_head()
        offset = log.to_offset()
    append(path, TRACEBACK.format("two") + END)
    with open_file(path) as later:
        later.go_on(offset)
        assert read_all(later) == ["two()"]


@pytest.mark.parametrize("text", ["", "short\n", "another beginning\n" * 40])
def test_a_file_that_was_written_anew_is_read_from_its_top(path: Path, text: str) -> None:
    append(path, "old line\n" + TRACEBACK.format("one") + END)
    with open_file(path) as log:
        read_all(log)
        log.remember_head()
        assert not log.was_written_anew()
        offset = log.to_offset()
        path.write_text(text + TRACEBACK.format("two") + END)
        assert log.was_written_anew()
    with open_file(path) as later:
        later.go_on(offset)
        assert read_all(later) == ["two()"]


def test_more_than_one_chunk_is_read_whole(path: Path) -> None:
    append(path, (END * 400 + TRACEBACK.format("one")) * 90 + END)
    assert path.stat().st_size > 1 << 20
    with open_file(path) as log:
        assert len(read_all(log)) == 90


def test_only_a_regular_file_is_opened(tmp_path: Path) -> None:

    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(OSError, match=r"regular file|directory"):
            open_log(str(tmp_path / name))
    with pytest.raises(FileNotFoundError):
        open_log(str(tmp_path / "nothing"))


def test_a_file_is_known_by_its_inode(path: Path) -> None:
    with open_file(path) as log:
        assert identify(str(path)) == log.identity
        path.rename(path.with_name("app.log.1"))
        assert identify(str(path)) is None
        assert find_renamed(path, log.to_offset()) == str(path.with_name("app.log.1"))
        path.with_name("app.log.1").unlink()
        assert find_renamed(path, log.to_offset()) == ""


def test_closing_twice_closes_once(path: Path) -> None:
    log = open_file(path)
    log.close()
    log.close()
    assert log.file.closed
