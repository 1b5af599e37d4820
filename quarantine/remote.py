"""With a remote: quarantine branches are pushed for review, and merges with a lease.

Belongs here: pushing, and what a refusal means. Does not belong here: local branches (`merge`).

The remote's branch is what others share, so it moves first: `push_target` sends the checked commit
only if the remote is still where the candidate was made, and the local branch follows by `merge`.
When the remote has moved, its tip is fetched (to refs/healer/remote/, never over the user's own
remote-tracking branches) and the candidate is carried over to it, as for any moved tip.

Pushing is the one thing here that sees the user's own git configuration: credentials live there.
Hooks and signing stay off, and nothing prompts.
"""

import posixpath
import re
from typing import Final
from urllib.parse import unquote, urlsplit

from quarantine.candidate import PREFIX, move_ref
from quarantine.errors import GitTimeout, RepositoryError
from quarantine.facts import Fact
from quarantine.merge import Moved, Refused
from quarantine.repository import Repository

NETWORK_TIMEOUT_S: Final = 120.0
PUBLISHED: Final = "refs/healer/published/"
"""What we last pushed to a remote's quarantine branch; only that is replaced or deleted there."""

_REMOTE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_SCP: Final = re.compile(r"((?:[^@/:]+@)?(?:[^/:\[\]]+|\[[^\]]+\])):(.*)", re.DOTALL)
"""`git@host:path`, as git reads it: no slash comes before the colon."""
_DEFAULT_PORTS: Final = {"ssh": 22, "https": 443, "http": 80, "git": 9418}
_PUSH: Final = (
    "push", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed",
    "--recurse-submodules=no",
)  # fmt: skip


class Pushed(Fact):
    """The remote has the commit on the branch."""

    remote: str
    branch: str
    commit: str


class Unreachable(Fact):
    """The remote could not be asked; trying later may help."""

    reason: str
    """One sentence, in git's words."""


class Upstream(Fact):
    """Where a local branch is pushed to."""

    remote: str
    branch: str


def upstream_of(repository: Repository, branch: str) -> Upstream | None:
    """The branch's configured upstream; else the same name on `origin`, or on the only remote.

    None where there is no remote, or none of several is the obvious one.
    """
    remote = _setting(repository, f"branch.{branch}.remote")
    merges = _setting(repository, f"branch.{branch}.merge").removeprefix("refs/heads/")
    if _REMOTE.fullmatch(remote) and merges:
        return Upstream(remote=remote, branch=merges)
    remotes = repository.git.run("remote").decode("utf-8", "replace").split()
    remote = "origin" if "origin" in remotes or len(remotes) != 1 else remotes[0]
    return Upstream(remote=remote, branch=branch) if remote in remotes else None


def remote_url(repository: Repository, remote: str) -> str:
    """Where a remote is, after the user's own `url.*.insteadOf`; empty where there is none."""
    _must_be_remote(remote)
    code, out, _ = repository.git.ask("remote", "get-url", "--", remote, as_user=True)
    return out.decode("utf-8", "replace").strip() if code == 0 else ""


def canonical_url(url: str, host: str) -> str:
    """What all spellings of one remote have in common: `host/path`, without scheme, user, password,
    default port and `.git`. A path on this machine is one of `host` alone."""
    match = _SCP.fullmatch(url) if "://" not in url else None
    parts = urlsplit(f"ssh://{match[1]}/{match[2]}" if match else url)
    if not parts.hostname:
        path = unquote(parts.path) if parts.scheme == "file" else url
        return f"{host}:{posixpath.normpath(path)}"
    try:
        port = parts.port
    except ValueError:
        port = None
    number = f":{port}" if port not in (None, _DEFAULT_PORTS.get(parts.scheme)) else ""
    path = re.sub(r"/{2,}", "/", parts.path).rstrip("/").removesuffix(".git")
    return f"{parts.hostname.lower()}{number}/{path.lstrip('/')}"


def without_password(url: str) -> str:
    """The same remote, for others: each has its own password for it."""
    scheme, separator, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    user, at, host = place.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}{at}{host}{slash}{path}" if separator else url


def _setting(repository: Repository, key: str) -> str:
    code, out, _ = repository.git.ask("config", "--local", "--get", key)
    return out.decode("utf-8", "replace").strip() if code == 0 else ""


def push_target(
    repository: Repository, *, remote: str, target: str, commit: str, base: str
) -> Pushed | Moved | Refused | Unreachable:
    """Moves the remote's `target` from `base` to `commit`; `Moved` (fetched) when it is elsewhere.

    Refused when the remote lacks `base`: a person's own commits are not published for them.
    Repeating a push that worked gives the same answer.
    """
    answer = _push(repository, remote, target, commit, expected=base)
    if not isinstance(answer, Refused):
        return answer
    tip = remote_tip(repository, remote=remote, branch=target)
    if isinstance(tip, Unreachable):
        return tip
    if tip is None:
        return Refused(reason=f"{remote} has no branch {target}; push it once by hand.")
    if repository.is_ancestor(commit, tip):  # ours, and perhaps others' on top of it
        return Pushed(remote=remote, branch=target, commit=commit)
    return answer if tip == base else _elsewhere(repository, remote, target, base, tip)


def _elsewhere(
    repository: Repository, remote: str, target: str, base: str, tip: str
) -> Moved | Refused:
    if not repository.is_ancestor(tip, base):
        return Moved(tip=tip)
    return Refused(
        reason=f"{target} has commits that {remote} has not; push them (git push {remote} "
        f"{target}), then approve the repair again."
    )


def push_branch(
    repository: Repository, *, remote: str, branch: str, commit: str, replaces: str | None = None
) -> Pushed | Refused | Unreachable:
    """Pushes a quarantine branch for review; `replaces` is the attempt that may lie there."""
    _must_be_quarantine(branch)
    answer = _push(repository, remote, branch, commit, expected=replaces or "", force=True)
    if isinstance(answer, Refused):
        tip = remote_tip(repository, remote=remote, branch=branch)
        if tip == commit:
            return Pushed(remote=remote, branch=branch, commit=commit)
        if tip is None and replaces is not None:
            return _push(repository, remote, branch, commit, expected="", force=True)
    return answer


def publish(
    repository: Repository, *, remote: str, branch: str, commit: str
) -> Pushed | Refused | Unreachable:
    """Pushes a quarantine branch for review, over what was published of it before, if anything."""
    note = f"{PUBLISHED}{remote}/{branch}"
    before = repository.ref(note)
    answer = push_branch(repository, remote=remote, branch=branch, commit=commit, replaces=before)
    if isinstance(answer, Pushed) and before != commit:
        move_ref(repository, note, new=commit, old=before)
    return answer


def bring_published(
    repository: Repository, *, remote: str, branch: str, commit: str
) -> Refused | Unreachable | None:
    """Makes a branch here of what another clone has published, if it is `commit`; None: it is."""
    if repository.ref(commit) == commit:
        return None
    _must_be_quarantine(branch)
    if (tip := remote_tip(repository, remote=remote, branch=branch)) != commit:
        if isinstance(tip, Unreachable):
            return tip
        place = f"at {tip[:12]} there" if tip else "not there any more"
        return Refused(reason=f"{branch} is {place}, and the fix was {commit[:12]}; repair it anew")
    for each in (f"{PUBLISHED}{remote}/{branch}", f"refs/heads/{branch}"):
        move_ref(repository, each, new=commit, old=repository.ref(each))
    return None


def unpublish(
    repository: Repository, *, remote: str, branch: str
) -> Pushed | Refused | Unreachable | None:
    """Deletes what `publish` pushed; None when nothing was. What a person has pushed onto that
    branch since stays, and is Refused."""
    note = f"{PUBLISHED}{remote}/{branch}"
    commit = repository.ref(note)
    if commit is None:
        return None
    answer = delete_pushed(repository, remote=remote, branch=branch, commit=commit)
    if not isinstance(answer, Unreachable):
        move_ref(repository, note, new=None, old=commit)
    return answer


def delete_pushed(
    repository: Repository, *, remote: str, branch: str, commit: str
) -> Pushed | Refused | Unreachable:
    """Deletes a quarantine branch from the remote, if it is at `commit` there, or gone already."""
    _must_be_quarantine(branch)
    answer = _push(repository, remote, branch, "", expected=commit, force=True)
    if isinstance(answer, Refused) and remote_tip(repository, remote=remote, branch=branch) is None:
        return Pushed(remote=remote, branch=branch, commit="")
    return answer


def push_ref(repository: Repository, *, remote: str, name: str) -> Pushed | Refused | Unreachable:
    """Pushes one of healer's own refs under its own name."""
    _must_be_remote(remote)
    commit = repository.ref(name) or ""
    answer = _send(repository, remote, name, "--", remote, f"{name}:{name}")
    return answer or Pushed(remote=remote, branch=name, commit=commit)


def remote_tip(repository: Repository, *, remote: str, branch: str) -> str | Unreachable | None:
    """The commit of the remote's branch, fetched; None when it has no such branch."""
    _must_be_remote(remote)
    own_ref = f"refs/healer/remote/{remote}/{branch}"
    listing = _online(repository, "ls-remote", "--refs", "--", remote, f"refs/heads/{branch}")
    if isinstance(listing, Unreachable):
        return listing
    rows = [line.split("\t") for line in listing.splitlines()]
    tip = next((row[0] for row in rows if row[1:] == [f"refs/heads/{branch}"]), None)
    if tip is None or repository.ref(tip) == tip:
        return tip
    repository.git.writing(f"fetch {remote}")
    answer = _online(
        repository, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=",
        "--no-recurse-submodules", "--no-auto-maintenance", "--", remote,
        f"+refs/heads/{branch}:{own_ref}",
    )  # fmt: skip
    return answer if isinstance(answer, Unreachable) else repository.ref(own_ref)


def _push(
    repository: Repository, remote: str, branch: str, commit: str, *, expected: str,
    force: bool = False,
) -> Pushed | Refused | Unreachable:  # fmt: skip
    _must_be_remote(remote)
    name = f"refs/heads/{branch}"
    lease = f"--force-with-lease={name}:{expected}"
    if not force and not repository.is_ancestor(expected, commit):
        return Refused(reason=f"{commit[:12]} does not follow {expected[:12]}; check it again.")
    answer = _send(repository, remote, branch, lease, "--", remote, f"{commit}:{name}")
    return answer or Pushed(remote=remote, branch=branch, commit=commit)


def _send(
    repository: Repository, remote: str, what: str, *arguments: str
) -> Refused | Unreachable | None:
    """One `git push` of `what`; None where the remote has it."""
    repository.git.writing(f"push {remote} {what}")
    try:
        code, out, stderr = repository.git.ask(
            *_PUSH, *arguments, as_user=True, timeout_s=NETWORK_TIMEOUT_S
        )
    except GitTimeout as error:
        return Unreachable(reason=str(error))
    if code == 0:
        return None
    rows = [line.split("\t") for line in out.decode("utf-8", "replace").splitlines()]
    refusal = next((row[-1] for row in rows if row[0] == "!"), None)
    if refusal is None:
        return Unreachable(reason=f"{remote} could not be reached: {_last(stderr)}.")
    return Refused(reason=f"{remote} refused {what}: {refusal}; see to it, then try again.")


def _online(repository: Repository, *arguments: str) -> str | Unreachable:
    try:
        code, out, stderr = repository.git.ask(
            *arguments, as_user=True, timeout_s=NETWORK_TIMEOUT_S
        )
    except GitTimeout as error:
        return Unreachable(reason=str(error))
    if code != 0:
        return Unreachable(reason=f"git {arguments[0]} failed: {_last(stderr)}.")
    return out.decode("utf-8", "replace")


def _last(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:", "remote:"))]
    return "; ".join((fatal or lines)[:3])[:400] or "git gave no reason"


def _must_be_remote(remote: str) -> None:
    if not _REMOTE.fullmatch(remote) or ".." in remote:
        raise RepositoryError(f"{remote!r} is no remote's name; see git remote -v.")


def _must_be_quarantine(branch: str) -> None:
    if not branch.startswith(PREFIX):
        raise RepositoryError(f"{branch!r} is no quarantine branch, so it is not pushed as one.")
