"""Which lines of some files a test executes: by `sys.monitoring` where there is one.

Belongs here: noticing lines of watched files, with the cheaper of the interpreter's two ways.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import CodeType, FrameType

_TOOL_ID = 4  # 0 to 3 and 5 have owners by convention: debugger, coverage, profiler, optimizer


@contextlib.contextmanager
def record_lines(names: Mapping[str, str], lines: dict[str, set[int]]) -> Iterator[None]:
    """Within it, executed lines are added to `lines`, by the name that `names` gives a file."""
    if hasattr(sys, "monitoring"):
        with _monitor(names, lines):
            yield
    else:
        with _trace(names, lines):
            yield


@contextlib.contextmanager
def _monitor(names: Mapping[str, str], lines: dict[str, set[int]]) -> Iterator[None]:
    """3.12 and newer: each line is told once and costs nothing afterwards."""
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]  # 3.12 and newer

    def on_line(code: CodeType, number: int) -> object:
        name = names.get(code.co_filename)
        if name is not None:
            lines[name].add(number)
        return monitoring.DISABLE

    monitoring.use_tool_id(_TOOL_ID, "healer")
    monitoring.register_callback(_TOOL_ID, monitoring.events.LINE, on_line)
    monitoring.restart_events()
    monitoring.set_events(_TOOL_ID, monitoring.events.LINE)
    try:
        yield
    finally:
        monitoring.set_events(_TOOL_ID, 0)
        monitoring.free_tool_id(_TOOL_ID)


@contextlib.contextmanager
def _trace(names: Mapping[str, str], lines: dict[str, set[int]]) -> Iterator[None]:
    def on_line(frame: FrameType, event: str, _argument: object) -> Any:
        if event == "line":
            lines[names[frame.f_code.co_filename]].add(frame.f_lineno)
        return on_line

    def on_call(frame: FrameType, _event: str, _argument: object) -> Any:
        return on_line if frame.f_code.co_filename in names else None

    sys.settrace(on_call)
    try:
        yield
    finally:
        sys.settrace(None)
