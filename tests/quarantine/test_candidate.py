"""Candidates are made of git objects, and nothing of the user's is touched by them."""

import string
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quarantine.candidate import (
    Candidate,
    delete_branch,
    list_quarantine,
    quarantine_branch,
    write_candidate,
)
from quarantine.errors import BranchTaken, NothingChanges, RepositoryError, UnsafePath
from quarantine.paths import check_path
from quarantine.repository import Repository
from tests.quarantine.jobs import FIXED
from tests.support.git import commit_files, git, write_files


def draft(repository: Repository, changes: dict[str, bytes | None], **other: object) -> Candidate:
    """A candidate on main."""
    facts: dict[str, object] = {
        "base": "main", "branch": "quarantine/sync-1", "message": "Fix\n\nHealer-Repair: 1",
        "when": 1_700_000_000,
    }  # fmt: skip
    return write_candidate(repository, changes=changes, **(facts | other))


def test_a_candidate_is_a_commit_on_its_base_with_exactly_the_changes(
    root: Path, repository: Repository
) -> None:
    made = draft(repository, {
        "scripts/sync.py": FIXED, "run.sh": b"#!/bin/sh -e\n", "tests/test_new.py": b"x = 1\n",
        "data/names.csv": None,
    })  # fmt: skip
    assert git(root, "rev-parse", "quarantine/sync-1") == made.commit
    assert git(root, "rev-parse", f"{made.commit}^") == made.base == git(root, "rev-parse", "main")
    assert made.paths == ("data/names.csv", "run.sh", "scripts/sync.py", "tests/test_new.py")
    tree = repository.tree(made.commit)
    assert tree.oid == made.tree
    assert tree.read("scripts/sync.py") == FIXED
    assert tree.entries()["run.sh"].mode == "100755"
    assert tree.entry("data/names.csv") is None
    show = git(root, "show", "-s", "--format=%an <%ae> %at %ct %cn|%B", made.commit)
    assert show == "healer <healer@localhost> 1700000000 1700000000 healer|Fix\n\nHealer-Repair: 1"
    assert git(root, "fsck", "--strict", "--no-dangling") == ""


def test_the_working_tree_the_index_and_the_stash_are_as_before(
    root: Path, repository: Repository
) -> None:
    write_files(root, {"README.md": "stashed\n"})
    git(root, "stash")
    write_files(root, {"scripts/sync.py": "dirty\n", "staged.py": "staged\n"})
    git(root, "add", "staged.py")
    index = (root / ".git/index").read_bytes()
    before = state(root)
    draft(repository, {"scripts/sync.py": FIXED})
    assert (root / ".git/index").read_bytes() == index
    assert before == state(root)
    assert (root / "scripts/sync.py").read_text() == "dirty\n"
    assert not [p for p in (root / ".git").iterdir() if "fast_import" in p.name]


def test_the_same_inputs_give_the_same_commit_and_a_repeated_step_finds_it(
    root: Path, repository: Repository
) -> None:
    first = draft(repository, {"scripts/sync.py": FIXED})
    assert draft(Repository.open(root), {"scripts/sync.py": FIXED}) == first


def test_a_later_attempt_takes_the_place_of_the_one_it_names(repository: Repository) -> None:
    first = draft(repository, {"scripts/sync.py": b"1\n"})
    with pytest.raises(BranchTaken, match="git branch -D quarantine/sync-1"):
        draft(repository, {"scripts/sync.py": FIXED})
    second = draft(repository, {"scripts/sync.py": FIXED}, replaces=first.commit)
    assert repository.tip("quarantine/sync-1") == second.commit
    assert draft(repository, {"scripts/sync.py": FIXED}, replaces=first.commit) == second


def state(root: Path) -> tuple[str, ...]:
    """What a person sees of their checkout."""
    questions = (("status", "--porcelain"), ("stash", "list"), ("rev-parse", "HEAD"))
    return tuple(git(root, *each) for each in questions)


@pytest.mark.parametrize("changes", [{}, {"README.md": b"# Jobs\n"}])
def test_a_draft_that_changes_nothing_makes_no_branch(
    repository: Repository, changes: dict[str, bytes | None]
) -> None:
    with pytest.raises(NothingChanges):
        draft(repository, changes)
    assert repository.branches() == ("main",)


@pytest.mark.parametrize("path", [
    "/etc/passwd", "../outside.py", "scripts/../../outside.py", "./scripts/sync.py",
    "scripts//x.py",
    "", ".", "..", "scripts/", ".git/config", "sub/.git/hooks/post-commit", ".GIT/config", ".Git",
    "git~1/config", "GIT~1/config", ".git./config", ".git /config", ".g\u200cit/config",
    ".git\u2024/x", ".\uff47it/config", "\ufeff.git/config", ".git::$INDEX_ALLOCATION/config",
    ".gitmodules", ".GITMODULES", "gitmod~1", "sub/.gitmodules", "scripts\\sync.py", "C:x.py",
    "scripts/sync.py.", "scripts/sync.py ", "scripts./sync.py", "a\0b", "a\nb", "a\x7fb",
    "a\u202eb.py", "cafe\u0301.py", "x" * 2000, "caf\udce9.py",
    "Scripts/new.py", "SCRIPTS/sync.py", "scripts/Sync.py", "readme.md", "\uff32EADME.md",
    "scripts", "Scripts", "scripts/sync.py/inner.py", "README.md/x", "Readme.md/x",
    "link.py", "linked/x.py", "library", "library/x.py", "absent.py",
])  # fmt: skip
def test_paths_that_lie_are_refused_and_nothing_is_written(root: Path, path: str) -> None:
    (root / "link.py").symlink_to("scripts/sync.py")
    (root / "linked").symlink_to("scripts")
    git(root, "add", "link.py", "linked")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},library")
    git(root, "commit", "-q", "-m", "Add links and a submodule")
    repository = Repository.open(root)
    objects = git(root, "count-objects")
    content = None if path == "absent.py" else b"x\n"
    with pytest.raises(UnsafePath) as caught:
        draft(repository, {"scripts/sync.py": FIXED, path: content})
    assert caught.value.path == path
    assert "\n" not in str(caught.value)
    assert repository.branches() == ("main",)
    assert git(root, "count-objects") == objects


def test_a_file_and_a_file_below_it_cannot_both_be_written(repository: Repository) -> None:
    with pytest.raises(UnsafePath):
        draft(repository, {"new": b"1", "new-x": b"2", "new/file.py": b"3"})


PARTS = (".", "/", "git", ".git", "~1", "\\", ":", " ", "\u200c", "é", "e\u0301", "G")
NAMES = st.lists(st.sampled_from(PARTS) | st.characters(), max_size=6).map("".join)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(path=NAMES, content=st.binary(max_size=20))
@example(path='"quoted".py', content=b"\n")
def test_git_itself_never_refuses_a_path_that_we_let_through(
    repository: Repository, path: str, content: bytes
) -> None:
    """git's own check of paths in an index is the oracle; ours must be the stricter one."""
    try:
        check_path(path)
    except UnsafePath:
        return
    done = repository.git.ask(
        "-c", "core.protectNTFS=true", "-c", "core.protectHFS=true", "update-index", "--add",
        "-z", "--index-info", stdin=f"100644 {'1' * 40}\t{path}\0".encode(),
        environment={"GIT_INDEX_FILE": str(repository.git_dir / "oracle")},
    )  # fmt: skip
    assert done[0] == 0, done
    changes = {path: content}
    try:
        made = draft(repository, changes, branch=f"quarantine/x-{abs(hash((path, content)))}")
    except UnsafePath:  # an existing folder or another spelling of an existing file
        return
    assert repository.tree(made.commit).read(path) == content


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(changes=st.dictionaries(
    st.sampled_from(["scripts/sync.py", "README.md", "new.py", "a/b/c.py", "data/names.csv"]),
    st.one_of(st.none(), st.binary(max_size=200)), min_size=1,
))  # fmt: skip
def test_the_diff_of_a_candidate_applies_to_its_base_and_gives_its_tree(
    repository: Repository, changes: dict[str, bytes | None]
) -> None:
    """`git apply` is the oracle for the patch that people are sent."""
    before = set(repository.tree("main").paths())
    changes = {
        path: content for path, content in changes.items() if content is not None or path in before
    }
    name = f"quarantine/d-{abs(hash(tuple(sorted(changes.items()))))}"
    try:
        made = draft(repository, changes, branch=name)
    except NothingChanges:
        return
    index = {"GIT_INDEX_FILE": str(repository.git_dir / "apply-oracle")}
    repository.git.run("read-tree", "main", environment=index)
    patch = repository.patch(made.base, made.commit)
    repository.git.run("apply", "--cached", "-", stdin=patch, environment=index)
    assert repository.git.run("write-tree", environment=index).decode().strip() == made.tree


def test_the_diff_shows_a_file_that_attributes_call_binary(
    root: Path, repository: Repository
) -> None:
    """Else a commit could hide what it changes from the person who decides."""
    commit_files(root, {".gitattributes": "*.py -diff\n"})
    assert "+    return json.dumps({})" in draft(repository, {"scripts/sync.py": FIXED}).diff


def test_branch_names_come_from_the_script_and_the_repair(root: Path) -> None:
    assert quarantine_branch("scripts/sync.py", "r1") == "quarantine/sync-r1"
    for script in ("a b/ü~^:?*[..lock.py", "…", "x" * 300, "a..b.lock", "-rf.py", "@{.py"):
        name = quarantine_branch(script, "r1")
        subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], check=True)
        assert set(name) <= set(string.ascii_letters + string.digits + "/-_.")


@pytest.mark.parametrize("branch", [
    "main", "quarantine/", "quarantine/a..b", "quarantine/a.lock", "quarantine/a b",
    "quarantine/-x", "refs/heads/main",
])  # fmt: skip
def test_only_quarantine_branches_are_written_and_deleted(
    repository: Repository, branch: str
) -> None:
    with pytest.raises(RepositoryError, match="no quarantine branch"):
        draft(repository, {"scripts/sync.py": FIXED}, branch=branch)
    if not branch.startswith("quarantine/"):
        with pytest.raises(RepositoryError, match="does not delete"):
            delete_branch(repository, branch)


def test_a_branch_named_quarantine_is_in_the_way_and_said_so(
    root: Path, repository: Repository
) -> None:
    git(root, "branch", "quarantine")
    with pytest.raises(RepositoryError, match="quarantine"):
        draft(repository, {"scripts/sync.py": FIXED})


def test_quarantine_branches_are_listed_and_deleted_only_where_they_were_seen(
    repository: Repository,
) -> None:
    late = draft(repository, {"README.md": b"2"}, branch="quarantine/b-2", when=200)
    soon = draft(repository, {"README.md": b"1"}, branch="quarantine/a-1", when=100)
    assert [each.branch for each in list_quarantine(repository)] == [soon.branch, late.branch]
    with pytest.raises(BranchTaken):
        delete_branch(repository, soon.branch, commit=late.commit)
    assert delete_branch(repository, soon.branch, commit=soon.commit)
    assert not delete_branch(repository, soon.branch)
    assert [each.branch for each in list_quarantine(repository)] == [late.branch]
