"""A fix is carried over to a newer commit, or is a conflict; never something in between."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarantine.candidate import Candidate, write_candidate
from quarantine.rebase import Conflict, carry, rebase_candidate
from quarantine.repository import Repository
from tests.quarantine.jobs import FIXED
from tests.support.git import commit_files, git


def fix(repository: Repository, changes: dict[str, bytes | None] | None = None) -> Candidate:
    """A candidate on main."""
    return write_candidate(
        repository, base="main", changes=changes or {"scripts/sync.py": FIXED},
        branch="quarantine/sync-1", message="Fix\n\nHealer-Repair: 1", when=1_700_000_000,
    )  # fmt: skip


def test_a_fix_meets_other_changes_of_its_file_and_keeps_them(
    root: Path, repository: Repository
) -> None:
    old = fix(repository)
    text = (root / "scripts/sync.py").read_text()
    tip = commit_files(root, {"scripts/sync.py": "# Syncs.\n" + text, "other.py": "x\n"})
    new = rebase_candidate(repository, old, onto="main")
    assert isinstance(new, Candidate)
    assert new.base == tip
    assert repository.tree(new.commit).read("scripts/sync.py") == b"# Syncs.\n" + FIXED
    assert repository.tree(new.commit).read("other.py") == b"x\n"
    assert new.paths == ("scripts/sync.py",)
    assert repository.tip("quarantine/sync-1") == new.commit
    message = git(root, "show", "-s", "--format=%ct %B", new.commit)
    assert message == "1700000000 Fix\n\nHealer-Repair: 1"


def test_the_same_tip_needs_no_new_candidate_and_a_repeated_step_finds_its_own(
    root: Path, repository: Repository
) -> None:
    old = fix(repository)
    assert rebase_candidate(repository, old, onto="main") == old
    commit_files(root, {"other.py": "x\n"})
    once = rebase_candidate(repository, old, onto="main")
    assert rebase_candidate(repository, old, onto="main") == once


def run(root: Path, *commands: str) -> None:
    """A person's git commands, and a commit of what they did."""
    for command in commands:
        git(root, *command.split())
    git(root, "commit", "-q", "-m", "Change")


@pytest.mark.parametrize("change", [
    lambda root: commit_files(root, {"scripts/sync.py": "import json\nprint(json)\n"}),
    lambda root: run(root, "rm -q scripts/sync.py"),
    lambda root: run(root, "mv scripts/sync.py scripts/new.py"),
    lambda root: run(root, "update-index --chmod=+x scripts/sync.py"),
    lambda root: commit_files(root, {"scripts/new.py": "theirs\n"}),
    lambda root: commit_files(root, {"scripts/sync.py": b"\0binary"}),
])  # fmt: skip
def test_a_change_in_the_same_place_is_a_conflict_and_the_branch_stays(
    root: Path, repository: Repository, change: object
) -> None:
    old = fix(repository, {"scripts/sync.py": FIXED, "scripts/new.py": b"ours\n"})
    change(root)
    answer = rebase_candidate(repository, old, onto="main")
    assert isinstance(answer, Conflict)
    assert answer.paths
    assert set(answer.paths) <= {"scripts/sync.py", "scripts/new.py"}
    assert repository.tip("quarantine/sync-1") == old.commit


def test_a_fix_that_the_tip_has_already_is_said_so(root: Path, repository: Repository) -> None:
    old = fix(repository)
    commit_files(root, {"scripts/sync.py": FIXED})
    answer = rebase_candidate(repository, old, onto="main")
    assert isinstance(answer, Conflict)
    assert "already" in answer.reason


def test_a_history_that_was_rewritten_does_not_come_back_with_the_fix(
    root: Path, repository: Repository
) -> None:
    """Only the fix's own step is carried, not the commits that the user took out since."""
    commit_files(root, {"mistake.py": "remove me\n"})
    old = fix(repository)
    git(root, "reset", "-q", "--hard", "HEAD~")
    commit_files(root, {"other.py": "x\n"})
    new = rebase_candidate(repository, old, onto="main")
    assert isinstance(new, Candidate)
    assert repository.tree(new.commit).read("mistake.py") is None


WHERE = st.sets(st.integers(0, 19), max_size=4)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(ours=WHERE, theirs=WHERE)
def test_changes_of_distant_lines_are_both_kept_and_of_the_same_line_conflict(
    root: Path, repository: Repository, ours: set[int], theirs: set[int]
) -> None:
    """A list of lines is the model."""

    def text(one: set[int], other: set[int]) -> bytes:
        lines = [f"{n}{' ours' * (n in one)}{' theirs' * (n in other)}\n" for n in range(20)]
        return "".join(lines).encode()

    def made(content: bytes) -> str:
        blob = git(root, "hash-object", "-w", "--stdin", stdin=content)
        tree = git(root, "mktree", stdin=f"100644 blob {blob}\tf\n".encode())
        return git(root, "commit-tree", tree, "-m", "x")

    answer = carry(
        repository, base=made(text(set(), set())), commit=made(text(set(), theirs)),
        onto=made(text(ours, set())),
    )  # fmt: skip
    nearest = min((abs(one - other) for one in ours for other in theirs), default=99)
    if nearest == 0:
        assert isinstance(answer, Conflict)
    elif nearest > 1:
        assert answer == ({"f": text(ours, theirs)} if theirs else {})
