"""Candidates: proposed fixes as commits on quarantine branches, made of git objects only.

Belongs here: writing, listing and deleting them. Does not belong here: whether a change is
allowed (`protection`, `policy`) or right (that is for the sandbox to show).

Git's fast-import makes the blobs, the trees and the commit in one process, from the base's tree;
the user's index, working tree and stash have no part in it. The branch is made afterwards, and
only then: a reader never sees a branch whose objects are not there.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from quarantine.errors import BranchTaken, NothingChanges, RepositoryError, UnsafePath
from quarantine.facts import Fact
from quarantine.git import NOBODY
from quarantine.paths import WritablePaths
from quarantine.repository import Repository
from quarantine.tree import REGULAR, Entry, Tree

PREFIX: Final = "quarantine/"
_SCRATCH: Final = "refs/healer/scratch"
_NAME: Final = re.compile(r"quarantine/[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]")


class Candidate(Fact):
    """A proposed fix: a commit whose only parent is its base."""

    commit: str
    tree: str
    base: str
    """The commit it was made on."""
    branch: str
    diff: str
    """From base to commit, every file as text; bytes that are not UTF-8 are replaced."""
    paths: tuple[str, ...]
    """The changed ones, sorted."""


class Quarantined(Fact):
    """One quarantine branch, as found."""

    branch: str
    commit: str
    committed_at: int
    """Unix time, of its last commit."""


def quarantine_branch(script: str, repair: str) -> str:
    """The branch for a repair of `script`: `quarantine/<stem>-<repair>`, in plain ASCII."""
    stem = unicodedata.normalize("NFKD", PurePosixPath(script).stem)
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", stem).strip("-_")[:60] or "script"
    return f"{PREFIX}{plain}-{repair}"


def write_candidate(
    repository: Repository,
    *,
    base: str,
    changes: Mapping[str, bytes | None],
    branch: str,
    message: str,
    when: int,
    replaces: str | None = None,
    author: str = NOBODY,
) -> Candidate:
    """The base with `changes` (new contents; None removes the file), committed on `branch`.

    Modes of existing files are kept; new files are plain. The same arguments give the same commit,
    so a step that is repeated after a crash finds its own work. `when` is Unix time; `author` is
    `Name <email>`. The branch
    must not exist, or point to this same commit, or to `replaces` (an earlier attempt of the same
    repair). Raises UnsafePath, NothingChanges, BranchTaken, UnknownRevision.
    """
    if not _NAME.fullmatch(branch) or ".." in branch or branch.endswith(".lock"):
        raise RepositoryError(
            f"{branch!r} is no quarantine branch; name it like {quarantine_branch('job.py', '1')}."
        )
    candidate = write_detached(
        repository, base=base, changes=changes, message=message, when=when, author=author
    ).model_copy(update={"branch": branch})
    point_branch(repository, branch, candidate.commit, replaces)
    return candidate


def write_detached(
    repository: Repository,
    *,
    base: str,
    changes: Mapping[str, bytes | None],
    message: str,
    when: int,
    author: str = NOBODY,
) -> Candidate:
    """The same commit on no branch, for a try that nobody keeps; git forgets it in time. Raises
    UnsafePath, NothingChanges, UnknownRevision."""
    tree = repository.tree(base)
    targets = _targets(repository, tree, changes)
    contents = {path: (e.mode, changes[path] or b"") if e else None for path, e in targets.items()}
    commit = _commit(repository, tree, contents, message=message, when=when, author=author)
    return _read_back(repository, tree.commit, commit, "", targets)


def _targets(
    repository: Repository, tree: Tree, changes: Mapping[str, bytes | None]
) -> dict[str, Entry | None]:
    """What each changed path must be in the candidate's tree; paths that stay are left out."""
    entries = tree.entries()
    writable_paths = WritablePaths(entries)
    targets: dict[str, Entry | None] = {}
    for path, content in sorted(changes.items()):
        writable_paths.check(path)
        before = entries.get(path)
        if before is None and content is None:
            raise UnsafePath(path, "it does not exist, so it cannot be removed")
        after = None
        if content is not None:
            mode = before.mode if before else REGULAR
            after = Entry(mode, blob_id(repository.hash_name, content))
        if after != before:
            targets[path] = after
    for path in changes:
        above = next((str(a) for a in PurePosixPath(path).parents if str(a) in changes), None)
        if above is not None:
            raise UnsafePath(path, f"{above!r} above it is changed as a file")
    if not targets:
        raise NothingChanges(f"The draft leaves every file of commit {tree.commit[:12]} as it is.")
    return targets


def blob_id(hash_name: str, content: bytes) -> str:
    """The object id that git gives to a file's content."""
    return hashlib.new(hash_name, b"blob %d\0" % len(content) + content).hexdigest()


def _commit(
    repository: Repository,
    tree: Tree,
    contents: Mapping[str, tuple[str, bytes] | None],
    *,
    message: str,
    when: int,
    author: str,
) -> str:
    text = _message(message)
    stream = [
        f"commit {_SCRATCH}\nmark :1\nauthor {author} {when} +0000\n".encode(),
        f"committer {NOBODY} {when} +0000\n".encode(),
        b"data %d\n%s\n" % (len(text), text),
        f"from {tree.commit}\n".encode(),
    ]
    for path, file in contents.items():
        if file is None:
            stream.append(b"D %s\n" % _quote(path))
        else:
            head = f"M {file[0]} inline ".encode() + _quote(path)
            stream.append(b"%s\ndata %d\n%s\n" % (head, len(file[1]), file[1]))
    # The mark's id is the answer; the reset makes fast-import forget the branch it insists on.
    stream.append(f"get-mark :1\nreset {_SCRATCH}\nfrom {'0' * len(tree.commit)}\n\n".encode())
    answer = repository.git.write(
        "candidate objects", "fast-import", "--quiet", "--date-format=raw", stdin=b"".join(stream)
    )
    return answer.decode("ascii").strip()


def _message(message: str) -> bytes:
    return (message.replace("\0", "").strip() + "\n").encode("utf-8", "replace")


def _quote(path: str) -> bytes:
    return b'"' + path.encode("utf-8").replace(b'"', b'\\"') + b'"'


def _read_back(
    repository: Repository,
    base: str,
    commit: str,
    branch: str,
    targets: Mapping[str, Entry | None] | None = None,
) -> Candidate:
    """What was written, as git now tells it; an error when it is not what was meant."""
    facts = repository.objects.read_commit(commit)
    if facts.parents != (base,):
        raise RepositoryError(f"Commit {commit} was not made on {base} alone; draft the fix again.")
    entries = changed_entries(repository, base, commit)
    if targets is not None and entries != dict(targets):
        raise RepositoryError(
            f"Commit {commit} does not hold what was drafted; check the repository (git fsck)."
        )
    text = repository.patch(base, commit, text=True).decode("utf-8", "replace")
    return Candidate(
        commit=commit, tree=facts.tree, base=base, branch=branch, diff=text,
        paths=tuple(sorted(entries)),
    )  # fmt: skip


def changed_entries(repository: Repository, older: str, newer: str) -> dict[str, Entry | None]:
    """What `newer` has at each path that differs from `older`: None where the path is gone."""
    before, after = repository.tree(older).entries(), repository.tree(newer).entries()
    paths = before.keys() | after.keys()
    return {path: after.get(path) for path in sorted(paths) if before.get(path) != after.get(path)}


def point_branch(
    repository: Repository, branch: str, commit: str, replaces: str | None = None
) -> None:
    """Makes the branch point to `commit`, if it is new or still points to `replaces`."""
    name = f"refs/heads/{branch}"
    try:
        move_ref(repository, name, new=commit, old=replaces)
    except BranchTaken as error:
        now = repository.tip(branch)
        if now == commit:
            return
        if now is None and replaces is not None:  # somebody deleted the earlier attempt
            move_ref(repository, name, new=commit, old=None)
            return
        if now is None:
            raise
        raise BranchTaken(
            f"The branch {branch} exists already, at {now[:12]}; look at it, then delete it "
            f"(git branch -D {branch})."
        ) from error


def move_ref(repository: Repository, name: str, *, new: str | None, old: str | None) -> None:
    """Moves a ref by compare-and-swap: `old` None makes it, `new` None deletes it.

    BranchTaken when it is not at `old` any more.
    """
    zero = "0" * len(new or old or "")
    arguments = ("-d", name, old or zero) if new is None else (name, new, old or zero)
    repository.git.writing(f"ref {name}")
    code, _, reason = repository.git.ask("update-ref", "-m", "healer", "--no-deref", *arguments)
    if code != 0:
        raise BranchTaken(
            f"{name} could not be moved: {reason or 'git gave no reason'}; try again."
        )


def list_quarantine(repository: Repository) -> tuple[Quarantined, ...]:
    """Every quarantine branch, oldest first."""
    form = "%(refname:lstrip=2)%00%(objectname)%00%(committerdate:unix)"
    out = repository.git.run("for-each-ref", f"--format={form}", f"refs/heads/{PREFIX}")
    rows = [line.split("\0") for line in out.decode("utf-8", "surrogateescape").splitlines()]
    branches = [Quarantined(branch=r[0], commit=r[1], committed_at=int(r[2])) for r in rows]
    return tuple(sorted(branches, key=lambda each: (each.committed_at, each.branch)))


def delete_branch(repository: Repository, branch: str, commit: str | None = None) -> bool:
    """Deletes a quarantine branch, if it is (still) at `commit` where one is given.

    False when it was gone already. BranchTaken when it moved; RepositoryError for other branches.
    """
    if not branch.startswith(PREFIX):
        raise RepositoryError(f"{branch!r} is no quarantine branch, so healer does not delete it.")
    now = repository.tip(branch)
    if now is None:
        return False
    move_ref(repository, f"refs/heads/{branch}", new=None, old=commit or now)
    return True
