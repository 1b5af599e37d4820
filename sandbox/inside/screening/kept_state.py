"""What calls and commands change outside of themselves, and how it is put back.

Belongs here: variables of modules and files of a tree. Does not belong here: running what changes
them (`wide_comparison`).
"""

from __future__ import annotations

import contextlib
import copy
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    Held = list[tuple[str, Any, Any]]
    """Names of lists, dicts and sets, the objects themselves, and what they held."""

MOST_HELD = 50
"""A module's list, dict or set with more items is not looked after."""
MOST_FILES = 200
MOST_FILE_BYTES = 1 << 20


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


def read_files(home: str) -> Iterator[tuple[str, bytes]]:
    """Files of the tree by path, without what Python and pytest keep there."""
    count = 0
    for folder, folders, names in os.walk(home):
        folders[:] = [f for f in folders if f not in ("__pycache__", ".pytest_cache", ".git")]
        for name in names:
            count += 1
            path = os.path.join(folder, name)
            if count > MOST_FILES or os.path.getsize(path) > MOST_FILE_BYTES:
                continue
            with open(path, "rb") as file:
                yield os.path.relpath(path, home), file.read()


def put_back_files(home: str, files: dict[str, bytes]) -> None:
    """The tree's files as they were."""
    for path, data in list(read_files(home)):
        if path not in files:
            os.remove(os.path.join(home, path))
        elif files[path] != data:
            with open(os.path.join(home, path), "wb") as file:
                file.write(files[path])
