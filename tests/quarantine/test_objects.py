"""Objects come from one process that stays, and are what git would say this very moment."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from quarantine import objects
from quarantine.errors import GitTimeout, RepositoryError
from quarantine.objects import MOST_NAMES, Objects
from quarantine.repository import Repository
from tests.support.git import commit_files, git


def children() -> set[int]:
    """The processes that we started and that still are, ended or not."""
    text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return {int(each) for each in text.split()}


def readers_of(root: Path) -> list[int]:
    """The processes of ours that work in that folder."""
    return [each for each in children() if Path(f"/proc/{each}/cwd").resolve() == root]


def test_many_questions_are_answered_by_one_process_which_ends_with_the_repository(
    root: Path,
) -> None:
    repository = Repository.open(root)
    repository.tree("main").read_all(repository.tree("HEAD").paths())
    (reader,) = readers_of(root)
    repository.parents(repository.resolve("refs/heads/main"))
    assert readers_of(root) == [reader]
    del repository
    gc.collect()
    assert reader not in children()


def test_a_ref_is_asked_for_each_time_and_may_be_packed_or_gone(
    root: Path, repository: Repository
) -> None:
    first = repository.tip("main")
    second = commit_files(root, {"README.md": "2"})
    assert (first != second, repository.tip("main")) == (True, second)
    git(root, "pack-refs", "--all")
    assert repository.tip("main") == second
    git(root, "update-ref", "refs/heads/main", str(first))
    assert repository.tip("main") == first
    git(root, "branch", "other")
    assert repository.tip("other") == first
    git(root, "branch", "-D", "other")
    assert repository.tip("other") is None


def test_head_is_that_of_the_worktree(root: Path, repository: Repository) -> None:
    git(root, "worktree", "add", "-q", "-b", "side", "../side")
    side = Repository.open(root.parent / "side")
    commit = commit_files(root.parent / "side", {"README.md": "side"})
    assert side.resolve("HEAD") == commit
    assert repository.resolve("HEAD") == git(root, "rev-parse", "main")


def test_objects_that_were_packed_or_came_by_a_new_alternate_are_found(
    root: Path, repository: Repository
) -> None:
    repository.tree("main").paths()
    commit = commit_files(root, {"new.txt": "new"})
    git(root, "repack", "-a", "-d", "-q")
    git(root, "prune-packed")
    assert repository.tree("main").read("new.txt") == b"new"
    git(root.parent, "clone", "-q", "--bare", str(root), "other.git")
    other = root.parent / "other.git"
    blob = git(other, "hash-object", "-w", "--stdin", stdin=b"elsewhere")
    with pytest.raises(RepositoryError, match=f"lacks the object {blob}"):
        repository.objects.read_blob(blob)
    (root / ".git/objects/info/alternates").write_text(f"{other}/objects\n")
    assert repository.objects.read_blob(blob) == b"elsewhere"
    assert repository.objects.find_commit(commit) == commit


def test_more_objects_than_fit_in_a_pipe_come_in_order(root: Path) -> None:
    count = MOST_NAMES * 3 + 1
    commit_files(root, {f"many/{n}/file": f"{n}" * 3_000 for n in range(count)})
    tree = Repository.open(root).tree("HEAD")
    found = tree.read_all(path for path in tree.paths() if path.startswith("many/"))
    assert found == {f"many/{n}/file": f"{n}".encode() * 3_000 for n in range(count)}


def test_an_object_of_another_kind_is_no_file(repository: Repository) -> None:
    tree = repository.tree("main")
    tree.paths()
    for oid in (tree.oid, tree.commit):
        with pytest.raises(RepositoryError, match="lacks the object"):
            repository.objects.read_blob(oid)


@pytest.mark.parametrize("name", ["main", "HEAD~1", "refs/heads/main~0", "a b", "refs/x\ny", ""])
def test_names_that_only_git_can_read_are_left_to_it(repository: Repository, name: str) -> None:
    assert repository.objects.find_commit(name) is None


def test_a_process_that_was_killed_is_started_again(root: Path, repository: Repository) -> None:
    tip = repository.tip("main")
    (reader,) = readers_of(root)
    os.kill(reader, signal.SIGKILL)
    while "Z" not in Path(f"/proc/{reader}/stat").read_text().rpartition(")")[2]:
        time.sleep(0.01)
    assert repository.tip("main") == tip
    assert repository.tip("main") == tip
    assert reader not in children()
    assert len(readers_of(root)) == 1


def test_a_process_that_hangs_is_stopped_and_said(
    root: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = repository.tip("main")
    (reader,) = readers_of(root)
    os.kill(reader, signal.SIGSTOP)
    monkeypatch.setattr(objects, "TIMEOUT_S", 0.1)
    with pytest.raises(GitTimeout, match=r"did not answer within 0\.1 s"):
        repository.tip("main")
    monkeypatch.undo()
    assert repository.tip("main") == tip
    assert reader not in children()


def test_a_child_of_a_fork_has_its_own_process(root: Path, repository: Repository) -> None:
    """Neither reads the other's answers, nor keeps the other's process alive."""
    tip = repository.tip("main")
    (reader,) = readers_of(root)
    child = os.fork()
    if child == 0:
        is_right = repository.tip("main") == tip and readers_of(root) != [reader]
        del repository
        os._exit(0 if is_right else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert repository.tip("main") == tip
    assert readers_of(root) == [reader]


def test_a_killed_owner_leaves_no_process(root: Path) -> None:
    text = (
        "import os, sys; from pathlib import Path; from quarantine.repository import Repository; "
        "kept = Repository.open(Path(sys.argv[1])); "
        "print(open(f'/proc/self/task/{os.getpid()}/children').read(), flush=True); "
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", text, str(root)], capture_output=True, check=False, text=True
    )
    assert done.returncode == -signal.SIGKILL
    (reader,) = done.stdout.split()
    for _ in range(500):
        if not Path(f"/proc/{reader}").exists():
            break
        time.sleep(0.01)
    else:
        pytest.fail("the reader outlives its owner")


def test_threads_do_not_read_each_others_answers(root: Path, repository: Repository) -> None:
    commit_files(root, {f"{n}.txt": f"{n}" for n in range(40)})
    tree = repository.tree("HEAD")
    oids = {n: tree.entries()[f"{n}.txt"].oid for n in range(40)}
    wrong: list[int] = []

    def read(numbers: list[int]) -> None:
        for n in numbers:
            if Objects(repository.git).read_blob(oids[n]) != f"{n}".encode():
                wrong.append(n)
            if repository.objects.read_blob(oids[n]) != f"{n}".encode():
                wrong.append(n)

    orders = (list(range(40)), list(range(39, -1, -1)))
    threads = [threading.Thread(target=read, args=(order,)) for order in orders]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


def test_a_commit_tells_its_first_header_and_not_its_signature(root: Path) -> None:
    text = (
        f"tree {git(root, 'rev-parse', 'HEAD^{tree}')}\n"
        "author A B <a@b.example> 1700000000 +0100\n"
        "committer C <c@b.example> 1700000001 -0000\n"
        "gpgsig -----BEGIN\n tree 0\n parent 0\n\nSubject\n\nauthor no\n"
    )
    oid = git(
        root, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=text.encode()
    )
    facts = Repository.open(root).objects.read_commit(oid)
    assert (facts.parents, facts.author, facts.committed_at) == (
        (),
        "A B <a@b.example>",
        1700000001,
    )
    assert facts.message == "Subject\n\nauthor no\n"
