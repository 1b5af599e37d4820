"""What a Python interpreter consists of on this machine, read from its files.

A repository's own interpreter is input of whoever can commit to it, so none is executed to be
asked about itself: `pyvenv.cfg` and the layout of its folders say the same. Belongs here: which
parts an interpreter has, and which of its files a program can need. Does not belong here: shared
libraries (`libraries`) and archives (`layer`).
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from os import scandir
from pathlib import Path
from typing import NamedTuple

from sandbox.errors import ImageError
from sandbox.facts import Fact

OLDEST = (3, 8)
"""What runs in the container is written for it."""
_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_ELF = b"\x7fELF"
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
    """Reads what belongs to it; nothing of it is run. Raises ImageError if it is none that can be
    read, or too old."""
    path = Path(os.path.abspath(python))  # noqa: PTH100 - a link to it must stay a link
    try:
        facts = _read_environment(path) or _read_base(path)
    except (OSError, ValueError) as error:
        raise ImageError(
            f"{python} does not work as a Python interpreter ({error}); "
            "name another one, or give [sandbox] image a Dockerfile."
        ) from error
    if facts.version < OLDEST:
        version = ".".join(map(str, facts.version))
        raise ImageError(
            f"The sandbox needs Python 3.8 or newer, and {python} is {version}; "
            "use a newer interpreter, or give [sandbox] image a Dockerfile with one."
        )
    return facts


def own() -> Interpreter:
    """The interpreter that runs us."""
    return describe(Path(sys.executable))


def _read_environment(python: Path) -> Interpreter | None:
    """A virtual environment: `pyvenv.cfg` beside its folder of programs says what it is made of."""
    places = (python.parent.parent, python.parent)
    prefix = next((place for place in places if (place / "pyvenv.cfg").is_file()), None)
    if prefix is None or not python.exists():
        return None
    settings = read_settings(prefix / "pyvenv.cfg")
    base = _read_base(_base_executable(settings, python))
    numbers = settings.get("version") or settings.get("version_info", "")
    version = _version(numbers) if _NUMBERS.match(numbers) else base.version
    folders = _library_folders(prefix, version)
    shares = settings.get("include-system-site-packages", "").lower() == "true"
    return Interpreter(
        executable=python,
        version=version,
        cache_tag=_cache_tag(version),
        prefix=prefix,
        base_executable=base.executable,
        stdlib=tuple(dict.fromkeys((*base.stdlib, *folders))),
        packages=(*_list_folders(f / "site-packages" for f in folders), *(base.packages * shares)),
    )


def read_settings(file: Path) -> dict[str, str]:
    """`pyvenv.cfg` as Python reads it: keys in lower case."""
    lines = file.read_text("utf-8", "surrogateescape").splitlines()
    pairs = (line.partition("=") for line in lines)
    return {key.strip().lower(): value.strip() for key, equals, value in pairs if equals}


def _base_executable(settings: Mapping[str, str], python: Path) -> Path:
    """What the environment was made from."""
    home = Path(settings.get("home", ""))
    major, minor = _version(settings.get("version") or settings.get("version_info", "3.0"))[:2]
    names = (f"python{major}.{minor}", "python3", "python")
    candidates = (
        *(Path(settings[key]) for key in ("executable", "base-executable") if key in settings),
        *(home / name for name in names),
        python.resolve(),
    )
    return next((path for path in candidates if path.is_absolute() and path.exists()), python)


def _read_base(python: Path) -> Interpreter:
    """An interpreter that is no virtual environment. Raises ValueError where it is none."""
    program = python.resolve()
    with program.open("rb") as file:
        if file.read(len(_ELF)) != _ELF or not program.name.startswith("python"):
            raise ValueError(f"{program} is no Python of this machine")
    prefix = program.parent.parent
    version = _find_version(program, prefix)
    stdlib = [folder for folder in _library_folders(prefix, version) if (folder / "os.py").exists()]
    if not stdlib:
        raise ValueError(f"no standard library belongs to {program}")
    major, minor, _ = version
    of_debian = [prefix / "lib" / f"python{major}" / "dist-packages"]
    if prefix == Path("/usr"):
        of_debian.insert(0, Path(f"/usr/local/lib/python{major}.{minor}/dist-packages"))
    return Interpreter(
        executable=python,
        version=version,
        cache_tag=_cache_tag(version),
        prefix=prefix,
        base_executable=python,
        stdlib=tuple(stdlib),
        packages=_list_folders((*(folder / "site-packages" for folder in stdlib), *of_debian)),
    )


def _find_version(program: Path, prefix: Path) -> tuple[int, int, int]:
    """By the program's name, else by its library; the last number by its header."""
    name = _NUMBERS.search(program.name)
    libraries = sorted(prefix.glob("lib*/python3.*/os.py"), key=lambda file: _version(str(file)))
    if not name and not libraries:
        raise ValueError(f"no standard library lies beside {program}")
    major, minor, _ = _version(program.name if name else libraries[-1].parent.name)
    header = prefix / "include" / f"python{major}.{minor}" / "patchlevel.h"
    text = header.read_text("utf-8", "replace") if header.is_file() else ""
    micro = re.search(r"define PY_MICRO_VERSION\s+(\d+)", text)
    return (major, minor, int(micro[1]) if micro else 0)


def _version(text: str) -> tuple[int, int, int]:
    match = _NUMBERS.search(text)
    if match is None:
        raise ValueError(f"{text!r} names no version of Python")
    return (int(match[1]), int(match[2]), int(match[3] or 0))


def _cache_tag(version: tuple[int, int, int]) -> str:
    return f"cpython-{version[0]}{version[1]}"


def _library_folders(prefix: Path, version: tuple[int, int, int]) -> tuple[Path, ...]:
    """`lib` and, where it is a folder of its own, `lib64`."""
    name = f"python{version[0]}.{version[1]}"
    return tuple({(p := prefix / lib / name).resolve(): p for lib in ("lib64", "lib")}.values())


def _list_folders(folders: Iterator[Path] | tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(folder for folder in folders if folder.is_dir())


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
