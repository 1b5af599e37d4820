"""The smallest mends of one slip: what stands there, spelt or written as it must have been meant.

Belongs here: texts in place of one expression of the unfixed code, each keeping all that it says.
Does not belong here: which expressions are tried (`neighbours`), or what else people write
(`usual_edits`). Pure.
"""

import ast
import builtins
import difflib
import functools
import inspect
import re
from collections.abc import Iterable, Iterator
from typing import TypeGuard

from healer.draft.rules.scope import (
    import_standard,
    imported_names,
    qualified_name,
    visible_names,
)
from healer.draft.rules.source_file import SourceFile
from healer.evidence.hunks import Hunk, Span

MOST_SPELLINGS = 3
_ALIKE = 0.6
_LOOKALIKES = {"l": "1", "I": "1", "O": "0", "o": "0"}
_SHORTEST = 3
"""Of a shorter word each other one is nearly the same."""
_TYPES = (str, bytes, list, dict, set, tuple, int, float)
_VALUES = ("None", "''", "0", "True", "False")
_NUMBERS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "12", "24", "60", "100", "1000")
"""What may have been meant by a name in a calculation that is like no name that is there."""
_CONVERSIONS = ("int", "float", "str")
"""What may have been meant by such a name where an argument is named, as in `type=number`."""
_METHOD_ARGUMENTS = frozenset(("maxsplit", "days", "hours", "minutes", "seconds", "weeks"))
"""Beside those of the builtin functions."""


def mend_slip(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of an expression of the unfixed code: a name, an attribute or an argument's name
    spelt otherwise, a number that stands there as a text."""
    if isinstance(node, ast.Name):
        names = set(visible_names(code, node.lineno)) | _find_lambda_names(code, node)
        if node.id not in names:
            spellings = _spell(node.id, names)
            yield from spellings
            if node.id in _LOOKALIKES:
                yield _LOOKALIKES[node.id]
            elif not spellings and isinstance(code.parents.get(node), ast.BinOp):
                yield from _NUMBERS
            elif isinstance(code.parents.get(node), ast.keyword):
                yield from _CONVERSIONS
    elif isinstance(node, ast.Attribute):
        yield from _mend_attribute(code, node)
    elif isinstance(node, ast.Call):
        yield from _rename_arguments(code, node)
        if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
            yield code.segment(node.func)
    elif isinstance(node, ast.Constant) and _is_number(node.value):
        yield node.value.strip()


def find_misspellings(base: SourceFile, fix: SourceFile, hunks: Iterable[Hunk]) -> list[Span]:
    """Where the fix has a name that is the only one in reach that is nearly the one before, which
    nothing defines and nothing else mentions: what was meant leaves no choice."""
    return [
        hunk.new
        for hunk in hunks
        if _is_only_spelling(base, hunk.old, fix.text[hunk.new.start : hunk.new.end])
    ]


def _is_only_spelling(base: SourceFile, place: Span, new: str) -> bool:
    old = base.text[place.start : place.end]
    if not old.isidentifier() or not is_misspelling(old, new):
        return False
    names = [n for n in base.nodes if isinstance(n, ast.Name) and n.id == old]
    if len(names) != len(re.findall(rf"\b{old}\b", base.text)):
        return False  # it stands in a text or beside a point, too
    nearby = {name for node in names for name in visible_names(base, node.lineno)}
    return [name for name in nearby if name == old or is_misspelling(old, name)] == [new]


def is_misspelling(word: str, name: str) -> bool:
    """One letter of the name is missing in the word, stands there in addition, or has changed
    places with its neighbour. One of something and several of it are two words."""
    if min(len(word), len(name)) < _SHORTEST or f"{word}s" == name or f"{name}s" == word:
        return False
    short, long = sorted((word, name), key=len)
    if len(long) == len(short) + 1:
        places = [n for n in range(len(long)) if long[:n] + long[n + 1 :] == short]
        return any(long[n].isalpha() for n in places)
    differences = [n for n in range(len(word)) if word[n] != name[n : n + 1]]
    if len(word) != len(name) or len(differences) != 2:  # noqa: PLR2004 - a pair
        return False
    first, second = differences
    return second == first + 1 and word[first : second + 1] == name[second] + name[first]


def move_index(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of what lies at a computed place: what lies one before it, and one behind."""
    no_place = ast.Slice | ast.Constant | ast.Tuple
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    if not isinstance(node.slice, no_place):
        holder, place = code.segment(node.value), code.segment(node.slice)
        yield from (f"{holder}[({place}) {sign} 1]" for sign in "-+")


def retype(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of an expression of the unfixed code: the same as another type of thing."""
    text, parent = code.segment(node), code.parents.get(node)
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield f"{code.segment(node).rpartition('.')[0]}[{node.attr!r}]"
    if isinstance(node, ast.Subscript) and _is_open(node.slice):
        yield f"{code.segment(node.value)}[{code.segment(node.slice)[:-1]}]"
    if isinstance(node, ast.Call):
        yield from _swap_values(code, node)
    is_part = isinstance(parent, ast.BinOp) or (
        isinstance(parent, ast.Call) and node in parent.args
    )
    if is_part and isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        yield from (f"str({text})", f"int({text})")
    targets = parent.targets if isinstance(parent, ast.Assign) and node is parent.value else ()
    if isinstance(node, ast.Call) and any(isinstance(each, ast.Tuple) for each in targets):
        yield from (f"map({kind}, {text})" for kind in _CONVERSIONS)


def _mend_attribute(code: SourceFile, node: ast.Attribute) -> Iterator[str]:
    """Spelt otherwise, another one of which a word is the same, or called where it is a method."""
    attributes = _find_attributes(code, node.value)
    parent = code.parents.get(node)
    is_called = isinstance(parent, ast.Call) and parent.func is node
    names = [node.attr]
    if node.attr not in attributes:
        words = set(node.attr.split("_"))
        relatives = [name for name in sorted(attributes) if words & {*name.split("_")} - {""}]
        names = [*dict.fromkeys([*_spell(node.attr, attributes), *relatives[:MOST_SPELLINGS]])]
    for name in names:
        call = "()" if not is_called and callable(attributes.get(name)) else ""
        if name != node.attr or call:
            yield f"{code.segment(node).rpartition('.')[0]}.{name}{call}"


def _find_lambda_names(code: SourceFile, node: ast.AST) -> set[str]:
    """The arguments of the lambdas around it."""
    names: set[str] = set()
    above = code.parents.get(node)
    while above is not None:
        if isinstance(above, ast.Lambda):
            names |= {each.arg for each in above.args.args}
        above = code.parents.get(above)
    return names


def _is_number(value: object) -> TypeGuard[str]:
    text = value.strip() if isinstance(value, str) else ""
    return text.lstrip("-").replace(".", "", 1).isdigit()


def _is_open(place: ast.expr) -> bool:
    """A slice from a place to the end."""
    if not isinstance(place, ast.Slice):
        return False
    return place.lower is not None and place.upper is None and place.step is None


def _rename_arguments(code: SourceFile, call: ast.Call) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg is not None and keyword.arg not in _argument_names():
            for name in _spell(keyword.arg, _argument_names()):
                yield _replace_in(code, call, keyword, f"{name}={code.segment(keyword.value)}")


def _swap_values(code: SourceFile, call: ast.Call) -> Iterator[str]:
    """Another plain value of a named argument."""
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Constant):
            yield from (_replace_in(code, call, keyword.value, value) for value in _VALUES)


def _replace_in(code: SourceFile, around: ast.expr, part: ast.AST, text: str) -> str:
    (start, end), (first, last) = code.span(around), code.span(part)
    return code.text[start:first] + text + code.text[last:end]


def _spell(word: str, names: Iterable[str]) -> list[str]:
    pool = sorted(name for name in names if not name.startswith("__"))
    return difflib.get_close_matches(word, pool, MOST_SPELLINGS, _ALIKE)


def _find_attributes(code: SourceFile, holder: ast.expr) -> dict[str, object]:
    """Of a module of the standard library, of what lies in it or of what that makes, or else of any
    builtin type and of the classes of the modules that the file imports; each with its value."""
    imports = imported_names(code)
    things = [_find_standard(qualified_name(holder, imports))]
    if isinstance(holder, ast.Call):
        things = [_find_standard(qualified_name(holder.func, imports))]
        things = [thing for thing in things if isinstance(thing, type)]
    if not any(things):
        modules = {name.partition(".")[0] for name in imports.values()}
        things = [*_TYPES, *_find_classes(frozenset(modules))]
    return {name: getattr(each, name, None) for each in things for name in dir(each)}


@functools.cache
def _find_classes(modules: frozenset[str]) -> tuple[type, ...]:
    """Of these modules of the standard library."""
    things = (each for name in sorted(modules) for each in _find_public(name))
    return tuple(each for each in things if isinstance(each, type))


def _find_public(name: str) -> list[object]:
    module = import_standard(name)
    members = vars(module).items() if module else ()
    return [each for word, each in members if not word.startswith("_")]


def _find_standard(name: str) -> object:
    """A module of the standard library or something in it, None for anything else."""
    owner, _, inner = name.rpartition(".")
    return import_standard(name) or getattr(import_standard(owner), inner, None)


@functools.cache
def _argument_names() -> frozenset[str]:
    """Of builtin functions and of methods that are called by name."""
    names = set(_METHOD_ARGUMENTS)
    for value in vars(builtins).values():
        try:
            names.update(inspect.signature(value).parameters)
        except (TypeError, ValueError):  # its signature is not known
            continue
    return frozenset(names)
