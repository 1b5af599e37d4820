"""Which shared libraries programs need, as the dynamic loader itself resolves them."""

import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

_BATCH = 100
_TIMEOUT_S = 120.0
_LINE = re.compile(r"^\s+(?:(?P<name>\S+) => )?(?P<path>/\S+) \(0x[0-9a-f]+\)$", re.MULTILINE)
_LOADED_AT_RUN_TIME = ("libgcc_s.so.1",)
"""The C library loads these by name when a thread is cancelled or unwound."""


class Library(NamedTuple):
    """A shared library as a program is given it."""

    name: str
    """That it is asked for by."""
    path: Path


def needed_by(programs: Sequence[Path]) -> tuple[Library, ...]:
    """The libraries of all programs together. One name may lead to several files: a program may
    bring a C library of its own, beside that of the machine.

    The dynamic loader is among them. A library that is not installed is left out: what needs it
    does not work on this machine either. Programs that are not dynamic add nothing.
    """
    libraries: dict[Library, None] = {}
    for start in range(0, len(programs), _BATCH):
        batch = [str(program) for program in programs[start : start + _BATCH]]
        answer = subprocess.run(
            ["ldd", *batch], capture_output=True, check=False, timeout=_TIMEOUT_S, text=True
        )
        libraries.update(dict.fromkeys(map(_read_line, _LINE.finditer(answer.stdout))))
    for name in _LOADED_AT_RUN_TIME:
        libraries.update(dict.fromkeys(_list_beside_libc(name, libraries)))
    return tuple(libraries)


def _read_line(match: re.Match[str]) -> Library:
    """A loader that a program names by its path is that one, whichever `ldd` would take for it."""
    name = match["name"] or ""
    path = Path(os.path.normpath(name if name.startswith("/") else match["path"]))
    return Library(path.name if not name or name.startswith("/") else name, path)


def _list_beside_libc(name: str, libraries: Iterable[Library]) -> list[Library]:
    """The library beside each C library, where it is and no program asks for it anyway."""
    libcs = (each.path.parent / name for each in libraries if each.name == "libc.so.6")
    return [Library(name, path) for path in libcs if path.exists()]


def is_shared_object(path: str) -> bool:
    """By its name: `x.so`, `x.so.1`, `x.cpython-311-x86_64-linux-gnu.so`."""
    name = path.rpartition("/")[2]
    return name.endswith(".so") or ".so." in name
