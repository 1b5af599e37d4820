"""Statements on commits: kept by git beside them, and signed as git signs with an SSH key.

Belongs here: a statement as an object of git, its ref, its signature. Does not belong here: what a
statement says (`healer.repair.provenance`), and whether it is true (`healer.app.verify`).

A statement is a commit of its own: its only parent is the commit that it is about, its tree has the
one file `statement.json`. So git's own commands show it (`git show`), sign it, verify it
(`git verify-commit`) and carry it to other clones, and the signature is bound to the subject's id.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from quarantine.candidate import move_ref
from quarantine.errors import RepositoryError
from quarantine.facts import Fact
from quarantine.git import NOBODY
from quarantine.repository import Repository

STATEMENTS: Final = "refs/healer/provenance/"
"""One ref for each commit that has a statement, by that commit's id."""
KEY: Final = "healer.signingKey"
"""Git's setting on this machine: a path, or `key::` and a public key that the agent has."""
SIGNERS: Final = "gpg.ssh.allowedSignersFile"
_FILE: Final = "statement.json"
_SSH: Final = ("-c", "gpg.format=ssh")


class SigningError(RepositoryError):
    """A statement was to be signed and could not be; one sentence with the next step."""

    def __init__(self, problem: str, next_step: str) -> None:
        super().__init__(f"{problem}; {next_step}")
        self.problem = problem
        self.next_step = next_step


class Signature(Fact):
    """What git says of a statement's signature."""

    is_there: bool = False
    is_good: bool = False
    """By a key that this machine allows."""
    words: str = ""
    """Git's own, or why nothing could be said."""


def signing_key(repository: Repository) -> str:
    """The key that statements are signed with here; empty: they are not signed."""
    return _setting(repository, KEY)


def write_statement(
    repository: Repository, subject: str, text: bytes, *, when: int, replaces: str | None = None
) -> str:
    """Makes the subject's statement, signed where a key is set; the id of the statement's commit.
    `replaces` is the one that it has now. Raises SigningError, BranchTaken."""
    git = repository.git
    blob = git.write("statement", "hash-object", "-w", "--stdin", stdin=text).decode().strip()
    listing = f"100644 blob {blob}\t{_FILE}\n".encode()
    tree = git.write("statement", "mktree", stdin=listing).decode().strip()
    statement = _commit(repository, tree, subject, when)
    move_ref(repository, f"{STATEMENTS}{subject}", new=statement, old=replaces)
    return statement


def try_signing(repository: Repository) -> None:
    """Signs once with the key that is set, on no ref. Raises SigningError, and RepositoryError
    where there is nothing to sign."""
    head = repository.resolve("HEAD")
    _commit(repository, repository.tree(head).oid, head, 0)


def _commit(repository: Repository, tree: str, subject: str, when: int) -> str:
    key = signing_key(repository)
    date = {"GIT_AUTHOR_DATE": f"@{when} +0000", "GIT_COMMITTER_DATE": f"@{when} +0000"}
    options = (*_SSH, "-c", f"user.signingKey={key}") if key else ()
    signs = ("-S",) if key else ()
    code, out, err = repository.git.ask(
        *options, "commit-tree", *signs, tree, "-p", subject, "-F", "-",
        stdin=f"Provenance of {subject}\n".encode(), environment=date, as_user=bool(key),
    )  # fmt: skip
    if code != 0:
        words = "; ".join(err.splitlines())[-300:]
        raise SigningError(
            f"its provenance could not be signed with {KEY} = {key} ({words})",
            f"see that the key is there and needs no passphrase, or: git config --unset {KEY}",
        )
    return out.decode().strip()


def drop_statement(repository: Repository, subject: str) -> None:
    """The subject has no statement any more: it was made for a merge that did not come about."""
    old = statement_of(repository, subject)
    if old is not None:
        move_ref(repository, f"{STATEMENTS}{subject}", new=None, old=old)


def statement_of(repository: Repository, subject: str) -> str | None:
    """The id of a commit's statement; None where it has none."""
    return repository.ref(f"{STATEMENTS}{subject}")


def list_statements(repository: Repository) -> dict[str, str]:
    """Every subject's id with its statement's, as the refs say."""
    form = "--format=%(refname)%00%(objectname)"
    out = repository.git.run("for-each-ref", form, STATEMENTS).decode()
    rows = [line.split("\0") for line in out.splitlines()]
    return {name.removeprefix(STATEMENTS): commit for name, commit in rows}


def read_statement(repository: Repository, statement: str) -> bytes | None:
    """What it says; None where the object is gone or is none."""
    code, out, _ = repository.git.ask("cat-file", "blob", f"{statement}:{_FILE}")
    return out if code == 0 else None


def is_signed(repository: Repository, statement: str) -> bool:
    """Whether it has a signature, by whomever."""
    header = repository.git.run("cat-file", "commit", statement).split(b"\n\n", 1)[0]
    return b"\ngpgsig" in header


def check_signature(repository: Repository, statement: str) -> Signature:
    """Holds a statement against the keys of `gpg.ssh.allowedSignersFile`; where that is not set,
    against the key that this machine signs with."""
    if not is_signed(repository, statement):
        return Signature()
    with _allowed_signers(repository) as path:
        if path is None:
            words = f"no key is named here; type: git config {SIGNERS} FILE"
            return Signature(is_there=True, words=words)
        code, _, err = repository.git.ask(
            *_SSH, "-c", f"{SIGNERS}={path}", "verify-commit", statement, as_user=True
        )
    return Signature(is_there=True, is_good=code == 0, words="; ".join(err.splitlines())[-300:])


@contextmanager
def _allowed_signers(repository: Repository) -> Iterator[str | None]:
    path = _setting(repository, SIGNERS)
    public_key = "" if path else _public_half(signing_key(repository))
    if path or not public_key:
        yield path or None
        return
    with tempfile.TemporaryDirectory(prefix="healer-") as folder:
        Path(folder).chmod(0o755)  # git may run as the owner of the repository
        signers = Path(folder) / "signers"
        signers.write_text(f'{_email()} namespaces="git" {public_key}\n', encoding="utf-8")
        yield str(signers)


def _public_half(key: str) -> str:
    """The public key that belongs to a setting of `KEY`; empty where it cannot be read."""
    if not key or key.startswith("key::"):
        return key.removeprefix("key::").strip()
    path = Path(key)
    for each in (path.with_name(f"{path.name}.pub"), path):
        try:
            text = each.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if "PRIVATE KEY" not in text:
            return " ".join(text.split()[:2])
    return ""


def _email() -> str:
    return NOBODY[NOBODY.index("<") + 1 : -1]


def _setting(repository: Repository, name: str) -> str:
    code, out, _ = repository.git.ask("config", "--type=path", "--get", name, as_user=True)
    return out.decode("utf-8", "surrogateescape").strip() if code == 0 else ""
