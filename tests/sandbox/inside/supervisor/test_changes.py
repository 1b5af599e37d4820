"""What a command wrote, changed or removed is found, and nothing else."""

import base64
import hashlib
import os
from pathlib import Path

from sandbox.inside.messages import ChangedFile
from sandbox.inside.supervisor.changes import MOST_KEPT, find_changes, find_rewrites, read_clock


def write(folder: Path, files: dict[str, bytes]) -> dict[str, bytes | memoryview]:
    """The files, and what they hold by whole path."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return {str(folder / name): data for name, data in files.items()}


def find(folder: Path, before: dict[str, bytes | memoryview], began: int) -> list[ChangedFile]:
    return list(find_changes(before, began, [str(folder)]))


def test_the_clock_divides_what_was_changed_before_from_what_is_changed_later(
    tmp_path: Path,
) -> None:
    for number in range(50):
        before, after = tmp_path / f"b{number}", tmp_path / f"a{number}"
        before.touch()
        if number % 2:
            before.stat()  # where somebody looked, the kernel's next moment is a finer one
            before.chmod(0o600)
        began = read_clock()
        after.touch()
        assert before.stat().st_ctime_ns < began <= after.stat().st_ctime_ns


def test_only_what_is_written_differently_counts(tmp_path: Path) -> None:
    before = write(tmp_path, {"same": b"1", "touched": b"2", "changed": b"3", "a/gone": b"4"})
    began = read_clock()
    write(tmp_path, {"touched": b"2", "changed": b"33", "out/new": b"5"})
    (tmp_path / "a" / "gone").unlink()
    told = {Path(each["path"]).name: each for each in find(tmp_path, before, began)}
    assert {name: each["size"] for name, each in told.items()} == {
        "changed": 2,
        "new": 1,
        "gone": -1,
    }
    assert told["changed"]["digest"] == hashlib.sha256(b"33").hexdigest()
    assert base64.urlsafe_b64decode(told["new"]["data"] or "") == b"5"


def test_what_is_written_again_as_it_was_is_told_apart(tmp_path: Path) -> None:
    before = write(
        tmp_path, {"same": b"1", "touched": b"2", "changed": b"3", "empty": b"", "x": b"5"}
    )
    began = read_clock()
    write(tmp_path, {"touched": b"2", "changed": b"4", "empty": b""})
    (tmp_path / "x").unlink()
    (told,) = find_rewrites(before, began)
    assert (Path(told["path"]).name, told["is_same"]) == ("touched", True)
    assert base64.urlsafe_b64decode(told["data"] or "") == b"2"


def test_a_time_that_the_command_sets_hides_nothing(tmp_path: Path) -> None:
    before = write(tmp_path, {"a": b"12"})
    began = read_clock()
    write(tmp_path, {"a": b"21"})
    os.utime(tmp_path / "a", (1, 1))
    assert [each["size"] for each in find(tmp_path, before, began)] == [2]


def test_links_caches_and_files_known_by_name_alone_are_no_change(tmp_path: Path) -> None:
    before = write(tmp_path, {"named": b""})
    write(tmp_path, {"__pycache__/x.pyc": b"1", ".git/HEAD": b"1", ".peers.pem": b"1"})
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert find(tmp_path, before, 0) == []


def test_what_could_not_be_laid_is_not_told_as_removed(tmp_path: Path) -> None:
    assert find(tmp_path, {"/usr/share/no/such": b"1"}, 0) == []


def test_of_a_long_file_only_size_and_digest_are_told(tmp_path: Path) -> None:
    data = b"x" * (MOST_KEPT + 5)
    write(tmp_path, {"long": data})
    (told,) = find(tmp_path, {}, 0)
    assert (told["size"], told["data"]) == (len(data), None)
    assert told["digest"] == hashlib.sha256(data).hexdigest()
    assert find(tmp_path, {str(tmp_path / "long"): data}, 0) == []
