"""What calls and commands change outside of themselves, and how it is put back.

Belongs here: variables of modules and files of a tree. Does not belong here: running what changes
them (`wide_comparison`).
"""

from __future__ import annotations

import contextlib
import copy
import os
import tempfile
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType

    Held = list[tuple[str, Any, Any]]
    """Names of lists, dicts and sets, the objects themselves, and what they held."""

MOST_HELD = 50
"""A module's list, dict or set with more items is not looked after."""
MOST_FILES = 200
MOST_FILE_BYTES = 1 << 20
_LONGEST_PATH = 400


def hold_variables(modules: list[ModuleType]) -> Held:
    """What the modules' variables and the environment hold."""
    variables: Held = [("os.environ", os.environ, dict(os.environ))]
    for module in modules:
        for name, value in vars(module).items():
            is_own = type(value) in (list, dict, set) and not name.startswith("__")
            if is_own and len(value) <= MOST_HELD:
                with contextlib.suppress(Exception):
                    variables.append((name, value, copy.deepcopy(value)))
    return variables


def find_changes(variables: Held) -> Iterator[tuple[str, Any]]:
    """Names, and what is held now: all of it, or of the environment what is another there."""
    for name, value, before in variables:
        if value is os.environ and value != before:
            names = sorted(value.keys() | before.keys())
            yield name, {n: value.get(n) for n in names if value.get(n) != before.get(n)}
        elif value != before:
            yield name, copy.deepcopy(value)


def put_back_variables(variables: Held) -> None:
    for _, value, before in variables:
        if value != before:
            value.clear()
            new = copy.deepcopy(before)
            value.extend(new) if isinstance(value, list) else value.update(new)


class NamedFiles:
    """The files that paths among some values name, or that lie in folders that they name; only
    those within the working directory and the place of temporary files."""

    def __init__(self, values: Iterable[Any]) -> None:
        self._values = list(values)
        places = (os.curdir, tempfile.gettempdir())
        self._places = tuple(f"{os.path.realpath(place)}{os.sep}" for place in places)
        self._before = self._read()

    def put_back(self) -> dict[str, bytes | None]:
        """What they hold otherwise than at first, by name; each is what it was again."""
        before, after = self._before, self._read()
        changes = {path: after.get(path) for path in {*before, *after}}
        changes = {path: data for path, data in changes.items() if data != before.get(path)}
        for path in changes:
            with contextlib.suppress(OSError):
                if path not in before:
                    os.remove(path)
                    continue
                with open(path, "wb") as file:
                    file.write(before[path])
        return {os.path.basename(path): changes[path] for path in sorted(changes)}

    def _read(self) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        for value in self._values:
            if not isinstance(value, (str, os.PathLike)) or len(os.fspath(value)) > _LONGEST_PATH:
                continue
            with contextlib.suppress(OSError, ValueError, TypeError):
                path = os.path.realpath(os.fspath(value))
                if not path.startswith(self._places):
                    continue
                if os.path.isdir(path):
                    files.update((f"{path}{os.sep}{name}", data) for name, data in read_files(path))
                elif os.path.getsize(path) <= MOST_FILE_BYTES:
                    with open(path, "rb") as file:
                        files[path] = file.read()
        return files


def read_files(home: str) -> Iterator[tuple[str, bytes]]:
    """Files of the tree by path, without what Python and pytest keep there; a link or a pipe as
    what it is: the one may lead nowhere, and the other never ends."""
    count = 0
    for folder, folders, names in os.walk(home):
        folders[:] = [f for f in folders if f not in ("__pycache__", ".pytest_cache", ".git")]
        for name in names:
            count += 1
            path = os.path.join(folder, name)
            if count <= MOST_FILES and os.lstat(path).st_size <= MOST_FILE_BYTES:
                yield os.path.relpath(path, home), _read(path)


def _read(path: str) -> bytes:
    if os.path.islink(path):
        return f"a link to {os.readlink(path)}".encode("utf-8", "surrogateescape")
    if not os.path.isfile(path):
        return b"no file"
    with open(path, "rb") as file:
        return file.read()


def put_back_files(home: str, files: dict[str, bytes]) -> None:
    """Makes the files what they were; what was a link or a pipe before stays what it is."""
    for name, data in list(read_files(home)):
        path = os.path.join(home, name)
        if name not in files:
            os.remove(path)
        elif files[name] != data and os.path.isfile(path) and not os.path.islink(path):
            with open(path, "wb") as file:
                file.write(files[name])


class Words(NamedTuple):
    """How effects are told."""

    output: str
    silence: str
    file: str


AS_VERBS = Words("prints", "prints nothing", "writes")
AS_NOUNS = Words("output", "no output", "file")


def describe_effects(
    outcome: str, output: str, files: Mapping[str, bytes], words: Words = AS_VERBS
) -> str:
    """What a run did, for a person; what is no text is told by its size and sum."""
    parts = [] if outcome == "passed" else [outcome]
    parts.append(f"{words.output} {output!r}" if output else words.silence)
    return ", ".join([*parts, *describe_files(files, words)])


def describe_files(files: Mapping[str, bytes], words: Words) -> Iterator[str]:
    """Each by its name and content, in the order of their names."""
    for name, data in sorted(files.items()):
        try:
            content = repr(data.decode())
        except UnicodeDecodeError:
            content = f"{len(data):,} bytes ({zlib.crc32(data):08x})"
        yield f"{words.file} {name}: {content}"
