"""Failures that the sandbox itself may cause: it has no network, and not all that the machine has.

Belongs here: from an exception that was seen in the sandbox to what it lacks there, as a sentence
with what to switch on. Does not belong here: what a recorded failure is (`healer.triage`), or what
follows from a difference (`baseline`, `reproduction`).
"""

import os
import re
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from healer.facts.draft import Source
from healer.failure import Failure, Raised
from sandbox.inside.tree import ROOT

_NO_NETWORK = (
    *("gaierror", "herror", "ConnectionRefusedError", "ConnectError", "ConnectTimeout"),
    *("NameResolutionError", "NewConnectionError", "MaxRetryError", "URLError"),
    *("ClientConnectorError", "ClientConnectorDNSError", "ServerNotFoundError"),
    *("APIConnectionError", "EndpointConnectionError"),
)
"""What clients raise that reach nobody; by the name without its module."""
_NO_NETWORK_NUMBERS = re.compile(r"\[Errno (?:-2|-3|-5|99|101|111|113)\]")
_PATH = re.compile(r"\[Errno \d+\] [^:]+: '([^']+)'")
_STARTS_PROGRAM = ("_execute_child", "_posix_spawn", "_execvpe")


def explain_by_sandbox(
    observation: Failure, tree: Source, root: Path | None, variables: Collection[str] = ()
) -> str:
    """Why what was seen in the sandbox may be the sandbox's own doing; empty where nothing says so.

    `root` is the working tree on this machine, which may have files that git has not; `variables`
    are names that the job had, or that this process has.
    """
    for error in reversed(observation.chain):
        why = (
            _explain_network(error)
            or _explain_program(error)
            or _explain_file(error, tree, root)
            or _explain_variable(error, variables)
        )
        if why:
            return why
    return ""


def _explain_network(error: Raised) -> str:
    is_network = error.type.rpartition(".")[2] in _NO_NETWORK or (
        _NO_NETWORK_NUMBERS.search(error.message) is not None
    )
    if not is_network:
        return ""
    return (
        "the sandbox has no network; run the job as healer run -- COMMAND, with [capture] network "
        "on, so that what it asks is on a tape"
    )


def _explain_program(error: Raised) -> str:
    match = _PATH.search(error.message)
    is_start = any(frame.function in _STARTS_PROGRAM for frame in error.frames[-2:])
    if match is None or not is_start or shutil.which(match[1]) is None:
        return ""
    return f"the program {match[1]} is on this machine and not in the sandbox; see healer doctor"


def _explain_file(error: Raised, tree: Source, root: Path | None) -> str:
    match = _PATH.search(error.message)
    if match is None or root is None:
        return ""
    path, is_missing = match[1], error.type.rpartition(".")[2] == "FileNotFoundError"
    inside = os.path.relpath(path, ROOT) if path.startswith("/") else os.path.normpath(path)
    if not inside.startswith(".."):
        if is_missing and tree.read(inside) is None and (root / inside).exists():
            return (
                f"{inside} is in the working tree and not in git; name it in [sandbox] include, or "
                "run the job as healer run -- COMMAND"
            )
        return ""
    if is_missing and Path(path).exists():
        return f"{path} is not in the sandbox; run the job as healer run -- COMMAND"
    if "[Errno 30]" in error.message:
        return f"{path} cannot be written in the sandbox; run the job as healer run -- COMMAND"
    return ""


def _explain_variable(error: Raised, variables: Iterable[str]) -> str:
    name = error.message.strip("'\"")
    frame = error.frames[-1] if error.frames else None
    is_environment = frame is not None and frame.file.endswith("/os.py")
    if error.type != "KeyError" or not is_environment or name not in set(variables):
        return ""
    return f"the variable {name} is not set in the sandbox; run the job as healer run -- COMMAND"
