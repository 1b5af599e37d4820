"""The settings that pytest would take from a commit, as it writes them in INI files.

Belongs here: which file pytest reads, and its values as strings. Does not belong here: what a
setting makes a test (`project_tests`), or how tests are run (`healer.evidence.tests`).
"""

import configparser
import shlex
import tomllib
from typing import Any, Final, Protocol


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
        found = _first_table(name, content.decode("utf-8", "replace"), tables)
        if found is not None:
            return {key: _as_ini(key, value) for key, value in found.items()}
        if name in _ITS_OWN:
            return {}
    return {}


def split_words(value: str) -> list[str]:
    """The words of a setting such as `python_files`, quoted or not."""
    try:
        return shlex.split(value)
    except ValueError:
        return value.split()


def read_toml(content: bytes | None) -> dict[str, Any]:
    """A TOML document; empty where there is none, or none that can be read."""
    try:
        return tomllib.loads((content or b"").decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def toml_table(document: dict[str, Any], dotted: str) -> dict[str, Any] | None:
    """The table of that dotted name, or None where there is none."""
    table: Any = document
    for key in dotted.split("."):
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else None


def _first_table(name: str, text: str, tables: tuple[str, ...]) -> dict[str, Any] | None:
    if name.endswith(".toml"):
        document = read_toml(text.encode())
        return next((t for each in tables if (t := toml_table(document, each)) is not None), None)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return next((dict(parser[each]) for each in tables if parser.has_section(each)), None)


def _as_ini(key: str, value: Any) -> str:
    if isinstance(value, list):
        items = [str(item) for item in value]
        return shlex.join(items) if key == "addopts" else "\n".join(items)
    return str(value)
