"""One worker's copy of the tree, and putting candidates into it.

Belongs here: a candidate's files on disk and its functions in loaded modules, and taking both back.
Does not belong here: running anything (`screen`).
"""

import os
import sys
from collections.abc import Iterable
from types import CodeType, FunctionType

from . import swap

Candidate = dict[str, str]
"""New contents of some files, by path."""


class Copy:
    """A folder with the tree, whose modules this process has loaded."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.ran_at_import: set[tuple[str, str, int]] = set()
        """Functions that ran while modules were loaded: new code of theirs would come too late."""
        self._functions = swap.Functions(set())
        self._originals: dict[str, bytes] = {}
        self._compiled: dict[str, CodeType | None] = {}

    def find_functions(self, paths: Iterable[str]) -> None:
        """The live functions of these files; asked for once they are loaded."""
        self._functions = swap.Functions({f"{self.home}/{path}" for path in paths})

    def original(self, path: str) -> bytes:
        """The file as it is in the tree, read once; empty where there is none."""
        if path not in self._originals:
            try:
                with open(f"{self.home}/{path}", "rb") as file:
                    self._originals[path] = file.read()
            except FileNotFoundError:
                self._originals[path] = b""
        return self._originals[path]

    def lay(self, candidate: Candidate) -> None:
        """Writes the candidate's files."""
        for path, content in candidate.items():
            self.original(path)
            full = f"{self.home}/{path}"
            os.makedirs(os.path.dirname(full), exist_ok=True)
            _write(full, content.encode())

    def restore(self, candidate: Candidate) -> None:
        """Writes the files as they were."""
        for path in candidate:
            _write(f"{self.home}/{path}", self.original(path))

    def swappable(self, candidate: Candidate) -> bool:
        """Whether all its files are loaded, so that functions may be exchanged."""
        return all(self._old_code(path) for path in candidate)

    def codes(self, candidate: Candidate) -> dict[str, CodeType] | None:
        """The candidate's files compiled; None where one does not compile."""
        codes = {}
        for path, content in candidate.items():
            code = _compiled(content.encode(), f"{self.home}/{path}")
            if code is None:
                return None
            codes[path] = code
        return codes

    def swap(self, codes: dict[str, CodeType]) -> swap.Undo | None:
        """Puts the functions in place; what undoes it, or None where an import is needed."""
        undo: list[tuple[FunctionType, CodeType]] = []
        for path, new in codes.items():
            old = self._old_code(path)
            done = self._functions.swap(old, new, self.ran_at_import) if old else None
            if done is None:
                for function, code in undo:
                    function.__code__ = code
                return None
            undo += done
        return undo

    def _old_code(self, path: str) -> CodeType | None:
        if path not in self._compiled:
            full = f"{self.home}/{path}"
            loaded = any(getattr(m, "__file__", None) == full for m in list(sys.modules.values()))
            self._compiled[path] = _compiled(self.original(path), full) if loaded else None
        return self._compiled[path]


def _compiled(source: bytes, name: str) -> CodeType | None:
    try:
        return compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
