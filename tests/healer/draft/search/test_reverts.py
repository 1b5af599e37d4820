"""Commits taken back, whole and by hunk, also where the file has gone on since."""

from healer.draft.search.reverts import FileCommit, find_changed_lines, revert

BEFORE = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\ng = 7\n"
AFTER = BEFORE.replace("b = 2", "b = 20").replace("f = 6\n", "")


def test_each_hunk_and_then_the_whole_commit() -> None:
    found = list(revert(AFTER, FileCommit("c", BEFORE, AFTER)))
    assert found == [AFTER.replace("20", "2"), AFTER.replace("g", "f = 6\ng"), BEFORE]


def test_one_hunk_is_the_whole_commit() -> None:
    after = BEFORE.replace("d = 4", "d = 5")
    assert list(revert(after, FileCommit("c", BEFORE, after))) == [BEFORE]


def test_a_file_that_has_gone_on_keeps_its_later_changes() -> None:
    later = AFTER + "h = 8\n"
    assert list(revert(later, FileCommit("c", BEFORE, AFTER)))[-1] == BEFORE + "h = 8\n"


def test_a_hunk_that_is_not_there_any_more_stays() -> None:
    later = AFTER.replace("b = 20", "b = 21")
    found = list(revert(later, FileCommit("c", BEFORE, AFTER)))
    assert found == [later.replace("g", "f = 6\ng")] * 2
    assert list(revert("x = 1\n", FileCommit("c", BEFORE, AFTER))) == []


def test_changed_lines_are_those_of_the_newer_text() -> None:
    assert find_changed_lines(FileCommit("c", BEFORE, AFTER)) == {2}
    assert find_changed_lines(FileCommit("c", "", "x\ny\n")) == {1, 2}
