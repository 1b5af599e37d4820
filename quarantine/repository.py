"""A git repository as healer sees it: where it lies, its branches, its commits, its trees.

Belongs here: finding the repository, and questions about it that need no more than one git
process each. Does not belong here: anything that writes (`candidate`, `merge`, `checkout`,
`remote`), the files of a commit (`tree`), who changed what and when (`history`).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from quarantine.checkout.files import same_text
from quarantine.errors import (
    EmptyRepository,
    NotARepository,
    RepositoryError,
    UnknownRevision,
    UntrustedRepository,
    nearest,
)
from quarantine.git import Git, announce_nothing, failure
from quarantine.objects import Objects, is_full_id
from quarantine.tree import Tree

_QUESTIONS: Final = (
    "--is-bare-repository",
    "--show-object-format",
    "--absolute-git-dir",
    "--path-format=absolute",
    "--git-common-dir",
    "--show-toplevel",  # last: in a bare repository git ends here, having answered the rest
)

_ORIGIN: Final = "refs/remotes/origin/"
KEPT_TREES: Final = 32
"""Listings in memory: a repair looks at its base and a handful of candidates."""
NEAR_COMMITS: Final = 8
"""Looked at before git is asked to: what is asked about is mostly a tip and what it was made on."""


class Repository:
    """One repository, seen from one of its worktrees, or bare.

    It holds no lock, and one process that reads (`objects`), which ends with it.
    """

    def __init__(
        self,
        *,
        root: Path | None,
        git_dir: Path,
        worktree_git_dir: Path,
        hash_name: str,
        writing: Callable[[str], None] = announce_nothing,
    ) -> None:
        """`open` is the way to one."""
        self.root = root
        """The worktree's top folder; None for a bare repository."""
        self.git_dir = git_dir
        """The folder that all worktrees share: objects, branches, healer's state."""
        self.worktree_git_dir = worktree_git_dir
        """This worktree's own: HEAD and index."""
        self.hash_name = hash_name
        """`sha1` or `sha256`."""
        self.git = Git(worktree_git_dir, root, cwd=root or git_dir, writing=writing)
        self.objects = Objects(self.git)
        self._trees: dict[str, Tree] = {}

    @classmethod
    def open(cls, path: Path, *, writing: Callable[[str], None] = announce_nothing) -> Self:
        """The repository that holds `path` (a folder or a file).

        NotARepository, UntrustedRepository, or EmptyRepository when nothing was committed yet.
        """
        folder = path if path.is_dir() else path.parent
        if not path.exists():
            raise NotARepository(f"{path} does not exist; name a folder inside a git repository.")
        code, out, stderr = Git(None, cwd=folder.resolve()).ask(
            "rev-parse", *_QUESTIONS, as_user=True
        )
        answers = out.decode("utf-8", "surrogateescape").split("\n")[:-1]
        bare = answers[:1] == ["true"]
        if code != 0 and not (len(answers) == len(_QUESTIONS) - 2 and "work tree" in stderr):
            raise _why_not(folder, code, stderr)
        repository = cls(
            root=None if bare or code != 0 else Path(answers[4]),
            git_dir=Path(answers[3]).resolve(),
            worktree_git_dir=Path(answers[2]).resolve(),
            hash_name=answers[1],
            writing=writing,
        )
        repository._must_have_commits()
        return repository

    def _must_have_commits(self) -> None:
        if self._commit("HEAD") is None and not self.git.run("for-each-ref", "--count=1"):
            raise EmptyRepository(
                f"The repository {self.root or self.git_dir} has no commit yet; commit the scripts "
                "first (git add -A && git commit)."
            )

    @property
    def state_dir(self) -> Path:
        """Where healer keeps what belongs to this repository; the caller makes it."""
        return self.git_dir / "healer"

    def branch(self) -> str | None:
        """The branch checked out here; None when HEAD is detached."""
        code, out, _ = self.git.ask("symbolic-ref", "--quiet", "HEAD")
        name = out.decode("utf-8", "surrogateescape").strip()
        return name.removeprefix("refs/heads/") if code == 0 else None

    def default_branch(self) -> str:
        """The branch that `origin` has checked out, as this clone knows it; empty for none."""
        code, out, _ = self.git.ask("symbolic-ref", "--quiet", _ORIGIN + "HEAD")
        name = out.decode("utf-8", "surrogateescape").strip()
        return name.removeprefix(_ORIGIN) if code == 0 else ""

    def branches(self) -> tuple[str, ...]:
        """Every local branch, sorted."""
        out = self.git.run("for-each-ref", "--format=%(refname)", "refs/heads")
        names = out.decode("utf-8", "surrogateescape").splitlines()
        return tuple(sorted(name.removeprefix("refs/heads/") for name in names))

    def resolve(self, revision: str) -> str:
        """The full id of the commit that `revision` (a branch, a tag, an id, HEAD~2) names."""
        commit = self._commit(revision)
        if commit is None:
            raise UnknownRevision(
                f"No commit is called {revision!r}: {nearest(revision, self.branches())}"
            )
        return commit

    def tip(self, branch: str) -> str | None:
        """The commit that the local branch points to; None when there is no such branch."""
        return self.ref(f"refs/heads/{branch}")

    def ref(self, name: str) -> str | None:
        """The commit that a ref's full name points to; None when there is no such ref."""
        return self._commit(name)

    def _commit(self, revision: str) -> str | None:
        if not revision or revision.startswith("-") or "\0" in revision or "\n" in revision:
            return None
        commit = self.objects.find_commit(revision)
        if commit is not None:
            return commit
        code, out, stderr = self.git.ask(
            "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"
        )
        if code not in (0, 1, 128) or "not a git repository" in stderr:
            raise failure(("rev-parse", revision), code, stderr)
        words = out.decode("ascii", "replace").split()
        return words[0] if code == 0 and words else None

    def tree(self, revision: str) -> Tree:
        """The files of one commit; UnknownRevision when there is none."""
        tree = self._trees.get(revision)
        if tree is not None:
            return tree
        commit = self.resolve(revision)
        if commit in self._trees:
            return self._trees[commit]
        while len(self._trees) >= KEPT_TREES:
            self._trees.pop(next(iter(self._trees)), None)
        oid = self.objects.read_commit(commit).tree
        return self._trees.setdefault(commit, Tree(objects=self.objects, commit=commit, oid=oid))

    def parents(self, commit: str) -> tuple[str, ...]:
        """The commits it was made on; empty for a first commit, and at a shallow clone's edge."""
        oid = commit if is_full_id(commit) else self.resolve(commit)
        return () if oid in self._shallow_edge() else self.objects.read_commit(oid).parents

    def _shallow_edge(self) -> frozenset[str]:
        """The commits whose parents this clone has not."""
        try:
            return frozenset((self.git_dir / "shallow").read_text("ascii").split())
        except FileNotFoundError:
            return frozenset()

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `newer` is `older` or holds it in its history; False where history is cut."""
        if is_full_id(older) and is_full_id(newer) and self._is_near(older, newer):
            return True
        code, _, _ = self.git.ask("merge-base", "--is-ancestor", older, newer)
        return code == 0

    def _is_near(self, older: str, newer: str) -> bool:
        """Whether the latest commits up to `newer` have it already."""
        level: tuple[str, ...] = (newer,)
        for _ in range(NEAR_COMMITS):
            if older in level:
                return self._commit(older) is not None
            if len(level) != 1 or self._commit(level[0]) is None:
                return False
            level = self.parents(level[0])
        return False

    def diff(self, older: str, newer: str) -> str:
        """The patch from one commit (or tree) to another, as `git apply` takes it."""
        return self.patch(older, newer).decode("utf-8", "replace")

    def patch(self, older: str, newer: str, *, text: bool = False) -> bytes:
        """Like `diff`, as bytes; `text` shows every file as text, whatever attributes say."""
        return self.git.run(
            "diff-tree", "-r", "-p", "--no-renames", "--full-index", "--no-ext-diff",
            "--no-textconv", "--no-color", "--text" if text else "--binary",
            "--src-prefix=a/", "--dst-prefix=b/", older, newer, "--",
        )  # fmt: skip

    def is_tracked(self, path: str) -> bool:
        """Whether the path is in the index here; in a bare repository, in HEAD's tree."""
        if self.root is None:
            return self.tree("HEAD").entry(path) is not None
        return bool(self.git.run("ls-files", "-z", "--cached", "--", path))

    def tracked_files(self) -> tuple[str, ...]:
        """Every path in the index; nothing in a bare repository."""
        return () if self.root is None else self._list_files("--cached")

    def ignored_files(self) -> tuple[str, ...]:
        """Files that git ignores, but for those of folders that it ignores whole (an environment,
        a cache); nothing in a bare repository."""
        if self.root is None:
            return ()
        rows = self._list_files("--others", "--ignored", "--exclude-standard", "--directory")
        return tuple(row for row in rows if not row.endswith("/"))

    def _list_files(self, *options: str) -> tuple[str, ...]:
        rows = self.git.run("ls-files", "-z", *options).split(b"\0")[:-1]
        return tuple(row.decode("utf-8", "surrogateescape") for row in rows)

    def is_modified(self, path: str) -> bool:
        """Whether the file here, or what is staged of it, is not what HEAD has.

        Line ends alone do not count. False in a bare repository, and for a path that is neither
        tracked nor there.
        """
        if self.root is None:
            return False
        head_entry = self.tree("HEAD").entry(path)
        stages = self.git.run("ls-files", "-z", "--stage", "--", path).split(b"\0")[:-1]
        if head_entry is None or len(stages) != 1:  # untracked, removed, or in conflict
            return bool(stages) or head_entry is not None
        if stages[0].split()[1].decode("ascii") != head_entry.oid:
            return True
        return not same_text(self.root, path, self.objects.read_blob(head_entry.oid))


def _why_not(folder: Path, code: int, stderr: str) -> RepositoryError:
    """What a failed look for the repository means."""
    if "dubious ownership" in stderr or "safe.directory" in stderr:
        return UntrustedRepository(
            f"The repository at {folder} belongs to another user; if you trust it, type: "
            f"git config --global --add safe.directory {folder}"
        )
    if "not a git repository" in stderr:
        return NotARepository(
            f"{folder} lies in no git repository; change into one, or name it with --repo PATH."
        )
    return failure(("rev-parse",), code, stderr)
