"""Pushing, to real remotes that move, refuse, or are not there."""

from pathlib import Path

import pytest

from quarantine.candidate import Candidate
from quarantine.errors import RepositoryError
from quarantine.merge import Merged, Moved, Refused, merge
from quarantine.rebase import rebase_candidate
from quarantine.remote import (
    Pushed,
    Unreachable,
    delete_pushed,
    push_branch,
    push_ref,
    push_target,
    remote_tip,
)
from quarantine.repository import Repository
from tests.quarantine.jobs import FIXED, snapshot
from tests.quarantine.test_rebase import fix
from tests.support.git import commit_files, git


@pytest.fixture
def shared(root: Path) -> Path:
    """A bare repository that `root` knows as origin."""
    git(root, "clone", "-q", "--bare", ".", "../shared.git")
    git(root, "remote", "add", "origin", "../shared.git")
    git(root, "push", "-q", "-u", "origin", "main")
    return root.parent / "shared.git"


def colleague(shared: Path, name: str, files: dict[str, str | bytes]) -> str:
    """Somebody else's commit on the shared main."""
    git(shared.parent, "clone", "-q", "shared.git", name)
    made = commit_files(shared.parent / name, files)
    git(shared.parent / name, "push", "-q", "origin", "main")
    return made


def test_a_merge_is_pushed_first_and_then_made_here(
    root: Path, shared: Path, repository: Repository
) -> None:
    made = fix(repository)
    pushed = push_target(
        repository, remote="origin", target="main", commit=made.commit, base=made.base
    )
    assert pushed == Pushed(remote="origin", branch="main", commit=made.commit)
    assert git(shared, "rev-parse", "main") == made.commit
    assert isinstance(merge(repository, target="main", candidate=made, repair="r1"), Merged)
    again = push_target(
        repository, remote="origin", target="main", commit=made.commit, base=made.base
    )
    assert again == pushed
    assert git(root, "status", "-sb", "--porcelain") == "## main...origin/main"


def test_a_ref_of_our_own_is_pushed_as_it_is_and_a_refusal_is_told(
    root: Path, shared: Path, repository: Repository
) -> None:
    made, name = fix(repository), "refs/healer/provenance/x"
    git(root, "update-ref", name, made.commit)
    pushed = Pushed(remote="origin", branch=name, commit=made.commit)
    assert push_ref(repository, remote="origin", name=name) == pushed
    assert push_ref(repository, remote="origin", name=name) == pushed
    assert git(shared, "rev-parse", name) == made.commit
    git(root, "update-ref", name, made.base)
    answer = push_ref(repository, remote="origin", name=name)
    assert isinstance(answer, Refused)
    assert f"origin refused {name}: [rejected]" in answer.reason
    assert git(shared, "rev-parse", name) == made.commit
    shared.rename(shared.with_name("gone"))
    assert isinstance(push_ref(repository, remote="origin", name=name), Unreachable)


def test_a_remote_that_moved_is_a_moved_tip_and_the_fix_goes_on_top(
    root: Path, shared: Path, repository: Repository
) -> None:
    made = fix(repository)
    theirs = colleague(shared, "anna", {"other.py": "x\n"})
    before = snapshot(root)
    answer = push_target(
        repository, remote="origin", target="main", commit=made.commit, base=made.base
    )
    assert answer == Moved(tip=theirs)
    assert snapshot(root) == before
    assert git(shared, "rev-parse", "main") == theirs
    again = rebase_candidate(repository, made, onto=theirs)
    assert isinstance(again, Candidate)
    done = push_target(
        repository, remote="origin", target="main", commit=again.commit, base=again.base
    )
    assert isinstance(done, Pushed)
    assert git(shared, "rev-parse", "main~") == theirs


def test_a_persons_unpushed_commits_are_not_published(
    root: Path, shared: Path, repository: Repository
) -> None:
    commit_files(root, {"secret.py": "x\n"})
    made = fix(repository)
    before = git(shared, "rev-parse", "main")
    answer = push_target(
        repository, remote="origin", target="main", commit=made.commit, base=made.base
    )
    assert isinstance(answer, Refused)
    assert "git push origin main" in answer.reason
    assert git(shared, "rev-parse", "main") == before


def test_a_refusal_by_the_remotes_rules_is_told_in_its_words(
    root: Path, shared: Path, repository: Repository
) -> None:
    hook = shared / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'main is frozen' >&2\nexit 1\n")
    hook.chmod(0o755)
    made = fix(repository)
    answer = push_target(
        repository, remote="origin", target="main", commit=made.commit, base=made.base
    )
    assert isinstance(answer, Refused)
    assert "pre-receive hook declined" in answer.reason


def test_a_push_that_another_beats_is_a_moved_tip(root: Path, shared: Path) -> None:
    theirs: list[str] = []

    def overtake(what: str) -> None:
        if what == "push origin main":
            theirs.append(colleague(shared, "bert", {"other.py": "x\n"}))

    made = fix(Repository.open(root))
    repository = Repository.open(root, writing=overtake)
    answer = push_target(
        repository, remote="origin", target="main", commit=made.commit, base=made.base
    )
    assert answer == Moved(tip=theirs[0])


def test_a_remote_that_is_not_there_is_no_refusal(root: Path, repository: Repository) -> None:
    git(root, "remote", "add", "origin", str(root.parent / "nowhere.git"))
    made = fix(repository)
    assert isinstance(
        push_target(repository, remote="origin", target="main", commit=made.commit, base=made.base),
        Unreachable,
    )
    assert isinstance(remote_tip(repository, remote="origin", branch="main"), Unreachable)
    assert isinstance(
        push_branch(repository, remote="absent", branch=made.branch, commit=made.commit),
        Unreachable,
    )


def test_a_quarantine_branch_is_pushed_replaced_and_deleted(
    root: Path, shared: Path, repository: Repository
) -> None:
    first = fix(repository)
    facts = {"remote": "origin", "branch": first.branch}
    assert isinstance(push_branch(repository, **facts, commit=first.commit), Pushed)
    assert isinstance(push_branch(repository, **facts, commit=first.commit), Pushed)
    commit_files(root, {"other.py": "x\n"})
    second = rebase_candidate(repository, first, onto="main")
    assert isinstance(second, Candidate)
    assert isinstance(push_branch(repository, **facts, commit=second.commit), Refused)
    assert git(shared, "rev-parse", first.branch) == first.commit
    done = push_branch(repository, **facts, commit=second.commit, replaces=first.commit)
    assert isinstance(done, Pushed)
    assert git(shared, "rev-parse", first.branch) == second.commit
    assert isinstance(delete_pushed(repository, **facts, commit=first.commit), Refused)
    assert isinstance(delete_pushed(repository, **facts, commit=second.commit), Pushed)
    assert isinstance(delete_pushed(repository, **facts, commit=second.commit), Pushed)
    assert remote_tip(repository, remote="origin", branch=first.branch) is None


def test_neither_hooks_nor_other_branches_nor_tags_are_pushed(
    root: Path, shared: Path, repository: Repository
) -> None:
    hook = root / ".git/hooks/pre-push"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    git(root, "tag", "-a", "v1", "-m", "x")
    git(root, "config", "push.followTags", "true")
    git(root, "config", "remote.origin.push", "refs/heads/*:refs/heads/*")
    made = fix(repository, {"scripts/sync.py": FIXED})
    answer = push_target(
        repository, remote="origin", target="main", commit=made.commit, base=made.base
    )
    assert isinstance(answer, Pushed)
    assert git(shared, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


@pytest.mark.parametrize(
    "remote", ["", "--upload-pack=touch x", "ext::sh -c touch% x", "a..b", "a b"]
)
def test_only_names_of_remotes_are_pushed_to(repository: Repository, remote: str) -> None:
    with pytest.raises(RepositoryError, match="no remote's name"):
        remote_tip(repository, remote=remote, branch="main")
    with pytest.raises(RepositoryError, match="no quarantine branch"):
        push_branch(repository, remote="origin", branch="main", commit="x")
