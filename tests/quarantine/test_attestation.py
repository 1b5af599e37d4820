"""A statement is a commit of git's beside the one that it is about; git signs and verifies it."""

import subprocess
from pathlib import Path

import pytest

from quarantine.attestation import (
    Signature,
    SigningError,
    check_signature,
    drop_statement,
    is_signed,
    list_statements,
    read_statement,
    signing_key,
    statement_of,
    write_statement,
)
from quarantine.errors import BranchTaken
from quarantine.repository import Repository
from tests.support.git import git, make_repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    make_repository(tmp_path / "repo", {"a.py": "a()\n"})
    return Repository.open(tmp_path / "repo")


def test_a_statement_is_bound_to_its_subject_until_it_is_replaced_or_dropped(
    repository: Repository,
) -> None:
    subject = repository.resolve("HEAD")
    assert statement_of(repository, subject) is None
    first = write_statement(repository, subject, b"{1}", when=1_700_000_000)
    assert list_statements(repository) == {subject: first}
    assert read_statement(repository, first) == b"{1}"
    assert repository.parents(first) == (subject,)
    assert not is_signed(repository, first)
    assert check_signature(repository, first) == Signature()
    with pytest.raises(BranchTaken):
        write_statement(repository, subject, b"{2}", when=5)
    second = write_statement(repository, subject, b"{2}", when=5, replaces=first)
    assert statement_of(repository, subject) == second
    drop_statement(repository, subject)
    drop_statement(repository, subject)
    assert list_statements(repository) == {}


def test_an_object_that_is_no_statement_is_none(repository: Repository) -> None:
    assert read_statement(repository, repository.resolve("HEAD")) is None
    assert read_statement(repository, "a" * 40) is None


def test_a_key_is_a_setting_of_this_machine_and_may_be_named_by_its_public_half(
    repository: Repository, tmp_path: Path
) -> None:
    assert signing_key(repository) == ""
    key = tmp_path / "key"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)]
    subprocess.run(command, check=True)
    assert repository.root is not None
    git(repository.root, "config", "healer.signingKey", str(key))
    subject = repository.resolve("HEAD")
    statement = write_statement(repository, subject, b"{}", when=1_700_000_000)
    assert is_signed(repository, statement)
    assert check_signature(repository, statement).is_good
    public = key.with_name("key.pub")
    git(repository.root, "config", "healer.signingKey", f"key::{public.read_text().strip()}")
    assert check_signature(repository, statement).is_good
    git(repository.root, "config", "--unset", "healer.signingKey")
    answer = check_signature(repository, statement)
    assert (answer.is_there, answer.is_good) == (True, False)
    assert "git config gpg.ssh.allowedSignersFile" in answer.words


def test_a_key_that_is_not_there_is_an_error_with_the_next_step(repository: Repository) -> None:
    assert repository.root is not None
    git(repository.root, "config", "healer.signingKey", "/nowhere/key")
    with pytest.raises(SigningError, match=r"git config --unset healer\.signingKey"):
        write_statement(repository, repository.resolve("HEAD"), b"{}", when=1)
