"""Puts a candidate's functions into modules that are already imported, without importing again.

Belongs here: deciding when that is the same as an import, and doing it. A candidate whose module
level differs (imports, constants, default values, decorators) is refused: it needs a real import.
"""

import gc
from collections.abc import Iterator, Sequence
from types import CodeType, FunctionType

Place = tuple[str, str, int]
"""File, qualified name, and which of several with that name."""
Undo = Sequence[tuple[FunctionType, CodeType]]
"""Functions, and the code that each had before."""


class Functions:
    """The live functions of some files, found once; forked children share what was found."""

    def __init__(self, files: set[str]) -> None:
        self._by_code: dict[tuple[str, str, int], list[FunctionType]] = {}
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and thing.__code__.co_filename in files:
                self._by_code.setdefault(_identity(thing.__code__), []).append(thing)

    def swap(
        self, old: CodeType, new: CodeType, ran_at_import: set[tuple[str, str, int]]
    ) -> Undo | None:
        """Gives every changed function its new code, and tells how to undo it. None, with nothing
        changed, if it cannot."""
        pairs = list(_changed(old, new))
        work: list[tuple[FunctionType, CodeType]] = []
        for pair in pairs:
            if pair is None:
                return None
            before, after = pair
            if _identity(before) in ran_at_import or before.co_freevars != after.co_freevars:
                return None
            work += [(function, after) for function in self._by_code.get(_identity(before), [])]
        undo = [(function, function.__code__) for function, _ in work]
        for function, code in work:
            function.__code__ = code
        return undo


def _identity(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_name, code.co_firstlineno


def _changed(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType] | None]:
    """Pairs of function code that differ; None when the code around them differs."""
    if not _same_but_for_functions(old, new):
        yield None
        return
    for before, after in zip(old.co_consts, new.co_consts, strict=True):
        if not isinstance(before, CodeType) or before == after:
            continue
        if _is_class_body(before):
            yield from _changed(before, after)
        else:
            yield before, after


def _is_class_body(code: CodeType) -> bool:
    return "__module__" in code.co_names and "__qualname__" in code.co_names


def _same_but_for_functions(old: CodeType, new: CodeType) -> bool:
    """Equal instructions and names; constants equal, or functions with one name."""
    if old.co_code != new.co_code or old.co_names != new.co_names:
        return False
    if len(old.co_consts) != len(new.co_consts):
        return False
    for before, after in zip(old.co_consts, new.co_consts, strict=True):
        if isinstance(before, CodeType) and isinstance(after, CodeType):
            if before.co_name != after.co_name:
                return False
        elif type(before) is not type(after) or before != after:
            return False
    return True
