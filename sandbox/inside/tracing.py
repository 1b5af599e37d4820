"""Which of a few named lines a step executes: asking for it, and reading what was told.

Belongs here: the supervisor's side. Does not belong here: noticing them (`lines`, in the process
under test). What comes back is from that process, and is evidence, not proof.
"""

import contextlib
import json
import marshal
import os
from typing import TYPE_CHECKING

from . import lines

if TYPE_CHECKING:
    from .child import Captured

VARIABLE = "HEALER_TRACE"
_SITE = "/opt/healer/healer_inside/site"


def start(wanted: dict[str, list[int]]) -> None:
    """Begins to notice the lines of each path in this process."""
    lines.start(_with_names(wanted))


def prepare_environment(wanted: dict[str, list[int]]) -> None:
    """Makes the Python program that is about to replace this process notice the lines."""
    os.environ[VARIABLE] = marshal.dumps(_with_names(wanted)).hex()
    own = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{_SITE}:{own}" if own else _SITE
    os.set_inheritable(lines.CHANNEL_FD, True)


def _with_names(wanted: dict[str, list[int]]) -> dict[str, tuple[str, list[int]]]:
    return {path: (json.dumps(path), numbers) for path, numbers in wanted.items()}


def parse(channel: "Captured", wanted: dict[str, list[int]]) -> dict[str, list[int]]:
    """Of the wanted lines, those reported; anything else on the channel is ignored."""
    return collect(channel.bytes().splitlines(), wanted) if wanted else {}


def collect(messages: list[bytes], wanted: dict[str, list[int]]) -> dict[str, list[int]]:
    """The same from the channel's lines."""
    found: dict[str, set[int]] = {}
    for message in messages:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            ran = json.loads(message)["ran"]
            path, number = ran[0], ran[1]
            if isinstance(number, int) and number in wanted.get(path, ()):
                found.setdefault(path, set()).add(number)
    return {path: sorted(numbers) for path, numbers in found.items()}


def left(wanted: dict[str, list[int]], ran: dict[str, list[int]]) -> dict[str, list[int]]:
    """The lines that no step has told yet."""
    rest = {path: sorted({*numbers} - {*ran.get(path, ())}) for path, numbers in wanted.items()}
    return {path: numbers for path, numbers in rest.items() if numbers}
