"""Objects of the program's own classes as inputs: shown by what they hold, and varied.

Belongs here: walking plain object graphs. Does not belong here: plain values (`similar_inputs`).
"""

from __future__ import annotations

import contextlib
import enum
import functools
import io
import itertools
import os
import sys
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from . import databases

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator

PLAIN = frozenset((bool, int, float, complex, str, bytes, type(None)))
"""What holds nothing else: most of what calls are made of. Of a class of the program's that is one
of these, this says nothing."""
_NO_OBJECTS = (
    tuple, list, dict, set, frozenset, str, bytes, int, float, enum.Enum, BaseException,
    type, FunctionType, MethodType, ModuleType, io.IOBase,
)  # fmt: skip
"""What is shown and varied by itself, or not at all."""
_STANDARD = f"{os.path.dirname(os.__file__)}{os.sep}"
_LIBRARIES = ("/site-packages/", "/dist-packages/")
_MOST = 60
_MOST_ITEMS = 10_000
_DEEPEST = 12
_ANOTHER_OBJECT = 0.3
_LINK_GOES = 0.5
"""How often, of 1."""


def is_plain_object(value: Any) -> bool:
    """An instance with attributes, and without a text of its own or of one of the program's own
    classes: a dataclass, a class with slots, one with a text that may hide what it holds."""
    if isinstance(value, _NO_OBJECTS):
        return False
    representation: object = type(value).__repr__
    has_dict = isinstance(getattr(value, "__dict__", None), dict)
    if representation is object.__repr__ and has_dict:
        return True
    return _is_of_program(type(value).__module__) and bool(list_attributes(value))


def list_attributes(value: Any) -> list[tuple[str, Any]]:
    """What an instance holds, by name: in its own dict and in slots that are filled."""
    attributes = dict(getattr(value, "__dict__", None) or {})
    for name in _list_slots(value):
        with contextlib.suppress(AttributeError):
            attributes[name] = getattr(value, name)
    return list(attributes.items())


def set_attribute(value: Any, name: str, new: Any) -> None:
    """Also of one that lets nobody change it, such as a frozen dataclass. Raises what the class
    raises where not even that is possible."""
    try:
        setattr(value, name, new)
    except AttributeError:
        object.__setattr__(value, name, new)


def _list_slots(value: Any) -> list[str]:
    names: list[str] = []
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        names += [slots] if isinstance(slots, str) else list(slots)
    return [name for name in names if not name.startswith("__")]


@functools.lru_cache(maxsize=500)
def _is_of_program(module: str) -> bool:
    """The module is one of the program or its tests, not of a library."""
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    if module.partition(".")[0] == __name__.partition(".")[0]:
        return False  # what stands for a function among the arguments
    is_library = file.startswith(_STANDARD) or any(folder in file for folder in _LIBRARIES)
    return bool(file) and not is_library


def describe(value: Any) -> str:
    """Like `repr`, but objects are shown by class, number and attributes, in place of addresses;
    so are those whose own text fails, as that of an unfinished object may."""
    return _describe(value, {}, 0)


def _describe(value: Any, numbers: dict[int, int], depth: int) -> str:
    if depth > _DEEPEST:
        return "..."
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
    if type(value) in PLAIN or not is_plain_object(value):
        with contextlib.suppress(Exception):
            return _describe_content(value)
    return _describe_object(value, numbers, depth)


def _describe_content(value: Any) -> str:
    """By what it says of itself, or by what one can read from it."""
    if type(value) in PLAIN:
        return repr(value)
    if databases.is_database(value):
        return databases.describe_database(value)
    if isinstance(value, (io.StringIO, io.BytesIO)) and not value.closed:
        return f"{type(value).__name__}({value.getvalue()!r})"
    return repr(value)


def _describe_object(value: Any, numbers: dict[int, int], depth: int) -> str:
    name = type(value).__name__
    if not isinstance(getattr(value, "__dict__", None), dict) and not _list_slots(value):
        return f"<{name}>"
    if id(value) in numbers:
        return f"{name}#{numbers[id(value)]}"
    number = numbers[id(value)] = len(numbers) + 1
    attributes = ", ".join(
        f"{key}={_describe(item, numbers, depth + 1)}"
        for key, item in list_attributes(value)
        if item is not None and not (type(item) is list and not item)
    )
    return f"{name}#{number}({attributes})"


def read_items(get: Callable[[], Iterable[Any]], most: int) -> list[Any]:
    """The first items of what it gives; none where they cannot be read: a class of the program may
    raise anything, above all while an object is still being made."""
    try:
        return list(itertools.islice(get(), most))
    except Exception:
        return []


def list_reachable(value: Any) -> list[Any]:
    """Objects at and behind a value, each once, in a fixed order; at most 60."""
    objects: dict[int, Any] = {}
    _collect(value, objects)
    return list(objects.values())


def _collect(value: Any, objects: dict[int, Any]) -> None:
    if isinstance(value, (list, tuple)):
        for item in read_items(value.__iter__, _MOST_ITEMS):
            _collect(item, objects)
    elif is_plain_object(value) and id(value) not in objects and len(objects) < _MOST:
        objects[id(value)] = value
        for _, item in list_attributes(value):
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
    for name, item in list_attributes(holder):
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
        set_attribute(holder, name, members)
    else:
        goes = item is not None and source.random() < _LINK_GOES
        set_attribute(holder, name, None if goes else other)
