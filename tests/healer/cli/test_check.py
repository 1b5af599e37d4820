"""`healer check`: what is no change is refused with the next step, and every end has its code."""

import json
from pathlib import Path

import click
import pytest

from healer.cli.check import exit_code
from healer.facts.errors import UsageError
from healer.facts.patch_check import PatchCheck
from tests.support.command_line import run_command
from tests.support.git import commit_files, git, make_repository


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repo", {"scripts/x.py": "print(1)\n"})


@pytest.mark.parametrize(
    ("words", "kind", "says"),
    [
        ((), UsageError, "there is nothing to check: the working tree changes no file"),
        (("--staged",), UsageError, "what is staged changes no file"),
        (("HEAD",), UsageError, "is the first one"),
        (("mian",), UsageError, "'mian' is neither a patch file nor a commit"),
        (("HEAD", "--staged"), UsageError, "--staged and 'HEAD' exclude each other"),
        (("--json", "--sarif"), click.UsageError, "exclude each other"),
        (("-",), UsageError, "the patch on standard input is empty"),
        (("scripts/x.py",), UsageError, "scripts/x.py is no unified diff"),
    ],
)
def test_what_is_no_change_is_refused(
    repo: Path, words: tuple[str, ...], kind: type[Exception], says: str
) -> None:
    answer = run_command("check", *words, cwd=repo)
    assert isinstance(answer.error, kind)
    assert says in str(answer.error)
    assert answer.out == ""


def test_a_patch_is_looked_for_from_the_folder_in_which_it_is_typed(repo: Path) -> None:
    (repo / "scripts" / "fix.patch").write_text("no patch\n")
    answer = run_command("check", "fix.patch", cwd=repo / "scripts")
    assert "fix.patch is no unified diff" in str(answer.error)


def test_an_empty_commit_changes_no_file(repo: Path) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "Nothing")
    assert "changes no file" in str(run_command("check", "HEAD", cwd=repo).error)


def result(**changes: object) -> PatchCheck:
    known = {
        "outcome": "strong", "reason": "every check passed", "origin": "the working tree",
        "base": "b" * 40, "paths": ("a.py",),
    }  # fmt: skip
    return PatchCheck.model_validate(known | changes)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"outcome": "weak"}, 1),
        ({"outcome": "refused"}, 1),
        ({"outcome": "unjudged"}, 1),
        ({"outcome": "unjudged", "environment_failed": True}, 3),
    ],
)
def test_every_outcome_has_its_exit_code(changes: dict[str, object], code: int) -> None:
    assert exit_code(result(**changes)) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"outcome": "weak"}, 0),
        ({"outcome": "refused"}, 1),
        ({"outcome": "unjudged"}, 1),
        ({"outcome": "weak", "environment_failed": True}, 3),
    ],
)
def test_weak_evidence_may_be_enough(changes: dict[str, object], code: int) -> None:
    assert exit_code(result(**changes), allow_weak=True) == code


def test_a_file_that_could_not_be_written_is_named_before_anything_runs(repo: Path) -> None:
    answer = run_command("check", "--sarif-file", "no/where.sarif", cwd=repo)
    assert "--sarif-file no/where.sarif: its folder does not exist" in str(answer.error)
    assert answer.error.exit_code == 2


def test_the_document_survives_json(repo: Path) -> None:
    commit_files(repo, {"scripts/x.py": "print(2)\n"})
    document = json.loads(result(notes=({"sentence": "it is a merge"},)).model_dump_json())
    assert document["notes"] == [{"sentence": "it is a merge", "path": "", "line": 0}]
    assert {"outcome", "reason", "checks", "evidence", "missing", "findings"} <= set(document)
