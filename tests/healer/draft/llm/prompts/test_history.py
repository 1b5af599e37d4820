"""What git says of the failing lines, in real repositories."""

from pathlib import Path

import pytest

from healer.draft.llm.prompts.history import GitHistory, NoHistory
from quarantine.repository import Repository
from tests.support.git import commit_files, git, make_repository


def test_history_shows_the_change_that_is_newer_than_the_last_good_run(tmp_path: Path) -> None:
    make_repository(tmp_path, {"s.py": "a = 1\nb = 1\n"})
    base = commit_files(tmp_path, {"s.py": "a = 1\nb = 2\n"}, "Write 2")
    repository = Repository.open(tmp_path)
    history = GitHistory(repository)
    assert "-b = 1\n+b = 2" in history.last_change(base, "s.py", 2)
    assert history.last_change(base, "s.py", 1) == ""
    assert history.last_change(base, "s.py", 99) == ""
    assert history.last_change(base, "none.py", 1) == ""
    assert GitHistory(repository, lambda path: 4e9).last_change(base, "s.py", 2) == ""
    assert GitHistory(repository, lambda path: 0).last_change(base, "s.py", 2)
    assert "Write 2" in history.line_log(base, "s.py", 1, 2)
    assert history.line_log(base, "s.py", 50, 60) == ""


def history(root: Path, good_at: float | None = None) -> GitHistory:
    return GitHistory(Repository.open(root), lambda _: good_at)


def test_what_the_first_commit_wrote_says_nothing(tmp_path: Path) -> None:
    make_repository(tmp_path, {"s.py": "a = 1\n"})
    base = git(tmp_path, "rev-parse", "HEAD")
    assert history(tmp_path, good_at=0).last_change(base, "s.py", 1) == ""


def test_without_a_good_run_only_the_files_latest_commit_is_a_recent_change(tmp_path: Path) -> None:
    make_repository(tmp_path, {"s.py": "a = 1\nb = 1\n"})
    commit_files(tmp_path, {"s.py": "a = 2\nb = 1\n"}, "Change a")
    base = commit_files(tmp_path, {"s.py": "a = 2\nb = 2\n"}, "Change b")
    assert history(tmp_path).last_change(base, "s.py", 1) == ""
    assert "Change b" in history(tmp_path).last_change(base, "s.py", 2)
    assert "Change a" in history(tmp_path, good_at=0).last_change(base, "s.py", 1)


def test_only_the_asked_files_part_of_a_commit_is_shown(tmp_path: Path) -> None:
    make_repository(tmp_path, {"s.py": "a = 1\n", "t.py": "b = 1\n"})
    base = commit_files(tmp_path, {"s.py": "a = 2\n", "t.py": "b = 2\n"}, "Both")
    shown = history(tmp_path).last_change(base, "s.py", 1)
    assert "+a = 2" in shown
    assert "b = 2" not in shown


def test_history_is_looked_at_from_the_base_commit(tmp_path: Path) -> None:
    make_repository(tmp_path, {"s.py": "a = 1\n"})
    base = commit_files(tmp_path, {"s.py": "a = 2\n"}, "Known")
    commit_files(tmp_path, {"s.py": "a = 3\n"}, "Later")
    assert "Known" in history(tmp_path).last_change(base, "s.py", 1)
    assert "Later" not in history(tmp_path).line_log(base, "s.py", 1, 1)


def test_the_log_of_a_line_is_newest_first_and_has_an_end(tmp_path: Path) -> None:
    make_repository(tmp_path, {"s.py": "a = 0\n"})
    for number in range(1, 8):
        base = commit_files(tmp_path, {"s.py": f"a = {number}\n"}, f"Write {number}")
    log = history(tmp_path).line_log(base, "s.py", 1, 1)
    assert [number for number in range(8) if f"Write {number}" in log] == [3, 4, 5, 6, 7]
    assert log.index("Write 7") < log.index("Write 3")


@pytest.mark.parametrize(("path", "line"), [("none.py", 1), ("s.py", 99), ("s.py", 0), ("", 1)])
def test_what_git_cannot_answer_is_empty(tmp_path: Path, path: str, line: int) -> None:
    make_repository(tmp_path, {"s.py": "a = 1\n"})
    base = commit_files(tmp_path, {"s.py": "a = 2\n"})
    assert history(tmp_path).last_change(base, path, line) == ""
    assert history(tmp_path).line_log(base, path, line, line) == ""


def test_where_git_is_not_asked_there_is_nothing() -> None:
    assert NoHistory().last_change("base", "s.py", 1) == ""
    assert NoHistory().line_log("base", "s.py", 1, 2) == ""
