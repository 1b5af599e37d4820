"""Reads healer.toml, or `[tool.healer]` in pyproject.toml, and explains every mistake.

Belongs here: from text to `Config`, or one sentence that names the key, the value, what is
allowed and the nearest right key. Does not belong here: what the keys mean (`settings`).
"""

import difflib
import tomllib
from collections.abc import Callable
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from healer.config.settings import Config

FILE = "healer.toml"


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
    tool = _toml(project, "pyproject.toml").get("tool", {})
    table = tool.get("healer", {}) if isinstance(tool, dict) else {}
    return _validated(table, "pyproject.toml [tool.healer]")


def parse(text: bytes, name: str) -> Config:
    """The configuration in `text`. Raises ConfigError; `name` is the file that it blames."""
    return _validated(_toml(text, name), name)


def _toml(text: bytes, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: byte {error.start} is not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not valid TOML: {error}") from error


def _validated(table: object, name: str) -> Config:
    try:
        return Config.model_validate(table)
    except ValidationError as error:
        sentences = [_sentence(detail) for detail in error.errors()[:5]]
        raise ConfigError(f"{name}: " + "; ".join(sentences)) from error


def _sentence(detail: ErrorDetails) -> str:
    key = _dotted(detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f"unknown key {key}{_suggestion(detail['loc'])}"
    value = detail["input"]
    return f"{key} = {value!r}: {_allowed(detail)}"


def _allowed(detail: ErrorDetails) -> str:
    if detail["type"] == "string_pattern_mismatch":
        return 'must be a number and a unit, such as "90s", "15m", "2h" or "1d"'
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return message[:1].lower() + message[1:]


def _dotted(location: tuple[int | str, ...]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).lstrip(".")


def _suggestion(location: tuple[int | str, ...]) -> str:
    """The nearest right key in the same table, wherever such a key may stand otherwise."""
    known = _keys_at(location[:-1])
    close = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {_dotted((*location[:-1], close[0]))}?"
    return f"; allowed are {', '.join(sorted(known))}" if known else ""


def _keys_at(location: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Config
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            inner = _model_in(model.model_fields[part].annotation)
            if inner is None:
                return []
            model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The table's model in an annotation such as `Watch` or `tuple[Job, ...]`."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    return next((m for arg in get_args(annotation) if (m := _model_in(arg))), None)
