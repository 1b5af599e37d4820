"""Notices which of the tree's code begins to run in this process, and which files are opened.

Belongs here: what lives in the traced process. Does not belong here: its children (`heirs`), which
runs are traced, and reading what was reported (`pytest_checks.failing_tests`).

A place is a path and the first line of a function; line 0 stands for the module itself, and for a
file that was opened, as one that does not even parse is when it is imported. Every process reports
each place once. Like `lines`, it also runs on interpreters from 3.8 on, and imports nothing more.
"""

from __future__ import annotations

import os
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

_OPENINGS = ("open", "cpython.run_file")
_TOOL_ID = 4  # 0 to 3 and 5 have owners by convention: debugger, coverage, profiler, optimizer


def start(fd: int, root: str, _places: object = None) -> Calls:
    """Begins to notice in this process, and reports to the descriptor."""
    calls = Calls(fd, root)
    calls.start()
    return calls


class Calls:
    """The trace of one process; it lasts as long as the process."""

    def __init__(self, fd: int, root: str) -> None:
        """`root`: of the tree, without a slash at its end."""
        self._fd = fd
        self._tree = root + "/"
        self._is_profiling = False
        """By the interpreter's one profiler, which the program may want for itself."""
        self._known: dict[CodeType, bool] = {}
        self._reported: set[tuple[str, int]] = set()

    def start(self) -> None:
        """From here on, in all threads and forks."""
        sys.addaudithook(self._on_audit)  # it cannot be taken out again
        if hasattr(sys, "monitoring"):
            monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]  # 3.12 on
            monitoring.use_tool_id(_TOOL_ID, "healer")
            monitoring.register_callback(_TOOL_ID, monitoring.events.PY_START, self._on_start)
            monitoring.set_events(_TOOL_ID, monitoring.events.PY_START)
        else:
            threading.setprofile(self._on_profile)
            sys.setprofile(self._on_profile)
            self._is_profiling = True

    def begin_test(self) -> None:
        """What was imported before is told from what runs from here on."""
        self._send('{"begin": 0}\n')
        self._known.clear()
        self._reported.clear()
        if hasattr(sys, "monitoring"):
            sys.monitoring.restart_events()

    def _on_start(self, code: CodeType, _offset: int) -> object:
        self._note_code(code)
        return sys.monitoring.DISABLE  # type: ignore[attr-defined,unused-ignore]  # 3.12 on

    def _on_profile(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code not in self._known:
            self._note_code(frame.f_code)

    def _note_code(self, code: CodeType) -> None:
        self._known[code] = True
        is_module = code.co_name == "<module>"
        self._note(code.co_filename, 0 if is_module else code.co_firstlineno)

    def _on_trace(self, frame: FrameType, event: str, argument: object) -> None:
        self._on_profile(frame, event, argument)

    def _on_audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "sys.setprofile" and self._is_profiling:
            # The program profiles itself, and an interpreter has one profiler.
            self._is_profiling = False
            threading.settrace(self._on_trace)
            sys.settrace(self._on_trace)
        elif event in _OPENINGS and isinstance(arguments[0], (str, bytes)):
            self._note(os.fsdecode(arguments[0]), 0)

    def _note(self, path: str, line: int) -> None:
        if path[:1] == "<":
            return  # no file: frozen, or made at run time
        path = os.path.abspath(path)
        if "/__pycache__/" in path:
            return  # asked for beside each module, there or not
        if path.startswith(self._tree) and (path, line) not in self._reported:
            self._reported.add((path, line))
            self._send(f'{{"call": [{_quote(path[len(self._tree) :])}, {line}]}}\n')

    def _send(self, message: str) -> None:
        try:
            os.write(self._fd, message.encode("utf-8", "surrogateescape"))
        except (OSError, ValueError):
            return


def _quote(text: str) -> str:
    """As a JSON string; `json` itself would be one import more for the code under test."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
