"""The settings that pytest would take from a commit, as it writes them in INI files.

Belongs here: which file pytest reads, and its values as strings. Does not belong here: what a
setting makes a test (`project_tests`), or how tests are run (`healer.evidence.tests`).
"""

import configparser
import shlex
import tomllib
from collections.abc import Mapping
from typing import Final, Protocol


class Readable(Protocol):
    """Read-only sight of one tree."""

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None where there is no regular file."""


_FILES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("pytest.toml", ("pytest",)),
    (".pytest.toml", ("pytest",)),
    ("pytest.ini", ("pytest",)),
    (".pytest.ini", ("pytest",)),
    ("pyproject.toml", ("tool.pytest.ini_options", "tool.pytest")),
    ("tox.ini", ("pytest",)),
    ("setup.cfg", ("tool:pytest",)),
)
"""In the order in which pytest looks for them, with the tables that it reads."""
_ITS_OWN: Final = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
"""These are taken even where they set nothing."""


def pytest_settings(tree: Readable) -> dict[str, str]:
    """Option by name, from the first file that pytest itself would take; empty where there is
    none, or where it cannot be read (pytest would not start with it).

    A list of `addopts` is quoted as a shell would have it; any other has one item a line.
    """
    for name, tables in _FILES:
        content = tree.read(name)
        if content is None:
            continue
        table = _first_table(name, content, tables)
        if table is not None:
            return {key: _as_ini(key, value) for key, value in table.items()}
        if name in _ITS_OWN:
            return {}
    return {}


def split_words(value: str) -> list[str]:
    """The words of a setting such as `python_files`, quoted or not."""
    try:
        return shlex.split(value)
    except ValueError:
        return value.split()


def toml_value(content: bytes | None, key_path: str) -> object:
    """What stands under that dotted key; None where nothing does, or the text cannot be read."""
    try:
        value: object = tomllib.loads((content or b"").decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    for key in key_path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _first_table(name: str, content: bytes, tables: tuple[str, ...]) -> Mapping[str, object] | None:
    if name.endswith(".toml"):
        values = (toml_value(content, key_path) for key_path in tables)
        return next((value for value in values if isinstance(value, dict)), None)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(content.decode("utf-8", "replace"))
    except configparser.Error:
        return None
    return next((parser[each] for each in tables if parser.has_section(each)), None)


def _as_ini(key: str, value: object) -> str:
    if isinstance(value, list):
        items = [str(item) for item in value]
        return shlex.join(items) if key == "addopts" else "\n".join(items)
    return str(value)
