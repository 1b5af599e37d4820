"""Checkouts follow their branch, or they and the branch stay as they are."""

import os
import resource
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from quarantine.checkout import files
from quarantine.checkout import follow as checkout
from quarantine.checkout.follow import LeftAlone, can_follow
from quarantine.merge import Merged, Refused, merge
from quarantine.repository import Repository
from tests.quarantine.jobs import FIXED, make_jobs, snapshot
from tests.quarantine.test_merge import left_over
from tests.quarantine.test_rebase import fix
from tests.support.git import commit_files, git, run_git, write_files


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that stays need not be waited for."""
    monkeypatch.setattr(checkout, "PATIENCE_S", 0.0)


def stage(root: Path) -> None:
    write_files(root, {"scripts/sync.py": "staged\n"})
    git(root, "add", "scripts/sync.py")


def stage_and_restore(root: Path) -> None:
    old = (root / "scripts/sync.py").read_bytes()
    stage(root)
    write_files(root, {"scripts/sync.py": old})


def conflict(root: Path, *command: str) -> None:
    """Leaves a command of git's unfinished over a file that the fix does not touch."""
    git(root, "checkout", "-q", "-b", "side")
    commit_files(root, {"README.md": "side\n"})
    git(root, "checkout", "-q", "main")
    run_git(root, *command)


def in_rebase(root: Path) -> None:
    """A rebase of main stopped half-way: HEAD is detached, main will be moved at its end."""
    tip = git(root, "rev-parse", "main")
    git(
        root,
        "rebase",
        "-q",
        "--interactive",
        "--root",
        GIT_SEQUENCE_EDITOR="sed -i 's/^pick/edit/'",
    )
    assert git(root, "rev-parse", "main") == tip


def move_away(root: Path) -> None:
    (root / "scripts").rename(root / "elsewhere")
    (root / "scripts").symlink_to("elsewhere")


def replace_by_link(root: Path) -> None:
    (root / "scripts/sync.py").rename(root / "scripts/real.py")
    (root / "scripts/sync.py").symlink_to("real.py")


PERSONS_WORK: dict[str, tuple[Callable[[Path], object], str]] = {
    "an uncommitted change": (
        lambda r: write_files(r, {"scripts/sync.py": "mine\n"}), "uncommitted"),
    "a deleted file": (lambda r: (r / "scripts/sync.py").unlink(), "uncommitted"),
    "a staged change": (stage, "staged"),
    "a staged change, undone on disk": (stage_and_restore, "staged"),
    "a staged removal": (lambda r: git(r, "rm", "-q", "--cached", "scripts/sync.py"), "staged"),
    "an untracked file where the fix adds one": (
        lambda r: write_files(r, {"new.py": "mine\n"}), "untracked"),
    "a staged new file": (
        lambda r: (write_files(r, {"new.py": "mine\n"}), git(r, "add", "new.py")), "staged"),
    "a folder where the fix adds a file": (
        lambda r: write_files(r, {"new.py/x": "mine\n"}), "a folder"),
    "an ignored file where the fix adds one": (
        lambda r: (
            commit_files(r, {".gitignore": "new.py\n"}), write_files(r, {"new.py": "mine\n"})),
        "untracked"),
    "a symbolic link instead of the file": (replace_by_link, "symbolic link"),
    "a symbolic link instead of the folder": (move_away, "symbolic link"),
    "a file marked as unchanged, and changed": (
        lambda r: (git(r, "update-index", "--assume-unchanged", "scripts/sync.py"),
                   write_files(r, {"scripts/sync.py": "mine\n"})), "uncommitted"),
    "a merge": (lambda r: conflict(r, "merge", "--no-commit", "--no-ff", "side"), "a merge"),
    "a cherry-pick": (
        lambda r: (
            commit_files(r, {"README.md": "main\n"}), conflict(r, "cherry-pick", "HEAD", "side")),
        "a cherry-pick|a sequence"),
    "a revert": (lambda r: conflict(r, "revert", "--no-commit", "HEAD"), "a revert|staged"),
    "a bisection": (lambda r: git(r, "bisect", "start"), "a bisection"),
    "a rebase": (in_rebase, "a rebase"),
    "a lock of git's": (lambda r: (r / ".git/index.lock").touch(), "locked"),
    "an index lock in use": (
        lambda r: (r / ".git/index.lock").write_bytes((r / ".git/index").read_bytes()), "locked"),
}  # fmt: skip


@pytest.mark.parametrize("case", PERSONS_WORK)
def test_a_persons_work_in_touched_files_stops_the_merge_and_stays(root: Path, case: str) -> None:
    """And the answer says what is in the way, before and instead of moving the branch."""
    begin, says = PERSONS_WORK[case]
    begin(root)
    repository = Repository.open(root)
    made = fix(repository, {"scripts/sync.py": FIXED, "new.py": b"new\n"})
    before = everything(root)
    asked = can_follow(repository, branch="main", old=made.base, new=made.commit)
    answer = merge(repository, target="main", candidate=made, repair="r1")
    assert isinstance(answer, Refused)
    assert asked == LeftAlone(reason=answer.reason)
    assert any(each in answer.reason for each in says.split("|")), answer.reason
    assert everything(root) == before


def everything(root: Path) -> dict[str, object]:
    """All files, git's included, but the object store and what `git status` refreshes."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink() and "objects" not in path.parts
    }


ELSEWHERE: dict[str, Callable[[Path], object]] = {
    "changes": lambda r: write_files(r, {"README.md": "mine\n", "scripts/report.py": "mine\n"}),
    "staged changes": lambda r: (
        write_files(r, {"README.md": "mine\n", "added.py": "x\n"}),
        git(r, "add", "-A"),
    ),
    "a removal": lambda r: git(r, "rm", "-q", "data/names.csv"),
    "an intent to add": lambda r: (
        write_files(r, {"soon.py": "x\n"}),
        git(r, "add", "-N", "soon.py"),
    ),
    "untracked files": lambda r: write_files(
        r, {"scripts/notes.txt": "mine\n", "scripts/.sync.py.swp": "x"}
    ),
    "a stash": lambda r: (write_files(r, {"scripts/sync.py": "stashed\n"}), git(r, "stash")),
    "a mode": lambda r: (r / "README.md").chmod(0o755),
    "a link": lambda r: (r / "link").symlink_to("nowhere"),
    "flags": lambda r: git(r, "update-index", "--assume-unchanged", "README.md"),
    "an index of version 4": lambda r: git(r, "update-index", "--index-version=4"),
    "a split index": lambda r: git(r, "update-index", "--split-index"),
    "an untracked cache": lambda r: git(r, "update-index", "--force-untracked-cache"),
    "a resolved conflict's memory": lambda r: git(r, "config", "rerere.enabled", "true"),
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_a_persons_work_elsewhere_is_not_disturbed(root: Path, case: str) -> None:
    begin = ELSEWHERE[case]
    begin(root)
    repository = Repository.open(root)
    before = snapshot(root)
    made = fix(repository)
    assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
    assert_only_the_fix_came(root, before, made.commit)


def assert_only_the_fix_came(root: Path, before: dict[str, object], tip: str) -> None:
    """The fixed file, its index entry and the branch are new; all else is as it was."""
    after = snapshot(root)
    files, old_files = after["files"], before["files"]
    assert isinstance(files, dict)
    assert isinstance(old_files, dict)
    assert files.pop("scripts/sync.py")[2] == FIXED
    old_files.pop("scripts/sync.py")
    assert files == old_files
    blob = git(root, "rev-parse", f"{tip}:scripts/sync.py")
    assert lines(after["index"], "scripts/sync.py") == [f"H 100644 {blob} 0\tscripts/sync.py"]
    assert lines(after["index"]) == lines(before["index"])
    assert after["stash"] == before["stash"]
    assert after["HEAD"] == before["HEAD"]
    assert_refs_moved_only(before["refs"], after["refs"], tip)
    assert left_over(root) == []
    assert git(root, "fsck", "--no-dangling") == ""


def lines(index: object, path: str = "") -> list[str]:
    """The index's line of one path, or all but the fixed one's."""
    all_lines = [line for line in str(index).split("\0") if line]
    if path:
        return [line for line in all_lines if line.endswith(f"\t{path}")]
    return [line for line in all_lines if not line.endswith("\tscripts/sync.py")]


def assert_refs_moved_only(before: object, after: object, tip: str) -> None:
    assert isinstance(before, list)
    assert isinstance(after, list)
    assert set(after) - set(before) == {f"refs/heads/main {tip}"}


def test_every_checkout_of_the_branch_follows_and_other_worktrees_stay(root: Path) -> None:
    git(root, "worktree", "add", "-q", "-b", "other", "../other")
    git(root, "worktree", "add", "-q", "--force", "../second", "main")
    write_files(root.parent / "other", {"scripts/sync.py": "mine\n"})
    other = snapshot(root.parent / "other")
    repository = Repository.open(root.parent / "other")
    made = fix(repository)
    done = merge(repository, target="main", candidate=made, repair="r1")
    assert isinstance(done, Merged)
    assert set(done.checkouts) == {str(root), str(root.parent / "second")}
    for place in (root, root.parent / "second"):
        assert (place / "scripts/sync.py").read_bytes() == FIXED
        assert git(place, "status", "--porcelain") == ""
    after = snapshot(root.parent / "other")
    assert {**after, "refs": 0} == {**other, "refs": 0}


def test_one_dirty_checkout_of_several_holds_the_branch(root: Path) -> None:
    git(root, "worktree", "add", "-q", "--force", "../second", "main")
    write_files(root.parent / "second", {"scripts/sync.py": "mine\n"})
    repository = Repository.open(root)
    before = snapshot(root)
    answer = merge(repository, target="main", candidate=fix(repository), repair="r1")
    assert isinstance(answer, Refused)
    assert str(root.parent / "second") in answer.reason
    assert snapshot(root) == before
    assert left_over(root) == []


def test_a_worktree_whose_folder_is_gone_does_not_matter_unless_it_is_locked(root: Path) -> None:
    git(root, "worktree", "add", "-q", "--force", "../gone", "main")
    shutil.rmtree(root.parent / "gone")
    repository = Repository.open(root)
    assert isinstance(
        merge(repository, target="main", candidate=fix(repository), repair="r1"), Merged
    )


def test_files_outside_a_sparse_checkout_stay_out_of_it(root: Path) -> None:
    git(root, "sparse-checkout", "set", "data")
    assert not (root / "scripts").exists()
    repository = Repository.open(root)
    made = fix(repository)
    assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
    assert not (root / "scripts").exists()
    assert git(root, "status", "--porcelain") == ""
    git(root, "sparse-checkout", "disable")
    assert (root / "scripts/sync.py").read_bytes() == FIXED


@pytest.mark.parametrize("attribute", ["filter=lfs diff=lfs merge=lfs -text", "ident",
                                       "working-tree-encoding=UTF-16LE"])  # fmt: skip
def test_files_that_git_would_convert_are_left_to_git(root: Path, attribute: str) -> None:
    """An LFS pointer is not the file; we run no filter and write no pointer in its place."""
    commit_files(root, {".gitattributes": f"scripts/*.py {attribute}\n"})
    repository = Repository.open(root)
    before = everything(root)
    made = fix(repository)
    answer = merge(repository, target="main", candidate=made, repair="r1")
    assert isinstance(answer, Refused)
    assert "filter" in answer.reason
    made_branch = {".git/refs/heads/quarantine/sync-1", ".git/logs/refs/heads/quarantine/sync-1"}
    assert {k: v for k, v in everything(root).items() if k not in made_branch} == before


def test_lfs_pointers_elsewhere_are_not_touched(root: Path) -> None:
    """The files on disk differ from git's blobs, by way of a filter that is not even installed."""
    git(root, "config", "filter.lfs.clean", "sed 's/big/pointer/'")
    git(root, "config", "filter.lfs.smudge", "sed 's/pointer/big/'")
    commit_files(root, {".gitattributes": "*.bin filter=lfs\n", "a.bin": "big\n"})
    assert git(root, "cat-file", "blob", "HEAD:a.bin") == "pointer"
    repository = Repository.open(root)
    before = snapshot(root)
    made = fix(repository)
    assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
    assert_only_the_fix_came(root, before, made.commit)
    assert git(root, "status", "--porcelain") == ""


def test_line_ends_of_a_crlf_checkout_are_kept(root: Path) -> None:
    git(root, "config", "core.autocrlf", "true")
    (root / "scripts/sync.py").unlink()
    git(root, "checkout", "scripts/sync.py")
    assert b"\r\n" in (root / "scripts/sync.py").read_bytes()
    repository = Repository.open(root)
    assert isinstance(
        merge(repository, target="main", candidate=fix(repository), repair="r1"), Merged
    )
    assert (root / "scripts/sync.py").read_bytes() == FIXED.replace(b"\n", b"\r\n")
    assert git(root, "status", "--porcelain") == ""


def test_the_marks_of_a_touched_path_are_kept(root: Path) -> None:
    git(root, "update-index", "--assume-unchanged", "scripts/sync.py")
    repository = Repository.open(root)
    made = fix(repository)
    assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
    assert git(root, "ls-files", "-v", "scripts/sync.py") == "h scripts/sync.py"
    assert (root / "scripts/sync.py").read_bytes() == FIXED


def test_a_disk_that_takes_no_new_file_stops_the_merge_before_the_branch(root: Path) -> None:
    """A limit on the size of files stands in for a full disk: the same place fails."""
    repository = Repository.open(root)
    made = fix(repository, {"scripts/sync.py": FIXED + b"#" * 300_000})
    before = snapshot(root)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        answer = merge(repository, target="main", candidate=made, repair="r1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(answer, Refused)
    assert "space" in answer.reason
    assert snapshot(root) == before
    assert left_over(root) == []


def test_submodules_and_their_work_stay(root: Path) -> None:
    make_jobs(root.parent / "library")
    git(root, "submodule", "--quiet", "add", "../library", "lib")
    git(root, "commit", "-q", "-m", "Add a library")
    write_files(root / "lib", {"scripts/sync.py": "mine\n"})
    repository = Repository.open(root)
    before = snapshot(root)
    made = fix(repository)
    assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
    assert_only_the_fix_came(root, before, made.commit)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_mode_owner_and_attributes_of_a_file_are_kept() -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        root = make_jobs(Path(place) / "jobs")
        subprocess.run(["chown", "-R", "65534:65534", str(root)], check=True)
        target = root / "scripts/sync.py"
        os.chown(target, 1234, 4321)
        target.chmod(0o2750)
        repository = Repository.open(root)
        made = fix(repository, {"scripts/sync.py": FIXED, "fresh/new.py": b"x\n"})
        assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
        status = target.stat()
        assert (status.st_uid, status.st_gid) == (1234, 4321)
        assert stat.S_IMODE(status.st_mode) == 0o2750
        for path in ("fresh", "fresh/new.py", ".git/index", ".git/refs/heads/main"):
            assert (root / path).stat().st_uid == 65534


def test_a_change_saved_in_the_last_moment_stays_and_is_told(root: Path) -> None:
    """A person saves between our look and our rename: their version is swapped back."""

    def save(what: str) -> None:
        if what == "file scripts/sync.py":
            write_files(root, {"scripts/.new": "saved just now\n"})
            (root / "scripts/.new").rename(root / "scripts/sync.py")

    made = fix(Repository.open(root))
    done = merge(Repository.open(root, writing=save), target="main", candidate=made, repair="r1")
    assert isinstance(done, Merged)
    assert done.kept == ("scripts/sync.py",)
    assert (root / "scripts/sync.py").read_text() == "saved just now\n"
    assert git(root, "status", "--porcelain") == "M scripts/sync.py"
    assert left_over(root) == []


def test_where_files_cannot_be_exchanged_they_are_compared_and_renamed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on file systems over a network: the last look is then the last word."""

    def save(what: str) -> None:
        if what == "file scripts/sync.py":
            write_files(root, {"scripts/sync.py": "saved just now\n"})

    monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    made = fix(Repository.open(root), {"scripts/sync.py": FIXED, "README.md": b"# Fixed\n"})
    done = merge(Repository.open(root, writing=save), target="main", candidate=made, repair="r1")
    assert isinstance(done, Merged)
    assert done.kept == ("scripts/sync.py",)
    assert (root / "scripts/sync.py").read_text() == "saved just now\n"
    assert (root / "README.md").read_text() == "# Fixed\n"
    assert left_over(root) == []


@pytest.mark.parametrize("there", ["link", "folder", "nothing"])
def test_what_is_no_file_is_never_taken_for_an_empty_one(tmp_path: Path, there: str) -> None:
    write_files(tmp_path, {"fresh": "new\n"})
    if there == "link":
        (tmp_path / "job.py").symlink_to("elsewhere")
    elif there == "folder":
        (tmp_path / "job.py").mkdir()
    assert not files.put(tmp_path, "job.py", "fresh", (b"",))
    assert (tmp_path / "job.py").is_symlink() == (there == "link")
    assert (tmp_path / "job.py").is_dir() == (there == "folder")
