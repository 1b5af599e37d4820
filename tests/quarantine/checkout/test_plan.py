"""A plan for one checkout says each step, or the one reason why nothing may be done."""

from collections.abc import Callable
from pathlib import Path

import pytest

from quarantine.checkout.plan import Change, LeftAlone, Step, changes_between, forms, plan
from quarantine.checkout.worktrees import worktrees
from quarantine.repository import Repository
from tests.quarantine.jobs import FIXED
from tests.quarantine.test_rebase import fix
from tests.support.git import git, write_files

MIXED: dict[str, bytes | None] = {
    "scripts/sync.py": FIXED,
    "fresh/new.py": b"x\n",
    "data/names.csv": None,
}


def changes(repository: Repository, files: dict[str, bytes | None] | None = None) -> list[Change]:
    made = fix(repository, files)
    return changes_between(repository, made.base, made.commit)


def steps(repository: Repository, files: dict[str, bytes | None] | None = None) -> list[Step]:
    answer = plan(worktrees(repository)[0], changes(repository, files))
    assert isinstance(answer, list), answer
    return answer


def reason(repository: Repository, files: dict[str, bytes | None] | None = None) -> str:
    answer = plan(worktrees(repository)[0], changes(repository, files))
    assert isinstance(answer, LeftAlone), answer
    return answer.reason


def test_every_path_that_differs_has_both_sides(repository: Repository) -> None:
    sides = {each.path: (each.old is not None, each.new) for each in changes(repository, MIXED)}
    assert sides == {
        "scripts/sync.py": (True, FIXED),
        "fresh/new.py": (False, b"x\n"),
        "data/names.csv": (True, None),
    }


def test_an_untouched_checkout_follows_in_every_path(repository: Repository) -> None:
    for step in steps(repository, MIXED):
        assert step.on_disk
        assert step.content == step.change.new
        assert not (step.kept or step.skip_worktree or step.assume_unchanged)
        assert Path(step.temporary).parent == Path(step.change.path).parent


def test_a_file_that_is_new_already_need_not_change(root: Path, repository: Repository) -> None:
    write_files(root, {"scripts/sync.py": FIXED})
    assert [step.on_disk for step in steps(repository)] == [False]


def test_line_ends_of_the_checkout_are_kept(root: Path, repository: Repository) -> None:
    old = (root / "scripts/sync.py").read_bytes()
    write_files(root, {"scripts/sync.py": old.replace(b"\n", b"\r\n")})
    assert [step.content for step in steps(repository)] == [FIXED.replace(b"\n", b"\r\n")]


def lie_untracked(root: Path) -> None:
    write_files(root, {"fresh/new.py": "mine\n"})


def edit(root: Path) -> None:
    write_files(root, {"scripts/sync.py": "mine\n"})


def stage(root: Path) -> None:
    edit(root)
    git(root, "add", "scripts/sync.py")


def link(root: Path) -> None:
    (root / "scripts/sync.py").unlink()
    (root / "scripts/sync.py").symlink_to("report.py")


def replace_by_folder(root: Path) -> None:
    (root / "scripts/sync.py").unlink()
    (root / "scripts/sync.py").mkdir()


def link_the_folder(root: Path) -> None:
    (root / "scripts").rename(root / "elsewhere")
    (root / "scripts").symlink_to("elsewhere")


def remove(root: Path) -> None:
    (root / "scripts/sync.py").unlink()


def filter_files(root: Path) -> None:
    write_files(root, {".gitattributes": "*.py filter=lfs\n"})


def begin_a_merge(root: Path) -> None:
    write_files(root / ".git", {"MERGE_HEAD": "x\n"})


REASONS: dict[str, tuple[Callable[[Path], None], str]] = {
    "an edit": (edit, "uncommitted changes; commit or stash them"),
    "an edit that is staged": (stage, "staged changes; commit or unstage them"),
    "an untracked file in the way": (lie_untracked, "lies there untracked; move it away"),
    "a link in its place": (link, "is a symbolic link here; put the file back"),
    "a folder in its place": (replace_by_folder, "is a folder here; put the file back"),
    "a link on the way": (link_the_folder, "is beyond a symbolic link here; put the file back"),
    "a file that was removed": (remove, "uncommitted changes; commit or stash them"),
    "a filter": (filter_files, "passes through a filter of git's"),
    "a merge": (begin_a_merge, "a merge is in progress; end it"),
}


@pytest.mark.parametrize("case", REASONS)
def test_a_persons_work_is_named_with_the_next_step(
    root: Path, repository: Repository, case: str
) -> None:
    disturb, text = REASONS[case]
    disturb(root)
    answer = reason(repository, MIXED)
    assert text in answer
    assert str(root) in answer
    assert "\n" not in answer


def test_after_the_move_a_persons_file_stays_and_the_others_follow(
    root: Path, repository: Repository
) -> None:
    edit(root)
    answer = plan(worktrees(repository)[0], changes(repository, MIXED), has_moved=True)
    assert isinstance(answer, list)
    kept = {step.change.path: (step.kept, step.on_disk) for step in answer}
    assert kept == {
        "scripts/sync.py": (True, False),
        "fresh/new.py": (False, True),
        "data/names.csv": (False, True),
    }


def test_after_the_move_a_path_that_is_staged_otherwise_does_not_follow_at_all(
    root: Path, repository: Repository
) -> None:
    stage(root)
    answer = plan(worktrees(repository)[0], changes(repository, MIXED), has_moved=True)
    assert isinstance(answer, list)
    assert [step.change.path for step in answer if step.change.path == "scripts/sync.py"] == []
    assert len(answer) == 2


def test_even_after_the_move_nothing_is_done_in_the_middle_of_a_merge(
    root: Path, repository: Repository
) -> None:
    begin_a_merge(root)
    answer = plan(worktrees(repository)[0], changes(repository), has_moved=True)
    assert isinstance(answer, LeftAlone)


@pytest.mark.parametrize("mark", ["skip-worktree", "assume-unchanged"])
def test_the_marks_of_a_path_are_noted(root: Path, repository: Repository, mark: str) -> None:
    git(root, "update-index", f"--{mark}", "scripts/sync.py")
    (step,) = steps(repository)
    assert (step.skip_worktree, step.assume_unchanged) == (
        mark == "skip-worktree",
        mark == "assume-unchanged",
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, (None,)), (b"a\n", (b"a\n", b"a\r\n")), (b"a\r\n", (b"a\r\n", b"a\r\n"))],
)
def test_a_content_may_lie_on_disk_with_crlf(
    content: bytes | None, expected: tuple[bytes | None, ...]
) -> None:
    assert forms(content) == expected
