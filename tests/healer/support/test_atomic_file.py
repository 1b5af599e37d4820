"""A file is written whole, for its owner alone, or not at all."""

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from healer.support.atomic_file import (
    HALF_WRITTEN,
    close_folder,
    make_private_file,
    make_private_folder,
    open_private,
    write_atomically,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("data", [b"", b"one", b"\x00\xff\r\n", b"x" * 3_000_000])
def test_what_is_written_is_read_again(tmp_path: Path, data: bytes, durable: bool) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, data, durable=durable)
    assert path.read_bytes() == data
    assert names(tmp_path) == ["state.json"]


def test_a_later_write_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    for data in (b"a long first state", b"second"):
        write_atomically(path, data)
    assert path.read_bytes() == b"second"


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_file_and_folders_are_for_the_user_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "new" / "state.json", b"secret")
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new/state.json").stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_could_read_is_for_the_user_alone_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b"before")
    path.chmod(0o644)
    write_atomically(path, b"after")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_symlink_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "somebody's"
    target.write_bytes(b"theirs")
    (tmp_path / "state.json").symlink_to(target)
    write_atomically(tmp_path / "state.json", b"ours")
    assert target.read_bytes() == b"theirs"
    assert not (tmp_path / "state.json").is_symlink()


def test_where_the_final_name_is_refused_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "state.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomically(tmp_path / "state.json", b"data")
    assert names(tmp_path) == ["state.json"]


def test_where_the_folder_is_a_file_the_error_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        write_atomically(tmp_path / "file" / "state.json", b"data")


def test_a_name_as_long_as_the_disk_allows_can_be_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("n" * 255), b"data")
    assert names(tmp_path) == ["n" * 255]


def test_what_a_killed_write_leaves_is_no_json_file_and_is_found_by_its_pattern(
    tmp_path: Path,
) -> None:
    code = (
        "import os, sys; from pathlib import Path\n"
        "from healer.support.atomic_file import write_atomically\n"
        "os.fsync = lambda _: os._exit(9)\n"  # dies in mid-write
        "write_atomically(Path(sys.argv[1]), b'data')"
    )
    child = subprocess.run([sys.executable, "-c", code, tmp_path / "state.json"], check=False)
    assert child.returncode == 9
    assert list(tmp_path.glob("*.json")) == []
    assert [path.read_bytes() for path in tmp_path.glob(HALF_WRITTEN)] == [b"data"]


def test_a_reader_never_sees_a_part_while_several_write(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, b"0" * 100_000)
    stop = threading.Event()

    def write(digit: bytes) -> None:
        while not stop.is_set():
            write_atomically(path, digit * 100_000, durable=False)

    writers = [threading.Thread(target=write, args=(digit,)) for digit in (b"1", b"2")]
    for writer in writers:
        writer.start()
    try:
        for _ in range(300):
            data = path.read_bytes()
            assert len(data) == 100_000
            assert len(set(data)) == 1
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert names(tmp_path) == ["state.json"]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_folders_and_files_are_for_the_user_alone_whatever_the_umask(
    tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        make_private_file(tmp_path / "a" / "b" / "c.sqlite")
        with open(tmp_path / "a" / "lock", "a", opener=open_private):
            pass
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "a").rglob("*")}
    assert modes == {"b": 0o700, "c.sqlite": 0o600, "lock": 0o600}
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(0o755)
    (tmp_path / "shared" / "file").write_text("x")
    make_private_folder(tmp_path / "shared")
    make_private_file(tmp_path / "shared" / "file")
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "shared" / "file").read_text() == "x"


def test_a_file_in_the_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        make_private_folder(tmp_path / "file" / "below")


def test_the_locks_of_an_open_database_are_not_lost(tmp_path: Path) -> None:
    """The kernel drops a process's locks on a file when any descriptor of it is closed."""
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("CREATE TABLE t (n)")
        database.execute("BEGIN EXCLUSIVE")
        make_private_file(path)
        code = f"import sqlite3; sqlite3.connect({os.fspath(path)!r}, timeout=0)"
        code += ".execute('INSERT INTO t VALUES (1)')"
        other = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
    assert "database is locked" in other.stderr


def test_an_opener_refuses_a_link_to_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="link"), open(tmp_path / "link", "w", opener=open_private):
        pass
    assert not (tmp_path / "target").exists()


def test_a_folder_that_is_open_to_others_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    close_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    close_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
