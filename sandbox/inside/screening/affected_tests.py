"""Which of the passing tests a change of some functions can make fail.

Belongs here: noticing what each test enters, and holding it against the lines that candidates
change. Does not belong here: running tests and how long they may take (`rehearsal`), and which
candidates need an import, for which every test counts (`project`).

A test that enters none of the functions that differ says the same of every candidate, and a project
has a thousand of them. What cannot be seen from here (programs, other processes, a test that sets a
profile function of its own) counts as affected.
"""

from __future__ import annotations

import ast
import contextlib
import os
import sys
import threading
from multiprocessing import util  # starts processes and raises no event
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import FrameType

    from ..messages import Candidate

    LineRange = tuple[int, int]
    """The first and the last line, counted from 1."""
    Entry = tuple[str, int]
    """The file of code that was entered, and its first line."""

_UNSEEN = frozenset(
    (
        "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system",
        "socket.connect", "subprocess.Popen", "sys.setprofile", "sys.settrace",
    )
)  # fmt: skip
"""Audit events after which a test may reach code that this thread does not enter."""
_BY_THREADS = frozenset(("sys.setprofile", "sys.settrace"))
"""Each new thread sets these of itself."""


class EntryWatcher:
    """Notices which code of some files this process enters; once made, it cannot be taken out."""

    def __init__(self, files: Iterable[str]) -> None:
        """`files`: as `co_filename` has them."""
        self._files = frozenset(files)
        self._entries: set[Entry] = set()
        self._thread = threading.get_ident()
        self._is_watching = False
        self._is_unsure = False
        sys.addaudithook(self._on_audit)

    @contextlib.contextmanager
    def watch(self) -> Iterator[None]:
        """One test; `read` gives what it entered."""
        self._entries, self._is_unsure = set(), False
        threading.setprofile(self._on_profile)
        sys.setprofile(self._on_profile)
        self._is_watching = True
        try:
            with self._watch_spawns():
                yield
        finally:
            self._is_watching = False
            sys.setprofile(None)
            threading.setprofile(None)

    def read(self) -> list[Entry] | None:
        """What the last test entered; None where that is unsure."""
        return None if self._is_unsure else sorted(self._entries)

    def _on_profile(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename in self._files:
            self._entries.add((code.co_filename, code.co_firstlineno))

    def _on_audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self._is_watching or (
            event in _BY_THREADS and threading.get_ident() != self._thread
        ):
            return
        if event in _UNSEEN or (event == "open" and self._is_one(arguments[0])):
            self._is_unsure = True

    def _is_one(self, path: object) -> bool:
        """Of the files; a number is one that is open already."""
        return isinstance(path, (str, bytes, os.PathLike)) and (
            os.path.abspath(os.fsdecode(path)) in self._files
        )

    @contextlib.contextmanager
    def _watch_spawns(self) -> Iterator[None]:
        spawn = util.spawnv_passfds

        def note_and_spawn(*arguments: Any) -> int:
            self._is_unsure = True
            return spawn(*arguments)

        vars(util)["spawnv_passfds"] = note_and_spawn
        try:
            yield
        finally:
            vars(util)["spawnv_passfds"] = spawn


class Change:
    """The lines of some files that candidates replace."""

    def __init__(self, originals: Mapping[str, str], candidates: Sequence[Candidate]) -> None:
        """Both by path."""
        self._ranges = find_changed_lines(originals, candidates)
        self._functions = {path: find_functions(originals[path]) for path in self._ranges}

    def is_entered(self, entries: Iterable[Entry]) -> bool:
        """Whether one of the functions that differ was entered, by paths; what lies in no function
        is a module or a class, which is made anew: it counts."""
        return any(self._is_touched(path, line) for path, line in entries if path in self._ranges)

    def _is_touched(self, path: str, line: int) -> bool:
        around = [each for each in self._functions[path] if each[0] <= line <= each[1]]
        return not around or any(
            first <= end and begin <= last
            for first, last in around  # several, where lambdas share a line
            for begin, end in self._ranges[path]
        )


def find_functions(source: str) -> list[LineRange]:
    """Those that lie in no other one, with their decorators; none where it does not parse."""
    try:
        body: list[ast.AST] = [ast.parse(source)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    ranges = []
    while body:
        node = body.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            ranges.append((first, node.end_lineno or node.lineno))
        else:
            body.extend(ast.iter_child_nodes(node))
    return sorted(ranges)


def find_changed_lines(
    originals: Mapping[str, str], candidates: Sequence[Candidate]
) -> dict[str, list[LineRange]]:
    """Which lines of each file the candidates replace; where lines only come in, those beside."""
    ranges: dict[str, set[LineRange]] = {}
    lines = {path: text.splitlines() for path, text in originals.items()}
    for candidate in candidates:
        for path, content in candidate.items():
            one = _find_difference(lines.get(path, []), content.splitlines())
            if one is not None:
                ranges.setdefault(path, set()).add(one)
    return {path: sorted(each) for path, each in ranges.items()}


def _find_difference(old: Sequence[str], new: Sequence[str]) -> LineRange | None:
    """From the first to the last line of the old text that differs; None where none does."""
    shorter = min(len(old), len(new))
    begin = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    if begin == len(old) == len(new):
        return None
    most = shorter - begin
    end = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    first, last = begin + 1, len(old) - end
    return (first, last) if first <= last else (max(1, last), first)
