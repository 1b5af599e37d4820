"""Tells what kept the sandbox from running a job. One pure function; every row is tested.

Belongs here: reading errors of Docker Engine and of the way to it. It never sees what the job
printed, so a job cannot talk its way into a fault. Not recognised here: how a program ended
(exit codes, signals, memory), which is the report's business.
"""

import errno
from dataclasses import dataclass

from sandbox.errors import SandboxError
from sandbox.report import Fault, FaultKind


@dataclass(frozen=True)
class Observation:
    """What an error says, without its type."""

    text: str
    status: int | None = None
    """HTTP status of Docker Engine's answer; None when it did not answer."""
    errno: int | None = None
    timed_out: bool = False


@dataclass(frozen=True)
class _Row:
    kind: FaultKind
    retryable: bool
    advice: str
    words: tuple[str, ...] = ()
    """Any of these in the text, compared without case."""
    status: tuple[int, ...] = ()
    errnos: tuple[int, ...] = ()


_TIMEOUTS = ("Timeout", "TimeoutError")
_UNREACHABLE = (errno.ECONNREFUSED, errno.ENOENT, errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN)

_ROWS: tuple[_Row, ...] = (
    _Row(
        FaultKind.DISK,
        False,
        "The disk of Docker's data folder is full; free some space, for example with "
        "`docker system prune`",
        words=("no space left on device", "disk quota exceeded"),
        errnos=(errno.ENOSPC, errno.EDQUOT),
    ),
    _Row(
        FaultKind.ENGINE,
        False,
        "Docker Engine may not be used by this user; add the user to the group `docker`",
        words=("permission denied while trying to connect",),
        errnos=(errno.EACCES, errno.EPERM),
    ),
    _Row(
        FaultKind.ENGINE,
        False,
        "Docker Engine does not know the runtime that [sandbox] names; install it or take the "
        "setting out",
        words=("unknown runtime specified", "unknown or invalid runtime name"),
    ),
    _Row(
        FaultKind.IMAGE,
        False,
        "The sandbox image is gone; build it again with `healer sandbox build`",
        words=("no such image",),
    ),
    _Row(
        FaultKind.IMAGE,
        False,
        "The sandbox image cannot start its interpreter; build it again with "
        "`healer sandbox build`",
        words=("executable file not found", "unable to start container process: exec"),
    ),
    _Row(
        FaultKind.CONTAINER,
        True,
        "A container with this name exists already; another name is tried",
        words=("is already in use by container",),
    ),
    _Row(
        FaultKind.CONTAINER,
        True,
        "The container vanished; another one is tried",
        words=("no such container", "is not running", "removal of container", "is dead or marked"),
    ),
    _Row(
        FaultKind.ENGINE,
        True,
        "Docker Engine went away; it is tried again when it answers",
        words=(
            "cannot connect to the docker daemon",
            "connection refused",
            "connection aborted",
            "connection reset",
            "remote end closed connection",
            "no such file or directory",
            "server is shutting down",
        ),
        errnos=_UNREACHABLE,
    ),
    _Row(
        FaultKind.CONTAINER,
        True,
        "This process has no file descriptors or memory left; it is tried again",
        errnos=(errno.EMFILE, errno.ENFILE, errno.ENOMEM),
    ),
    _Row(
        FaultKind.CONTAINER,
        True,
        "The container could not be started; another one is tried",
        words=("oci runtime", "failed to create shim", "failed to create task", "cgroup"),
    ),
    _Row(
        FaultKind.IMAGE,
        False,
        "Docker Engine refuses the sandbox's settings; build the image again with "
        "`healer sandbox build`, and look at `healer doctor`",
        status=(400,),
    ),
    _Row(
        FaultKind.ENGINE,
        True,
        "Docker Engine failed; it is tried again",
        status=(500, 502, 503, 504),
    ),
)


def classify(observation: Observation) -> Fault:
    """The first row that fits; anything unknown is a container fault worth another try."""
    if observation.timed_out:
        advice = "Docker Engine did not answer in time; it is tried again"
        return _fault(FaultKind.ENGINE, advice, observation, retryable=True)
    for row in _ROWS:
        if _fits(row, observation):
            return _fault(row.kind, row.advice, observation, retryable=row.retryable)
    advice = "The sandbox failed in a way it does not know; it is tried again"
    return _fault(FaultKind.CONTAINER, advice, observation, retryable=True)


def fault_of(error: BaseException) -> Fault:
    """A fault for anything that the docker library, its transport, or our own code raised."""
    if isinstance(error, SandboxError):
        return error.fault
    return classify(observe(error))


def observe(error: BaseException) -> Observation:
    """What an exception says: its own text and that of what caused it."""
    chain = list(_chain(error))
    texts = [str(getattr(link, "explanation", None) or link) for link in chain]
    response = getattr(error, "response", None)
    numbers = [link.errno for link in chain if isinstance(link, OSError) and link.errno]
    return Observation(
        text=" ".join(" / ".join(dict.fromkeys(texts)).split()),
        status=getattr(response, "status_code", None),
        errno=numbers[-1] if numbers else None,
        timed_out=any(_is_timeout(link) for link in chain)
        or any("timed out" in text.lower() for text in texts if response is None),
    )


def _is_timeout(error: BaseException) -> bool:
    """By its class or one above it: each layer of the transport has its own."""
    return any(kind.__name__ in _TIMEOUTS for kind in type(error).__mro__)


def _chain(error: BaseException) -> "list[BaseException]":
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        inner = next((a for a in link.args if isinstance(a, BaseException)), None)
        link = link.__cause__ or inner or link.__context__
    return links


def _fits(row: _Row, observation: Observation) -> bool:
    text = observation.text.lower()
    return (
        any(word in text for word in row.words)
        or observation.status in row.status
        or (observation.status is None and observation.errno in row.errnos)
    )


def _fault(kind: FaultKind, advice: str, observation: Observation, *, retryable: bool) -> Fault:
    detail = f" ({observation.text[:300]})" if observation.text else ""
    return Fault(kind=kind, message=f"{advice}{detail}.", retryable=retryable)
