"""Copies of a call's arguments, with what functions among them remember.

Tests hand in functions that note what they were called with (`posted.append`, a closure that
counts). `copy.deepcopy` shares these, so one call would change what the next one gets, and what
was handed on to them would never be seen.

Belongs here: copying, and telling what such functions remember. Does not belong here: calling
(`observation`), or functions that answer otherwise (`given_functions`).
"""

from __future__ import annotations

import contextlib
import copy
import io
from collections import deque
from types import BuiltinMethodType, CellType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from . import databases
from .kept_state import MOST_FILE_BYTES
from .object_graphs import PLAIN, read_items

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 100
"""Things looked at, of one call."""
_LARGEST = 1000
"""A list, dict or set of more items stays shared: each call is copied hundreds of times."""
_KEPT = (list, dict, set, bytearray, deque)
_REMEMBERED = (*_KEPT, tuple, int, float, str, bytes, type(None), FunctionType, BuiltinMethodType)
"""What is copied of a function's variables; an open file or a fixture of pytest stays shared."""


def copy_call(call: tuple[Any, ...]) -> tuple[Any, ...]:
    """A deep copy, in which functions have variables, and databases rows, of their own, too."""
    memo: dict[int, Any] = {}
    for thing in _walk(call):
        _copy_thing(thing, memo)
    return copy.deepcopy(call, memo)


def find_memory(call: tuple[Any, ...]) -> list[tuple[str, object]]:
    """What functions among the arguments remember, by a name for a person."""
    memory: dict[str, object] = {}
    for thing in _walk(call):
        if isinstance(thing, FunctionType):
            for name, cell in zip(thing.__code__.co_freevars, thing.__closure__ or ()):
                content = _look_into(cell)
                if isinstance(content, _REMEMBERED[:-2]) and not _is_large(content):
                    memory.setdefault(f"{thing.__name__}'s {name}", content)
        elif _is_method_of_container(thing):
            memory.setdefault(f"what {thing.__name__} is called on", thing.__self__)
    return list(memory.items())


def _walk(call: tuple[Any, ...]) -> Iterator[Any]:
    """Functions and databases that can be reached from the arguments, each once; the nearest
    first."""
    things: dict[int, Any] = {}
    waiting = deque([call])
    while waiting and len(things) < _MOST:
        thing = waiting.popleft()
        if id(thing) in things:
            continue
        things[id(thing)] = thing
        if databases.is_database(thing) or isinstance(thing, io.TextIOWrapper):
            yield thing
        elif isinstance(thing, FunctionType):
            yield thing
            waiting.extend(_look_into(cell) for cell in thing.__closure__ or ())
        elif _is_method_of_container(thing):
            yield thing
        elif isinstance(thing, (list, tuple)):
            waiting.extend(read_items(thing.__iter__, _MOST))
        elif isinstance(thing, dict):
            waiting.extend(read_items(thing.values, _MOST))
        elif isinstance(thing, MethodType):
            waiting.append(thing.__self__)
        elif type(thing) not in PLAIN and not isinstance(thing, (type, ModuleType)):
            with contextlib.suppress(Exception):  # whatever `__getattr__` makes of it
                waiting.extend(list(vars(thing).values())[:_MOST])


def _copy_thing(thing: Any, memo: dict[int, Any]) -> None:
    """Puts the copy into the memo, before its variables are copied: they may hold it."""
    if id(thing) in memo:
        return
    if databases.is_database(thing):
        memo[id(thing)] = databases.copy_database(thing)
        return
    if isinstance(thing, io.TextIOWrapper):
        memo[id(thing)] = _copy_stream(thing)
        return
    if _is_method_of_container(thing):
        owner = copy.deepcopy(thing.__self__, memo)
        memo[id(thing)] = getattr(owner, thing.__name__)
        return
    if not thing.__closure__:
        return
    cells = tuple(CellType() for _ in thing.__closure__)
    new = FunctionType(thing.__code__, thing.__globals__, thing.__name__, thing.__defaults__, cells)
    new.__kwdefaults__ = thing.__kwdefaults__
    new.__qualname__ = thing.__qualname__
    new.__dict__.update(thing.__dict__)
    memo[id(thing)] = new
    for old, cell in zip(thing.__closure__, cells):
        with contextlib.suppress(ValueError):  # a variable that has no value yet
            cell.cell_contents = _copy_content(old.cell_contents, memo)


def _copy_stream(stream: io.TextIOWrapper) -> io.StringIO:
    """The rest of an open text file, in memory. Raises OSError or ValueError for one that cannot be
    read again."""
    place = stream.tell()
    text = stream.read(MOST_FILE_BYTES)
    stream.seek(place)
    return io.StringIO(text)


def _copy_content(content: Any, memo: dict[int, Any]) -> Any:
    if not isinstance(content, _REMEMBERED) or _is_large(content):
        return content
    if isinstance(content, FunctionType):
        _copy_thing(content, memo)
        return memo.get(id(content), content)
    try:
        return copy.deepcopy(content, memo)
    except Exception:
        return content


def _is_method_of_container(thing: Any) -> bool:
    is_method = isinstance(thing, BuiltinMethodType) and isinstance(thing.__self__, _KEPT)
    return is_method and not _is_large(thing.__self__)


def _is_large(content: Any) -> bool:
    return isinstance(content, (*_KEPT, tuple)) and len(content) > _LARGEST


def _look_into(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None
