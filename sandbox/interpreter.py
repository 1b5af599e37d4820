"""What a Python interpreter consists of on this machine.

Belongs here: asking an interpreter about itself, and which of its files a program can need. Does
not belong here: shared libraries (`libraries`) and archives (`layer`).
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from os import scandir
from pathlib import Path
from typing import NamedTuple

from sandbox.errors import ImageError
from sandbox.facts import Fact

_QUESTION = """
import json, site, sys, sysconfig
paths = sysconfig.get_paths()
print(json.dumps({
    "executable": sys.executable,
    "version": list(sys.version_info[:3]),
    "cache_tag": sys.implementation.cache_tag,
    "prefix": sys.prefix,
    "base_executable": getattr(sys, "_base_executable", sys.executable),
    "stdlib": sorted({paths["stdlib"], paths["platstdlib"],
                      sysconfig.get_path("stdlib", vars={"base": sys.base_prefix})}),
    "packages": [p for p in dict.fromkeys(sys.path)
                 if p.rstrip("/").endswith(("site-packages", "dist-packages"))],
}))
"""
OLDEST = (3, 11)
_ASK_TIMEOUT_S = 30.0
_NOT_NEEDED = frozenset(
    {
        "__pycache__",
        "ensurepip",
        "idlelib",
        "lib2to3",
        "pip",
        "site-packages",
        "dist-packages",
        "test",
        "tests",
        "turtledemo",
    }
)
"""Folders of the standard library that a script does not import."""
_NOT_NEEDED_PACKAGES = frozenset({"__pycache__", "pip"})


class Interpreter(Fact):
    """Where one interpreter has its parts. All paths are absolute."""

    executable: Path
    version: tuple[int, int, int]
    cache_tag: str
    prefix: Path
    base_executable: Path
    stdlib: tuple[Path, ...]
    packages: tuple[Path, ...]


class FileFact(NamedTuple):
    """One file as the content hash sees it."""

    path: str
    size: int
    mtime_ns: int


def describe(python: Path) -> Interpreter:
    """Asks the interpreter about itself. Raises ImageError if it is none, or too old."""
    argv = [str(python), "-I", "-c", _QUESTION]
    try:
        answer = subprocess.run(
            argv, capture_output=True, check=True, timeout=_ASK_TIMEOUT_S, text=True
        )
        facts = Interpreter.model_validate(json.loads(answer.stdout), strict=False)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        notes = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        raise ImageError(
            f"{python} does not work as a Python interpreter ({notes[-1] if notes else error}); "
            "name another one, or give [sandbox] image a Dockerfile."
        ) from error
    if facts.version < OLDEST:
        version = ".".join(map(str, facts.version))
        raise ImageError(
            f"The sandbox needs Python 3.11 or newer, and {python} is {version}; "
            "use a newer interpreter, or give [sandbox] image a Dockerfile with one."
        )
    return facts


def own() -> Interpreter:
    """The interpreter that runs us."""
    return describe(Path(sys.executable))


def walk_stdlib(folder: Path) -> Iterator[FileFact]:
    """Every standard library file that goes into the image."""
    return _walk(str(folder), _NOT_NEEDED, skip_prefix="config-")


def walk_packages(folder: Path) -> Iterator[FileFact]:
    """Every file of a site-packages folder, without caches and pip."""
    return _walk(str(folder), _NOT_NEEDED_PACKAGES)


def _walk(folder: str, skip: frozenset[str], skip_prefix: str = "\0") -> Iterator[FileFact]:
    pending = [folder]
    while pending:
        try:
            entries = list(scandir(pending.pop()))
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in skip and not entry.name.startswith(skip_prefix):
                    pending.append(entry.path)
                continue
            status = entry.stat(follow_symlinks=False)
            yield FileFact(entry.path, status.st_size, status.st_mtime_ns)
