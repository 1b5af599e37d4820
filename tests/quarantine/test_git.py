"""How git is started: alone, in bounded time, with nothing of the caller's."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from quarantine import git as runner
from quarantine.errors import GitFailed, GitTimeout, GitUnavailable, RepositoryBusy, RepositoryError
from quarantine.git import Git
from quarantine.repository import Repository
from tests.support.git import git


def test_a_git_that_hangs_is_stopped_with_all_that_it_started(
    root: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even one that does not listen to SIGTERM, and its children."""
    fake = root.parent / "bin"
    fake.mkdir()
    (fake / "git").write_text("#!/bin/sh\ntrap '' TERM\nsleep 60 &\necho $! > child\nwait; wait\n")
    (fake / "git").chmod(0o755)
    monkeypatch.setitem(repository.git.variables, "PATH", f"{fake}:{os.environ['PATH']}")
    monkeypatch.setenv("PATH", f"{fake}:{os.environ['PATH']}")
    began = time.monotonic()
    with pytest.raises(GitTimeout, match=r"git status did not end within 0\.3 s"):
        repository.git.run("status", timeout_s=0.3)
    assert time.monotonic() - began < 30
    child = int((root / "child").read_text())
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text():
            break
        time.sleep(0.05)
    else:
        pytest.fail("the child of the stopped git still runs")


def test_git_missing_is_said_with_the_next_step(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(repository.git.variables, "PATH", "/nonexistent")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(GitUnavailable, match="apt install git"):
        repository.git.run("status")


def test_a_lock_is_told_from_other_errors(root: Path, repository: Repository) -> None:
    (root / ".git/index.lock").touch()
    with pytest.raises(RepositoryBusy, match=r"index\.lock"):
        repository.git.run("read-tree", "HEAD")
    with pytest.raises(GitFailed, match="git cat-file -t absent ended with exit code 128"):
        repository.git.run("cat-file", "-t", "absent")


def test_a_password_in_an_address_is_not_repeated_in_an_error(repository: Repository) -> None:
    with pytest.raises(GitFailed) as caught:
        repository.git.run("ls-remote", "https://user:hunter2@localhost.invalid/x.git")
    assert "hunter2" not in str(caught.value)


def test_nothing_but_a_push_may_reach_the_network(root: Path, repository: Repository) -> None:
    """Also not by way of a partial clone, which fetches what it lacks while it reads."""
    with pytest.raises(GitFailed, match="not allowed"):
        repository.git.run("ls-remote", str(root))
    git(root, "config", "uploadpack.allowFilter", "true")
    git(root, "clone", "-q", "--bare", "--filter=blob:none", f"file://{root}", "../partial")
    partial = Repository.open(root.parent / "partial")
    with pytest.raises(RepositoryError):
        partial.tree("main").read("README.md")


def test_what_gitpython_does_through_this_class_is_hardened_too(
    root: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    assert repository.git.rev_parse("HEAD") == git(root, "rev-parse", "HEAD", GIT_DIR=".git")
    process = repository.git.execute(["git", "rev-parse", "--git-dir"], as_process=True)
    assert Path(process.stdout.read().decode().strip()) == root / ".git"
    process.wait()
    for command in ("git status", ["sh", "-c", "true"], []):
        with pytest.raises(RepositoryError, match="Only git"):
            repository.git.execute(command)


def test_settings_win_over_every_file_of_configuration(root: Path, repository: Repository) -> None:
    """Also over a file that the repository's own configuration includes."""
    (root.parent / "more").write_text("[core]\n\thooksPath = /evil\n[commit]\n\tgpgSign = true\n")
    git(root, "config", "include.path", str(root.parent / "more"))
    ask = repository.git.run
    assert ask("config", "core.hooksPath") == b"/dev/null\n"
    assert ask("config", "commit.gpgSign") == b"false\n"
    assert git(root, "config", "core.hooksPath") == "/evil"


def test_the_environment_of_git_is_made_and_not_inherited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    variables = Git(None, cwd=tmp_path).variables
    assert "hunter2" not in variables.values()
    assert "GIT_TRACE" not in variables
    assert variables["GIT_TERMINAL_PROMPT"] == "0"
    assert runner.NOBODY.startswith(variables["GIT_COMMITTER_NAME"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_an_error_of_ours(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        with pytest.raises(RepositoryError):
            Repository.open(closed)
    finally:
        closed.chmod(0o755)


def test_an_error_of_git_is_one_line(root: Path, repository: Repository) -> None:
    (root / ".git/config").write_text("[core\nbroken\n")
    with pytest.raises(GitFailed) as caught:
        repository.git.run("rev-parse", "HEAD")
    assert "\n" not in str(caught.value)
    subprocess.run(["rm", "-rf", str(root)], check=True)
    with pytest.raises(RepositoryError, match="does not exist"):
        repository.git.run("rev-parse", "HEAD")
