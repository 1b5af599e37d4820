"""The text of a file of some tree.

Belongs here: one way to read it, whatever holds the tree. Does not belong here: bytes, and files
whose encoding matters (`healer.draft.rules.source_file`).
"""

from typing import Protocol


class Readable(Protocol):
    """A commit, a folder, or an overlay of one: files by path."""

    def read(self, path: str, /) -> bytes | None: ...


def read_text(tree: Readable, path: str) -> str:
    """The file as UTF-8, what is none of it replaced; empty where there is no such file."""
    return (tree.read(path) or b"").decode("utf-8", "replace")
