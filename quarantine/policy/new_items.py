"""What a patch adds, as a difference of multisets; the strings and the uses of names among it.

Belongs here: the comparison that keeps moved, re-indented and renamed code from counting as new,
and holding new strings against patterns. Does not belong here: what to think of the difference, and
the patterns.
"""

import ast
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from quarantine.policy.expressions import fold
from quarantine.policy.files import FileChange, Patch
from quarantine.policy.module import Module, Use

Item = TypeVar("Item", Use, ast.AST)


def find_new(
    files: Iterable[FileChange],
    items: Callable[[Module], Iterable[Item]],
    key: Callable[[Item], Hashable],
) -> Iterator[tuple[FileChange, Item]]:
    """Items of the patched side beyond the number that the base has with the same key.

    Counted over all changed files together. Of equal items those on added lines are named. Where
    the base cannot be parsed, an item on an added line is new.
    """
    files = tuple(files)
    rest = Counter(
        key(item) for file in files if file.old_module for item in items(file.old_module)
    )
    for file in files:
        new = list(items(file.new_module)) if file.new_module else []
        if file.base_unreadable:
            yield from ((file, item) for item in new if _is_fresh(file, item))
            continue
        groups: dict[Hashable, list[Item]] = {}
        for item in new:
            groups.setdefault(key(item), []).append(item)
        for name, group in groups.items():
            had = max(rest[name], 0)
            rest[name] -= len(group)
            if len(group) > had:
                fresh_last = sorted(group, key=partial(_order, file))
                yield from ((file, item) for item in fresh_last[had:])


def line_of(item: Use | ast.AST) -> int:
    """1-based line in the file; 0 for a node without one."""
    return getattr(_node(item), "lineno", 0)


def first_argument(use: Use) -> str:
    """What a call is mainly about, in a form that does not change when variables are renamed."""
    if not isinstance(use.node, ast.Call) or not use.node.args:
        return ""
    return ",".join(
        repr(node.value) if isinstance(node, ast.Constant) else type(node).__name__
        for node in ast.walk(use.node.args[0])
    )


def _node(item: Use | ast.AST) -> ast.AST:
    return item.node if isinstance(item, Use) else item


def _order(file: FileChange, item: Use | ast.AST) -> tuple[bool, int]:
    return _is_fresh(file, item), line_of(item)


def _is_fresh(file: FileChange, item: Use | ast.AST) -> bool:
    node = _node(item)
    start = getattr(node, "lineno", 0)
    return file.is_touched(start, getattr(node, "end_lineno", None) or start)


def find_strings(patch: Patch) -> Iterator[tuple[FileChange, str, int]]:
    """Strings of product code, docstrings left out, that the base does not hold; with file and
    line. Those that are added up of constants are given whole, too."""

    def strings(module: Module) -> Iterator[ast.AST]:
        for node in module.of(ast.Constant, ast.BinOp):
            if isinstance(value_of(node), str | bytes) and id(node) not in module.docstrings:
                yield node

    for file, node in find_new(patch.product, strings, value_of):
        value = value_of(node)
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        yield file, text, line_of(node)


def value_of(node: ast.AST) -> object:
    """A constant's value, or the text that constants add up to; None for another node."""
    if isinstance(node, ast.BinOp):
        return fold(node)
    return node.value if isinstance(node, ast.Constant) else None


def old_uses(patch: Patch) -> Iterator[Use]:
    """Every use of a name in the changed files of the base."""
    for file in patch.files:
        yield from file.old_module.uses if file.old_module else ()


def fresh_uses(patch: Patch) -> Iterator[tuple[FileChange, Use]]:
    """Uses in product code; where the base cannot be parsed, those on added lines. What the base
    asked for and only forgot to import is not one."""
    for file in patch.product:
        gaps = _find_gaps(file.old_module)
        for use in file.new_module.uses if file.new_module else ():
            is_fresh = not file.base_unreadable or file.is_touched(use.line, use.line)
            if is_fresh and not (gaps and _fills_gap(use, gaps)):
                yield file, use


def _find_gaps(module: Module | None) -> frozenset[str]:
    """Expressions of the base that begin with a name that nothing there defines: `os.sep`, `os`."""
    gaps: set[str] = set()
    for node in module.of(ast.Name) if module else ():
        if isinstance(node, ast.Name) and module and not module.names.is_bound(node.id):
            gaps.add(node.id)
            for above in module.parents(node):
                if not isinstance(above, ast.Attribute):
                    break
                gaps.add(ast.unparse(above))
    return frozenset(gaps)


def _fills_gap(use: Use, gaps: frozenset[str]) -> bool:
    match use.node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return any(not alias.asname and alias.name.partition(".")[0] in gaps for alias in names)
        case ast.Call(func=function):
            return ast.unparse(function) in gaps
    return ast.unparse(use.node) in gaps


def plain_name(name: str) -> str:
    """As the source has it: without what only the resolving adds."""
    return name.removeprefix("builtins.").removeprefix("?.")
