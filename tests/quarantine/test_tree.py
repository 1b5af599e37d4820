"""The files of a commit, exactly, whatever git's conveniences would make of them."""

import io
import tarfile
from pathlib import Path

import pytest

from quarantine.errors import RepositoryError
from quarantine.repository import Repository
from tests.support.git import commit_files, git, write_files


def members(content: bytes) -> dict[str, tuple[int, bytes]]:
    """Mode and content of a tar's members, all of which must be regular files."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive.getmembers():
            assert member.isreg()
            file = archive.extractfile(member)
            assert file is not None
            found[member.name] = (member.mode, file.read())
    return found


def test_files_are_read_from_the_commit_and_not_from_the_checkout(
    root: Path, repository: Repository
) -> None:
    tree = repository.tree("main")
    write_files(root, {"README.md": "changed\n", "new.py": "new\n"})
    assert tree.read("README.md") == b"# Jobs\n"
    assert tree.read("new.py") is None
    assert tree.read("scripts") is None
    assert tree.paths() == tuple(sorted(tree.paths()))
    assert "scripts/sync.py" in tree.paths()
    assert tree.commit == git(root, "rev-parse", "HEAD")
    assert tree.oid == git(root, "rev-parse", "HEAD^{tree}")


def test_symlinks_and_submodules_are_entries_but_no_files(root: Path) -> None:
    (root / "link.py").symlink_to("scripts/sync.py")
    git(root, "add", "link.py")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},library")
    git(root, "commit", "-q", "-m", "Add a link and a submodule")
    tree = Repository.open(root).tree("HEAD")
    assert tree.entries()["link.py"].mode == "120000"
    assert tree.entries()["library"].mode == "160000"
    assert not {"link.py", "library"} & set(tree.paths())
    assert tree.read("link.py") is None
    assert not {"link.py", "library"} & set(members(tree.tar()))


def test_the_tar_holds_every_file_with_its_execute_bit_and_is_the_same_each_time(
    root: Path, repository: Repository
) -> None:
    """export-ignore, eol and ident attributes do not apply: the commit is what was asked for."""
    commit_files(
        root, {".gitattributes": "* export-ignore ident text eol=crlf\n", "id.py": "# $Id$\n"}
    )
    tree = repository.tree("HEAD")
    found = members(tree.tar())
    assert set(found) == set(tree.paths())
    assert found["run.sh"] == (0o755, b"#!/bin/sh\n")
    assert found["id.py"] == (0o644, b"# $Id$\n")
    assert tree.tar() == Repository.open(root).tree("HEAD").tar()


def test_an_overlay_replaces_and_joins_the_files_of_the_tree(repository: Repository) -> None:
    found = members(repository.tree("main").tar({"run.sh": b"new", "data/extra.csv": b"1"}))
    assert found["run.sh"] == (0o755, b"new")
    assert found["data/extra.csv"] == (0o644, b"1")
    assert found["README.md"] == (0o644, b"# Jobs\n")


def test_names_of_any_bytes_survive(root: Path) -> None:
    name = 'd\xe4ta/tab\there "quoted" \\ ümlaut.txt'
    raw = b"caf\xe9.txt".decode("utf-8", "surrogateescape")
    long = f"{'deep/' * 40}{'n' * 120}.txt"
    commit_files(root, {name: "1", raw: "2", long: "3", "empty": ""})
    tree = Repository.open(root).tree("HEAD")
    assert tree.read_all([name, raw, long, "empty", "absent"]) == {
        name: b"1", raw: b"2", long: b"3", "empty": b"",
    }  # fmt: skip
    assert {name, raw, long, "empty"} < set(members(tree.tar()))


def test_a_missing_object_is_said_with_the_next_step(root: Path, repository: Repository) -> None:
    tree = repository.tree("main")
    oid = tree.entries()["README.md"].oid
    (root / ".git/objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(RepositoryError, match="git fsck"):
        tree.read("README.md")
