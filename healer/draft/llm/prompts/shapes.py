"""What a text that was read holds, by names and kinds: no value of it is shown.

Belongs here: one line for a document, a table, a configuration, a schema; pure. Does not belong
here: which texts are shown (`background`), and what a difference means.
"""

import configparser
import csv
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import PurePosixPath

_MOST_KEYS = 30
_DEPTH = 3
_MOST_TABLES = 8
_NAME = re.compile(r"[\w. ()/-]{1,60}")
"""A key or a column that is a name; another may be a value, and is not shown."""
_ASSIGNMENT = re.compile(r"(?m)^(?:export\s+)?([A-Za-z_]\w*)\s*=")
_YAML_KEY = re.compile(r"(?m)^( *)(?:- +)?([\w.-]{1,60}) *:(?=\s|$)")
_YAML_INDENT = 8
"""Blanks before a key that is still shown."""
_TAG = re.compile(r"<([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*/?>")
_ATTRIBUTE = re.compile(r"([\w.:-]+)\s*=")
_TABLE = re.compile(
    r"(?i)\bcreate\s+(?:temp(?:orary)?\s+)?table\s+(?:if\s+not\s+exists\s+)?"
    r"([\w.\"`\[\]]{1,80})\s*\("
)
_LONGEST_TABLE = 4_000
"""Characters of its columns."""
_COLUMN = re.compile(r"\s*[\"`\[]?(\w+)[\"`\]]?(?:\s+([A-Za-z]\w*))?")
_QUOTES = '"`[]'
_CONSTRAINTS = frozenset(("primary", "unique", "foreign", "check", "constraint", "key", "index"))


def describe_shape(text: str, name: str = "") -> str:
    """Names and kinds of what a document or a table holds, by the ending of its `name` where that
    says what it is; empty for other text."""
    mark = "a byte order mark, then " if text.startswith("\ufeff") else ""
    body = text.lstrip("\ufeff").strip()
    ending = PurePosixPath(name.lower()).suffix
    describe = _BY_ENDING.get(".env" if name.endswith(".env") else ending, _describe_data)
    try:
        shape = describe(body)
    except (ValueError, RecursionError, configparser.Error):
        shape = ""
    return f"{mark}{shape}" if shape else ""


def _describe_data(body: str) -> str:
    if body[:1] in ("{", "["):
        try:
            return _describe(json.loads(body), _DEPTH)
        except (ValueError, RecursionError):
            pass  # JSON lines, or cut
        try:
            return f"lines of {_describe(json.loads(body.partition(chr(10))[0]), _DEPTH)}"
        except (ValueError, RecursionError):
            return ""
    return _describe_table(body)


def _describe_table(body: str) -> str:
    lines = body.split("\n", 2)
    delimiter = max(",;\t|", key=lines[0].count)
    if len(lines) == 1 or not lines[0].count(delimiter):
        return ""
    try:
        header = next(csv.reader([lines[0]], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return ""
    return f"columns by {delimiter!r}: {_list_names(header)}"


def _describe(value: object, depth: int) -> str:
    if isinstance(value, dict):
        if not depth:
            return "object"
        names = [str(key) for key in value][:_MOST_KEYS]
        inner = ", ".join(
            f"{_show_name(name)}: {_describe(value[name], depth - 1)}" for name in names
        )
        return "{" + inner + (", …" if len(value) > len(names) else "") + "}"
    if isinstance(value, list):
        items = value[:_MOST_KEYS] if depth else []
        kinds = dict.fromkeys(_describe(each, depth - 1) for each in items)
        return f"list of {len(value)} " + " or ".join([*kinds][:3])
    return type(value).__name__


def _list_names(names: Sequence[str]) -> str:
    more = ", …" if len(names) > _MOST_KEYS else ""
    return ", ".join(map(_show_name, names[:_MOST_KEYS])) + more


def _show_name(name: str) -> str:
    return name if _NAME.fullmatch(name) else "(a value)"


def _describe_toml(body: str) -> str:
    return _describe(tomllib.loads(body), _DEPTH)


def _describe_ini(body: str) -> str:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(body)
    return "; ".join(
        f"[{_show_name(name)}] {_list_names([*parser[name]])}" for name in parser.sections()
    )


def _describe_variables(body: str) -> str:
    names = [*dict.fromkeys(_ASSIGNMENT.findall(body))]
    return f"variables {_list_names(names)}" if names else ""


def _describe_yaml(body: str) -> str:
    """Keys by their indentation; nothing is loaded."""
    keys = [
        f"{'  ' * (len(indent) // 2)}{key}"
        for indent, key in _YAML_KEY.findall(body)
        if len(indent) <= _YAML_INDENT
    ]
    keys = [*dict.fromkeys(keys)]
    more = ["…"] if len(keys) > _MOST_KEYS else []
    return "\n  ".join(["keys, indented as there:", *keys[:_MOST_KEYS], *more]) if keys else ""


def _describe_xml(body: str) -> str:
    """Tags with the names of their attributes; nothing is loaded, so no entity grows."""
    tags: dict[str, dict[str, None]] = {}
    for tag, attributes in _TAG.findall(body):
        tags.setdefault(tag, {}).update(dict.fromkeys(_ATTRIBUTE.findall(attributes)))
    parts = [f"{tag}({', '.join(names)})" if names else tag for tag, names in tags.items()]
    more = ", …" if len(parts) > _MOST_KEYS else ""
    return f"elements {', '.join(parts[:_MOST_KEYS])}{more}" if parts else ""


def _describe_sql(body: str) -> str:
    tables = [
        f"{match[1].strip(_QUOTES)}({', '.join(_list_columns(_cut_brackets(body, match.end())))})"
        for match in islice(_TABLE.finditer(body), _MOST_TABLES)
    ]
    return f"tables {'; '.join(tables)}" if tables else ""


def _cut_brackets(text: str, start: int) -> str:
    """What stands from `start` on up to the bracket that ends it, without brackets inside."""
    depth, parts = 1, []
    for character in text[start : start + _LONGEST_TABLE]:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not depth:
            break
        if depth == 1 and character != ")":
            parts.append(character)
    return "".join(parts)


def _list_columns(text: str) -> list[str]:
    """Names and types, without constraints of the table."""
    matches = (_COLUMN.match(part) for part in text.split(","))
    columns = [match for match in matches if match and match[1].lower() not in _CONSTRAINTS]
    return [" ".join(filter(None, match.groups())) for match in columns][:_MOST_KEYS]


_BY_ENDING: Mapping[str, Callable[[str], str]] = {
    ".toml": _describe_toml,
    ".ini": _describe_ini,
    ".cfg": _describe_ini,
    ".conf": _describe_ini,
    ".env": _describe_variables,
    ".yaml": _describe_yaml,
    ".yml": _describe_yaml,
    ".xml": _describe_xml,
    ".sql": _describe_sql,
}
"""What the ending of a name says. Others are data: JSON, or a table."""
