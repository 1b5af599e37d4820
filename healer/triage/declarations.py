"""What packages a project's files declare, as requirement strings (PEP 508).

Belongs here: from the text of one file to what it asks for, for every kind of file but locks and
requirements files. Does not belong here: which file comes first, and what may be installed
(`healer.app.declared`), or what a package is imported as (`healer.triage.modules`). A text that
cannot be read asks for nothing.
"""

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Table = Mapping[str, Any]
"""A table of TOML, or an object of JSON, as it was read: anything may stand in it."""
_SCRIPT_BLOCK = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
"""As PEP 723 gives it."""
EXTRAS = ("dev", "test", "tests", "testing")
"""What a run of the project's tests needs beside the project, as most projects call it."""


def read_setup_cfg(text: str, *, every_extra: bool = False) -> Iterator[str]:
    """`install_requires`, and the extras of tests, or all."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    texts = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        extras = parser.items("options.extras_require")
        texts += [value for name, value in extras if every_extra or name in EXTRAS]
    for each in texts:
        yield from (line.strip() for line in each.splitlines() if line.strip())


def read_setup_py(text: str, *, every_extra: bool = False) -> Iterator[str]:
    """What `setup()` is given as plain texts, in place or by a name of the module; nothing is run,
    so what a program computes is not seen."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    values = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(tree):
        name = getattr(call, "func", None)
        if isinstance(call, ast.Call) and _last_name(name) == "setup":
            for keyword in call.keywords:
                value = _literal(values, keyword.value)
                if keyword.arg in ("install_requires", "tests_require"):
                    yield from _texts(value)
                elif keyword.arg == "extras_require" and isinstance(value, dict):
                    for extra, items in value.items():
                        if every_extra or extra in EXTRAS:
                            yield from _texts(items)


def read_pipfile(text: str) -> Iterator[str]:
    """The packages of a Pipfile, those of development too: a name with its versions and extras."""
    table = load_toml(text)
    for key in ("packages", "dev-packages"):
        for name, wish in find_table(table, key).items():
            details = wish if isinstance(wish, dict) else {"version": wish}
            if is_from_elsewhere(details):
                continue
            version, extras = str(details.get("version", "*")), details.get("extras")
            more = f"[{','.join(map(str, extras))}]" if isinstance(extras, list) else ""
            yield f"{name}{more}{'' if version == '*' else version}"


def is_from_elsewhere(details: Table) -> bool:
    """Whether a Pipfile or its lock names a repository, a folder or an archive for a package: then
    it is none of an index."""
    return bool({"git", "hg", "svn", "bzr", "path", "file", "editable"} & details.keys())


def _last_name(node: object) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _literal(values: Mapping[str, ast.expr], node: ast.expr) -> object:
    node = values.get(node.id, node) if isinstance(node, ast.Name) else node
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None


def _texts(value: object) -> Iterator[str]:
    """Lines or items: setuptools takes both."""
    items = value.splitlines() if isinstance(value, str) else value
    if isinstance(items, list | tuple):
        yield from (item.strip() for item in items if isinstance(item, str) and item.strip())


def load_script_table(text: str) -> Table:
    """What a script says of itself in its own text (PEP 723); nothing where it says nothing."""
    match = _SCRIPT_BLOCK.search(text)
    if match is None:
        return {}
    return load_toml("".join(line[2:] for line in match["content"].splitlines(keepends=True)))


def load_toml(text: str) -> Table:
    """A whole document; empty where it is none."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def find_table(table: object, *names: str) -> Table:
    """The table at this path; empty where there is none, or something else."""
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}
