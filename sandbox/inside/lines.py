"""Notices which of a few named lines run in this process, and says so at once over the channel.

Belongs here: what lives in the traced process. Does not belong here: asking for it and reading
what it said (`tracing`). Each line is reported at its first execution, so an abrupt end loses
nothing.

Tracing makes a run more than twice as slow, so it begins when the first of the files is executed
and ends with the last of the lines. And what is imported here, the code under test finds imported:
only what every interpreter has loaded anyway, and `threading`.
"""

from __future__ import annotations

import os
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType
    from typing import Any

    Wanted = dict[str, tuple[str, set[int]]]

CHANNEL_FD = 3
_TREE = "/job/tree"
_TOOL_ID = 4  # 0 to 3 and 5 have owners by convention: debugger, coverage, profiler, optimizer


def start(lines: dict[str, tuple[str, list[int]]]) -> None:
    """Begins to notice the lines of each path, in this process, its threads and its forks.

    Each path comes with how its reports write it: as a JSON string.
    """
    wanted = {f"{_TREE}/{path}": (said, set(numbers)) for path, (said, numbers) in lines.items()}
    if hasattr(sys, "monitoring"):
        _monitor(wanted)
    else:
        _settrace(wanted)


def _report(said: str, number: int) -> None:
    try:
        os.write(CHANNEL_FD, f'{{"ran": [{said}, {number}]}}\n'.encode())
    except OSError:
        return


class _Watch:
    """The lines that are still to be seen, by absolute file name."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self.targets: dict[str, tuple[str, set[int]] | None] = {}
        """By a code object's own file name, for every name seen so far."""

    def of(self, name: str) -> tuple[str, set[int]] | None:
        if name not in self.targets:
            self.targets[name] = self._wanted.get(os.path.abspath(name))
        return self.targets[name]

    def ran(self, said: str, left: set[int], number: int) -> None:
        if number in left:
            left.discard(number)
            _report(said, number)

    def is_over(self) -> bool:
        """Every line was seen: nobody has to look any more."""
        return not any(left for _, left in self._wanted.values())


def _monitor(wanted: Wanted) -> None:
    watch = _Watch(wanted)
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]  # 3.12 and newer
    monitoring.use_tool_id(_TOOL_ID, "healer")

    def on_line(code: CodeType, number: int) -> object:
        target = watch.of(code.co_filename)
        if target:
            watch.ran(target[0], target[1], number)
        return monitoring.DISABLE

    monitoring.register_callback(_TOOL_ID, monitoring.events.LINE, on_line)
    monitoring.set_events(_TOOL_ID, monitoring.events.LINE)


def _settrace(wanted: Wanted) -> None:
    watch = _Watch(wanted)
    tracer = _tracer(watch)

    def begin(code: object) -> bool:
        """True if this is one of the files: none of its lines ran before it was executed."""
        name = getattr(code, "co_filename", None)
        if not isinstance(name, str) or watch.of(name) is None:
            return False
        threading.settrace(tracer)
        sys.settrace(tracer)
        return True

    _at_execution(begin)


def _tracer(watch: _Watch) -> Callable[[FrameType, str, object], Any]:
    targets, unknown = watch.targets, ("", {0})

    def on_call(frame: FrameType, _event: str, _argument: object) -> Any:
        # For every call of every function: no call of its own where nothing is wanted.
        target = targets.get(frame.f_code.co_filename, unknown)
        if target is unknown:
            target = watch.of(frame.f_code.co_filename)
        if target is None or not target[1]:
            return None
        said, left = target

        def on_line(inner: FrameType, event: str, _value: object) -> Any:
            if event == "line":
                watch.ran(said, left, inner.f_lineno)
                if not left and watch.is_over():
                    _stop(on_call)
            return on_line

        # A function's own line counts as run when it is called, as with newer interpreters.
        watch.ran(said, left, frame.f_lineno)
        return on_line

    return on_call


def _stop(tracer: object) -> None:
    """Lets the rest run as fast as it would without us; a tracer of the code's own stays."""
    if threading.gettrace() is tracer:
        threading.settrace(None)
    if sys.gettrace() is tracer:
        sys.settrace(None)


def _at_execution(begin: Callable[[object], bool]) -> None:
    """Calls `begin` with each code object that is executed as a whole, until it gives True."""
    waiting = [begin]

    def on_event(event: str, arguments: tuple[object, ...]) -> None:
        if event == "exec" and waiting and waiting[0](arguments[0]):
            waiting.clear()

    sys.addaudithook(on_event)  # it cannot be taken out again
