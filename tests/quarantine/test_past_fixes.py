"""Which earlier commits mended something, by what they change and never by what they say."""

from pathlib import Path

import pytest

from quarantine.past_fixes import MOST_LINES, find_past_fixes
from quarantine.repository import Repository
from tests.support.git import commit_files, git, make_repository

CODE = "def total(rows):\n    return sum(rows)\n"
TEST = "from a import total\n\n\ndef test_total():\n    assert total([1]) == 1\n"
FIXED = CODE.replace("sum(rows)", "sum(rows or [])")
TESTED = TEST + "\n\ndef test_none():\n    assert total(None) == 0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repo", {"a.py": CODE, "b.py": "", "tests/test_a.py": TEST})


def scripts(folder: Path, since: int = 0) -> list[tuple[str, str]]:
    repository = Repository.open(folder)
    found = find_past_fixes(repository, repository.resolve("HEAD"), since)
    return [(fix.script, fix.commit.subject) for fix in found]


def test_a_small_change_with_its_test_is_one(folder: Path) -> None:
    commit_files(folder, {"a.py": FIXED, "tests/test_a.py": TESTED}, "Words\tof äll kinds")
    assert scripts(folder) == [("a.py", "Words\tof äll kinds")]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"a.py": FIXED}, id="without a test"),
        pytest.param({"tests/test_a.py": TESTED}, id="a test alone"),
        pytest.param({"a.py": FIXED + "\n\ndef mean(rows): ...\n", "tests/test_a.py": TESTED},
                     id="adds something public"),
        pytest.param({"c.py": "x = 1\n", "tests/test_a.py": TESTED}, id="a new file"),
        pytest.param({"a.py": CODE + "x = 1\n" * MOST_LINES + "y = 2\n", "tests/test_a.py": TESTED},
                     id="large"),
        pytest.param({"a.txt": "x\n", "tests/test_a.py": TESTED}, id="no code"),
        pytest.param({"a.py": "def total(:\n", "tests/test_a.py": TESTED}, id="does not parse"),
    ],
)  # fmt: skip
def test_another_is_none(folder: Path, files: dict[str, str]) -> None:
    commit_files(folder, files)
    assert scripts(folder) == []


def test_a_helper_of_its_own_may_be_new_and_broken_syntax_may_be_mended(folder: Path) -> None:
    helper = FIXED + "\n\ndef _mean(rows): ...\n"
    commit_files(folder, {"a.py": helper, "tests/test_a.py": TESTED}, "One")
    commit_files(folder, {"a.py": "def total(:\n"}, "Break it")
    commit_files(folder, {"a.py": FIXED, "tests/test_a.py": TEST}, "Two")
    assert [subject for _, subject in scripts(folder)] == ["Two", "One"]


def test_the_file_with_most_changed_lines_is_what_is_repaired(folder: Path) -> None:
    files = {"a.py": FIXED, "b.py": "x = 1\ny = 2\nz = 3\n", "tests/test_a.py": TESTED}
    commit_files(folder, files)
    assert [script for script, _ in scripts(folder)] == ["b.py"]


def test_only_what_is_as_new_as_asked_and_no_merge(folder: Path) -> None:
    commit_files(folder, {"a.py": FIXED, "tests/test_a.py": TESTED}, "One")
    at = int(git(folder, "log", "-1", "--format=%ct"))
    assert len(scripts(folder, at)) == 1
    assert scripts(folder, at + 1) == []
    git(folder, "checkout", "-q", "-b", "side", "HEAD~1")
    commit_files(folder, {"b.py": "x = 1\n", "tests/test_b.py": TEST}, "Two")
    git(folder, "checkout", "-q", "main")
    git(folder, "merge", "-q", "--no-edit", "side")
    assert sorted(subject for _, subject in scripts(folder)) == ["One", "Two"]


def test_a_repository_of_one_commit_has_none(folder: Path) -> None:
    assert scripts(folder) == []
