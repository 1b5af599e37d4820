"""A diff's lines are told apart as git means them, for any text."""

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
