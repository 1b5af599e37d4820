"""What is known of one run's world, as frozen facts.

Belongs here: the shape of a tape, and its way to JSON and back. Does not belong here: how it comes
about (`make`), where it lies (`store`). Plain dataclasses: `healer run` writes them.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any

FORMAT = 1


@dataclass(frozen=True)
class Process:
    """One Python of the job."""

    argv: tuple[str, ...]
    python: str
    prefix: str
    base_prefix: str
    version: tuple[int, ...]
    cwd: str


@dataclass(frozen=True)
class RecordedFile:
    """A file as it was before the job read it."""

    path: str
    """From `/` on."""
    data: bytes
    """Redacted where it is text."""
    mtime_ns: int


@dataclass(frozen=True)
class ListedFile:
    """A file in a folder that the job listed; not what is in it."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and its answer, without chunks and compression."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int
    """0: no answer came."""
    reason: str
    answer_headers: tuple[tuple[str, str], ...]
    answer: bytes
    is_cut: bool = False
    """The answer was longer than what is kept, or broke off."""
    version: str = "1.1"
    """Of HTTP, as the peer answered: with 1.0 the end of the connection is the answer's end."""


@dataclass(frozen=True)
class Turn:
    """What one side said before the other did."""

    is_ours: bool
    data: bytes


@dataclass(frozen=True)
class Connection:
    """One conversation with one peer."""

    host: str
    """The name that was asked for, else the address."""
    address: str
    port: int
    tls: bool
    error: str = ""
    """Why it did not come about: an exception's name."""
    exchanges: tuple[Exchange, ...] = ()
    """Where it spoke HTTP."""
    turns: tuple[Turn, ...] = ()
    """Where it spoke anything else."""
    is_ended: bool = False
    """The other side ended it, and the job saw that."""


@dataclass(frozen=True)
class ProgramRun:
    """What a program said that the job started, and how it ended."""

    argv: tuple[str, ...]
    """One word for a line of a shell."""
    exit_code: int
    """-n: signal n ended it."""
    stdin: bytes = b""
    stdout: bytes = b""
    stderr: bytes = b""


@dataclass(frozen=True)
class Chance:
    """What one process drew from generators that seed themselves from the system, in order."""

    program: str
    """Its script's name, and `/2` where it is the second child that this forked, and so on."""
    states: tuple[bytes, ...] = ()
    """Of `random`: 625 words of four bytes, big-endian."""
    seeds: tuple[bytes, ...] = ()
    """Of NumPy, 16 bytes each; the first is that of `numpy.random`'s own functions."""
    identifiers: tuple[str, ...] = ()
    """UUIDs that it made; empty: one that is not kept."""


@dataclass(frozen=True)
class WrittenFile:
    """A file that the job opened for writing, as it was after the run."""

    path: str
    size: int
    """-1: it is there no more."""
    digest: str
    data: bytes | None = None
    """The whole content, redacted, and then size and digest are of this; None: longer than what is
    kept, there no more, or bytes that seem to hold a secret."""


@dataclass(frozen=True)
class Tape:
    """One run's world, and what the run did to it. Everything in it is redacted."""

    script: str
    commit: str
    started_at: float
    """In seconds since the epoch."""
    timezone: str
    root: str
    cwd: str
    environment: dict[str, str]
    processes: tuple[Process, ...] = ()
    packages: tuple[str, ...] = ()
    """Of the job's own Python, each as `pandas==2.2.3`; empty where they are not known."""
    files: tuple[RecordedFile, ...] = ()
    absent: tuple[str, ...] = ()
    listings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Folders with the names in them; of a folder in it the name ends with `/`."""
    listed_files: tuple[ListedFile, ...] = ()
    """Of the names in `listings`, as far as they are known."""
    folders: tuple[str, ...] = ()
    """That were there, and in which the job read, looked or wrote."""
    connections: tuple[Connection, ...] = ()
    names: tuple[str, ...] = ()
    """Hosts that were asked for."""
    programs: tuple[tuple[str, ...], ...] = ()
    """All that were started."""
    program_runs: tuple[ProgramRun, ...] = ()
    """Of these, the ones whose output the job took and that were no Python."""
    written: tuple[WrittenFile, ...] = ()
    gaps: tuple[str, ...] = ()
    """What was not recorded, one sentence each."""
    argv: tuple[str, ...] = ()
    """As it was typed."""
    command: tuple[str, ...] = ()
    """As another copy of the repository can run it, in `folder`, from its root."""
    folder: str = ""
    exit_code: int = 0
    """A shell's: 128 + n where signal n ended it."""
    stdin: bytes = b""
    """Empty where it was not kept."""
    hash_seed: str = ""
    """PYTHONHASHSEED; empty: it is not known."""
    chances: tuple[Chance, ...] = ()
    unlike: tuple[str, ...] = ()
    """What comes out otherwise when the night is made again, one sentence each; effects that lean
    on it differ each time."""
    stdout: bytes | None = None
    """At most the last 64 KiB; None: a terminal, or one file with stderr."""


def to_json(tape: Tape) -> str:
    """Bytes as base64."""
    document = {"format": FORMAT, **_encode(tape)}
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"))


def from_json(text: str | bytes) -> Tape:
    """Raises KeyError, TypeError or ValueError for anything that `to_json` has not made."""
    fields = {key: value for key, value in json.loads(text).items() if key != "format"}
    fields["processes"] = tuple(_make_process(each) for each in fields["processes"])
    fields["files"] = tuple(
        RecordedFile(each["path"], _decode(each["data"]), each["mtime_ns"])
        for each in fields["files"]
    )
    fields["connections"] = tuple(_make_connection(each) for each in fields["connections"])
    fields["listings"] = tuple((path, tuple(names)) for path, names in fields["listings"])
    listed_files = fields.get("listed_files", ())
    fields["listed_files"] = tuple(ListedFile(**each) for each in listed_files)
    fields["programs"] = tuple(tuple(words) for words in fields["programs"])
    fields["program_runs"] = tuple(_make_run(each) for each in fields.get("program_runs", ()))
    fields["written"] = tuple(_make_written(each) for each in fields["written"])
    fields["chances"] = tuple(_make_chance(each) for each in fields.get("chances", ()))
    for name in ("packages", "absent", "folders", "names", "gaps", "argv", "command", "unlike"):
        fields[name] = tuple(fields.get(name, ()))
    for name in ("stdin", "stdout"):
        if fields.get(name) is not None:
            fields[name] = _decode(fields[name])
    return Tape(**fields)


def _encode(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {key: _encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    return _encode(vars(value)) if is_dataclass(value) else value


def _decode(text: str) -> bytes:
    return base64.b64decode(text)


def _make_run(fields: Mapping[str, Any]) -> ProgramRun:
    outputs = {name: _decode(fields[name]) for name in ("stdin", "stdout", "stderr")}
    return ProgramRun(tuple(fields["argv"]), fields["exit_code"], **outputs)


def _make_chance(fields: Mapping[str, Any]) -> Chance:
    parts = {name: tuple(map(_decode, fields[name])) for name in ("states", "seeds")}
    return Chance(fields["program"], **parts, identifiers=tuple(fields["identifiers"]))


def _make_written(fields: Mapping[str, Any]) -> WrittenFile:
    data = fields.get("data")
    return WrittenFile(**{**fields, "data": None if data is None else _decode(data)})


def _make_process(fields: Mapping[str, Any]) -> Process:
    return Process(**{**fields, "argv": tuple(fields["argv"]), "version": tuple(fields["version"])})


def _make_connection(fields: Mapping[str, Any]) -> Connection:
    exchanges = tuple(_make_exchange(each) for each in fields["exchanges"])
    turns = tuple(Turn(each["is_ours"], _decode(each["data"])) for each in fields["turns"])
    return Connection(**{**fields, "exchanges": exchanges, "turns": turns})


def _make_exchange(fields: Mapping[str, Any]) -> Exchange:
    pairs = {
        name: tuple((key, value) for key, value in fields[name])
        for name in ("headers", "answer_headers")
    }
    bodies = {name: _decode(fields[name]) for name in ("body", "answer")}
    return Exchange(**{**fields, **pairs, **bodies})
