"""Both sides of a patch are read within limits, and only lines that are new count as added."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarantine.policy import ChangedPath, literals_of
from quarantine.policy.expressions import MAX_DEPTH, parse
from quarantine.policy.files import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_READ_LINES,
    FileChange,
    decode,
    read_patch,
)
from tests.support.memory_tree import MemoryTree


def change(
    old: str | bytes | None, new: str | bytes | None, path: str = "job.py", *, is_test: bool = False
) -> FileChange:
    sides = [side.encode() if isinstance(side, str) else side for side in (old, new)]
    modes = ["" if side is None else "100644" for side in sides]
    changed = ChangedPath(path=path, old_mode=modes[0], new_mode=modes[1])
    return FileChange(change=changed, old=sides[0], new=sides[1], is_test_code=is_test)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = 1\n", "x = 1\n"),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        (b"\xef\xbb\xbfx", "x"),
        ("é".encode(), "é"),
        (b"", ""),
        (b"\xff", None),
        ("é".encode("latin-1"), None),
        (b"\xff\xfex\x00", None),
        (None, None),
    ],
)
def test_text_is_utf_8_with_plain_line_ends(data: bytes | None, text: str | None) -> None:
    assert decode(data) == text


@pytest.mark.parametrize("text", ["x = 1", "", "# only a comment", "'\\d'", "x = 1\n\n\n"])
def test_what_python_reads_is_parsed(text: str) -> None:
    assert parse(text) is not None


@pytest.mark.parametrize("text", ["x = ", "\0", "def f(:", "((((", "print 1", " x = 1"])
def test_what_python_cannot_read_is_not(text: str) -> None:
    assert parse(text) is None


def test_warnings_of_their_code_are_not_printed(recwarn: pytest.WarningsRecorder) -> None:
    parse("x = '\\d'\nassert (1, 'a')\n")
    assert len(recwarn) == 0


def test_what_nests_too_deeply_is_not_read() -> None:
    assert parse("x = " + "-" * (MAX_DEPTH - 10) + "1") is not None
    assert parse("x = " + "-" * (MAX_DEPTH + 10) + "1") is None


@pytest.mark.parametrize(
    ("path", "head", "is_python"),
    [
        ("job.py", "x", True),
        ("job.pyw", "x", True),
        ("job.pyi", "x", True),
        ("bin/job", "#!/usr/bin/env python3\n", True),
        ("bin/job", "#!/usr/bin/python\n", True),
        ("bin/job", "#!/bin/sh\n# python\n", False),
        ("bin/job", "# python\n", False),
        ("job.txt", "import os\n", False),
        ("py", "x", False),
    ],
)
def test_python_is_known_by_its_suffix_or_its_first_line(
    path: str, head: str, is_python: bool
) -> None:
    assert change("", head, path).is_python == is_python
    assert change(head, None, path).is_python == is_python


@pytest.mark.parametrize(
    ("old", "new", "added"),
    [
        ("a\nb", "a\nb", []),
        ("a\nb", "b\na", []),
        ("a\nb", "a\nc\nb", [(2, "c")]),
        ("a\nb", "  a\n  b", []),
        ("a", "a\na", [(2, "a")]),
        ("a\na", "a", []),
        (None, "a\nb", [(1, "a"), (2, "b")]),
        ("a", None, []),
        ("a\r\nb", "a\nb", []),
    ],
)
def test_moved_and_indented_lines_are_not_added(
    old: str | None, new: str | None, added: list[tuple[int, str]]
) -> None:
    assert [line for line in change(old, new).added_lines if line[1]] == added


@given(st.lists(st.sampled_from(["a", "b", "  a", "c"])), st.lists(st.sampled_from("abc")))
def test_there_are_as_many_added_lines_as_the_base_lacks(old: list[str], new: list[str]) -> None:
    file = change("\n".join(old), "\n".join(new))
    rest = [line.strip() for line in old]
    lacking = 0
    for line in new or [""]:
        if line in rest:
            rest.remove(line)
        else:
            lacking += 1
    assert len(file.added_lines) == lacking - (0 if old or new else 1)


@pytest.mark.parametrize(
    ("start", "end", "touched"),
    [(1, 1, False), (2, 2, True), (1, 2, True), (3, 3, False), (3, 4, True), (5, 9, False)],
)
def test_a_range_is_touched_where_one_of_its_lines_is_added(
    start: int, end: int, touched: bool
) -> None:
    assert change("a\nb\nc", "a\nx\nb\ny\nc").is_touched(start, end) == touched


def test_a_base_that_cannot_be_parsed_is_unreadable_and_one_that_is_missing_is_not() -> None:
    assert change("x = ", "x = 1").base_unreadable
    assert not change(None, "x = 1").base_unreadable
    assert not change("x = 1", "x = ").base_unreadable


@pytest.mark.parametrize(
    ("old", "new", "is_test", "is_new_test"),
    [(None, "x", True, True), ("x", "y", True, False), (None, "x", False, False),
     ("x", None, True, False)],
)  # fmt: skip
def test_a_new_test_is_a_test_that_was_not_there(
    old: str | None, new: str | None, is_test: bool, is_new_test: bool
) -> None:
    assert change(old, new, is_test=is_test).is_new_test == is_new_test


def test_what_is_too_big_is_not_read() -> None:
    big = change("x = 1", b"#" * (MAX_FILE_BYTES + 1))
    assert (big.too_big, big.new_text, big.new_module) == (True, None, None)
    assert not change("x = 1", b"#" * MAX_FILE_BYTES).too_big


def test_what_has_too_many_added_lines_is_not_parsed() -> None:
    long = change("", "".join(f"x = {n}\n" for n in range(MAX_READ_LINES + 1)))
    assert (long.too_long, long.new_module) == (True, None)


FILES = {"a.py": b"x = 1\n", "b.txt": b"x", "broken.py": b"x = ", "tests/test_a.py": b"y = 1\n"}


def test_product_is_the_python_without_the_tests_that_come_along() -> None:
    changes = [ChangedPath(path=path, new_mode="100644") for path in FILES]
    patch = read_patch(MemoryTree({}), MemoryTree(FILES), changes, frozenset())
    assert [file.path for file in patch.python] == ["a.py", "tests/test_a.py"]
    assert [file.path for file in patch.product] == ["a.py"]


def test_a_test_that_was_there_is_product_for_the_policy() -> None:
    changes = [ChangedPath(path="tests/test_a.py", old_mode="100644", new_mode="100644")]
    patch = read_patch(MemoryTree(FILES), MemoryTree(FILES), changes, frozenset())
    assert [file.path for file in patch.product] == ["tests/test_a.py"]


def test_a_deleted_file_has_only_its_old_side() -> None:
    changes = [ChangedPath(path="a.py", old_mode="100644")]
    (file,) = read_patch(MemoryTree(FILES), MemoryTree(FILES), changes, frozenset()).files
    assert (file.old, file.new) == (b"x = 1\n", None)


def test_no_more_files_are_read_than_a_patch_may_have() -> None:
    changes = [ChangedPath(path=f"m{n}.py", new_mode="100644") for n in range(MAX_FILES + 5)]
    patch = read_patch(MemoryTree({}), MemoryTree({}), changes, frozenset())
    assert (len(patch.files), len(patch.changes)) == (MAX_FILES, MAX_FILES + 5)


def test_the_literals_of_tests_are_those_of_all_files_without_docstrings() -> None:
    files = [b'"""A docstring."""\nassert f("a, b") == 12.75\n', b"x = [31337]\n"]
    forms = literals_of(files)
    assert {"'a, b'", "12.75", "31337", "[31337]"} <= forms
    assert "'A docstring.'" not in forms
    assert "" not in forms


@pytest.mark.parametrize("data", [b"\xff", b"x = (", b""])
def test_a_file_that_cannot_be_read_adds_nothing(data: bytes) -> None:
    assert literals_of([data]) == frozenset()
