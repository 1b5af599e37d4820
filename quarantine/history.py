"""Who changed a file, and when: what a draft, a conflict or a review wants to know.

Belongs here: reading commits. Does not belong here: their files (`tree`).
"""

from quarantine.errors import GitFailed
from quarantine.facts import Fact
from quarantine.repository import Repository
from quarantine.tree import Tree


class Commit(Fact):
    """One commit, as people see it in a log."""

    id: str
    author: str
    authored_at: int
    """Unix time."""
    subject: str
    """The message's first line; untrusted text."""


_FORM = "--format=%H%x00%an%x00%at%x00%s%x00"


def log_touching(
    repository: Repository, commit: str, path: str, limit: int, *, since: str | None = None
) -> tuple[Commit, ...]:
    """The latest commits up to `commit` that changed `path`, newest first, at most `limit`.

    With `since`, only those that commit does not have. Renames are not followed.
    """
    span = commit if since is None else f"{since}..{commit}"
    out = repository.git.run("log", "-z", f"--max-count={limit}", _FORM, span, "--", path)
    return _commits(out)


def line_commit(repository: Repository, commit: str, path: str, line: int) -> Commit | None:
    """The commit that last changed a file's line (1-based); None where there is no such line."""
    try:
        out = repository.git.run("blame", "--porcelain", "-L", f"{line},{line}", commit, "--", path)
    except GitFailed:
        return None
    oid, _, rest = out.partition(b" ")
    lines = rest.decode("utf-8", "replace").split("\n")[1:]
    facts = dict(line.partition(" ")[::2] for line in lines if not line.startswith("\t"))
    return Commit(
        id=oid.decode("ascii"),
        author=facts["author"],
        authored_at=int(facts["author-time"]),
        subject=facts["summary"],
    )


def paths_of_people(repository: Repository, base: str, tip: str) -> frozenset[str] | None:
    """The paths that changed from `base` to `tip` otherwise than by a repair that was checked and
    merged (its commit says which checks, in a trailer); None where `base` is not known any more."""
    form = ("-z", "--first-parent", "--diff-merges=first-parent", "--name-only", "--format=")
    without = ("--invert-grep", "--grep=^Healer-Checks: ")
    try:
        out = repository.git.run("log", *form, *without, f"{base}..{tip}", "--")
    except GitFailed:
        return None
    names = out.decode("utf-8", "surrogateescape").split("\0")
    return frozenset(name.strip("\n") for name in names if name.strip("\n"))


def files_of_repairs(repository: Repository, tree: Tree) -> frozenset[str]:
    """The paths of a commit's tree that a repair which was checked and merged has added, and that
    are still as it left them. Renames are not followed."""
    form = ("-z", "--raw", "--no-abbrev", "--no-renames", "--diff-filter=A", "--format=")
    of_repairs = ("--grep=^Healer-Checks: ", "--end-of-options", tree.commit, "--")
    out = repository.git.run("log", *form, *of_repairs)
    fields = [each.lstrip("\n") for each in out.decode("utf-8", "surrogateescape").split("\0")]
    paths = set()
    for facts, path in zip(fields[::2], fields[1::2], strict=False):
        entry, words = tree.entry(path), facts.split()
        if entry is not None and words[3:4] == [entry.oid]:
            paths.add(path)
    return frozenset(paths)


def find_repair(repository: Repository, tip: str, repair: str) -> str | None:
    """The commit up to `tip` (an id, or a ref's full name) that merged a repair, by its
    Healer-Repair trailer; None: not there.

    Of several (its revert carries the trailer, too) it is the first.
    """
    pattern = "^Healer-Repair: " + repair.replace(".", "[.]") + "$"
    out = repository.git.run(
        "log", "--format=%H", f"--grep={pattern}", "--end-of-options", tip, "--"
    )
    ids = out.decode("ascii").split()
    return ids[-1] if ids else None


def _commits(out: bytes) -> tuple[Commit, ...]:
    fields = out.decode("utf-8", "replace").split("\0")
    rows = zip(*(fields[at::5] for at in range(4)), strict=False)
    return tuple(
        Commit(id=oid, author=author, authored_at=int(at), subject=subject)
        for oid, author, at, subject in rows
        if oid
    )


def find_trailed(repository: Repository, branch: str, trailer: str) -> tuple[tuple[str, str], ...]:
    """The branch's commits whose message has this trailer, oldest first, each with its value; none
    where there is no such branch."""
    if repository.tip(branch) is None:
        return ()
    form = f"--format=%H%x00%(trailers:key={trailer},valueonly,separator=%x2C)"
    span = ("--topo-order", "--reverse", f"refs/heads/{branch}", "--")
    out = repository.git.run("log", f"--grep=^{trailer}: ", form, *span)
    rows = (line.split("\0") for line in out.decode("utf-8", "replace").splitlines())
    return tuple((row[0], row[1]) for row in rows if row[1:] and row[1])
