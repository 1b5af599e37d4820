"""History tells who changed what, and which commits were repairs that healer checked."""

from pathlib import Path

import pytest

from quarantine.history import (
    files_of_repairs,
    find_repair,
    find_trailed,
    line_commit,
    log_touching,
    paths_of_people,
)
from quarantine.repository import Repository
from tests.support.git import commit_files, git

CHECKED = "Fix\n\nHealer-Repair: r1\nHealer-Checks: all"
SECOND = "print('report')\nprint('more')\n"


@pytest.fixture(name="ids")
def two_commits(root: Path) -> tuple[str, str]:
    """The first commit, and one that adds a line to the report."""
    first = git(root, "rev-parse", "HEAD")
    return first, commit_files(root, {"scripts/report.py": SECOND}, "Say more")


def test_commits_that_changed_a_file_come_newest_first(
    repository: Repository, ids: tuple[str, str]
) -> None:
    found = log_touching(repository, "refs/heads/main", "scripts/report.py", 10)
    assert [each.id for each in found] == [ids[1], ids[0]]
    assert (found[0].subject, found[0].author) == ("Say more", "Ada")
    assert found[0].authored_at >= found[1].authored_at > 1_600_000_000


def test_no_more_than_asked_for_and_none_that_is_known_already(
    repository: Repository, ids: tuple[str, str]
) -> None:
    path = "scripts/report.py"
    assert [c.id for c in log_touching(repository, "refs/heads/main", path, 1)] == [ids[1]]
    assert [c.id for c in log_touching(repository, "refs/heads/main", path, 9, since=ids[0])] == [
        ids[1]
    ]
    assert log_touching(repository, "refs/heads/main", path, 9, since=ids[1]) == ()


@pytest.mark.parametrize("path", ["absent.py", "scripts/report.p"])
def test_a_path_that_no_commit_has_has_no_history(repository: Repository, path: str) -> None:

    assert log_touching(repository, "refs/heads/main", path, 9) == ()


def test_a_path_that_looks_like_a_pattern_is_a_path(root: Path, repository: Repository) -> None:
    commit_files(root, {"other.py": "x\n"})
    assert log_touching(repository, "refs/heads/main", "scripts/*.py", 9) == ()


@pytest.mark.parametrize(
    ("path", "line", "commit"),
    [("scripts/report.py", 1, 0), ("scripts/report.py", 2, 1), ("scripts/report.py", 99, None),
     ("absent.py", 1, None), ("scripts/report.py", 0, None)],
)  # fmt: skip
def test_a_line_belongs_to_the_commit_that_changed_it_last(
    repository: Repository, ids: tuple[str, str], path: str, line: int, commit: int | None
) -> None:
    found = line_commit(repository, "refs/heads/main", path, line)
    assert (found.id if found else None) == (None if commit is None else ids[commit])


def test_paths_of_people_are_those_that_no_checked_repair_changed(
    root: Path, repository: Repository
) -> None:
    base = git(root, "rev-parse", "HEAD")
    commit_files(root, {"scripts/sync.py": "fixed\n"}, CHECKED)
    commit_files(root, {"scripts/report.py": "x\n", "odd name\n.py": "y\n"}, "By hand")
    commit_files(root, {"data/names.csv": "z\n"}, "Talk of Healer-Checks: in the middle")
    assert paths_of_people(repository, base, "main") == {
        "scripts/report.py", "odd name\n.py".strip("\n"), "data/names.csv",
    }  # fmt: skip
    assert paths_of_people(repository, "refs/heads/main", "main") == frozenset()


def test_files_of_repairs_are_those_that_nobody_has_changed_since(
    root: Path, repository: Repository
) -> None:
    names = ("a", "b", "c", "odd name é")
    commit_files(root, {f"tests/test_{name}.py": "1\n" for name in names}, CHECKED)
    commit_files(root, {"tests/test_mine.py": "1\n"}, "By hand")
    commit_files(root, {"tests/test_b.py": "2\n"}, "Say more")
    commit_files(root, {"scripts/report.py": "3\n"}, CHECKED)  # changed, and not added
    git(root, "rm", "-q", "tests/test_c.py")
    git(root, "commit", "-qm", "Take one away")
    tree = repository.tree(git(root, "rev-parse", "HEAD").strip())
    assert files_of_repairs(repository, tree) == {"tests/test_a.py", "tests/test_odd name é.py"}


def test_a_commit_without_repairs_has_no_files_of_any(repository: Repository) -> None:
    tip = repository.tip("main")
    assert tip is not None
    assert files_of_repairs(repository, repository.tree(tip)) == frozenset()


def test_a_base_that_is_not_known_any_more_gives_no_answer(repository: Repository) -> None:
    assert paths_of_people(repository, "1" * 40, "main") is None


@pytest.mark.parametrize(
    ("trailer", "repair", "is_there"),
    [
        ("r.1", "r.1", True),
        ("r.1", "r", False),
        ("rx1", "r.1", False),
        ("r.1x", "r.1", False),
        ("r.1", "r.11", False),
    ],
)
def test_a_repair_is_found_by_its_whole_name(
    root: Path, repository: Repository, trailer: str, repair: str, is_there: bool
) -> None:
    commit = commit_files(root, {"a.py": "x\n"}, f"Fix\n\nHealer-Repair: {trailer}")
    assert find_repair(repository, "refs/heads/main", repair) == (commit if is_there else None)


def test_of_a_repair_and_its_revert_the_repair_is_given(root: Path, repository: Repository) -> None:
    first = commit_files(root, {"a.py": "x\n"}, "Fix\n\nHealer-Repair: r1")
    commit_files(root, {"a.py": "y\n"}, "Revert\n\nHealer-Repair: r1")
    assert find_repair(repository, "refs/heads/main", "r1") == first


def test_commits_with_a_trailer_are_found_with_its_value_oldest_first(
    repository: Repository, root: Path
) -> None:
    first = commit_files(root, {"a": "1"}, CHECKED)
    commit_files(root, {"a": "2"}, "Speak of Healer-Repair: r9 in a sentence")
    second = commit_files(root, {"a": "3"}, CHECKED.replace("r1", "r2"))
    assert find_trailed(repository, "main", "Healer-Repair") == ((first, "r1"), (second, "r2"))
    assert find_trailed(repository, "no-such", "Healer-Repair") == ()
