"""A candidate writes plain relative paths in the repository's own spelling, and no others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarantine.errors import UnsafePath
from quarantine.paths import PATH_BYTES, WritablePaths, check_path
from quarantine.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, Entry

PLAIN = [
    "job.py",
    "scripts/job.py",
    "a b/c d.py",
    "é.py",
    "日本/語.py",
    ".hidden",
    ".github/x.yml",
    "a.git/b",
    "gitignore",
    ".gitignore",
    "git~5",
    "a/...b",
    "x" * PATH_BYTES,
    "a'\"b",
    "-rf",
    "*.py",
]
LIES = {
    "": "1 to 1024 bytes",
    "x" * (PATH_BYTES + 1): "1 to 1024 bytes",
    "é" * 600: "1 to 1024 bytes",
    "\ud800": "not UTF-8",
    "/etc/passwd": "absolute",
    "a\\b": "backslash or a colon",
    "c:a": "backslash or a colon",
    "a\nb": "invisible",
    "a\0b": "invisible",
    "a\u202eb": "invisible",
    "a\u200db": "invisible",
    "a\u2028b": "invisible",
    "e\u0301.py": "composed form",
    "a//b": "empty component",
    "a/": "empty component",
    "./a": "empty component",
    "a/../b": "empty component",
    "..": "empty component",
    "a./b": "ends with a dot or a space",
    "a /b": "ends with a dot or a space",
    "a/b.": "ends with a dot or a space",
    ".git/config": "git's own folder",
    "a/.GIT/b": "git's own folder",
    "git~1/x": "git's own folder",
    "GIT~2": "git's own folder",
    "．git/x": "git's own folder",
    ".gitmodules": "defines submodules",
    "a/.GitModules": "defines submodules",
    "gitmod~1": "defines submodules",
}  # fmt: skip


@pytest.mark.parametrize("path", PLAIN)
def test_a_plain_path_is_let_through(path: str) -> None:
    check_path(path)


@pytest.mark.parametrize("path", LIES)
def test_a_path_that_lies_is_refused_with_its_reason(path: str) -> None:
    with pytest.raises(UnsafePath, match=LIES[path]):
        check_path(path)


@given(st.text(max_size=30))
def test_no_path_that_passes_leaves_the_tree(path: str) -> None:
    try:
        check_path(path)
    except UnsafePath:
        return
    parts = path.split("/")
    assert all(part not in ("", ".", "..") for part in parts)
    assert all(part.casefold() != ".git" for part in parts)


ENTRIES = {
    "scripts/job.py": Entry(REGULAR, "1" * 40),
    "scripts/run.sh": Entry(EXECUTABLE, "2" * 40),
    "scripts/link": Entry(SYMLINK, "3" * 40),
    "lib": Entry(SUBMODULE, "4" * 40),
    "Data/names.csv": Entry(REGULAR, "5" * 40),
}
REFUSED = {
    "scripts/link": "it is a symbolic link",
    "lib": "it is a submodule",
    "scripts": "it is a folder",
    "Scripts/new.py": "the repository spells it 'scripts'",
    "scripts/JOB.py": "the repository spells it 'scripts/job.py'",
    "data/new.csv": "the repository spells it 'Data'",
    "scripts/ﬁx/../x": "empty component",
    "scripts/job.py/new": "'scripts/job.py' above it is not a folder",
    "scripts/link/new": "'scripts/link' above it is not a folder",
    "lib/new.py": "'lib' above it is not a folder",
    "DATA": "it is a folder",
    ".git/hooks/x": "git's own folder",
}


@pytest.mark.parametrize(
    "path",
    [
        "scripts/job.py",
        "scripts/run.sh",
        "scripts/new.py",
        "new.py",
        "new/deep/down.py",
        "Data/names.csv",
        "Data/new.csv",
    ],
)
def test_a_file_or_a_place_for_one_may_be_written(path: str) -> None:
    WritablePaths(ENTRIES).check(path)


@pytest.mark.parametrize("path", REFUSED)
def test_another_place_may_not(path: str) -> None:
    with pytest.raises(UnsafePath, match=REFUSED[path]):
        WritablePaths(ENTRIES).check(path)


def test_an_empty_tree_has_room_for_anything_plain() -> None:
    WritablePaths({}).check("a/b/c.py")
