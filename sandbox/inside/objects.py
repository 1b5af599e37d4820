"""Objects of the program's own classes as inputs: shown by what they hold, and varied.

Belongs here: walking plain object graphs. Does not belong here: plain values (`inputs`).
"""

import random
from collections.abc import Iterator
from typing import Any

_MOST = 60
_DEEPEST = 12


def is_plain_object(value: Any) -> bool:
    """An instance with attributes and without a text of its own."""
    shown: object = type(value).__repr__
    return shown is object.__repr__ and isinstance(getattr(value, "__dict__", None), dict)


def described(value: Any) -> str:
    """Like `repr`, but objects are shown by class, number and attributes, in place of addresses."""
    return _described(value, {}, 0)


def _described(value: Any, numbers: dict[int, int], depth: int) -> str:
    if depth > _DEEPEST:
        return "..."
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        inner = ", ".join(_described(item, numbers, depth + 1) for item in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if type(value) is dict:
        pairs = (
            f"{_described(k, numbers, depth + 1)}: {_described(v, numbers, depth + 1)}"
            for k, v in value.items()
        )
        return f"{{{', '.join(pairs)}}}"
    if not is_plain_object(value):
        return repr(value)
    name = type(value).__name__
    if id(value) in numbers:
        return f"{name}#{numbers[id(value)]}"
    number = numbers[id(value)] = len(numbers) + 1
    held = ", ".join(
        f"{key}={_described(item, numbers, depth + 1)}"
        for key, item in vars(value).items()
        if item is not None and item != []
    )
    return f"{name}#{number}({held})"


def reachable(value: Any) -> list[Any]:
    """Objects at and behind a value, each once, in a fixed order; at most 60."""
    found: dict[int, Any] = {}
    _collect(value, found)
    return list(found.values())


def _collect(value: Any, found: dict[int, Any]) -> None:
    if isinstance(value, list | tuple):
        for item in value:
            _collect(item, found)
    elif is_plain_object(value) and id(value) not in found and len(found) < _MOST:
        found[id(value)] = value
        for item in vars(value).values():
            _collect(item, found)


def vary_object(value: Any, source: random.Random) -> Any:
    """The same graph with one link or list changed (in place), or another object of it."""
    every = [other for other in reachable(value) if type(other) is type(value)]
    if len(every) > 1 and source.random() < 0.3:  # noqa: PLR2004 - a third or so
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
        listed = isinstance(item, list) and all(is_plain_object(i) for i in item)
        if item is None or listed or is_plain_object(item):
            yield name


def _relink(holder: Any, name: str, other: Any, source: random.Random) -> None:
    item = getattr(holder, name)
    if isinstance(item, list):
        # A new list: a default value may be shared by many objects.
        kept = list(item)
        if kept and source.random() < 0.5:  # noqa: PLR2004
            del kept[source.randrange(len(kept))]
        else:
            kept.insert(source.randint(0, len(kept)), other)
        setattr(holder, name, kept)
    else:
        setattr(holder, name, None if item is not None and source.random() < 0.5 else other)  # noqa: PLR2004
