"""Notices which of a few named lines run in this process, and says so at once over the channel.

Belongs here: what lives in the traced process. Does not belong here: asking for it and reading
what it reported (`request`), and children (`heirs`). Each line is reported at its first execution,
so an abrupt end loses nothing.

Tracing makes a run more than twice as slow, so it begins when the first of the files is executed
and ends with the last of the lines. And what is imported here, the code under test finds imported:
only what every interpreter has loaded anyway, and `threading`. So types stand in quotes:
this also runs on interpreters from 3.8 on.
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

_TOOL_ID = 4  # 0 to 3 and 5 have owners by convention: debugger, coverage, profiler, optimizer


def start(fd: int, root: str, lines: dict[str, tuple[str, list[int]]]) -> None:
    """Begins to notice the lines of each path below `root`, in this process, its threads and its
    forks, and reports to the descriptor.

    Each path comes with how its reports write it: as a JSON string.
    """
    files = {f"{root}/{path}": (name, set(numbers)) for path, (name, numbers) in lines.items()}
    watch = _Watch(fd, files)
    if hasattr(sys, "monitoring"):
        _monitor(watch)
    else:
        _settrace(watch)


class _Watch:
    """The lines that are still to be seen, by absolute file name."""

    def __init__(self, fd: int, files: dict[str, tuple[str, set[int]]]) -> None:
        self._fd = fd
        self._watched = files
        # Kept as they are now: tests put file systems of their own in the place of `os`.
        self._write, self._absolute = os.write, os.path.abspath
        self.targets: dict[str, tuple[str, set[int]] | None] = {}
        """By a code object's own file name, for every name seen so far."""

    def find(self, file: str) -> tuple[str, set[int]] | None:
        if file not in self.targets:
            self.targets[file] = self._watched.get(self._absolute(file))
        return self.targets[file]

    def note(self, name: str, pending: set[int], number: int) -> None:
        if number in pending:
            pending.discard(number)
            try:
                self._write(self._fd, f'{{"ran": [{name}, {number}]}}\n'.encode())
            except OSError:
                return

    def is_over(self) -> bool:
        """Every line was seen: nobody has to look any more."""
        return not any(pending for _, pending in self._watched.values())


def _monitor(watch: _Watch) -> None:
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]  # 3.12 and newer
    monitoring.use_tool_id(_TOOL_ID, "healer")

    def on_line(code: CodeType, number: int) -> object:
        target = watch.find(code.co_filename)
        if target:
            watch.note(target[0], target[1], number)
        return monitoring.DISABLE

    monitoring.register_callback(_TOOL_ID, monitoring.events.LINE, on_line)
    monitoring.set_events(_TOOL_ID, monitoring.events.LINE)


def _settrace(watch: _Watch) -> None:
    tracer = _make_tracer(watch)
    keeper = _Keeper(watch, tracer)

    def begin(code: object) -> bool:
        """True if this is one of the files: none of its lines ran before it was executed."""
        file = getattr(code, "co_filename", None)
        if not isinstance(file, str) or watch.find(file) is None:
            return False
        keeper.install()
        return True

    _at_execution(begin)


class _Keeper:
    """Holds on to the trace while the program traces itself: an interpreter has one tracer."""

    def __init__(self, watch: _Watch, tracer: Callable[[FrameType, str, Any], Any]) -> None:
        self._watch = watch
        self._tracer = tracer
        self._is_ours = False
        """The tracer that is being set."""

    def install(self) -> None:
        """Starts the trace, and from then on looks who else starts one."""
        sys.addaudithook(self._on_audit)
        threading.settrace(self._tracer)
        self._set_tracer()

    def _set_tracer(self) -> None:
        self._is_ours = True
        sys.settrace(self._tracer)
        self._is_ours = False

    def _on_audit(self, event: str, _arguments: object) -> None:
        if event == "sys.settrace" and not self._is_ours and not self._watch.is_over():
            # It is told of calls only, but whatever tracer there is.
            threading.setprofile(self._on_profile)
            sys.setprofile(self._on_profile)

    def _on_profile(self, frame: FrameType, event: str, _argument: object) -> None:
        if event != "call" or self._watch.find(frame.f_code.co_filename) is None:
            return
        theirs = sys.gettrace()
        if theirs is self._tracer:
            return
        if theirs is None:
            self._set_tracer()
        frame.f_trace = _join(self._tracer(frame, event, None), frame.f_trace)


def _join(ours: Any, theirs: Any) -> Any:
    """The local tracer of one frame, for two that are callable or None."""
    if ours is None or theirs is None:
        return ours or theirs

    def tell_both(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal theirs
        ours(frame, event, argument)
        if theirs is not None:
            theirs = theirs(frame, event, argument)
        return tell_both

    return tell_both


def _make_tracer(watch: _Watch) -> Callable[[FrameType, str, Any], Any]:
    targets, unknown = watch.targets, ("", {0})

    def on_call(frame: FrameType, _event: str, _argument: object) -> Any:
        # For every call of every function: no call of its own where nothing is watched.
        target = targets.get(frame.f_code.co_filename, unknown)
        if target is unknown:
            target = watch.find(frame.f_code.co_filename)
        if target is None or not target[1]:
            return None
        name, pending = target

        def on_line(inner: FrameType, event: str, _value: object) -> Any:
            if event == "line":
                watch.note(name, pending, inner.f_lineno)
                if not pending and watch.is_over():
                    _stop(on_call)
            return on_line

        # A function's own line counts as run when it is called, as with newer interpreters.
        watch.note(name, pending, frame.f_lineno)
        return on_line

    return on_call


def _stop(tracer: object) -> None:
    """Lets the rest run as fast as it would without us; a tracer of the code's own stays."""
    before = getattr(threading, "gettrace", lambda: vars(threading)["_trace_hook"])()  # 3.10 on
    if before is tracer:
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
