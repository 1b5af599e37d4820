"""Writes docs/reference.md: every command with its options, every key of healer.toml.

    python -m scripts.reference > docs/reference.md

Belongs here: the page, from the command line and the settings as they are. Does not belong here:
what rules do (`healer rules --markdown`). `tests/scripts/test_reference.py` says when the page is
out of date.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import get_args

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from healer.cli import COMMANDS, cli
from healer.config import Config

HEAD = """\
# Reference

*Written by `python -m scripts.reference > docs/reference.md`; a test says when it is out of date.*

Data goes to standard output, all else to standard error. A command that prints data takes
`--json`: exactly one JSON document. `--repo PATH` (default: the repository that holds the current
folder) comes before or after the command.

| exit code | what |
| --- | --- |
| 0 | healed, or nothing was broken |
| 1 | not healed: left in quarantine, escalated, or given up |
| 2 | wrong usage or configuration |
| 3 | the environment is unavailable: Docker Engine, git, disk, database, mail |
| 4 | a bug in healer |
| 130 | interrupted |

`healer run` passes its command's own exit code through.

## Commands
"""
KEYS = """\
## healer.toml

At the repository's root, or `[tool.healer]` in pyproject.toml. Every key has a default that works;
an unknown key or a wrong value is an error that names the key and what is allowed. protected.toml
stands in [protect.md](protect.md), the rules in [rules.md](rules.md).
"""


def write_reference() -> str:
    """The page as a whole."""
    parts = [HEAD, *map(_write_command, COMMANDS), KEYS, *_write_section(Config, "")]
    return "\n".join(parts).rstrip() + "\n"


def _write_command(name: str) -> str:
    context = click.Context(cli, info_name="healer")
    command = cli.get_command(context, name)
    if command is None:
        raise LookupError(f"{name} is in the table of commands and cannot be imported")
    own = click.Context(command, info_name=f"healer {name}")
    usage = " ".join([own.command_path, *command.collect_usage_pieces(own)])
    lines = [
        f"### healer {name}\n",
        f"`{usage}`\n",
        inspect.cleandoc(command.help or ""),
        "",
    ]
    rows = [record for p in command.params if (record := p.get_help_record(own))]
    rows = [row for row in rows if row[1]]
    if isinstance(command, click.Group):
        rows += [(key, each.get_short_help_str(90)) for key, each in command.commands.items()]
    if rows:
        lines += ["| option | what |", "| --- | --- |"]
        lines += [f"| `{option}` | {_cell(text)} |" for option, text in rows] + [""]
    return "\n".join(lines)


def _write_section(model: type[BaseModel], table: str) -> Iterator[str]:
    """The keys of one table, then those of the tables in it."""
    notes = _read_notes(model)
    lines = [
        f"### {table or 'the top of the file'}\n",
        "| key | default | what |",
        "| --- | --- | --- |",
    ]
    inner: list[tuple[type[BaseModel], str]] = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        section = _section_of(field)
        if section is not None:
            is_list = get_args(field.annotation)[-1:] == (Ellipsis,)
            inner.append((section, f"[[{key}]]" if is_list else f"[{key}]"))
            continue
        lines.append(f"| `{key}` | {_default_of(field)} | {_cell(notes.get(name, ''))} |")
    yield "\n".join(lines) + "\n"
    for section, title in inner:
        yield from _write_section(section, title if not table else f"{table} {title}")


def _section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a field that is a table, or a list of tables, and nothing else."""
    candidates = [field.annotation, *get_args(field.annotation)]
    models = [c for c in candidates if inspect.isclass(c) and issubclass(c, BaseModel)]
    return models[0] if len(models) == 1 and not _is_optional(field) else None


def _is_optional(field: FieldInfo) -> bool:
    return type(None) in get_args(field.annotation)


def _default_of(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value in ("", (), None) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    text = f"[{', '.join(map(repr, value))}]" if isinstance(value, tuple) else repr(value)
    return f"`{text}`".replace("'", '"')


def _read_notes(model: type[BaseModel]) -> dict[str, str]:
    """The text below each field, as the source has it."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    notes: dict[str, str] = {}
    body = node.body if isinstance(node, ast.ClassDef) else []
    for before, after in pairwise(body):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if is_text and isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name):
            notes[before.target.id] = str(after.value.value)  # type: ignore[attr-defined]  # is_text
    return notes


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    print(write_reference(), end="")
