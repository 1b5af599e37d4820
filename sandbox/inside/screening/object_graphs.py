"""Objects of the program's own classes as inputs: shown by what they hold, and varied.

Belongs here: walking plain object graphs. Does not belong here: plain values (`similar_inputs`).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from . import databases

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

_MOST = 60
_DEEPEST = 12
_ANOTHER_OBJECT = 0.3
_LINK_GOES = 0.5
"""How often, of 1."""


def is_plain_object(value: Any) -> bool:
    """An instance with attributes and without a text of its own."""
    representation: object = type(value).__repr__
    return representation is object.__repr__ and isinstance(getattr(value, "__dict__", None), dict)


def describe(value: Any) -> str:
    """Like `repr`, but objects are shown by class, number and attributes, in place of addresses;
    so are those whose own text fails, as that of an unfinished object may."""
    return _describe(value, {}, 0)


def _describe(value: Any, numbers: dict[int, int], depth: int) -> str:
    if depth > _DEEPEST:
        return "..."
    if databases.is_database(value):
        return databases.describe_database(value)
    if type(value) in (list, tuple):
        inner = ", ".join(_describe(item, numbers, depth + 1) for item in value)
        comma = "," if type(value) is tuple and len(value) == 1 else ""
        return f"[{inner}]" if type(value) is list else f"({inner}{comma})"
    if type(value) is dict:
        pairs = (
            f"{_describe(k, numbers, depth + 1)}: {_describe(v, numbers, depth + 1)}"
            for k, v in value.items()
        )
        return f"{{{', '.join(pairs)}}}"
    if not is_plain_object(value):
        with contextlib.suppress(Exception):
            return repr(value)
    return _describe_object(value, numbers, depth)


def _describe_object(value: Any, numbers: dict[int, int], depth: int) -> str:
    name = type(value).__name__
    if not isinstance(getattr(value, "__dict__", None), dict):
        return f"<{name}>"
    if id(value) in numbers:
        return f"{name}#{numbers[id(value)]}"
    number = numbers[id(value)] = len(numbers) + 1
    attributes = ", ".join(
        f"{key}={_describe(item, numbers, depth + 1)}"
        for key, item in vars(value).items()
        if item is not None and not (type(item) is list and not item)
    )
    return f"{name}#{number}({attributes})"


def list_reachable(value: Any) -> list[Any]:
    """Objects at and behind a value, each once, in a fixed order; at most 60."""
    objects: dict[int, Any] = {}
    _collect(value, objects)
    return list(objects.values())


def _collect(value: Any, objects: dict[int, Any]) -> None:
    if isinstance(value, (list, tuple)):
        for item in value:
            _collect(item, objects)
    elif is_plain_object(value) and id(value) not in objects and len(objects) < _MOST:
        objects[id(value)] = value
        for item in vars(value).values():
            _collect(item, objects)


def vary_object(value: Any, source: random.Random) -> Any:
    """The same graph with one link or list changed (in place), or another object of it."""
    every = [other for other in list_reachable(value) if type(other) is type(value)]
    if len(every) > 1 and source.random() < _ANOTHER_OBJECT:
        return source.choice(every)
    holder = source.choice(every)
    links = list(_links(holder))
    if links:
        name = source.choice(links)
        _relink(holder, name, source.choice(every), source)
    return value


def _links(holder: Any) -> Iterator[str]:
    """Attributes that hold an object, nothing, or a list of objects."""
    for name, item in vars(holder).items():
        is_list = isinstance(item, list) and all(is_plain_object(i) for i in item)
        if item is None or is_list or is_plain_object(item):
            yield name


def _relink(holder: Any, name: str, other: Any, source: random.Random) -> None:
    item = getattr(holder, name)
    if isinstance(item, list):
        # A new list: a default value may be shared by many objects.
        members = list(item)
        if members and source.random() < _LINK_GOES:
            del members[source.randrange(len(members))]
        else:
            members.insert(source.randint(0, len(members)), other)
        setattr(holder, name, members)
    else:
        goes = item is not None and source.random() < _LINK_GOES
        setattr(holder, name, None if goes else other)
