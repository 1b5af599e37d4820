"""Puts a candidate's functions into modules that are already imported, without importing again,
and finds the one of a name.

Belongs here: deciding when that is the same as an import, doing it, and asking such a function. A
candidate whose module level differs (imports, constants, default values, decorators) is refused: it
needs a real import.
"""

from __future__ import annotations

import functools
import gc
import inspect
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence, Set

    FunctionKey = tuple[str, str, int]
    """Of a function's code: its file, its name and its first line."""
    Undo = Sequence[tuple[FunctionType, CodeType]]
    """Functions, and the code that each had before."""


LAMBDA = "<lambda>"
_INSTRUCTIONS = (
    "co_code", "co_exceptiontable", "co_names", "co_varnames", "co_freevars", "co_cellvars",
    "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_flags", "co_name",
)  # fmt: skip
"""What a function does, beside its constants; some only on newer interpreters."""


class LiveFunctions:
    """The live functions of some files, found once; forked children share what was found."""

    def __init__(self, files: Set[str]) -> None:
        self._functions: dict[FunctionKey, list[FunctionType]] = {}
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and thing.__code__.co_filename in files:
                self._functions.setdefault(key_of(thing.__code__), []).append(thing)

    def replace(self, old: CodeType, new: CodeType, ran_at_import: Set[FunctionKey]) -> Undo | None:
        """Gives every changed function of a module its new code, and tells how to undo it. None,
        with nothing changed, if it cannot."""
        work: list[tuple[FunctionType, CodeType]] = []
        for pair in _find_changes(old, new):
            if pair is None:
                return None
            before, after = pair
            if key_of(before) in ran_at_import or before.co_freevars != after.co_freevars:
                if _is_only_moved(before, after):
                    continue  # lines above it came or went
                return None
            work += [(function, after) for function in self._functions.get(key_of(before), [])]
        undo = [(function, function.__code__) for function, _ in work]
        put_back(work)
        return undo


def put_back(undo: Undo) -> None:
    """Gives each function the code that stands beside it."""
    for function, code in undo:
        function.__code__ = code


def key_of(code: CodeType) -> FunctionKey:
    """What tells a function from all others of its file."""
    return code.co_filename, code.co_name, code.co_firstlineno


def _find_changes(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType] | None]:
    """Pairs of function code that differ; None when the code around them differs."""
    if not _same_but_for_functions(old, new):
        yield None
        return
    for before, after in zip(old.co_consts, new.co_consts):
        if not isinstance(before, CodeType) or before == after:
            continue
        if _is_class_body(before):
            yield from _find_changes(before, after)
        else:
            yield before, after


def _is_only_moved(old: CodeType, new: CodeType) -> bool:
    """The same but for the lines on which it stands."""
    if any(getattr(old, name, None) != getattr(new, name, None) for name in _INSTRUCTIONS):
        return False
    return len(old.co_consts) == len(new.co_consts) and all(
        _is_only_moved(before, after)
        if isinstance(before, CodeType) and isinstance(after, CodeType)
        else (type(before), repr(before)) == (type(after), repr(after))
        for before, after in zip(old.co_consts, new.co_consts)
    )


def _is_class_body(code: CodeType) -> bool:
    return "__module__" in code.co_names and "__qualname__" in code.co_names


def _same_but_for_functions(old: CodeType, new: CodeType) -> bool:
    """Equal instructions and names; constants equal, or functions with one name."""
    if old.co_code != new.co_code or old.co_names != new.co_names:
        return False
    if len(old.co_consts) != len(new.co_consts):
        return False
    for before, after in zip(old.co_consts, new.co_consts):
        if isinstance(before, CodeType) and isinstance(after, CodeType):
            if before.co_name != after.co_name:
                return False
        elif type(before) is not type(after) or before != after:
            return False
    return True


def find_function(
    module: ModuleType, qualname: str, file: str, name: str
) -> Callable[..., Any] | None:
    """The plain function of that name, out of what wraps it; a method's first argument is its
    object. Without a name the only such one that the module keeps."""
    if qualname == LAMBDA:
        functions = [f for f in vars(module).values() if _is_lambda(f, file)]
        return functions[0] if len(functions) == 1 else None
    thing: Any = module
    for part in qualname.split("."):
        try:
            thing = inspect.getattr_static(thing, part)
        except AttributeError:
            return None
    thing = getattr(thing, "__func__", None) or getattr(thing, "fget", None) or thing
    while not isinstance(thing, FunctionType) or thing.__code__.co_filename != file:
        thing = getattr(thing, "__wrapped__", None)
        if thing is None:
            return None
    return thing if thing.__code__.co_name == name else None


def _is_lambda(thing: object, file: str) -> bool:
    if not isinstance(thing, FunctionType):
        return False
    return thing.__code__.co_name == LAMBDA and thing.__code__.co_filename == file


def bind(function: Callable[..., Any], no_value: object) -> Callable[..., Any]:
    """Takes the values of all its parameters in the order in which a frame holds them; `no_value`
    in place of one that the call leaves out."""
    code: CodeType = function.__code__
    count, total = code.co_argcount, code.co_argcount + code.co_kwonlyargcount

    @functools.wraps(function)
    def call(*values: Any) -> Any:
        pairs = list(zip(code.co_varnames, values[:total]))
        first = min([n for n, (_, v) in enumerate(pairs) if v is no_value] + [count])
        keywords = {name: v for name, v in pairs[first:] if v is not no_value}
        rest = list(values[total:])
        more = rest.pop(0) if code.co_flags & inspect.CO_VARARGS and rest else ()
        if code.co_flags & inspect.CO_VARKEYWORDS and rest:
            keywords.update(rest[0])
        return function(*values[:first], *more, **keywords)

    return call
