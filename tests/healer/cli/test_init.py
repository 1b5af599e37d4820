"""The command line as a whole, and `healer init`, which changes nothing that exists."""

import json
from pathlib import Path

import click
import pytest

from healer.cli import COMMANDS, cli, repo_option, start_folder
from healer.config import parse
from healer.facts.errors import UsageError
from tests.support.command_line import run_command
from tests.support.git import git, make_repository


def test_every_command_of_the_table_is_one(tmp_path: Path) -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.help
    assert cli.list_commands(context) == list(COMMANDS)
    assert cli.get_command(context, "nosuch") is None


def test_help_names_every_command_in_order(tmp_path: Path) -> None:
    out = run_command("--help", cwd=tmp_path).out
    places = [out.index(f"\n  {name} ") for name in COMMANDS]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("typo", "right"), [("aprove", "approve"), ("statsu", "status"), ("fixx", "fix")]
)
def test_a_typo_gets_the_right_command(tmp_path: Path, typo: str, right: str) -> None:
    error = run_command(typo, cwd=tmp_path).error
    assert isinstance(error, click.UsageError)
    assert f"Did you mean '{right}'?" in error.message


def test_what_is_near_to_nothing_gets_no_guess(tmp_path: Path) -> None:
    error = run_command("zzzz", cwd=tmp_path).error
    assert isinstance(error, click.UsageError)
    assert "Did you mean" not in error.message


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        (("--repo", "a", "probe"), "a"),
        (("probe", "--repo", "b"), "b"),
        (("--repo", "a", "probe", "--repo", "b"), "b"),
        (("probe",), "."),
    ],
)
def test_the_repository_is_named_before_or_after_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], folder: str
) -> None:
    monkeypatch.setitem(COMMANDS, "probe", (__name__, "A command of this test."))
    answer = run_command(*words, cwd=tmp_path)
    assert answer.error is None
    assert answer.out.strip() == str(tmp_path if folder == "." else Path(folder))


@click.command()
@repo_option
@click.pass_context
def probe(ctx: click.Context) -> None:
    click.echo(start_folder(ctx))


def test_the_two_files_are_written_and_valid(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"jobs/a.py": "x\n", "tests/test_a.py": ""})
    answer = run_command("init", cwd=tmp_path / "repo")
    assert answer.code == 0
    assert answer.out.splitlines()[-3:-1] == ["wrote healer.toml", "wrote protected.toml"]
    config = parse((tmp_path / "repo/healer.toml").read_bytes(), "healer.toml")
    assert (config.target, config.scripts) == ("main", ("jobs/**/*.py",))


SHOP = {
    "jobs/a.py": "if __name__ == '__main__':\n    print(1)\n",
    "jobs/pay.py": "",
    "billing/x.py": "",
    "ops/crontab": "10 2 * * * python jobs/a.py\n",
    "tox.ini": "[testenv]\ncommands = python -m unittest\n",
    "tests/test_a.py": "",
    "uv.lock": "",
}


def test_what_was_found_is_said_and_written(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "repo", SHOP)
    out = run_command("init", cwd=root).out
    for line in (
        "scripts: billing/**/*.py, jobs/**/*.py",
        "  jobs/a.py  (10 2 * * * in ops/crontab, a __main__ part)",
        "job: jobs/a.py at 10 2 * * *, from ops/crontab",
        "tests: python -m unittest (tox.ini; 1 files)",
        "packages: uv.lock (uv)",
        "protected: billing/**",
    ):
        assert line in out.splitlines()
    config = parse((root / "healer.toml").read_bytes(), "healer.toml")
    assert config.tests.command == ("python", "-m", "unittest")
    assert '"billing/**"' in (root / "protected.toml").read_text()


def test_a_dry_run_shows_both_files_and_writes_nothing(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "repo", SHOP)
    out = run_command("init", "--dry-run", cwd=root).out
    assert "would write healer.toml:" in out
    assert 'command = ["python", "-m", "unittest"]' in out
    document = json.loads(run_command("init", "--dry-run", "--json", cwd=root).out)
    assert (document["dry_run"], document["written"]) == (True, ["healer.toml", "protected.toml"])
    assert document["found"]["jobs"][0]["schedule"] == "10 2 * * *"
    assert not (root / "healer.toml").exists()


def test_the_remotes_own_branch_is_the_target(tmp_path: Path) -> None:
    make_repository(tmp_path / "far", {"a.py": "x\n"})
    git(tmp_path, "clone", "-q", "far", "near")
    git(tmp_path / "near", "checkout", "-q", "-b", "topic")
    document = json.loads(run_command("init", "--json", cwd=tmp_path / "near").out)
    assert document["target"] == "main"


def test_what_exists_is_kept(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n", "healer.toml": "# mine\n"})
    document = json.loads(run_command("init", "--json", cwd=tmp_path / "repo").out)
    assert (document["written"], document["kept"]) == (["protected.toml"], ["healer.toml"])
    assert (tmp_path / "repo/healer.toml").read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("checkout", "-q", "--detach"), "HEAD is detached"),
        (("config", "core.bare", "true"), "bare"),
    ],
)
def test_where_there_is_no_branch_or_no_tree_the_next_step_is_said(
    tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    git(tmp_path / "repo", *words)
    error = run_command("init", cwd=tmp_path / "repo").error
    assert isinstance(error, UsageError)
    assert says in str(error)
    assert not (tmp_path / "repo/healer.toml").exists()
