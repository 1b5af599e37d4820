"""Which shared libraries programs need, as the dynamic loader itself resolves them."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

_BATCH = 100
_TIMEOUT_S = 120.0
_LINE = re.compile(r"^\s+(?:(?P<name>\S+) => )?(?P<path>/\S+) \(0x[0-9a-f]+\)$", re.MULTILINE)
_LOADED_AT_RUN_TIME = ("libgcc_s.so.1",)
"""The C library loads these by name when a thread is cancelled or unwound."""


def needed_by(programs: Sequence[Path]) -> dict[str, Path]:
    """The libraries of all programs together, by the name they are asked for.

    The dynamic loader is among them. A library that is not installed is left out: what needs it
    does not work on this machine either. Programs that are not dynamic add nothing.
    """
    paths: dict[str, Path] = {}
    for start in range(0, len(programs), _BATCH):
        batch = [str(program) for program in programs[start : start + _BATCH]]
        answer = subprocess.run(
            ["ldd", *batch], capture_output=True, check=False, timeout=_TIMEOUT_S, text=True
        )
        for match in _LINE.finditer(answer.stdout):
            path = Path(os.path.normpath(match["path"]))
            paths.setdefault(match["name"] or path.name, path)
    _add_run_time_libraries(paths)
    return paths


def _add_run_time_libraries(paths: dict[str, Path]) -> None:
    libc = paths.get("libc.so.6")
    for name in _LOADED_AT_RUN_TIME:
        if name not in paths and libc is not None and (libc.parent / name).exists():
            paths[name] = libc.parent / name


def is_shared_object(path: str) -> bool:
    """By its name: `x.so`, `x.so.1`, `x.cpython-311-x86_64-linux-gnu.so`."""
    name = path.rpartition("/")[2]
    return name.endswith(".so") or ".so." in name
