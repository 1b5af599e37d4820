"""Values and calls as text, without what differs between two runs.

Belongs here: how they are shown, and cut off. Does not belong here: what an object holds
(`object_graphs`).
"""

from __future__ import annotations

import re
import zlib
from typing import Any

from . import object_graphs

TEXT_CHARS = 300
_ARGUMENT_CHARS = 60
"""Of each argument of a call that is longer than a text may be."""
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def show(value: object, most_chars: int = TEXT_CHARS) -> str:
    """As text, without addresses; cut off."""
    try:
        return _ADDRESS.sub("", object_graphs.describe(value))[:most_chars]
    except Exception as error:
        return f"(repr raises {type(error).__name__})"


def show_call(call: tuple[Any, ...]) -> str:
    """The arguments as text, about as long as a text may be: two calls that differ never have one
    text, whatever stands before what differs."""
    whole = show(call, 1 << 20)
    if len(whole) <= TEXT_CHARS:
        return whole
    parts = [show(argument, _ARGUMENT_CHARS + 1) for argument in call]
    parts = [p if len(p) <= _ARGUMENT_CHARS else f"{p[:_ARGUMENT_CHARS]}…" for p in parts]
    return f"({', '.join(parts)[:TEXT_CHARS]}), {zlib.crc32(whole.encode()):08x}"


def cut(text: str) -> str:
    """At most 300 characters; what was cut off still tells two texts apart."""
    end = f"… ({zlib.crc32(text.encode()):08x})"
    return text if len(text) <= TEXT_CHARS else f"{text[: TEXT_CHARS - 20]}{end}"
