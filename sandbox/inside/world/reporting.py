"""What the peers tell the supervisor of a run, as lines of JSON.

Belongs here: how a fact gets through a pipe that several write to. Does not belong here: which
facts there are (`peers`), and reading them (`supervisor.command`).
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Report = Callable[[dict[str, Any]], None]
    """Takes a fact under its kind: `missed`, `borrowed`, `sent` or `said`."""

_WHOLE_LINE = 1_500
"""Characters; in a piece each may be written as two. The kernel keeps 4,096 together."""


def write_report(report_fd: int) -> Report:
    """What is reported goes as a JSON line, in one write; what is too long for one that no other
    can break goes in pieces: a number, a piece, whether it is the last."""
    numbers = itertools.count()

    def report(fact: dict[str, Any]) -> None:
        text = json.dumps(fact)
        lines = [text]
        if len(text) > _WHOLE_LINE:
            number, ends = next(numbers), range(0, len(text), _WHOLE_LINE)
            lines = [
                json.dumps([number, text[at : at + _WHOLE_LINE], at == ends[-1]]) for at in ends
            ]
        with contextlib.suppress(OSError):
            for line in lines:
                os.write(report_fd, line.encode() + b"\n")

    return report
