"""What one run did to the world: the same facts for a recorded night and for a run in the sandbox.

Belongs here: their shape and what is kept of them. Does not belong here: how they come about
(`healer.tape` for a night, `healer.evidence` for the sandbox), what they say about each other
(`healer.nights`). Plain dataclasses: `healer run` reads them.
"""

from dataclasses import dataclass

MOST_KEPT = 256 * 1024
"""Bytes of one file whose content is kept; of a longer one only size and digest."""
MOST_KEPT_OF_A_RUN = 4 * 1024 * 1024
"""Bytes of content kept of all files of one run."""


@dataclass(frozen=True)
class FileEffect:
    """One file that the run wrote, changed or removed."""

    path: str
    """Relative to the repository's root where it lies inside it, else from `/` on."""
    size: int
    """In bytes; -1: it is there no more."""
    digest: str
    """SHA-256 of the whole content, in hex; empty where it is there no more."""
    data: bytes | None
    """The whole content, redacted; None: longer than what is kept, or there no more."""


@dataclass(frozen=True)
class RequestEffect:
    """One HTTP request that may change something: neither GET nor HEAD nor OPTIONS."""

    method: str
    host: str
    port: int
    target: str
    """Path and query, as they were sent."""
    body: bytes


@dataclass(frozen=True)
class StatementEffect:
    """One database statement that writes."""

    database: str
    statement: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class MailEffect:
    """One mail that the run handed to a server."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    body: str


@dataclass(frozen=True)
class Effects:
    """All that one run did, each kind in the order in which it happened."""

    exit_code: int
    stdout: bytes
    files: tuple[FileEffect, ...]
    requests: tuple[RequestEffect, ...]
    statements: tuple[StatementEffect, ...]
    mails: tuple[MailEffect, ...]
    gaps: tuple[str, ...] = ()
    """What is not known of it, one sentence each."""
