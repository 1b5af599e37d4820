"""The form of the cases: a repository that fails, and a patch that pretends or really repairs it.

Belongs here: the facts of a case. Does not belong here: how a case is tried; the policy's tests do
that in memory, and a whole-gate test does it with git and Docker.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """A tree entry that is not a plain file: a link, a submodule, an executable file."""

    mode: str
    data: bytes = b""
    """The link's target; the submodule's commit in hexadecimal; the file's bytes."""


Change = bytes | None | Entry
"""New bytes of a plain file, None for a removed path, or a special entry."""

COMMAND = ("python", "scripts/report.py")


@dataclass(frozen=True)
class AbuseCase:
    """A patch that must not be merged."""

    name: str
    number: int
    """The row in the table of 50; 0 for a variant that is not in it."""
    files: dict[str, bytes]
    changes: dict[str, Change]
    defences: str
    """Letters of what stops it, as in the table: P B E S A U X G K H."""
    rules: frozenset[str] = frozenset()
    """The static policy names at least one of these; empty where another defence stops it."""
    command: tuple[str, ...] = COMMAND


@dataclass(frozen=True)
class HonestFix:
    """A patch that must be merged: the command and a test fail before, and pass after."""

    name: str
    files: dict[str, bytes]
    changes: dict[str, bytes | None]
    command: tuple[str, ...] = COMMAND
    kinds: tuple[str, ...] = field(default=())


def after(files: dict[str, bytes], changes: dict[str, Change]) -> dict[str, bytes]:
    """The plain files of the patched tree; an executable file counts, a link does not."""
    patched = dict(files)
    for path, change in changes.items():
        patched.pop(path, None)
        if isinstance(change, bytes):
            patched[path] = change
        elif isinstance(change, Entry) and change.mode.startswith("100"):
            patched[path] = change.data
    return patched
