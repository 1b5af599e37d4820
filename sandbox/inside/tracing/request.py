"""Which of a few named lines a step executes: asking for it, and reading what was reported.

Belongs here: the supervisor's side. Does not belong here: noticing them (`lines` and `calls`,
in the process under test). What comes back is from that process, and is evidence, not proof.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

from ..tree import ROOT
from . import calls, heirs, lines, luck

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..messages import Lines


def start(trace: Lines) -> None:
    """Begins to notice the lines of each path in this process and in those that it starts."""
    places = _with_names(trace)
    heirs.hand_down(heirs.make_request({"lines": places}, ROOT))
    lines.start(heirs.CHANNEL_FD, ROOT, places)


def start_calls() -> calls.Calls:
    """Begins to notice what runs at all, here and in the processes that this one starts."""
    heirs.hand_down(heirs.make_request({"calls": None}, ROOT))
    return calls.start(heirs.CHANNEL_FD, ROOT)


def start_luck(shift_s: int) -> None:
    """Takes luck away from this process and from those that it starts."""
    heirs.hand_down(heirs.make_request({"luck": shift_s}, ROOT))
    luck.start(shift_s)


def prepare_environment(
    trace: Lines | None, *, with_results: bool = False, shift_s: int | None = None
) -> None:
    """Makes the program that is about to replace this process notice the lines, and those that it
    starts; None: notice what runs at all. `with_results`: and how tests end that it runs;
    `shift_s`: without luck, so many seconds ahead."""
    kinds: dict[str, Any] = {"results": None} if with_results else {}
    if shift_s is not None:
        kinds["luck"] = shift_s
    if trace is None:
        kinds["calls"] = None
    elif trace:
        kinds["lines"] = _with_names(trace)
    if kinds:
        heirs.hand_down(heirs.make_request(kinds, ROOT))
        os.set_inheritable(heirs.CHANNEL_FD, True)


def _with_names(trace: Lines) -> dict[str, tuple[str, list[int]]]:
    return {path: (json.dumps(path), numbers) for path, numbers in trace.items()}


def read_channel(channel: bytes, trace: Lines) -> Lines:
    """Of the traced lines, those reported on the channel, sorted; all else on it is ignored."""
    return collect(channel.splitlines(), trace) if trace else {}


def collect(messages: Iterable[bytes], trace: Lines) -> Lines:
    """The same from the channel's lines."""
    numbers_by_path: dict[str, set[int]] = {}
    for message in messages:
        with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
            path, number = json.loads(message)["ran"][:2]
            if isinstance(number, int) and number in trace.get(path, ()):
                numbers_by_path.setdefault(path, set()).add(number)
    return {path: sorted(numbers) for path, numbers in numbers_by_path.items()}


def subtract(trace: Lines, executed_lines: Lines) -> Lines:
    """The lines that no step has reported yet."""
    rest = {path: sorted({*trace[path]} - {*executed_lines.get(path, ())}) for path in trace}
    return {path: numbers for path, numbers in rest.items() if numbers}
