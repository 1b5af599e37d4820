"""`healer fix` finds its script from any folder, and refuses before anything is written."""

from pathlib import Path

import click
import pytest

from healer.config import ConfigError
from healer.facts.errors import UsageError
from tests.support.command_line import run_command
from tests.support.git import git, make_repository, write_files

FILES = {"scripts/x.py": "print(1)\n", "README": "x"}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    make_repository(tmp_path / "repo", FILES)
    write_files(tmp_path / "repo", {"scripts/new.py": "print(2)\n"})
    (tmp_path / "home").mkdir()
    return tmp_path / "repo"


@pytest.mark.parametrize(
    ("words", "cwd"),
    [
        (("--repo", "{repo}", "fix", "scripts/new.py"), "home"),
        (("fix", "--repo", "{repo}", "scripts/new.py"), "home"),
        (("--repo", "../repo", "fix", "scripts/new.py"), "home"),
        (("fix", "scripts/new.py"), "repo"),
        (("fix", "scripts/new.py"), "repo/scripts"),
        (("fix", "new.py"), "repo/scripts"),
        (("fix", "{repo}/scripts/new.py"), "repo/scripts"),
    ],
)
def test_a_script_is_found_from_any_folder(repo: Path, words: tuple[str, ...], cwd: str) -> None:
    answer = run_command(*(word.format(repo=repo) for word in words), cwd=repo.parent / cwd)
    assert isinstance(answer.error, UsageError)
    assert "git add scripts/new.py" in str(answer.error)


@pytest.mark.parametrize(
    ("words", "kind", "says"),
    [
        (("fix", "../elsewhere.py"), UsageError, "lies outside the repository"),
        (("fix", "scripts"), UsageError, "name a script in it"),
        (("fix", "scripts/y.py"), UsageError, "did you mean scripts/x.py?"),
        (("fix", "scripts/x.py", "--failure", "none"), UsageError, "no failure 'none'"),
        (("fix", "scripts/x.py", "--failure", "f", "--", "a"), UsageError, "exclude each other"),
        (("fix", "scripts/x.py", "--drafter", "model"), ConfigError, "no model is configured"),
        (("fix", "scripts/x.py", "--attempts", "0"), click.UsageError, "1<=x<=20"),
        (("fix", "scripts/x.py", "--budget", "-1"), click.UsageError, "x>=0"),
        (("fix", "scripts/x.py", "--drafter", "luck"), click.UsageError, "'auto', 'rules'"),
        (("fix",), click.UsageError, "script"),
    ],
)
def test_what_cannot_be_repaired_is_refused_with_the_next_step(
    repo: Path, words: tuple[str, ...], kind: type[Exception], says: str
) -> None:
    answer = run_command(*words, cwd=repo)
    assert isinstance(answer.error, kind)
    assert says in str(answer.error)
    assert answer.out == ""
    assert git(repo, "status", "--porcelain") == "?? scripts/new.py"
    assert git(repo, "branch", "--list", "quarantine/*") == ""


@pytest.mark.parametrize("other", ["--dry-run", "--no-merge"])
def test_a_pull_request_is_offered_or_not(repo: Path, other: str) -> None:
    answer = run_command("fix", "--pr", other, "scripts/x.py", cwd=repo)
    assert isinstance(answer.error, click.UsageError)
    assert f"--pr and {other} exclude each other" in answer.error.message
