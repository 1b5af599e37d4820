"""A script is found from wherever it is named, and what cannot be repaired is refused."""

from pathlib import Path

import pytest

from healer.config import Config
from healer.facts.errors import UsageError
from healer.repair.request import build_request, relative_to_repository
from quarantine.repository import Repository
from tests.healer.evidence.reports import failure
from tests.support.git import make_repository, write_files

FILES = {"scripts/x.py": "x()\n", "scripts/deep/y.py": "y()\n", "x.py": "top()\n"}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    make_repository(tmp_path / "repo", FILES)
    (tmp_path / "home" / "deep").mkdir(parents=True)
    return Repository.open(tmp_path / "repo")


def found(repository: Repository, script: str, cwd: str) -> str:
    assert repository.root is not None
    return relative_to_repository(
        repository, script.format(root=repository.root), repository.root.parent / cwd
    )


@pytest.mark.parametrize(
    ("script", "cwd", "path"),
    [
        ("scripts/x.py", "repo", "scripts/x.py"),
        ("x.py", "repo/scripts", "scripts/x.py"),  # from the current folder first
        ("x.py", "repo", "x.py"),
        ("../x.py", "repo/scripts", "x.py"),
        ("y.py", "repo/scripts/deep", "scripts/deep/y.py"),
        ("./scripts/../scripts/x.py", "repo", "scripts/x.py"),
        ("{root}/scripts/x.py", "repo", "scripts/x.py"),
        ("scripts/x.py", "repo/scripts", "scripts/x.py"),  # and where it is not there, the root
        ("scripts/x.py", "repo/scripts/deep", "scripts/x.py"),
        ("scripts/x.py", "home", "scripts/x.py"),  # with --repo, from any folder
        ("scripts/x.py", "home/deep", "scripts/x.py"),
        ("x.py", "home", "x.py"),
        ("{root}/scripts/x.py", "home", "scripts/x.py"),
        ("../repo/scripts/x.py", "home", "scripts/x.py"),
        ("nowhere.py", "repo/scripts", "scripts/nowhere.py"),  # refused later, by this name
        ("nowhere.py", "home", "nowhere.py"),
    ],
)
def test_a_script_is_looked_for_here_and_then_from_the_root(
    repository: Repository, script: str, cwd: str, path: str
) -> None:
    assert found(repository, script, cwd) == path


def test_a_file_of_the_same_name_outside_does_not_hide_the_repositorys(
    repository: Repository, tmp_path: Path
) -> None:
    write_files(tmp_path / "home", {"scripts/x.py": "another()\n"})
    assert found(repository, "scripts/x.py", "home") == "scripts/x.py"


def test_a_script_behind_a_link_is_the_one_it_leads_to(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "repo" / "scripts")
    assert found(repository, "../link/x.py", "home") == "scripts/x.py"
    assert found(repository, "x.py", "link") == "scripts/x.py"


@pytest.mark.parametrize("script", ["../elsewhere.py", "/etc/hostname", "../home/own.py"])
def test_a_script_outside_is_refused(repository: Repository, tmp_path: Path, script: str) -> None:
    write_files(tmp_path / "home", {"own.py": "own()\n"})
    with pytest.raises(UsageError, match=r"lies outside the repository .*; name a script inside"):
        found(repository, script, "repo")


def test_a_script_that_is_only_here_and_not_in_the_repository_is_refused(
    repository: Repository, tmp_path: Path
) -> None:
    write_files(tmp_path / "home", {"own.py": "own()\n"})
    with pytest.raises(UsageError, match=r"own.py lies outside the repository"):
        found(repository, "own.py", "home")


@pytest.mark.parametrize(
    ("script", "text", "is_refused"),
    [
        ("job.js", "console.log(1)\n", True),
        ("run.sh", "echo\n", True),
        ("bin/job", "#!/usr/bin/ruby\nputs 1\n", True),
        ("bin/job", "#!/usr/bin/env python3\nprint(1)\n", False),
        ("bin/job", "print(1)\n", False),
        ("a.py", "#!/bin/sh\n'''exec' python3 \"$0\"\n'''\n", False),
    ],
)
def test_a_script_in_another_language_is_refused_where_nothing_else_is_known_of_it(
    tmp_path: Path, script: str, text: str, is_refused: bool
) -> None:
    repository = Repository.open(make_repository(tmp_path / "other", {script: text}))
    if not is_refused:
        assert build_request(repository, Config(), script).script == script
        return
    with pytest.raises(UsageError, match=f"{script} is no Python program; healer repairs Python"):
        build_request(repository, Config(), script)
    assert build_request(repository, Config(), script, failure=failure()).failure == failure()
