"""What git says of the failing lines.

Belongs here: which commits and lines are worth showing to a model, and what a drafter asks for.
Does not belong here: git (that is `quarantine`).
"""

from collections.abc import Callable
from typing import Protocol

from quarantine.errors import GitFailed
from quarantine.history import line_commit, log_touching
from quarantine.repository import Repository

_MOST_COMMITS = 5


class History(Protocol):
    """Read-only questions to git about the base commit."""

    def last_change(self, base: str, path: str, line: int) -> str:
        """The diff of the commit that last touched this line, if it is newer than the last good
        run of the script; otherwise an empty string. `base` is the commit to look from."""

    def line_log(self, base: str, path: str, first: int, last: int) -> str:
        """The log of these lines, newest first, with their diffs; empty where there is none."""


class NoHistory:
    """Where git is not asked."""

    def last_change(self, base: str, path: str, line: int) -> str:
        del base, path, line
        return ""

    def line_log(self, base: str, path: str, first: int, last: int) -> str:
        del base, path, first, last
        return ""


class GitHistory:
    """Answers from one repository. What git cannot answer is an empty string."""

    def __init__(
        self,
        repository: Repository,
        last_good_run: Callable[[str], float | None] = lambda _: None,
    ) -> None:
        """`last_good_run` gives the time (seconds since the epoch) when a script last ran well.

        Where it is unknown, only the file's latest commit counts as a recent change.
        """
        self._repository = repository
        self._last_good_run = last_good_run

    def last_change(self, base: str, path: str, line: int) -> str:
        """As `History` says."""
        try:
            return self._show_last_change(base, path, line)
        except GitFailed:
            return ""

    def line_log(self, base: str, path: str, first: int, last: int) -> str:
        """As `History` says; at most five commits."""
        try:
            out = self._repository.git.run(
                "log",
                f"-L{first},{last}:{path}",
                f"--max-count={_MOST_COMMITS}",
                "--format=%h %ad %s",
                "--date=short",
                base,
            )
        except GitFailed:
            return ""
        return out.decode("utf-8", "replace")

    def _show_last_change(self, base: str, path: str, line: int) -> str:
        commit = line_commit(self._repository, base, path, line)
        if commit is None or not self._repository.parents(commit.id):
            return ""  # in the first commit everything is new, which says nothing
        good_at = self._last_good_run(path)
        if good_at is None:
            latest = log_touching(self._repository, base, path, 1)
            is_recent = bool(latest) and latest[0].id == commit.id
        else:
            is_recent = commit.authored_at > good_at
        if not is_recent:
            return ""
        out = self._repository.git.run(
            "show", "--format=%s", "--no-ext-diff", "--no-textconv", commit.id, "--", path
        )
        return out.decode("utf-8", "replace")
