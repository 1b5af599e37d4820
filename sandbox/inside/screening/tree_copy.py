"""One worker's copy of the tree, and putting candidates into it.

Belongs here: a candidate's files on disk and its functions in loaded modules, and taking both back.
Does not belong here: running anything (`project`).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from .live_functions import LiveFunctions, put_back

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType, FunctionType

    from ..messages import Candidate
    from .live_functions import FunctionKey, Undo


class TreeCopy:
    """A folder with the tree, whose modules this process has loaded."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.ran_at_import: set[FunctionKey] = set()
        """Functions that ran while modules were loaded: new code of theirs would come too late."""
        self._functions = LiveFunctions(set())
        self._originals: dict[str, bytes] = {}
        self._codes: dict[str, CodeType | None] = {}

    def find_functions(self, paths: Iterable[str]) -> None:
        """Looks for the live functions of these files; to be called once they are loaded."""
        self._functions = LiveFunctions({f"{self.home}/{path}" for path in paths})

    def read_original(self, path: str) -> bytes:
        """The file as it is in the tree, read once; empty where there is none."""
        if path not in self._originals:
            try:
                with open(f"{self.home}/{path}", "rb") as file:
                    self._originals[path] = file.read()
            except FileNotFoundError:
                self._originals[path] = b""
        return self._originals[path]

    def write(self, candidate: Candidate) -> None:
        """Writes the candidate's files."""
        for path, content in candidate.items():
            self.read_original(path)
            full = f"{self.home}/{path}"
            os.makedirs(os.path.dirname(full), exist_ok=True)
            _write(full, content.encode())

    def restore(self, candidate: Candidate) -> None:
        """Writes the files as they were."""
        for path in candidate:
            _write(f"{self.home}/{path}", self.read_original(path))

    def is_loaded(self, candidate: Candidate) -> bool:
        """Whether all its files are loaded, so that functions may be replaced."""
        return all(self._loaded_code(path) for path in candidate)

    def compile(self, candidate: Candidate) -> dict[str, CodeType] | None:
        """The code of the candidate's files; None where one does not compile."""
        codes = {}
        for path, content in candidate.items():
            code = _compile(content.encode(), f"{self.home}/{path}")
            if code is None:
                return None
            codes[path] = code
        return codes

    def replace_functions(
        self, codes: dict[str, CodeType], *, whatever_ran: bool = False
    ) -> Undo | None:
        """Puts the functions in place; what undoes it, or None where an import is needed.
        `whatever_ran`: also those that ran while they were imported, which is not done again."""
        ran_at_import = frozenset() if whatever_ran else self.ran_at_import
        undo: list[tuple[FunctionType, CodeType]] = []
        for path, new in codes.items():
            old = self._loaded_code(path)
            part = self._functions.replace(old, new, ran_at_import) if old else None
            if part is None:
                put_back(undo)
                return None
            undo += part
        return undo

    def _loaded_code(self, path: str) -> CodeType | None:
        if path not in self._codes:
            full = f"{self.home}/{path}"
            is_loaded = any(
                getattr(module, "__file__", None) == full for module in list(sys.modules.values())
            )
            self._codes[path] = _compile(self.read_original(path), full) if is_loaded else None
        return self._codes[path]


def _compile(source: bytes, name: str) -> CodeType | None:
    try:
        return compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
