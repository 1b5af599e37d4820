"""Trees: what may come in, and that any bytes at all give entries or our own error."""

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.inside.tree import (
    MAX_FILES,
    BadTreeError,
    Entry,
    check_name,
    overlay,
    parse,
    write,
)
from sandbox.trees import tar
from tests.sandbox.inside.in_child import run_code


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


NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=12
).filter(lambda name: name not in {".", ".."})


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(NAMES, st.binary(max_size=300), max_size=6))
def test_whatever_is_packed_comes_out_the_same(files: dict[str, bytes]) -> None:
    entries = parse(tar(files))
    assert {entry.path: bytes(entry.content) for entry in entries} == files
    assert not any(entry.executable for entry in entries)


def test_folders_are_made_where_their_files_are_and_not_for_themselves(tmp_path: Path) -> None:
    folder = _info("empty", tarfile.DIRTYPE)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(folder)
        info = _info("a/b/c.py")
        archive.addfile(info, io.BytesIO(b""))
    entries = parse(out.getvalue())
    write(entries, str(tmp_path / "tree"))
    paths = sorted(p.relative_to(tmp_path / "tree").as_posix() for p in tmp_path.rglob("tree/**/*"))
    assert paths == ["a", "a/b", "a/b/c.py"]


def test_the_tree_is_never_written_into_a_folder_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    with pytest.raises(FileExistsError):
        write([], str(tmp_path / "tree"))


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    """Two names of one file system that ignores case, or a link made meanwhile."""
    (tmp_path / "target").write_text("kept")
    with pytest.raises(FileExistsError):
        write([Entry("a", False, b"1"), Entry("a", False, b"2")], str(tmp_path / "tree"))
    assert (tmp_path / "target").read_text() == "kept"


def test_files_laid_over_replace_and_add_and_leave_the_rest(tmp_path: Path) -> None:
    root = str(tmp_path / "tree")
    write(parse(tar({"a.py": b"old", "b.py": b"b"})), root)
    overlay([Entry("a.py", False, b"new"), Entry("in/data.txt", False, b"42")], root)
    made = {p.name: p.read_bytes() for p in (tmp_path / "tree").rglob("*") if p.is_file()}
    assert made == {"a.py": b"new", "b.py": b"b", "data.txt": b"42"}


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b", ""])
def test_a_file_laid_over_cannot_leave_the_tree(tmp_path: Path, name: str) -> None:
    (tmp_path / "tree").mkdir()
    with pytest.raises(BadTreeError):
        overlay([Entry(name, False, b"x")], str(tmp_path / "tree"))
    assert list((tmp_path / "tree").iterdir()) == []


def test_more_files_than_agreed_are_refused() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number in range(MAX_FILES + 1):
            archive.addfile(_info(f"{number}"))
    with pytest.raises(BadTreeError, match=f"more than {MAX_FILES} files"):
        parse(out.getvalue())


def test_a_sparse_file_is_refused_before_its_size_is_believed() -> None:
    info = tarfile.TarInfo("huge")
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
    info.pax_headers |= {"GNU.sparse.name": "huge", "GNU.sparse.realsize": str(1 << 50)}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info.size = 512
        archive.addfile(info, io.BytesIO(b"1\n0\n512\n".ljust(512, b"\0")))
    with pytest.raises(BadTreeError, match=r"not a regular file|not a readable tar"):
        parse(out.getvalue())


def test_a_name_of_just_the_greatest_length_is_taken() -> None:
    check_name("/".join(["x" * 199] * 20))
    with pytest.raises(BadTreeError, match="longer than"):
        check_name("/".join(["x" * 200] * 20))


def test_a_file_that_does_not_fit_is_an_error_of_the_disk(tmp_path: Path) -> None:
    code = (
        "import resource\nfrom sandbox.inside import tree\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))\n"
        "entry = tree.Entry('a', False, b'x' * 5_000)\n"
        f"try:\n    tree.write([entry], {str(tmp_path / 'tree')!r})\n"
        "except OSError as error:\n    print(error.strerror)"
    )
    assert run_code(code).stdout == b"File too large\n"
