"""One small job without tests, its world over six nights, and what is right and wrong as its fix.

Belongs here: the shape of an entry. Does not belong here: the entries (`jobs`), or running them
(`reproduce`). Texts of a script may hold `@URL@` (its HTTP server), `@HOST@` and `@PORT@` (the same
apart), `@DATA@` (a folder outside the repository), `@REPO@` (the repository), `@SMTP@`, `@TCP@` and
`@SERVICE@` (ports of 127.0.0.1).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

GOOD_NIGHTS = 5
BAD = GOOD_NIGHTS
"""The number of the bad night; the good ones are 0 to 4."""

Edit = tuple[tuple[str, str], ...]
"""Pieces of the script, and what each becomes."""


def one(before: str, after: str) -> Edit:
    """An edit in one place."""
    return ((before, after),)


@dataclass(frozen=True)
class Answer:
    """What the server says to one target."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    gzip: bool = False
    chunked: bool = False


def as_json(document: Any, **more: Any) -> Answer:
    headers = {"Content-Type": "application/json", **more.pop("headers", {})}
    return Answer(json.dumps(document).encode(), headers=headers, **more)


def as_text(text: str, **more: Any) -> Answer:
    return Answer(text.encode(), **more)


def nothing(_: int) -> Any:
    """Of any kind."""
    return {}


@dataclass(frozen=True)
class Job:
    """One entry. `serve` and `files` are asked for each night, by its number."""

    name: str
    script: str
    right: Edit
    wrong: tuple[Edit, ...]
    serve: Callable[[int], Mapping[str, Answer]] = nothing
    """By target; a POST to any of these is answered, too."""
    files: Callable[[int], Mapping[str, bytes | None]] = nothing
    """Below `@DATA@`; None: it is not there."""
    folders: Callable[[int], Mapping[str, bool]] = nothing
    """Of the repository: whether they are there before that night; empty where they are."""
    args: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    tls: bool = False
    smtp: bool = False
    replies: Callable[[int], Mapping[bytes, bytes]] = nothing
    """Of a server at `@TCP@` that answers lines."""
    service: str = ""
    """A server of `client_servers` at `@SERVICE@`: `ftp` (of what lies in `@DATA@/ftp`), `imap` (of
    `@DATA@/mail`), `redis`, `postgres`, `http2`."""
    fill: Callable[[int], str] = lambda _: ""
    """What the service is told before the job: SQL, or lines of redis."""
    stdin: Callable[[int], bytes] = lambda _: b""
    cwd: str = "@REPO@"
    script_word: str = "job.py"
    """How the command names the script."""
    tree: Mapping[str, str] = field(default_factory=dict)
    """Other files of the repository."""
    is_deterministic: bool = True
