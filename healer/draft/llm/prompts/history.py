"""History, asked of git.

Belongs here: which commits and lines are worth showing to a model. Does not belong here: git
(that is `quarantine`).
"""

from collections.abc import Callable

from quarantine.errors import GitFailed
from quarantine.history import line_commit, log_touching
from quarantine.repository import Repository

_MOST_COMMITS = 5


def _unknown(path: str) -> None:
    """No good run is known."""
    del path


class GitHistory:
    """Answers from one repository. What git cannot answer is an empty string."""

    def __init__(
        self, repository: Repository, last_good_run: Callable[[str], float | None] | None = None
    ) -> None:
        """`last_good_run` gives the time (seconds since the epoch) when a script last ran well.

        Where it is unknown, only the file's latest commit counts as a recent change.
        """
        self._repository = repository
        self._last_good_run = last_good_run or _unknown

    def last_change(self, base: str, path: str, line: int) -> str:
        try:
            return self._last_change(base, path, line)
        except GitFailed:
            return ""

    def lines(self, base: str, path: str, first: int, last: int) -> str:
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

    def _last_change(self, base: str, path: str, line: int) -> str:
        commit = line_commit(self._repository, base, path, line)
        if commit is None or not self._repository.parents(commit.id):
            return ""  # in the first commit everything is new, which says nothing
        good = self._last_good_run(path)
        if good is None:
            latest = log_touching(self._repository, base, path, 1)
            recent = bool(latest) and latest[0].id == commit.id
        else:
            recent = commit.authored_at > good
        if not recent:
            return ""
        out = self._repository.git.run(
            "show", "--format=%s", "--no-ext-diff", "--no-textconv", commit.id, "--", path
        )
        return out.decode("utf-8", "replace")
