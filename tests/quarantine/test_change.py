"""A patch, a commit, a range, the index and the working tree each become two commits of a copy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from quarantine.change import (
    Change,
    ChangeError,
    find_changed_tests,
    read_index,
    read_patch,
    read_revision,
    read_working_tree,
    split_tests,
    take_files,
)
from quarantine.errors import UnknownRevision
from quarantine.repository import Repository
from quarantine.scratch import shared_clone
from tests.support.git import commit_files, git, make_repository, write_files

FILES = {"scripts/a.py": "x = 1\n", "tests/test_a.py": "def test_a():\n    assert 1\n"}
Reader = Callable[[Repository, Repository], Change]


class World:
    """A repository and a copy of it."""

    def __init__(self, folder: Path, copies: Path) -> None:
        self.folder = folder
        self.repository = Repository.open(folder)
        self.copy = shared_clone(self.repository, copies / f"copy-{len(list(copies.iterdir()))}")

    def content(self, change: Change, path: str) -> bytes | None:
        return self.copy.tree(change.commit).read(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", FILES)


@pytest.fixture
def world(folder: Path, tmp_path: Path) -> World:
    (tmp_path / "copies").mkdir(exist_ok=True)
    return World(folder, tmp_path / "copies")


def state(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_working_tree_brings_tracked_and_new_files_but_none_that_git_ignores(
    world: World,
) -> None:
    write_files(
        world.folder,
        {"scripts/a.py": "x = 2\n", "new/b.py": "y\n", ".gitignore": "*.log\n", "a.log": "no"},
    )
    (world.folder / "new" / "b.py").chmod(0o755)
    before = state(world.folder)
    change = read_working_tree(world.repository, world.copy)
    assert change.paths == (".gitignore", "new/b.py", "scripts/a.py")
    assert world.content(change, "scripts/a.py") == b"x = 2\n"
    assert world.copy.tree(change.commit).entry("new/b.py").mode == "100755"
    assert change.notes == ("2 file(s) that git does not track yet are part of it",)
    assert state(world.folder) == before


def test_what_is_staged_is_told_from_what_is_not(world: World) -> None:
    write_files(world.folder, {"scripts/a.py": "x = 2\n"})
    git(world.folder, "add", "-A")
    write_files(world.folder, {"scripts/a.py": "x = 3\n", "later.py": "z\n"})
    before = state(world.folder)
    change = read_index(world.repository, world.copy)
    assert change.paths == ("scripts/a.py",)
    assert world.content(change, "scripts/a.py") == b"x = 2\n"
    assert state(world.folder) == before


def test_a_hook_is_asked_about_the_index_that_git_names(world: World) -> None:
    other = world.folder / ".git" / "next-index"
    other.write_bytes((world.folder / ".git" / "index").read_bytes())
    write_files(world.folder, {"scripts/a.py": "x = 2\n"})
    git(world.folder, "add", "-A", GIT_INDEX_FILE=str(other))
    assert read_index(world.repository, world.copy, str(other)).paths == ("scripts/a.py",)
    with pytest.raises(ChangeError, match="nothing to check: what is staged changes no file"):
        read_index(world.repository, world.copy)


def test_an_index_with_an_unfinished_merge_is_refused(world: World) -> None:
    git(world.folder, "checkout", "-q", "-b", "other")
    commit_files(world.folder, {"scripts/a.py": "x = 2\n"})
    git(world.folder, "checkout", "-q", "main")
    commit_files(world.folder, {"scripts/a.py": "x = 3\n"})
    with pytest.raises(AssertionError):
        git(world.folder, "merge", "other")
    with pytest.raises(ChangeError, match="unfinished merge"):
        read_index(world.repository, world.copy)


@pytest.mark.parametrize("prefix", [(), ("--no-prefix",)])
def test_a_patch_applies_to_the_head_with_prefixes_or_without(
    world: World, prefix: tuple[str, ...]
) -> None:
    write_files(world.folder, {"scripts/a.py": "x = 2\n", "blob.bin": b"\0\1\2"})
    git(world.folder, "add", "-N", ".")
    patch = git(world.folder, "diff", "--binary", *prefix).encode() + b"\n"
    git(world.folder, "checkout", "-q", "--", "scripts/a.py")
    change = read_patch(world.repository, world.copy, patch, "fix.patch")
    assert (change.origin, change.paths) == ("fix.patch", ("blob.bin", "scripts/a.py"))
    assert world.content(change, "blob.bin") == b"\0\1\2"
    assert change.notes == ("blob.bin is binary; what is in it is not looked at",)


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ("", "fix.patch is empty"),
        ("hello\n", "fix.patch is no unified diff"),
        (
            "--- a/scripts/a.py\n+++ b/scripts/a.py\n@@ -1 +1 @@\n-y = 1\n+y = 2\n",
            "does not apply to HEAD",
        ),
        (
            "--- a/../a.py\n+++ b/../a.py\n@@ -1 +1 @@\n-y = 1\n+y = 2\n",
            "does not apply to HEAD",
        ),
    ],
)
def test_a_patch_that_does_not_fit_says_why(world: World, patch: str, says: str) -> None:
    with pytest.raises(ChangeError, match=says):
        read_patch(world.repository, world.copy, patch.encode(), "fix.patch")


def test_a_commit_is_read_against_its_parent_and_a_merge_against_the_first(world: World) -> None:
    first = git(world.folder, "rev-parse", "HEAD")
    git(world.folder, "checkout", "-q", "-b", "other")
    side = commit_files(world.folder, {"scripts/b.py": "y = 1\n"})
    git(world.folder, "checkout", "-q", "main")
    main = commit_files(world.folder, {"scripts/a.py": "x = 2\n"})
    git(world.folder, "merge", "-q", "--no-edit", "other")
    one = read_revision(world.repository, world.copy, side)
    assert (one.base, one.paths, one.notes) == (first, ("scripts/b.py",), ())
    merge = read_revision(world.repository, world.copy, "HEAD")
    assert (merge.base, merge.paths) == (main, ("scripts/b.py",))
    assert "is a merge; it is judged against its first parent" in merge.notes[0]


@pytest.mark.parametrize("revision", ["main..other", "main...other", "main..", "..other"])
def test_of_a_range_only_what_the_later_side_has_counts(world: World, revision: str) -> None:
    first = git(world.folder, "rev-parse", "HEAD")
    git(world.folder, "checkout", "-q", "-b", "other")
    commit_files(world.folder, {"scripts/b.py": "y = 1\n"})
    commit_files(world.folder, {"scripts/b.py": "y = 2\n"})
    git(world.folder, "checkout", "-q", "main")
    commit_files(world.folder, {"scripts/a.py": "x = 2\n"})
    if revision == "main..":
        git(world.folder, "checkout", "-q", "other")
    change = read_revision(world.repository, world.copy, revision)
    assert (change.base, change.paths) == (first, ("scripts/b.py",))


def test_the_first_commit_and_an_unknown_one_are_refused(world: World) -> None:
    with pytest.raises(ChangeError, match="is the first one"):
        read_revision(world.repository, world.copy, "HEAD")
    with pytest.raises(UnknownRevision, match=r"'mian'.*did you mean 'main'"):
        read_revision(world.repository, world.copy, "mian")


def test_at_the_edge_of_a_shallow_clone_the_next_step_is_said(folder: Path, tmp_path: Path) -> None:
    commit_files(folder, {"scripts/a.py": "x = 2\n"})
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{folder}", "shallow")
    (tmp_path / "copies").mkdir()
    shallow = World(tmp_path / "shallow", tmp_path / "copies")
    with pytest.raises(ChangeError, match="git fetch --deepen=1"):
        read_revision(shallow.repository, shallow.copy, "HEAD")
    write_files(shallow.folder, {"scripts/a.py": "x = 3\n"})
    assert read_working_tree(shallow.repository, shallow.copy).paths == ("scripts/a.py",)


def test_branches_without_common_history_are_refused(world: World) -> None:
    git(world.folder, "checkout", "-q", "--orphan", "island")
    commit_files(world.folder, {"c.py": "z = 1\n"})
    with pytest.raises(ChangeError, match="share no history"):
        read_revision(world.repository, world.copy, "main..island")


def test_a_renamed_file_a_link_and_a_submodule_are_named(world: World) -> None:
    source = "".join(f"x{n} = {n}\n" for n in range(20))
    commit_files(world.folder, {"scripts/a.py": source})
    git(world.folder, "mv", "scripts/a.py", "scripts/b.py")
    (world.folder / "link").symlink_to("scripts/b.py")
    git(world.folder, "add", "-A")
    tip = git(world.folder, "rev-parse", "HEAD")
    git(world.folder, "update-index", "--add", "--cacheinfo", f"160000,{tip},vendor")
    notes = read_index(world.repository, world.copy).notes
    assert notes == (
        "link is a symbolic link; the sandbox has no links",
        "vendor is a submodule; what is in it is not looked at",
        "scripts/a.py is scripts/b.py now: it is judged as one file gone and a new one",
    )


def test_a_bare_repository_has_commits_alone(folder: Path, tmp_path: Path) -> None:
    commit_files(folder, {"scripts/a.py": "x = 2\n"})
    git(tmp_path, "clone", "-q", "--bare", str(folder), "bare.git")
    (tmp_path / "copies").mkdir()
    bare = World(tmp_path / "bare.git", tmp_path / "copies")
    with pytest.raises(ChangeError, match="a bare repository"):
        read_working_tree(bare.repository, bare.copy)
    assert read_revision(bare.repository, bare.copy, "HEAD").paths == ("scripts/a.py",)


def is_test_code(path: str) -> bool:
    return path.startswith("tests/")


def test_the_code_as_it_was_is_held_against_the_tests_that_the_change_brings(
    world: World,
) -> None:
    write_files(world.folder, {"scripts/a.py": "x = 2\n", "tests/test_b.py": "assert 2\n"})
    (world.folder / "tests" / "test_a.py").unlink()
    change = read_working_tree(world.repository, world.copy)
    candidate = split_tests(world.copy, change, is_test_code)
    base = world.copy.tree(candidate.base)
    assert candidate.paths == ("scripts/a.py",)
    assert base.read("tests/test_b.py") == b"assert 2\n"
    assert base.read("tests/test_a.py") is None
    assert base.read("scripts/a.py") == b"x = 1\n"
    assert candidate.diff.endswith("-x = 1\n+x = 2\n")


def test_a_change_to_tests_alone_is_looked_at_whole(world: World) -> None:
    write_files(world.folder, {"tests/test_b.py": "assert 2\n"})
    change = read_working_tree(world.repository, world.copy)
    candidate = split_tests(world.copy, change, is_test_code)
    assert (candidate.base, candidate.paths) == (change.base, ("tests/test_b.py",))


def test_what_is_changed_or_gone_in_tests_that_were_there_is_named(world: World) -> None:
    old = "import a\nLIMIT = 3\ndef test_a():\n    assert a\ndef test_b():\n    assert 1\n"
    new = "import a, b\nLIMIT = 4\ndef test_a():\n    # why\n    assert a\ndef test_c():\n    b()\n"
    commit_files(world.folder, {"tests/test_a.py": old, "tests/data.txt": "1", "tests/x.py": "x"})
    write_files(world.folder, {"tests/test_a.py": new, "tests/data.txt": "2", "tests/n.py": "n"})
    (world.folder / "tests" / "x.py").unlink()
    change = read_working_tree(world.repository, world.copy)
    trees = world.copy.tree(change.base), world.copy.tree(change.commit)
    assert find_changed_tests(*trees, change.paths) == (
        "tests/data.txt", "tests/test_a.py", "tests/test_a.py::test_b", "tests/x.py",
    )  # fmt: skip


def test_of_a_later_commit_only_the_named_files_are_taken(folder: Path, tmp_path: Path) -> None:
    base = git(folder, "rev-parse", "HEAD")
    commit_files(folder, {"scripts/a.py": "x = 2\n", "scripts/b.py": "y = 1\n"})
    later = git(folder, "rev-parse", "HEAD")
    copy = shared_clone(Repository.open(folder), tmp_path / "later")
    candidate = take_files(copy, base, later, ["scripts/a.py"])
    assert (candidate.base, candidate.paths) == (base, ("scripts/a.py",))
    assert copy.tree(candidate.commit).read("scripts/b.py") is None
