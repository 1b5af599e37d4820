"""A bare copy of a remote in which repairs are made where nobody has a clone.

Belongs here: making one, and bringing it up to date. Does not belong here: which mirrors are kept
(`healer.daemon.mirrors`), or what is pushed from one (`remote`).

The remote's branches lie under refs/remotes/origin/, as in any clone; of the local ones only the
default branch follows them, so quarantine branches stay until they are removed as such.
"""

import re
from pathlib import Path
from typing import Final

from quarantine.candidate import move_ref
from quarantine.errors import GitFailed
from quarantine.git import Git
from quarantine.repository import Repository

FETCH_TIMEOUT_S: Final = 900.0
"""For the first copy of a large repository over a slow line."""
_HEAD: Final = re.compile(r"ref: refs/heads/(\S+)\tHEAD")


def update_mirror(folder: Path, url: str) -> Repository:
    """The mirror of `url` in `folder`, with what the remote has now; made where it is missing, and
    completed where a crash cut that short. Raises RepositoryError."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "HEAD").exists():
        Git(None, cwd=folder).run("init", "--quiet", "--bare", "--", str(folder))
    git = Git(folder, cwd=folder)
    git.run("config", "remote.origin.url", url)
    git.run("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    git.run(
        "fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head",
        "--no-recurse-submodules", "--no-auto-maintenance", "origin",
        as_user=True, timeout_s=FETCH_TIMEOUT_S,
    )  # fmt: skip
    branch = _find_default(git)
    git.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")
    tip = git.run("rev-parse", "--verify", "--end-of-options", f"refs/remotes/origin/{branch}")
    git.run("update-ref", f"refs/heads/{branch}", tip.decode("ascii").strip())
    return Repository.open(folder)


def follow_branch(repository: Repository, branch: str) -> None:
    """The local branch, and HEAD, are where the remote's branch of this name is. Raises
    RepositoryError where the remote has none."""
    tip = repository.resolve(f"refs/remotes/origin/{branch}")
    name = f"refs/heads/{branch}"
    repository.git.run("symbolic-ref", "HEAD", name)
    before = repository.ref(name)
    if before != tip:
        move_ref(repository, name, new=tip, old=before)


def _find_default(git: Git) -> str:
    listing = git.run("ls-remote", "--symref", "--", "origin", "HEAD", as_user=True)
    match = _HEAD.match(listing.decode("utf-8", "replace"))
    if match is None:
        raise GitFailed("the remote has no default branch; push one commit to it first")
    return match[1]
