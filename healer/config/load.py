"""Reads healer.toml, or `[tool.healer]` in pyproject.toml, and explains every mistake.

Belongs here: from text to `Config`, or one sentence that names the key, the value, what is
allowed and the nearest right key. Does not belong here: what the keys mean (`settings`).
"""

import codecs
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from healer.config.settings import Config, Job
from healer.support.postgres import mask
from healer.support.suggestion import nearest

FILE = "healer.toml"
_MUST_BE = {
    "bool": "true or false",
    "dict": "a table",
    "float": "a number",
    "int": "a whole number",
    "model": "a table",
    "string": "a text in quotes",
    "tuple": "a list",
}
"""What a value must be, by the first word of pydantic's kind of error."""


class ConfigError(Exception):
    """The configuration is wrong; the message names the key, the value and what is allowed."""


def load(read: Callable[[str], bytes | None]) -> Config:
    """The configuration of a repository whose files `read` gives, or the defaults.

    Raises ConfigError for a syntax error, an unknown key or a wrong value.
    """
    own = read(FILE)
    if own is not None:
        return parse(own, FILE)
    project = read("pyproject.toml")
    if project is None:
        return Config()
    tool = _parse_toml(project, "pyproject.toml").get("tool", {})
    table = tool.get("healer", {}) if isinstance(tool, dict) else {}
    return _validate(table, "pyproject.toml [tool.healer]")


def parse(text: bytes, name: str) -> Config:
    """The configuration in `text`. Raises ConfigError; `name` is the file that it blames."""
    return _validate(_parse_toml(text, name), name)


def _parse_toml(text: bytes, name: str) -> dict[str, Any]:
    if text.startswith(codecs.BOM_UTF8):  # `healer run` reads the file, too, as TOML has it
        raise ConfigError(f"{name}: begins with a byte order mark; save it as UTF-8 without one")
    try:
        return tomllib.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: byte {error.start} is not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not valid TOML: {error}") from error


def _validate(table: object, name: str) -> Config:
    try:
        config = Config.model_validate(table)
    except ValidationError as error:
        raise ConfigError(f"{name}: {_explain(error)}") from error
    return config.model_copy(update={"job": _join_jobs(config.job, name)})


def _join_jobs(tables: tuple[Job, ...], name: str) -> tuple[Job, ...]:
    """One job for each script: `healer expect` writes a table of its own behind what is there.
    Raises ConfigError where two tables have the same key."""
    jobs: dict[str, Job] = {}
    for job in tables:
        first = jobs.setdefault(job.script, job)
        if first is job:
            continue
        keys = (first.model_fields_set & job.model_fields_set) - {"script", "expect"}
        if keys:
            raise ConfigError(
                f"{name}: {job.script} has {min(keys)} in several tables [[job]]; keep one of them"
            )
        fields = first.model_dump(exclude_unset=True) | job.model_dump(exclude_unset=True)
        try:
            whole = Job.model_validate(fields)
        except ValidationError as error:
            raise ConfigError(f"{name}: [[job]] {job.script}: {_explain(error)}") from error
        jobs[job.script] = whole.model_copy(update={"expect": (*first.expect, *job.expect)})
    return tuple(jobs.values())


def _explain(error: ValidationError) -> str:
    return "; ".join(_sentence(detail) for detail in error.errors()[:5])


def _sentence(detail: ErrorDetails) -> str:
    location = detail["loc"]
    key = _format_key(location)
    field = _field_at(location)
    match detail["type"]:
        case "extra_forbidden":
            return f"unknown key {key}{_suggest(location)}"
        case "missing":
            return f"{key} is missing; add it{_such_as(field)}"
        case "value_error":  # ours, with its own next step
            return (
                f"{key} = {_show(detail['input'])}: {detail['msg'].removeprefix('Value error, ')}"
            )
    return f"{key} = {detail['input']!r}: {_rule(detail, field)}"


def _show(value: object) -> str:
    """As it was written, without the password of a URL."""
    return repr(mask(value) if isinstance(value, str) else value)


def _rule(detail: ErrorDetails, field: FieldInfo | None) -> str:
    """What the value must be, in TOML's words where they are other than Python's."""
    if detail["type"] == "string_pattern_mismatch" and field and field.description:
        return f"must be {field.description}{_such_as(field)}"
    if detail["type"] == "literal_error":
        return detail["msg"].replace("Input should", "must", 1)
    if detail["type"] == "tuple_type" and isinstance(detail["input"], dict):
        return f"must be a list of tables; write [[{_format_key(detail['loc'])}]] above each"
    kind = detail["type"].partition("_")[0]
    if kind in _MUST_BE and detail["type"].endswith(("_type", "_parsing", "_from_float")):
        return f"must be {_MUST_BE[kind]}{_such_as(field)}"
    return re.sub(r"^\w+ should", "must", detail["msg"]) + _such_as(field)


def _such_as(field: FieldInfo | None) -> str:
    """The field's own examples, or its default; empty where it has neither."""
    if field is None:
        return ""
    default = field.default
    has_example = isinstance(default, int | float | str | tuple) and not isinstance(default, bool)
    examples = field.examples or ([default] if has_example and default != "" else [])
    texts = [json.dumps(each, ensure_ascii=False) for each in examples]  # TOML has them so, too
    if not texts:
        return ""
    return f", such as {' or '.join([', '.join(texts[:-1]), texts[-1]] if texts[1:] else texts)}"


def _format_key(location: tuple[int | str, ...]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).lstrip(".")


def _suggest(location: tuple[int | str, ...]) -> str:
    """The nearest right key in the same table, wherever such a key may stand otherwise."""
    model = _model_at(location[:-1])
    keys = [field.alias or name for name, field in model.model_fields.items()] if model else []
    close = nearest(str(location[-1]), keys)
    if close:
        return f"; did you mean {_format_key((*location[:-1], close))}?"
    return f"; allowed are {', '.join(sorted(keys))}" if keys else ""


def _model_at(location: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model of the table at this place."""
    model: type[BaseModel] | None = Config
    for name in location:
        if isinstance(name, str) and model is not None:
            field = _field_in(model, name)
            model = _find_model(field.annotation) if field else None
    return model


def _field_at(location: tuple[int | str, ...]) -> FieldInfo | None:
    """The field at this place; of a list's item, the list's."""
    names = [part for part in location if isinstance(part, str)]
    model = _model_at(tuple(names[:-1]))
    field = _field_in(model, names[-1]) if model and names else None
    if field is not None and not field.examples:
        return next(_inner_fields(field.annotation), field)  # of `Duration | None`: Duration's
    return field


def _field_in(model: type[BaseModel], name: str) -> FieldInfo | None:
    fields = model.model_fields
    by_alias = (field for field in fields.values() if field.alias == name)
    return fields.get(name) or next(by_alias, None)


def _find_model(annotation: object) -> type[BaseModel] | None:
    """The table's model in an annotation such as `Watch` or `tuple[Job, ...]`."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    return next((m for arg in get_args(annotation) if (m := _find_model(arg))), None)


def _inner_fields(annotation: object) -> Iterator[FieldInfo]:
    """What is said of the parts of an annotation, such as of `Duration` in `Duration | None`."""
    for part in get_args(annotation):
        if isinstance(part, FieldInfo):
            yield part
        else:
            yield from _inner_fields(part)
