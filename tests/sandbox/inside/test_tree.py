"""Trees: what may come in, and that any bytes at all give entries or our own error."""

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.inside.tree import BadTreeError, Entry, check_name, parse, write
from sandbox.trees import tar


def _tar_with(info: tarfile.TarInfo, content: bytes = b"") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _info(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def test_files_keep_their_content_and_their_right_to_be_run(tmp_path: Path) -> None:
    info = _info("bin/run")
    info.mode = 0o755
    entries = parse(_tar_with(info, b"#!"))
    write(entries, str(tmp_path / "tree"))
    made = tmp_path / "tree" / "bin" / "run"
    assert made.read_bytes() == b"#!"
    assert made.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    "name", ["", "/a", "../a", "a/../b", "a//b", "./a", "a/.", "a\0b", "a/", "x" * 5000]
)
def test_names_that_are_not_plain_are_refused(name: str) -> None:
    with pytest.raises(BadTreeError):
        check_name(name)


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
def test_whatever_is_no_regular_file_is_refused_by_name(kind: bytes) -> None:
    with pytest.raises(BadTreeError, match="'odd' is not a regular file"):
        parse(_tar_with(_info("odd", kind, "/etc/passwd")))


def test_one_name_twice_is_refused() -> None:
    one = _tar_with(_info("a"), b"1")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for content in (b"1", b"2"):
            info = _info("a")
            info.size = 1
            archive.addfile(info, io.BytesIO(content))
    assert parse(one)
    with pytest.raises(BadTreeError, match="twice"):
        parse(out.getvalue())


def test_a_file_in_the_place_of_a_folder_is_an_error_and_not_a_surprise(tmp_path: Path) -> None:
    entries = parse(tar({"a": b"", "a/b": b""}))
    with pytest.raises(OSError, match="a"):
        write(entries, str(tmp_path / "tree"))


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_a_tree_or_our_own_error(data: bytes) -> None:
    for candidate in (data, tar({"a.py": data})[: len(data) + 300]):
        try:
            entries = parse(candidate)
        except BadTreeError:
            continue
        assert all(isinstance(entry, Entry) for entry in entries)
