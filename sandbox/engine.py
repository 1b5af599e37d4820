"""The way to Docker Engine: one client, and one short look at whether it can be used.

Belongs here: connecting, and what `healer doctor` asks. Does not belong here: what an error of the
engine means for a job (`faults`).
"""

import contextlib
import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sandbox.errors import EngineError
from sandbox.facts import Fact

if TYPE_CHECKING:
    from docker import APIClient

REQUEST_TIMEOUT_S = 60.0
_API_VERSION = "1.41"
"""Docker Engine 20.10 and newer; naming it saves asking."""
_DEFAULT_URL = "unix:///var/run/docker.sock"
_START_IT = "start it with `sudo systemctl start docker` or `sudo dockerd`"


class EngineStatus(Fact):
    """What `healer doctor` says about Docker Engine."""

    ok: bool
    problem: str = ""
    """One sentence with the next step; empty when `ok`."""
    version: str = ""
    cgroup_version: str = ""
    seccomp: bool = False
    root: str = ""
    """Where the engine keeps images and containers, on its own machine."""


def connect(timeout_s: float = REQUEST_TIMEOUT_S) -> "APIClient":
    """A client by the usual settings (DOCKER_HOST and its like). Raises EngineError."""
    import docker  # noqa: PLC0415 - costs 0.2 s, and most commands never need it
    from docker.errors import DockerException  # noqa: PLC0415 - a part of it
    from docker.utils import kwargs_from_env  # noqa: PLC0415 - a part of it

    client = None
    try:
        settings = kwargs_from_env()
        _knock(settings.get("base_url", _DEFAULT_URL))
        client = docker.APIClient(version=_API_VERSION, timeout=int(timeout_s), **settings)
        client.ping()
    except (DockerException, OSError) as error:
        if client is not None:
            client.close()
        raise EngineError(
            f"Docker Engine does not answer ({short(error)}); {_next_step()}."
        ) from error
    return client


def _next_step() -> str:
    host = os.environ.get("DOCKER_HOST", "")
    other = f'; DOCKER_HOST = "{host}" names it: correct that, or unset it for the usual one'
    return _START_IT + (other if host else "")


def _knock(url: str) -> None:
    """Raises OSError when nobody listens; the library would leave a socket open in that case."""
    if url.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(url.removeprefix("unix://"))


@contextlib.contextmanager
def use_client(client: "APIClient | None") -> Iterator["APIClient"]:
    """The client that was given, or one of our own that is closed at the end."""
    if client is not None:
        yield client
        return
    own = connect()
    try:
        yield own
    finally:
        own.close()


def engine_status() -> EngineStatus:
    """Never raises."""
    try:
        client = connect(timeout_s=5)
        info = client.info()
    except EngineError as error:
        return EngineStatus(ok=False, problem=str(error))
    except Exception as error:
        return EngineStatus(ok=False, problem=f"Docker Engine is not well: {short(error)}.")
    client.close()
    options = info.get("SecurityOptions") or []
    seccomp = any("seccomp" in option for option in options)
    return EngineStatus(
        ok=seccomp,
        problem=""
        if seccomp
        else "Docker Engine runs without seccomp; the sandbox needs a kernel and engine with it.",
        version=info.get("ServerVersion", ""),
        cgroup_version=str(info.get("CgroupVersion", "1")),
        seccomp=seccomp,
        root=str(info.get("DockerRootDir") or ""),
    )


def fair_cgroup_parent(client: "APIClient") -> str:
    """Where a container's control group must hang to get as much processor as a bare process.

    Without systemd, Docker puts all containers together into one group that weighs as much as one
    single process outside it: on a busy machine a check would take many times as long there as
    bare. Empty where systemd manages the groups, which weighs them fairly.
    """
    return "/" if client.info().get("CgroupDriver") == "cgroupfs" else ""


def short(error: BaseException) -> str:
    """The part of a long library message that a person needs."""
    text = " ".join(str(getattr(error, "explanation", None) or error).split())
    return text[:300] or type(error).__name__
