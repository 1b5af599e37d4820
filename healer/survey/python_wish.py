"""Which Pythons a project, or one script, says that it runs on.

Belongs here: reading `requires-python`, and whether a version fits it. Does not belong here: which
interpreters this machine has (`healer.app.machine_pythons`).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from healer.facts.draft import Source
from healer.support.tree_text import read_text
from healer.triage.declarations import load_script_table
from quarantine.pytest_settings import toml_value

Version = tuple[int, int, int]
_CLAUSE = re.compile(r"(?P<operator>===|==|!=|<=|>=|~=|<|>|\^|~)?\s*(?P<numbers>\d+(?:\.\d+){0,2})"
                     r"(?P<any>\.\*)?")  # fmt: skip
_UNKNOWN_MICRO = (0, 99)
"""Of an interpreter whose third number cannot be read: it may be any."""


class PythonWish(NamedTuple):
    """What is asked for, and where that stands."""

    specifier: str
    origin: str

    def allows(self, version: Version) -> bool:
        """Whether an interpreter of this version fits; a third number of 0 may be any."""
        micros = _UNKNOWN_MICRO if version[2] == 0 else version[2:]
        return any(self._fits((*version[:2], micro)) for micro in micros)

    def _fits(self, version: Version) -> bool:
        clauses = (_CLAUSE.fullmatch(part) for part in _split(self.specifier))
        return all(clause is not None and _holds(clause, version) for clause in clauses)


def find_python_wish(tree: Source, script: str = "") -> PythonWish | None:
    """What the script says inside itself (PEP 723), else the project; None where neither says
    anything that can be read."""
    return next(_list_wishes(tree, script), None)


def _list_wishes(tree: Source, script: str) -> Iterator[PythonWish]:
    inline = load_script_table(read_text(tree, script)) if script else {}
    values = [(inline.get("requires-python"), script)]
    project = tree.read("pyproject.toml")
    for key in ("project.requires-python", "tool.poetry.dependencies.python"):
        values.append((toml_value(project, key), "pyproject.toml"))
    for value, origin in values:
        parts = _split(value) if isinstance(value, str) else []
        if isinstance(value, str) and parts and all(_CLAUSE.fullmatch(part) for part in parts):
            yield PythonWish(value.strip(), origin)


def _split(specifier: str) -> list[str]:
    return [part.strip() for part in specifier.split(",") if part.strip()]


def _holds(clause: re.Match[str], version: Version) -> bool:
    """As PEP 440 reads it; `^` and `~` as poetry does."""
    numbers = tuple(map(int, clause["numbers"].split(".")))
    operator = clause["operator"] or "=="
    is_family = bool(clause["any"]) or (not clause["operator"] and len(numbers) < len(version))
    whole = (*numbers, 0, 0)[:3]
    if operator in ("==", "===", "!="):
        is_same = version[: len(numbers)] == numbers if is_family else version == whole
        return is_same is (operator != "!=")
    if operator in ("~=", "^", "~"):
        end = {"~=": len(numbers) - 1, "^": 1, "~": min(2, len(numbers))}[operator]
        return version >= whole and version[:end] == whole[:end]
    comparisons = {
        ">=": version >= whole, "<=": version <= whole, ">": version > whole, "<": version < whole,
    }  # fmt: skip
    return comparisons[operator]
