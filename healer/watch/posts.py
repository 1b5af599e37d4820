"""What an agent sends to the hub, and how far it is believed: not at all until it was read here.

Belongs here: the documents of both sides, their limits, and reading them. Does not belong here:
sending (`agent`), the wire (`healer.web.hub`), what becomes of them (`shared_inbox`).
"""

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, NoReturn, TypeVar

from pydantic import Field, ValidationError, model_validator

from healer.failure import Fact, Failure, fingerprint
from healer.watch.inbox import make_storable
from sandbox.packed import PYTHON_PATTERN

MAX_FAILURE_BYTES = 4 << 20
"""Of one failure, its large parts not counted."""
MAX_RUNS_BYTES = 1 << 20
MAX_BLOB_BYTES = 64 << 20
"""Of one tape or one input file."""
MAX_INPUTS = 200
MAX_COUNT = 1_000_000
"""Failures that one record may stand for."""
MAX_RUNS = 1_000
"""In one report."""
_MOST = 1 << 31
_PATH_LENGTH = 1_000

Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
Repository = Annotated[str, Field(min_length=1, max_length=500)]
Host = Annotated[str, Field(max_length=255)]
Commit = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})?$")]
Number = Annotated[float, Field(ge=0, le=4e9, allow_inf_nan=False)]
Post = TypeVar("Post", bound=Fact)
_ID = re.compile(r"[0-9a-f]{20}")


class PostError(Exception):
    """A document that is none of ours: one sentence for whoever wrote the program."""


class FailurePost(Fact):
    """One failure. Its large parts lie beside it, each by its SHA-256 in hexadecimal; an empty
    digest says that there is none."""

    repository: Repository
    """As git spells the remote, or `quarantine.remote.canonical_url`."""
    host: Host = ""
    failure: Failure
    """With its id; the hub gives it its fingerprint."""
    tape: Digest = ""
    stdin: Digest = ""
    environment: Digest = ""
    """The layer of an image that holds what it ran on (`sandbox.packed`)."""
    python: Annotated[str, Field(pattern=rf"^$|{PYTHON_PATTERN}")] = ""
    """Where the interpreter is in that."""
    inputs: Annotated[dict[str, Digest], Field(max_length=MAX_INPUTS, default_factory=dict)]

    @model_validator(mode="after")
    def _check_failure(self) -> "FailurePost":
        failure = self.failure
        numbers = (failure.exit_code or 0, failure.signal or 0, failure.duration_s)
        problems = {
            "id: has to be 20 hexadecimal digits": not _ID.fullmatch(failure.id),
            f"count: has to be from 1 to {MAX_COUNT}": not 1 <= failure.count <= MAX_COUNT,
            "commit: has to be a whole commit id": bool(failure.commit.strip("0123456789abcdef"))
            or len(failure.commit) not in (0, 40, 64),
            "exit_code, signal, duration_s: out of range": not all(abs(n) < _MOST for n in numbers),
        }
        paths = (failure.script, failure.folder, *failure.inputs, *self.inputs)
        problems["a path has to lie in the repository"] = not all(map(is_inside, paths))
        for problem, is_there in problems.items():
            if is_there:
                raise ValueError(problem)
        return self


class RunReport(Fact):
    """One run that ended."""

    script: Annotated[str, Field(max_length=_PATH_LENGTH)]
    command: Annotated[str, Field(pattern=r"^([0-9a-f]{8})?$")] = ""
    """As `healer.watch.runner.run_log.digest_of` names it."""
    commit: Commit = ""
    exit_code: Annotated[int, Field(ge=-_MOST, le=_MOST)]
    started_at: Number
    """Seconds since the epoch."""
    duration_s: Number = 0.0


class RunsPost(Fact):
    """Runs of one checkout, in the order in which they ended."""

    repository: Repository
    host: Host = ""
    agent: Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]
    """Names the checkout: drawn by chance once, and kept."""
    sequence: Annotated[int, Field(ge=1, le=1 << 60)]
    """Of this report: one more than of the last that was taken."""
    runs: Annotated[tuple[RunReport, ...], Field(max_length=MAX_RUNS)]


def read_runs(data: bytes) -> RunsPost:
    """What an agent sent of runs. Raises PostError."""
    return _read(data, RunsPost)


def read_failure(data: bytes) -> FailurePost:
    """What an agent sent of one failure, with its fingerprint. Raises PostError."""
    post = _read(data, FailurePost)
    name = fingerprint(post.failure)
    return post.model_copy(
        update={"failure": post.failure.model_copy(update={"fingerprint": name})}
    )


def _read(data: bytes, model: type[Post]) -> Post:
    try:
        value = make_storable(json.loads(data, parse_constant=_refuse_constant))
    except (ValueError, RecursionError):
        raise PostError("the body is not JSON, or nested too deep; send one JSON object") from None
    if not isinstance(value, Mapping):
        raise PostError("the body is not a JSON object; send one with named fields")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise PostError(f"{where[:200]}: {first['msg'][:500]}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def is_inside(path: str) -> bool:
    """Relative, without `..`; an empty one is the repository's root, or none."""
    parts = PurePosixPath(path)
    return len(path) <= _PATH_LENGTH and not parts.is_absolute() and ".." not in parts.parts
