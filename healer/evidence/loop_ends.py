"""Where a loop may have gone on too long: what crashes behind it is then mended in the loop.

Belongs here: texts of a whole file in which a loop ends earlier, or what it computed has one step
less. Does not belong here: which statements a fix changed (`neighbours`, `variations`). Pure.

A loop that counts the units, steps or rows that it needs may run past the last one. Whoever cuts
the number to the end of the list mends the crash, and what the loop computed beside it is off.
"""

import ast
from collections.abc import Iterator
from typing import TypeGuard

from healer.draft.rules.source_file import SourceFile, apply_edits

_INVERSE: dict[type[ast.operator], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*",
}  # fmt: skip


def end_loop(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """For a part of a list at a place that a loop counts: the file with that loop ending at the
    list's end; for one at a computed place beside a loop's own, with the loop so much shorter."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    holder, place = code.segment(node.value), node.slice
    if isinstance(place, ast.Name):
        for loop, step in _find_counting(code, node, place.id):
            limit = f"{place.id} < len({holder}) - 1"
            condition = limit if isinstance(step.op, ast.Add) else f"{place.id} > 0"
            text = f"({code.segment(loop.test)}) and {condition}"
            yield apply_edits(code.text, [code.replace(loop.test, text)])
    elif isinstance(place, ast.BinOp) and isinstance(place.op, ast.Add):
        names = {n.id for n in ast.walk(place) if isinstance(n, ast.Name)}
        count = place.right if isinstance(place.right, ast.Constant) else place.left
        for walk in _find_walks_around(code, node):
            if isinstance(count, ast.Constant) and names & _name_targets(walk):
                text = f"list({code.segment(walk.iter)})[:-{count.value!r}]"
                yield apply_edits(code.text, [code.replace(walk.iter, text)])


def undo_step(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of a name that a loop above has changed step by step: with one step less."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    function = code.function_at(node.lineno)
    for loop in ast.walk(function) if function else ():
        if isinstance(loop, ast.For | ast.While) and (loop.end_lineno or 0) < node.lineno:
            for step in ast.walk(loop):
                if _changes(step, node.id) and type(step.op) in _INVERSE and _is_steady(step):
                    yield f"({node.id} {_INVERSE[type(step.op)]} {code.segment(step.value)})"


def _find_counting(
    code: SourceFile, node: ast.expr, name: str
) -> Iterator[tuple[ast.While, ast.AugAssign]]:
    """Loops of the function, each with the step that counts the name on or back by one."""
    function = code.function_at(node.lineno)
    for loop in ast.walk(function) if function else ():
        if isinstance(loop, ast.While):
            for step in ast.walk(loop):
                if _changes(step, name) and _counts_by_one(step):
                    yield loop, step


def _changes(node: ast.AST, name: str) -> TypeGuard[ast.AugAssign]:
    return isinstance(node, ast.AugAssign) and getattr(node.target, "id", "") == name


def _counts_by_one(step: ast.AugAssign) -> bool:
    is_one = isinstance(step.value, ast.Constant) and step.value.value == 1
    return is_one and isinstance(step.op, ast.Add | ast.Sub)


def _is_steady(step: ast.AugAssign) -> bool:
    """What each step adds or takes is no more than a number or a name."""
    return isinstance(step.value, ast.Constant | ast.Name | ast.Attribute)


def _find_walks_around(code: SourceFile, node: ast.AST) -> Iterator[ast.For | ast.comprehension]:
    above = code.parents.get(node)
    while above is not None:
        if isinstance(above, ast.For):
            yield above
        yield from getattr(above, "generators", ())
        above = code.parents.get(above)


def _name_targets(loop: ast.For | ast.comprehension) -> set[str]:
    return {each.id for each in ast.walk(loop.target) if isinstance(each, ast.Name)}
