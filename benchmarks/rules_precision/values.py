"""Breakers of what is done with values: types, calls, loops, files.

Belongs here: taking away the conversion, the bracket or the word without which a line raises. Does
not belong here: names (`names`) and forms of older Pythons (`old_python`).
"""

import ast
import random
import re

from benchmarks.rules_precision.breaks import (
    Break,
    Way,
    block_of,
    is_alone_on_its_lines,
    nodes,
    pick,
    replace,
)
from healer.draft.rules.source_file import SourceFile


def conversion_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A number is added to a text literal without `str`."""
    places = [
        node.right
        for node in nodes(code, ast.BinOp)
        if isinstance(node.op, ast.Add)
        and isinstance(node.left, ast.Constant)
        and isinstance(node.left.value, str)
        and _is_call_of(node.right, "str")
    ]
    node = pick(places, source)
    if not isinstance(node, ast.Call):
        return None
    text = replace(code, (node, code.segment(node.args[0])))
    return Break(text, node.lineno, "TypeError", 'can only concatenate str (not "int") to str')


def _is_call_of(node: ast.AST, *names: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in names
        and len(node.args) == 1
        and not node.keywords
        and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp)
    )


def _list_percent_values(code: SourceFile, *around: type[ast.AST]) -> list[ast.Tuple]:
    """Two or more values in brackets that a text is filled with, directly in one of these."""
    return [
        node.right
        for node in nodes(code, ast.BinOp)
        if isinstance(node.op, ast.Mod)
        and isinstance(node.left, ast.Constant)
        and isinstance(node.left.value, str)
        and isinstance(node.right, ast.Tuple)
        and len(node.right.elts) > 1
        and code.segment(node.right).startswith("(")
        and isinstance(code.parents.get(node), around)
    ]


def brackets_of_percent(code: SourceFile, source: random.Random) -> Break | None:
    """The values of `%` stand side by side."""
    places = _list_percent_values(code, ast.Call, ast.Return, ast.Assign)
    node = pick(places, source)
    if node is None:
        return None
    bare = ", ".join(code.segment(element) for element in node.elts)
    text = replace(code, (node, bare))
    return Break(text, node.lineno, "TypeError", "not enough arguments for format string")


def range_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A loop goes over a number."""
    places = [n.iter for n in nodes(code, ast.For) if _is_call_of(n.iter, "range")]
    node = pick(places, source)
    if not isinstance(node, ast.Call):
        return None
    text = replace(code, (node, code.segment(node.args[0])))
    return Break(text, node.lineno, "TypeError", "'int' object is not iterable")


def items_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A loop over pairs goes over a dictionary's keys."""
    places = [
        node.iter
        for node in nodes(code, ast.For)
        if isinstance(node.target, ast.Tuple)
        and len(node.target.elts) == 2
        and isinstance(node.iter, ast.Call)
        and isinstance(node.iter.func, ast.Attribute)
        and node.iter.func.attr == "items"
    ]
    node = pick(places, source)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    text = replace(code, (node, code.segment(node.func.value)))
    message = "too many values to unpack (expected 2)"
    return Break(text, node.lineno, "ValueError", message)


def copy_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A loop goes over the very dictionary that its body changes."""
    places = []
    for loop in nodes(code, ast.For):
        if not _is_call_of(loop.iter, "list", "tuple"):
            continue
        inner = loop.iter.args[0] if isinstance(loop.iter, ast.Call) else loop.iter
        name = code.segment(inner).partition(".keys(")[0].partition(".items(")[0]
        body = "\n".join(code.segment(each) for each in loop.body)
        if re.search(rf"del {re.escape(name)}\[|{re.escape(name)}\.(pop|discard|remove)\(", body):
            places.append((loop.iter, inner))
    choice = pick(places, source)
    if choice is None:
        return None
    node, inner = choice
    text = replace(code, (node, code.segment(inner)))
    message = "dictionary changed size during iteration"
    return Break(text, node.lineno, "RuntimeError", message)


def list_removed(code: SourceFile, source: random.Random) -> Break | None:
    """A view of a dictionary is indexed."""
    places = [
        node.value
        for node in nodes(code, ast.Subscript)
        if _is_call_of(node.value, "list")
        and re.search(r"\.(keys|values|items)\(\)$", code.segment(node.value)[:-1])
    ]
    node = pick(places, source)
    if not isinstance(node, ast.Call):
        return None
    inner = code.segment(node.args[0])
    kind = inner.removesuffix("()").rpartition(".")[2]
    text = replace(code, (node, inner))
    message = f"'dict_{kind}' object is not subscriptable"
    return Break(text, node.lineno, "TypeError", message)


def true_division(code: SourceFile, source: random.Random) -> Break | None:
    """`/` where a whole number is needed by `range`."""
    places = [
        node
        for call in nodes(code, ast.Call)
        if getattr(call.func, "id", "") == "range"
        for node in ast.walk(call)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv)
    ]
    node = pick(places, source)
    if node is None:
        return None
    parts = code.segment(node.left), code.segment(node.right)
    between = code.text[code.span(node.left)[1] : code.span(node.right)[0]].replace("//", "/")
    text = replace(code, (node, parts[0] + between + parts[1]))
    message = "'float' object cannot be interpreted as an integer"
    return Break(text, node.lineno, "TypeError", message)


def text_for_bytes(code: SourceFile, source: random.Random) -> Break | None:
    """A text literal is given to a method of bytes."""
    places = [
        node.args[0]
        for node in nodes(code, ast.Call)
        if isinstance(node.func, ast.Attribute)
        and node.func.attr in ("split", "strip", "join", "find", "partition", "rstrip", "write")
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, bytes)
        and node.args[0].value.isascii()
    ]
    node = pick(places, source)
    if node is None:
        return None
    text = replace(code, (node, code.segment(node).lstrip("bB")))
    message = "a bytes-like object is required, not 'str'"
    return Break(text, node.lineno, "TypeError", message)


def result_in_place(code: SourceFile, source: random.Random) -> Break | None:
    """A list is the result of its own sorting, which is None."""
    places = [
        node
        for node in nodes(code, ast.Expr)
        if isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr in ("sort", "reverse")
        and isinstance(node.value.func.value, ast.Name)
        and is_alone_on_its_lines(code, node)
        and block_of(code, node)[-1] is not node
    ]
    node = pick(places, source)
    if node is None or not isinstance(node.value, ast.Call):
        return None
    name = code.segment(node.value).partition(".")[0]
    block = block_of(code, node)
    after = block[block.index(node) + 1]
    if not any(
        isinstance(n, ast.Subscript) and code.segment(n.value) == name for n in ast.walk(after)
    ):
        return None
    text = replace(code, (node, f"{name} = {code.segment(node)}"))
    return Break(text, after.lineno, "TypeError", "'NoneType' object is not subscriptable")


def logging_level(code: SourceFile, source: random.Random) -> Break | None:
    """A level of logging is written in small letters."""
    levels = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    places = [
        argument
        for node in nodes(code, ast.Call)
        if getattr(node.func, "attr", "") in ("setLevel", "basicConfig")
        for argument in (*node.args, *(k.value for k in node.keywords if k.arg == "level"))
        if isinstance(argument, ast.Constant) and argument.value in levels
    ]
    node = pick(places, source)
    if not isinstance(node, ast.Constant):
        return None
    small = str(node.value).lower()
    text = replace(code, (node, repr(small)))
    return Break(text, node.lineno, "ValueError", f"Unknown level: '{small}'")


def value_of_percent_removed(code: SourceFile, source: random.Random) -> Break | None:
    """`%` lacks a value, which cannot be known."""
    places = _list_percent_values(code, ast.Call)
    node = pick(places, source)
    if node is None:
        return None
    texts = [code.segment(element) for element in node.elts[:-1]]
    text = replace(code, (node, texts[0] if len(texts) == 1 else f"({', '.join(texts)})"))
    message = "not enough arguments for format string"
    return Break(text, node.lineno, "TypeError", message, can_be_mended=False)


BREAKERS: dict[str, Way] = {
    "str is gone": Way(conversion_removed, "+ str("),
    "the brackets after % are gone": Way(brackets_of_percent, "% ("),
    "range is gone": Way(range_removed, "in range("),
    "items is gone": Way(items_removed, ".items()"),
    "the loop's copy is gone": Way(copy_removed, "in list("),
    "list around a view is gone": Way(list_removed, "list("),
    "/ for //": Way(true_division, "//"),
    "text for bytes": Way(text_for_bytes, "(b"),
    "the result of sort": Way(result_in_place, ".sort("),
    "a level in small letters": Way(logging_level, "evel"),
    "a value of % is gone": Way(value_of_percent_removed, "% ("),
}
