"""Files are replaced whole, never through a link, and never over what a person saved."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarantine.checkout import files
from tests.support.git import write_files


@pytest.mark.parametrize(
    ("path", "kind", "content"),
    [
        ("job.py", "file", b"x\n"),
        ("empty", "file", b""),
        ("absent.py", "absent", None),
        ("absent/job.py", "absent", None),
        ("job.py/below", "absent", None),
        ("folder", "a folder", None),
        ("link", "a symbolic link", None),
        ("dangling", "a symbolic link", None),
        ("way/job.py", "beyond a symbolic link", None),
        ("way/absent.py", "beyond a symbolic link", None),
        ("pipe", "a special file", None),
    ],
)
def test_what_lies_at_a_path_is_told_without_following_a_link(
    tmp_path: Path, path: str, kind: str, content: bytes | None
) -> None:
    write_files(tmp_path, {"job.py": "x\n", "empty": "", "folder/job.py": "y\n"})
    (tmp_path / "link").symlink_to("job.py")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "way").symlink_to("folder")
    os.mkfifo(tmp_path / "pipe")
    there = files.look(tmp_path, path)
    assert (there.kind, there.file_content) == (kind, content)
    assert (there.status is not None) == (kind == "file")


@pytest.mark.parametrize(
    ("content", "on_disk"),
    [(b"a\nb\n", b"a\r\nb\r\n"), (b"a\r\nb\n", b"a\r\nb\n"), (b"a", b"a"), (b"", b""),
     (b"a\rb\n", b"a\rb\r\n")],
)  # fmt: skip
def test_a_file_gets_crlf_as_a_whole_or_not_at_all(content: bytes, on_disk: bytes) -> None:
    assert files.with_crlf(content) == on_disk


@given(st.binary())
def test_crlf_is_put_in_once(content: bytes) -> None:
    once = files.with_crlf(content)
    assert files.with_crlf(once) == once or b"\r\n" not in once


@pytest.mark.parametrize(
    ("on_disk", "is_same"),
    [("a\nb\n", True), ("a\r\nb\r\n", True), ("a\r\nb\n", False), ("a\nb", False), ("", False)],
)
def test_line_ends_of_a_whole_file_are_no_other_text(
    tmp_path: Path, on_disk: str, is_same: bool
) -> None:
    write_files(tmp_path, {"job.py": on_disk})
    assert files.same_text(tmp_path, "job.py", b"a\nb\n") == is_same


def test_a_file_that_is_not_there_is_not_even_the_same_as_an_empty_one(tmp_path: Path) -> None:
    assert not files.same_text(tmp_path, "job.py", b"")


def test_a_temporary_name_lies_beside_the_file_and_differs_each_time() -> None:
    names = {files.temporary_name("scripts/job.py") for _ in range(20)}
    assert len(names) == 20
    assert all(name.startswith("scripts/.job.py.healer-") for name in names)


def test_a_temporary_name_of_a_long_name_is_still_a_name(tmp_path: Path) -> None:
    name = files.temporary_name("a" * 255)
    (tmp_path / name).touch()
    assert "/" not in name


def test_a_temporary_file_takes_the_mode_of_the_file_it_replaces(tmp_path: Path) -> None:
    write_files(tmp_path, {"run.sh": "old\n"})
    (tmp_path / "run.sh").chmod(0o750)
    files.write_temporary(tmp_path, "fresh", b"new\n", (tmp_path / "run.sh").stat())
    assert (tmp_path / "fresh").read_bytes() == b"new\n"
    assert stat.S_IMODE((tmp_path / "fresh").stat().st_mode) == 0o750


def test_a_new_file_takes_the_mode_of_its_folder_without_running(tmp_path: Path) -> None:
    tmp_path.chmod(0o775)
    files.write_temporary(tmp_path, "deep/down/fresh", b"new\n", None)
    assert stat.S_IMODE((tmp_path / "deep/down/fresh").stat().st_mode) == 0o664
    for folder in ("deep", "deep/down"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o775


def test_a_temporary_file_never_overwrites_one(tmp_path: Path) -> None:
    write_files(tmp_path, {"fresh": "somebody's\n"})
    with pytest.raises(FileExistsError):
        files.write_temporary(tmp_path, "fresh", b"new\n", None)
    assert (tmp_path / "fresh").read_text() == "somebody's\n"


def put(root: Path, content: str | None, *was: bytes) -> bool:
    """Puts `content` at job.py, if one of `was` lies there."""
    if content is None:
        return files.put(root, "job.py", None, was)
    write_files(root, {"fresh": content})
    return files.put(root, "job.py", "fresh", was)


PUTS = {
    # there, new, expected there: (done, there afterwards)
    "replaced": ("old", "new", (b"old",), True, "new"),
    "replaced as one of several": ("new", "new", (b"old", b"new"), True, "new"),
    "kept when it is another": ("mine", "new", (b"old",), False, "mine"),
    "kept when nothing was expected": ("mine", "new", (), False, "mine"),
    "made": (None, "new", (), True, "new"),
    "not made where one was expected": (None, "new", (b"old",), False, None),
    "removed": ("old", None, (b"old",), True, None),
    "not removed when it is another": ("mine", None, (b"old",), False, "mine"),
    "gone already": (None, None, (b"old",), True, None),
    "nothing for nothing": (None, None, (), True, None),
}


@pytest.mark.parametrize("case", PUTS)
def test_a_file_is_put_only_where_the_expected_one_lies(tmp_path: Path, case: str) -> None:
    there, new, expected, is_done, afterwards = PUTS[case]
    if there is not None:
        write_files(tmp_path, {"job.py": there})
    assert put(tmp_path, new, *expected) == is_done
    target = tmp_path / "job.py"
    assert (target.read_text() if target.exists() else None) == afterwards
    assert {path.name for path in tmp_path.iterdir()} <= {"job.py", "fresh"}
    assert (tmp_path / "fresh").exists() == (not is_done and new is not None)


@pytest.mark.parametrize("case", PUTS)
def test_it_is_the_same_where_files_cannot_be_exchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    there, new, expected, is_done, afterwards = PUTS[case]
    if there is not None:
        write_files(tmp_path, {"job.py": there})
    assert put(tmp_path, new, *expected) == is_done
    target = tmp_path / "job.py"
    assert (target.read_text() if target.exists() else None) == afterwards


def test_a_removed_file_takes_its_empty_folders_along(tmp_path: Path) -> None:
    write_files(tmp_path, {"a/b/job.py": "x", "a/other.py": "y"})
    assert files.put(tmp_path, "a/b/job.py", None, (b"x",))
    assert not (tmp_path / "a/b").exists()
    assert (tmp_path / "a/other.py").exists()
    assert files.put(tmp_path, "a/other.py", None, (b"y",))
    assert list(tmp_path.iterdir()) == []


def test_extended_attributes_come_along_where_there_are_any(tmp_path: Path) -> None:
    write_files(tmp_path, {"old": "x", "new": "y"})
    try:
        os.setxattr(tmp_path / "old", "user.note", b"hello")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    files.copy_attributes(tmp_path / "old", tmp_path / "new")
    assert os.getxattr(tmp_path / "new", "user.note") == b"hello"


def test_where_there_is_nothing_to_copy_from_nothing_is_copied(tmp_path: Path) -> None:
    write_files(tmp_path, {"new": "y"})
    files.copy_attributes(tmp_path / "absent", tmp_path / "new")


def test_only_a_folder_can_be_synced(tmp_path: Path) -> None:
    files.sync_folder(tmp_path)
    write_files(tmp_path, {"file": "x"})
    with pytest.raises(NotADirectoryError):
        files.sync_folder(tmp_path / "file")
