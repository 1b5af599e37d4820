"""A diff's lines are told apart as git means them, for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.render.diff import diff_lines
from tests.support.notices import DIFF


def test_kinds_paths_and_new_line_numbers() -> None:
    lines = diff_lines(DIFF)
    assert [line.kind for line in lines] == [
        *["file"] * 4,
        "hunk",
        "context",
        "removed",
        "added",
        "context",
    ]
    added = lines[7]
    assert (added.path, added.line) == ("scripts/report.py", 2)


def test_a_removed_line_that_looks_like_a_heading_is_a_removed_line() -> None:
    diff = "--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- drop\n-b\n+++ add\n+d\n"
    assert [line.kind for line in diff_lines(diff)][3:] == ["removed", "removed", "added", "added"]


def test_marks_stand_at_their_line_and_at_their_file() -> None:
    marks = {("scripts/report.py", 2): "opens a socket", ("scripts/report.py", 0): "protected"}
    marked = {line.text: line.mark for line in diff_lines(DIFF, marks=marks) if line.mark}
    assert marked == {
        "+++ b/scripts/report.py": "protected",
        '+    return sum(row["amount"] for row in rows)': "opens a socket",
    }


def test_a_mark_in_a_deleted_file_stands_at_its_heading() -> None:
    diff = "--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    lines = diff_lines(diff, marks={("old.py", 0): "deleted"})
    assert [line.mark for line in lines] == ["", "deleted", "", ""]


def test_a_cut_says_how_much_is_missing() -> None:
    assert diff_lines(DIFF, limit=4)[-1].text == "… 5 more lines"
    assert len(diff_lines(DIFF, limit=9)) == 9


@given(st.text() | st.text("+-@ \\\n1,ab").map(lambda text: DIFF + text))
def test_any_text_gives_one_printable_line_for_each_of_its_lines(text: str) -> None:
    lines = diff_lines(text)
    assert len(lines) == text.count("\n") + (not text.endswith("\n"))
    assert not any(ord(c) < 32 and c != "\t" for line in lines for c in line.text)


@pytest.mark.parametrize(
    ("diff", "kinds"),
    [
        ("", [""]),
        ("not a diff\n", ["file"]),
        ("Binary files a/x and b/x differ\n", ["file"]),
        ("rename from a\nrename to b\n", ["file", "file"]),
        ("@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n", ["hunk", "added", "note"]),
        ("@@ -1 +1 @@\n-x\n\\ No newline\n+y\n", ["hunk", "removed", "note", "added"]),
        (
            "@@ -1,2 +1,2 @@\n a\n b\n@@ -9 +9 @@\n c\n",
            ["hunk", *["context"] * 2, "hunk", "context"],
        ),
        ("@@ broken @@\n+x\n", ["file", "file"]),
    ],
)
def test_what_each_line_is(diff: str, kinds: list[str]) -> None:
    assert [line.kind if line.text else "" for line in diff_lines(diff)] == kinds


def test_object_ids_are_shortened_and_nothing_else_is() -> None:
    whole = f"index {'a' * 40}..{'b' * 40} 100644\n"
    assert diff_lines(whole)[0].text == f"index {'a' * 10}..{'b' * 10} 100644"
    short = "index aaaaaaa..bbbbbbb 100644\n"
    assert diff_lines(short)[0].text == short.rstrip()


def test_a_files_path_ends_with_its_diff() -> None:
    two = DIFF + DIFF.replace("scripts/report.py", "scripts/other.py")
    paths = {line.path for line in diff_lines(two) if line.kind == "added"}
    assert paths == {"scripts/report.py", "scripts/other.py"}


def test_a_mark_of_another_file_stands_nowhere() -> None:
    assert not any(line.mark for line in diff_lines(DIFF, marks={("other.py", 2): "x"}))
