"""Old quarantine branches go; what waits or is looked at stays."""

from pathlib import Path

from quarantine.candidate import write_candidate
from quarantine.merge import BEFORE, MERGED
from quarantine.prune import forget_tips_before, prune
from quarantine.repository import Repository
from tests.quarantine.jobs import snapshot
from tests.support.git import git


def test_only_old_branches_that_nobody_needs_are_pruned(root: Path, repository: Repository) -> None:
    for name, when in (("old", 10), ("waits", 10), ("shown", 10), ("young", 1000)):
        write_candidate(
            repository, base="main", changes={"x.py": name.encode()}, branch=f"quarantine/{name}-1",
            message="x", when=when,
        )  # fmt: skip
    git(root, "branch", "mine", "quarantine/old-1")
    git(root, "worktree", "add", "-q", "../shown", "quarantine/shown-1")
    before = snapshot(root)
    assert prune(repository, before=500, keep={"quarantine/waits-1"}) == ("quarantine/old-1",)
    left = {"main", "mine", "quarantine/waits-1", "quarantine/shown-1", "quarantine/young-1"}
    assert set(repository.branches()) == left
    assert snapshot(root) == before


def test_of_old_merges_only_the_tip_before_is_forgotten(root: Path, repository: Repository) -> None:
    for name in ("r1", "r2", "r3"):
        for place in (BEFORE, MERGED):
            git(root, "update-ref", f"{place}{name}", "HEAD")
    forget_tips_before(repository, {"r1", "r2", "unknown"})
    forget_tips_before(repository, set())
    notes = git(root, "for-each-ref", "--format=%(refname)", BEFORE, MERGED).splitlines()
    assert notes == [f"{BEFORE}r3", *(f"{MERGED}{name}" for name in ("r1", "r2", "r3"))]
