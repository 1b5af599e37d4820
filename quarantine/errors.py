"""What can be wrong with a repository, or with what was asked of it, as one family.

Every message is one sentence that a user reads as is, and says what to do next. Belongs here: the
errors. Does not belong here: what happens in the ordinary course (the tip moved, a checkout is
dirty, a patch conflicts), which is an answer: see `merge`, `checkout` and `rebase`.
"""

# ruff: noqa: N818  # the family's name ends in Error; its members say what is wrong

from collections.abc import Iterable
from difflib import get_close_matches


class RepositoryError(Exception):
    """Git, or what it holds, is not as it must be."""


class NotARepository(RepositoryError):
    """The folder lies in no git repository."""


class UntrustedRepository(RepositoryError):
    """The repository belongs to somebody else, and git was not told that this is all right."""


class EmptyRepository(RepositoryError):
    """The repository has no commit yet."""


class UnknownRevision(RepositoryError):
    """No commit has this name."""


class GitUnavailable(RepositoryError):
    """Git is not installed, or too old."""


class GitFailed(RepositoryError):
    """Git ended with an error that nothing here knows better."""


class GitTimeout(RepositoryError):
    """Git did not end in time and was stopped."""


class RepositoryBusy(RepositoryError):
    """Another git process holds the lock that we need."""


class UnsafePath(RepositoryError):
    """A candidate names a path that it must not write."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path!r} cannot be changed by a repair: {why}.")
        self.path = path
        self.why = why


class NothingChanges(RepositoryError):
    """The candidate's tree is its base's tree."""


class BranchTaken(RepositoryError):
    """The quarantine branch exists and is not ours to move."""


class ProtectionError(RepositoryError):
    """protected.toml cannot be read as rules; a repair must not start."""


def nearest(name: str, candidates: Iterable[str]) -> str:
    """The end of an error's sentence: what the user may have meant, or what there is."""
    names = sorted(set(candidates))
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(repr(each) for each in close) + "?"
    if not names:
        return "there is none."
    listing = ", ".join(repr(each) for each in names[:8])
    return f"there is {listing}{' …' if len(names) > len(names[:8]) else '.'}"
