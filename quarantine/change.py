"""A change that somebody points at, as two commits in a throw-away copy of the repository.

Belongs here: a patch, a commit, a range, the index, the working tree, each as a base and what it
becomes; and which part of it is tests. Does not belong here: what is thought of it. The repository
itself is only read: no ref, no object, no file of it changes.
"""

import ast
import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from quarantine.candidate import Candidate, changed_entries
from quarantine.errors import RepositoryError
from quarantine.facts import Fact
from quarantine.repository import Repository
from quarantine.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, Entry, Tree

_APPLY: Final = ("apply", "--cached", "--whitespace=nowarn")


class ChangeError(RepositoryError):
    """What was pointed at is no change that can be looked at; the message says why."""


class Change(Fact):
    """Two commits of the copy, the second made on the first alone."""

    base: str
    commit: str
    origin: str
    """What was pointed at, for a person: `the working tree`, `commit 1a2b3c4d5e6f`."""
    entries: Mapping[str, tuple[str, str] | None]
    """What the commit has at each path that differs: mode and object, or None where it is gone."""
    notes: tuple[str, ...] = ()
    """What a person should know of how it was read, one sentence each."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The changed ones, sorted."""
        return tuple(sorted(self.entries))


def read_working_tree(repository: Repository, copy: Repository) -> Change:
    """What a commit of everything here would change: new files too, unless git ignores them."""
    head = _head(repository)
    patch = _diff_here(repository, "HEAD")
    new = repository.git.run(
        "ls-files", "--others", "--exclude-standard", "-z", as_user=True
    ).split(b"\0")[:-1]
    files = {name.decode("utf-8", "surrogateescape"): name for name in new}
    _load_index(copy, head)
    if patch:
        copy.git.run(*_APPLY, stdin=patch)
    lines = [_stage(copy, repository, path) for path in files if not path.endswith("/")]
    copy.git.run("update-index", "-z", "--index-info", stdin=b"".join(lines))
    count = len(lines)
    note = f"{count} file(s) that git does not track yet are part of it" if count else ""
    return _commit(copy, head, "the working tree", note)


def read_index(repository: Repository, copy: Repository, index_file: str = "") -> Change:
    """What `git commit` would commit. `index_file`: the one in use, where git says so to a hook."""
    environment = {"GIT_INDEX_FILE": index_file} if index_file else {}
    head = _head(repository)
    if repository.git.run("ls-files", "--unmerged", "-z", environment=environment):
        raise ChangeError("the index holds an unfinished merge; finish it, then check what it is")
    patch = _diff_here(repository, "--cached", "HEAD", environment=environment)
    _load_index(copy, head)
    if patch:
        copy.git.run(*_APPLY, stdin=patch)
    return _commit(copy, head, "what is staged")


def read_patch(repository: Repository, copy: Repository, patch: bytes, name: str) -> Change:
    """A unified diff on HEAD, with `a/` and `b/` before its paths or without."""
    head = _head(repository)
    if not patch.strip():
        raise ChangeError(f"{name} is empty; there is no change in it")
    why = ""
    for strip in ("-p1", "-p0"):
        _load_index(copy, head)
        code, _, words = copy.git.ask(*_APPLY, strip, stdin=patch)
        if code == 0:
            return _commit(copy, head, name)
        why = why or words
    if "No valid patches" in why:
        raise ChangeError(f"{name} is no unified diff; make one with: git diff --binary > {name}")
    lines = [line for line in why.splitlines() if not line.startswith("hint:")]
    first = lines[0].removeprefix("error: ") if lines else "git gave no reason"
    raise ChangeError(
        f"{name} does not apply to HEAD ({head[:12]}): {first}; check out the commit that it was "
        "made on, or make it anew"
    )


def read_revision(repository: Repository, copy: Repository, revision: str) -> Change:
    """A commit against its first parent, or of a range what the later side has since they parted.
    UnknownRevision for what names no commit."""
    if ".." not in revision:
        return _read_commit(repository, copy, repository.resolve(revision))
    older, _, newer = revision.partition("...") if "..." in revision else revision.partition("..")
    first, last = (repository.resolve(side or "HEAD") for side in (older, newer))
    code, out, _ = repository.git.ask("merge-base", first, last)
    if code != 0:
        raise ChangeError(
            f"{revision}: the two share no history{_shallow_hint(repository)}; name commits of "
            "one branch"
        )
    return _graft(copy, out.decode().strip(), last, f"{older or 'HEAD'}..{newer or 'HEAD'}")


def _read_commit(repository: Repository, copy: Repository, commit: str) -> Change:
    parents = repository.parents(commit)
    if not parents and _is_shallow(repository):
        raise ChangeError(
            f"commit {commit[:12]} is where this shallow clone ends, so what it changed is not "
            "here; type: git fetch --deepen=1"
        )
    if not parents:
        raise ChangeError(
            f"commit {commit[:12]} is the first one; there is nothing that it changed"
        )
    note = ""
    if len(parents) > 1:
        note = (
            f"commit {commit[:12]} is a merge; it is judged against its first parent "
            f"{parents[0][:12]}"
        )
    return _graft(copy, parents[0], commit, f"commit {commit[:12]}", note)


def _graft(copy: Repository, base: str, commit: str, origin: str, note: str = "") -> Change:
    _load_index(copy, commit)
    return _commit(copy, base, origin, note)


def _commit(copy: Repository, base: str, origin: str, note: str = "") -> Change:
    """The copy's index as a commit on `base`."""
    commit = _commit_index(copy, base)
    entries = changed_entries(copy, base, commit)
    if not entries:
        raise ChangeError(f"there is nothing to check: {origin} changes no file")
    notes = [note, *_notes(copy, base, commit, entries)]
    return Change(
        base=base,
        commit=commit,
        origin=origin,
        entries={path: entry and (entry.mode, entry.oid) for path, entry in entries.items()},
        notes=tuple(each for each in notes if each),
    )


def split_tests(copy: Repository, change: Change, is_test_code: Callable[[str], bool]) -> Candidate:
    """The rest of the change as a commit on the base with its tests: so the code as it was is held
    against the same tests as the code as it becomes. Of a change to tests alone: all of it."""
    tests = [path for path in change.paths if is_test_code(path)]
    base = change.base
    if tests and len(tests) < len(change.paths):
        _load_index(copy, base)
        lines = [_index_line(path, change.entries[path], copy) for path in tests]
        copy.git.run("update-index", "-z", "--index-info", stdin=b"".join(lines))
        base = _commit_index(copy, base)
    return make_candidate(copy, base, change.commit)


def make_candidate(copy: Repository, base: str, commit: str) -> Candidate:
    """The tree of a commit as a candidate on another one, on no branch."""
    _load_index(copy, commit)
    child = _commit_index(copy, base)
    return Candidate(
        commit=child,
        tree=copy.tree(child).oid,
        base=base,
        branch="",
        diff=copy.patch(base, child, text=True).decode("utf-8", "replace"),
        paths=tuple(sorted(changed_entries(copy, base, child))),
    )


def take_files(copy: Repository, base: str, commit: str, paths: Iterable[str]) -> Candidate:
    """What `commit` has at these paths, and nothing else of it, as a candidate on `base`."""
    tree = copy.tree(commit)
    _load_index(copy, base)
    entries = ((path, tree.entry(path)) for path in paths)
    lines = [_index_line(path, entry and (entry.mode, entry.oid), copy) for path, entry in entries]
    copy.git.run("update-index", "-z", "--index-info", stdin=b"".join(lines))
    return make_candidate(copy, base, _commit_index(copy, base))


def find_changed_tests(base: Tree, tree: Tree, paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the paths that were there and of which something that was there is changed or gone:
    `path::name` for a function or class of Python, the path for all else. What is only added is
    not named, nor are imports."""
    names: list[str] = []
    for path in paths:
        before, after = base.read(path), tree.read(path)
        if before is None or before == after:
            continue
        old = _parts(before) if path.endswith(".py") and after is not None else None
        new = _parts(after or b"")
        if old is None or new is None:
            names.append(path)
            continue
        missing = [part for part in old if part not in new]
        names += dict.fromkeys(f"{path}::{name}" if name else path for name, _ in missing)
    return tuple(names)


def _parts(source: bytes) -> list[tuple[str, str]] | None:
    """Name and meaning of each statement of a module but imports; only functions and classes have
    a name. None for what is no Python."""
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return [
        (getattr(node, "name", ""), ast.dump(node))
        for node in module.body
        if not isinstance(node, ast.Import | ast.ImportFrom)
    ]


def _load_index(copy: Repository, commit: str) -> None:
    """The copy's own index as this commit has it."""
    copy.git.run("read-tree", commit)


def _commit_index(copy: Repository, base: str) -> str:
    tree = copy.git.run("write-tree").decode().strip()
    out = copy.git.run("commit-tree", tree, "-p", base, stdin=b"A change to check\n")
    return out.decode().strip()


def _head(repository: Repository) -> str:
    return repository.resolve("HEAD")


def _diff_here(
    repository: Repository, *words: str, environment: Mapping[str, str] | None = None
) -> bytes:
    """What git says has changed, with the user's own filters for line ends."""
    if repository.root is None:
        raise ChangeError(
            "a bare repository has no working tree; name a commit, a range or a patch"
        )
    return repository.git.run(
        "diff", "--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv",
        "--no-color", "--ignore-submodules=dirty", "--src-prefix=a/", "--dst-prefix=b/",
        *words, "--", environment=environment, as_user=True,
    )  # fmt: skip


def _stage(copy: Repository, repository: Repository, path: str) -> bytes:
    """A line for `update-index` that adds a file which git does not track yet, as it is."""
    if repository.root is None:
        raise ChangeError("a bare repository has no files; name a commit, a range or a patch")
    file = repository.root / path
    is_link = file.is_symlink()
    content = str(file.readlink()).encode() if is_link else file.read_bytes()
    oid = copy.git.run("hash-object", "-w", "--stdin", stdin=content).decode().strip()
    is_program = not is_link and file.stat().st_mode & 0o100
    mode = SYMLINK if is_link else EXECUTABLE if is_program else REGULAR
    return _index_line(path, (mode, oid), copy)


def _index_line(path: str, entry: tuple[str, str] | None, copy: Repository) -> bytes:
    mode, oid = entry or ("0", "0" * hashlib.new(copy.hash_name).digest_size * 2)
    return f"{mode} {oid}\t{path}\0".encode("utf-8", "surrogateescape")


def _is_shallow(repository: Repository) -> bool:
    return repository.git.run("rev-parse", "--is-shallow-repository").strip() == b"true"


def _shallow_hint(repository: Repository) -> str:
    return " in this shallow clone (git fetch --unshallow)" if _is_shallow(repository) else ""


def _notes(
    copy: Repository, base: str, commit: str, entries: Mapping[str, Entry | None]
) -> list[str]:
    """What of the change is looked at otherwise than one may think."""
    before = copy.tree(base)
    notes = []
    for path in sorted(entries):
        entry, old = entries[path], before.entry(path)
        if SUBMODULE in {each.mode for each in (entry, old) if each}:
            notes.append(f"{path} is a submodule; what is in it is not looked at")
        elif entry and entry.mode == SYMLINK:
            notes.append(f"{path} is a symbolic link; the sandbox has no links")
        elif b"\0" in (copy.tree(commit).read(path) or b"")[:8_000]:
            notes.append(f"{path} is binary; what is in it is not looked at")
    out = copy.git.run(
        "diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status", base, commit
    )
    fields = out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    for old_path, new_path in zip(fields[1::3], fields[2::3], strict=True):
        notes.append(f"{old_path} is {new_path} now: it is judged as one file gone and a new one")
    return notes
