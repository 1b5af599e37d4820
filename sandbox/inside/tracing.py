"""Notices which of a few named lines run, and says so at once over the channel.

Used in two places: imported by the test runner, and loaded by `site/sitecustomize.py` in commands.
What it reports comes from the process under test and is evidence, not proof. Each line is
reported at its first execution, so an abrupt end loses nothing.
"""

import contextlib
import json
import os
import sys
import threading
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .child import Captured

CHANNEL_FD = 3
VARIABLE = "HEALER_TRACE"
_TREE = "/job/tree"
_SITE = "/opt/healer/healer_inside/site"
_TOOL_ID = 4  # 0 to 3 and 5 have owners by convention: debugger, coverage, profiler, optimizer


def prepare_environment(lines: dict[str, list[int]]) -> None:
    """Makes the program that is about to replace this process trace itself."""
    os.environ[VARIABLE] = json.dumps(lines)
    own = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{_SITE}:{own}" if own else _SITE
    os.set_inheritable(CHANNEL_FD, True)


def start_from_environment() -> None:
    """What `sitecustomize` calls: traces if asked to, and leaves no sign in the environment."""
    lines = os.environ.pop(VARIABLE, "")
    rest = [part for part in os.environ.pop("PYTHONPATH", "").split(":") if part and part != _SITE]
    if rest:
        os.environ["PYTHONPATH"] = ":".join(rest)
    sys.path[:] = [part for part in sys.path if part != _SITE]
    if lines:
        with contextlib.suppress(OSError):
            os.set_inheritable(CHANNEL_FD, False)
            start(json.loads(lines))


def start(lines: dict[str, list[int]]) -> None:
    """Begins to notice the lines, in this process, its threads and its forks."""
    wanted = {f"{_TREE}/{path}": (path, set(numbers)) for path, numbers in lines.items()}
    if hasattr(sys, "monitoring"):
        _monitor(wanted)
    else:
        _settrace(wanted)


def parse(channel: "Captured", lines: dict[str, list[int]]) -> dict[str, list[int]]:
    """Of the wanted lines, those reported; anything else on the channel is ignored."""
    return collect(channel.bytes().splitlines(), lines) if lines else {}


def collect(messages: list[bytes], lines: dict[str, list[int]]) -> dict[str, list[int]]:
    found: dict[str, set[int]] = {}
    for message in messages:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            ran = json.loads(message)["ran"]
            path, number = ran[0], ran[1]
            if isinstance(number, int) and number in lines.get(path, ()):
                found.setdefault(path, set()).add(number)
    return {path: sorted(numbers) for path, numbers in found.items()}


def _report(path: str, number: int) -> None:
    with contextlib.suppress(OSError):
        os.write(CHANNEL_FD, json.dumps({"ran": [path, number]}).encode() + b"\n")


class _Watch:
    """The lines that are still to be seen, by absolute file name."""

    def __init__(self, wanted: dict[str, tuple[str, set[int]]]) -> None:
        self._wanted = wanted
        self._names: dict[str, str] = {}

    def of(self, code: CodeType) -> tuple[str, set[int]] | None:
        name = code.co_filename
        if name not in self._names:
            self._names[name] = os.path.abspath(name)
        return self._wanted.get(self._names[name])

    def ran(self, path: str, left: set[int], number: int) -> None:
        if number in left:
            left.discard(number)
            _report(path, number)


def _monitor(wanted: dict[str, tuple[str, set[int]]]) -> None:
    watch = _Watch(wanted)
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]  # 3.12 and newer
    monitoring.use_tool_id(_TOOL_ID, "healer")

    def on_line(code: CodeType, number: int) -> object:
        target = watch.of(code)
        if target:
            watch.ran(target[0], target[1], number)
        return monitoring.DISABLE

    monitoring.register_callback(_TOOL_ID, monitoring.events.LINE, on_line)
    monitoring.set_events(_TOOL_ID, monitoring.events.LINE)


def _settrace(wanted: dict[str, tuple[str, set[int]]]) -> None:
    watch = _Watch(wanted)

    def on_call(frame: FrameType, _event: str, _argument: object) -> Any:
        target = watch.of(frame.f_code)
        if not target or not target[1]:
            return None
        path, left = target

        def on_line(inner: FrameType, event: str, _value: object) -> Any:
            if event == "line":
                watch.ran(path, left, inner.f_lineno)
            return on_line

        # A function's own line counts as run when it is called, as with newer interpreters.
        watch.ran(path, left, frame.f_lineno)
        return on_line

    threading.settrace(on_call)
    sys.settrace(on_call)
