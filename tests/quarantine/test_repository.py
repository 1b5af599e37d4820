"""Finding a repository and asking it, in every shape that git gives one."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from quarantine.candidate import write_candidate
from quarantine.errors import (
    EmptyRepository,
    NotARepository,
    RepositoryError,
    UnknownRevision,
    UntrustedRepository,
)
from quarantine.repository import Repository
from tests.quarantine.jobs import FIXED, make_jobs
from tests.support.git import commit_files, git, make_repository, write_files


def test_a_normal_repository_is_found_from_any_folder_or_file_in_it(root: Path) -> None:
    for inside in (root, root / "scripts", root / "scripts/sync.py"):
        found = Repository.open(inside)
        assert found.root == root
        assert found.git_dir == root / ".git"
        assert found.state_dir == root / ".git" / "healer"
    assert not found.state_dir.exists()
    assert found.branch() == "main"


def test_a_linked_worktree_shares_the_state_but_has_its_own_branch(root: Path) -> None:
    git(root, "worktree", "add", "-q", "-b", "other", "../linked")
    linked = Repository.open(root.parent / "linked")
    assert (linked.root, linked.branch()) == (root.parent / "linked", "other")
    assert linked.git_dir == root / ".git"
    assert linked.state_dir == Repository.open(root).state_dir


def test_a_bare_repository_has_no_root(root: Path) -> None:
    git(root, "clone", "-q", "--bare", ".", "../bare.git")
    bare = Repository.open(root.parent / "bare.git")
    assert bare.root is None
    assert bare.git_dir == root.parent / "bare.git"
    assert bare.tree("main").read("README.md") == b"# Jobs\n"
    assert bare.is_tracked("README.md")
    assert not bare.is_tracked("nothing")


def test_a_submodule_is_a_repository_of_its_own(root: Path) -> None:
    make_jobs(root.parent / "library")
    git(root, "submodule", "--quiet", "add", "../library", "lib")
    git(root, "commit", "-q", "-m", "Add a library")
    inner = Repository.open(root / "lib" / "scripts")
    assert inner.root == root / "lib"
    assert inner.git_dir == root / ".git/modules/lib"
    assert inner.branch() == "main"
    assert "lib" not in Repository.open(root).tree("HEAD").paths()


def test_a_sha256_repository_works(tmp_path: Path) -> None:
    found = Repository.open(make_jobs(tmp_path / "wide", "--object-format=sha256"))
    assert len(found.resolve("HEAD")) == 64
    assert found.tree("HEAD").read("README.md") == b"# Jobs\n"


def test_a_detached_head_has_no_branch(root: Path) -> None:
    git(root, "checkout", "-q", "--detach")
    assert Repository.open(root).branch() is None


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda p: None, NotARepository, "does not exist"),
        (lambda p: p.mkdir(), NotARepository, "--repo PATH"),
        (lambda p: (p.mkdir(), git(p, "init", "-q")), EmptyRepository, "git commit"),
        (lambda p: (p.mkdir(), git(p, "init", "-q", "--bare")), EmptyRepository, "git commit"),
    ],
)
def test_what_is_no_usable_repository_is_said_in_one_sentence(
    tmp_path: Path, make: object, error: type[RepositoryError], says: str
) -> None:
    make(tmp_path / "place")
    with pytest.raises(error, match=says) as caught:
        Repository.open(tmp_path / "place")
    assert "\n" not in str(caught.value)


def test_a_broken_git_folder_is_an_error_and_no_crash(root: Path) -> None:
    (root / ".git/HEAD").write_text("nonsense\n")
    with pytest.raises(RepositoryError):
        Repository.open(root)
    (root / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (root / ".git/config").write_text("[core\n")
    with pytest.raises(RepositoryError, match="config"):
        Repository.open(root)


def test_revisions_become_full_ids_and_a_typo_is_answered_with_the_nearest_branch(
    root: Path, repository: Repository
) -> None:
    tip = git(root, "rev-parse", "HEAD")
    for name in ("HEAD", "main", tip[:10], tip, "main^{tree}^{}" if False else "refs/heads/main"):
        assert repository.resolve(name) == tip
    with pytest.raises(UnknownRevision, match=r"'mian': did you mean 'main'\?"):
        repository.resolve("mian")
    for hostile in ("--all", "-h", "", "a\nb", "a\0b", "main..main", "HEAD^{blob}", "@{-1"):
        with pytest.raises(UnknownRevision):
            repository.resolve(hostile)
    assert repository.tip("main") == tip
    assert repository.tip("absent") is None


def test_a_file_is_modified_when_disk_or_index_differ_from_the_commit(
    root: Path, repository: Repository
) -> None:
    assert repository.is_tracked("scripts/sync.py")
    assert not repository.is_tracked("scripts/*.py")
    assert not repository.is_modified("scripts/sync.py")
    write_files(root, {"scripts/sync.py": "changed\n"})
    assert repository.is_modified("scripts/sync.py")
    git(root, "add", "scripts/sync.py")
    assert repository.is_modified("scripts/sync.py")
    git(root, "reset", "-q", "--hard")
    write_files(root, {"scripts/new.py": "x\n"})
    assert not repository.is_tracked("scripts/new.py")
    assert not repository.is_modified("scripts/new.py")
    git(root, "add", "scripts/new.py")
    assert repository.is_modified("scripts/new.py")
    (root / "README.md").unlink()
    assert repository.is_modified("README.md")
    git(root, "rm", "-q", "--cached", "data/names.csv")
    assert repository.is_modified("data/names.csv")


def test_the_callers_git_environment_has_no_effect(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """healer may be started inside a hook, whose variables point elsewhere."""
    other = make_jobs(tmp_path / "other")
    for name, value in {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / ".git/index"),
        "GIT_OBJECT_DIRECTORY": str(other / ".git/objects"),
        "GIT_QUARANTINE_PATH": "1",
        "GIT_CONFIG_COUNT": "nonsense",
        "GIT_CONFIG_PARAMETERS": "nonsense",
        "GIT_NAMESPACE": "elsewhere",
    }.items():
        monkeypatch.setenv(name, value)
    found = Repository.open(root)
    assert found.root == root
    assert (
        found.git.run("rev-parse", "--git-path", "objects").strip().endswith(b"jobs/.git/objects")
    )


def test_hooks_filters_monitors_and_external_diffs_never_run(root: Path) -> None:
    """Whatever the repository's configuration names, git starts none of it."""
    trap = root.parent / "trap"
    mark = root.parent / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    trap.chmod(0o755)
    write_files(root, {".gitattributes": "*.py filter=trap diff=trap merge=trap export-ignore\n"})
    git(root, "add", ".gitattributes")
    git(root, "commit", "-q", "-m", "Set traps")
    for key in (
        "filter.trap.clean", "filter.trap.smudge", "diff.trap.command", "diff.trap.textconv",
        "diff.external", "merge.trap.driver", "core.fsmonitor", "core.editor", "core.pager",
        "core.sshCommand", "core.askPass", "gpg.program",
    ):  # fmt: skip
        git(root, "config", key, str(trap))
    git(root, "config", "commit.gpgSign", "true")
    for hook in ("post-checkout", "reference-transaction", "pre-commit", "post-index-change"):
        (root / ".git/hooks" / hook).write_text(trap.read_text())
        (root / ".git/hooks" / hook).chmod(0o755)
    found = Repository.open(root)
    (root / "scripts/sync.py").touch()
    assert not found.is_modified("scripts/sync.py")
    tree = found.tree("HEAD")
    assert b"scripts/sync.py" in tree.tar()
    fixed = write_candidate(
        found, base="main", changes={"scripts/sync.py": FIXED}, branch="quarantine/sync-1",
        message="Fix", when=1,
    )  # fmt: skip
    assert "+    return json.dumps({})" in fixed.diff
    assert "+    return json.dumps({})" in found.diff(fixed.base, fixed.commit)
    assert not mark.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another user")
def test_root_acts_as_the_owner_of_the_repository() -> None:
    """Else the owner could not commit any more: root's object folders would be in the way."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        root = make_jobs(Path(place) / "jobs")
        subprocess.run(["chown", "-R", "65534:65534", str(root)], check=True)
        found = Repository.open(root)
        found.git.run("hash-object", "-w", "--stdin", stdin=b"something new")
        assert {p.stat().st_uid for p in (root / ".git/objects").rglob("*")} == {65534}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's repository")
def test_a_strangers_repository_needs_safe_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with git itself; and what the user's configuration trusts is trusted here, too."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        root = make_jobs(Path(place) / "jobs")
        subprocess.run(["chown", "-R", "65534:65534", str(root)], check=True)
        os.chown(root / "scripts", 1234, 1234)
        with pytest.raises(UntrustedRepository, match=r"safe\.directory"):
            Repository.open(root / "scripts")
        (Path(place) / ".gitconfig").write_text(f"[safe]\n\tdirectory = {root}\n")
        monkeypatch.setenv("XDG_CONFIG_HOME", place)
        (Path(place) / "git").mkdir()
        (Path(place) / ".gitconfig").rename(Path(place) / "git" / "config")
        assert Repository.open(root / "scripts").root == root


def test_a_repository_that_is_removed_meanwhile_is_an_error(root: Path) -> None:
    repository = Repository.open(root)
    shutil.rmtree(root / ".git")
    root.joinpath(".git").mkdir()
    with pytest.raises(RepositoryError):
        repository.tip("main")


def test_importing_the_package_imports_neither_git_nor_pydantic() -> None:
    code = "import quarantine, sys; sys.exit('git' in sys.modules or 'pydantic' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_objects_behind_replacements_are_read_as_they_are(root: Path) -> None:
    before = git(root, "rev-parse", "HEAD")
    after = commit_files(root, {"README.md": "# Other\n"})
    git(root, "replace", after, before)
    assert Repository.open(root).tree("HEAD").read("README.md") == b"# Other\n"


def test_ignored_files_are_those_beside_what_is_tracked(tmp_path: Path) -> None:
    files = {".gitignore": "*.log\nbuild/\n", "src/a.py": "", "b c.py": ""}
    root = make_repository(tmp_path / "shop", files)
    for path in ("src/ü.log", "x.log", "build/y.log", "src/new.py"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).touch()
    repository = Repository.open(root)
    assert repository.ignored_files() == ("src/ü.log", "x.log")
    assert repository.tracked_files() == (".gitignore", "b c.py", "src/a.py")
    git(tmp_path, "clone", "-q", "--bare", "shop", "bare.git")
    bare = Repository.open(tmp_path / "bare.git")
    assert bare.ignored_files() == bare.tracked_files() == ()
