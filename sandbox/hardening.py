"""Every restriction of a sandbox container, in one place, each with its reason.

Belongs here: what Docker Engine is told. What the supervisor adds inside (another user for every
step, an empty environment, deadlines) is in `sandbox/inside`.
"""

from functools import cache
from importlib.resources import files
from typing import Any, NotRequired, TypedDict

from sandbox.job import Limits
from sandbox.surroundings import USUAL, Surroundings
from sandbox.tools import SUPERVISOR

SHM_BYTES = 16 << 20
"""Python's multiprocessing locks live in /dev/shm; a few megabytes are plenty."""
JOB_BYTES = 256 << 20
TMP_BYTES = 64 << 20
_FILE_BYTES = 64 << 20
_OPEN_FILES = 1024
_JOB_INODES = 65_536
_TMP_INODES = 16_384
_CAPABILITIES = ["SETUID", "SETGID", "KILL"]
"""All that the supervisor needs: to become another user, and to end what that user started."""


class HostOptions(TypedDict):
    """Arguments for `create_host_config`."""

    network_mode: str
    read_only: bool
    tmpfs: dict[str, str]
    shm_size: int
    cap_drop: list[str]
    cap_add: list[str]
    security_opt: list[str]
    pids_limit: int
    mem_limit: int
    memswap_limit: int
    nano_cpus: int
    ulimits: list[Any]
    """Plain dicts do; the library's own classes would have to be imported for them."""
    ipc_mode: str
    init: bool
    log_config: Any
    auto_remove: bool
    runtime: str | None
    cgroup_parent: NotRequired[str]


class ContainerSettings(TypedDict):
    """Arguments for `create_container` besides image, name, labels and host configuration."""

    command: None
    entrypoint: list[str]
    user: str
    environment: list[str]
    working_dir: str
    hostname: str
    stdin_open: bool
    tty: bool


def options(
    limits: Limits,
    runtime: str = "",
    volumes: tuple[str, ...] = (),
    surroundings: Surroundings = USUAL,
) -> HostOptions:
    """All restrictions. tmpfs counts as memory, so it is kept below the limit."""
    memory_bytes = limits.memory_mb << 20
    job_bytes = min(JOB_BYTES, memory_bytes // 2)
    tmp_bytes = min(TMP_BYTES, memory_bytes // 8)
    tmpfs = {
        # Not noexec: repositories run their own scripts and load their own libraries.
        surroundings.folder: (
            f"rw,exec,nosuid,nodev,mode=1777,size={job_bytes},nr_inodes={_JOB_INODES}"
        ),
        "/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={tmp_bytes},nr_inodes={_TMP_INODES}",  # noqa: S108 - in the container
    }
    # The command's own folders: what is laid and written there goes with the container.
    folder = f"rw,exec,nosuid,nodev,mode=1777,size={tmp_bytes},nr_inodes={_TMP_INODES}"
    tmpfs |= dict.fromkeys(limits.folders, folder)
    # A volume that an image declares would be a writable folder on the host's disk.
    tmpfs |= dict.fromkeys(volumes, "rw,noexec,nosuid,nodev,size=1m,nr_inodes=64,mode=0755")
    return {
        "network_mode": "none",
        "read_only": True,
        "tmpfs": tmpfs,
        "shm_size": SHM_BYTES,
        "cap_drop": ["ALL"],
        "cap_add": _CAPABILITIES,
        "security_opt": ["no-new-privileges:true", f"seccomp={_seccomp()}"],
        "pids_limit": limits.pids,
        "mem_limit": memory_bytes,
        "memswap_limit": memory_bytes,
        "nano_cpus": int(limits.cpus * 1_000_000_000),
        "ulimits": [
            {"Name": "nofile", "Soft": _OPEN_FILES, "Hard": _OPEN_FILES},
            {"Name": "fsize", "Soft": _FILE_BYTES, "Hard": _FILE_BYTES},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
        "ipc_mode": "private",
        # The supervisor is the first process: a signal from inside cannot end it, and when it
        # ends the kernel ends all others. Docker's init would take that place.
        "init": False,
        "log_config": {"type": "none", "config": {}},
        "auto_remove": True,
        "runtime": runtime or None,
    }


def max_tree_bytes(limits: Limits) -> int:
    """The largest tree that fits beside its copy on tmpfs and the programs that work on it."""
    return (limits.memory_mb << 20) // 4


def settings(python: str, surroundings: Surroundings = USUAL) -> ContainerSettings:
    """How the supervisor is started by this interpreter of the image. Docker adds PATH, HOME and
    HOSTNAME to its environment; a step sees none of these."""
    return {
        "command": None,
        "entrypoint": [python, "-s", SUPERVISOR],
        "user": "0:0",
        "environment": surroundings.environment,
        "working_dir": "/",
        "hostname": surroundings.hostname,
        "stdin_open": True,
        "tty": False,
    }


@cache
def _seccomp() -> str:
    """The whole allow-list: Docker replaces its default by it, so it must stand alone."""
    return files("sandbox").joinpath("seccomp.json").read_text("utf-8")
