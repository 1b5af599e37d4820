"""Rules for dictionaries that are filled while they are read, and for loops that index by element.

Belongs here: a container whose first use needs a start value, where the code itself shows which.
Does not belong here: a key that is missing from data.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import loops_over, scope_of
from healer.draft.rules.rule import FaultSite, Fix, rule

_STARTS = {"append": "[]", "extend": "[]", "add": "set()", "update": "{}"}


def first_of_its_key(site: FaultSite) -> Iterator[Fix]:
    """`seen[key] += 1` or `groups[key].append(x)` where nothing ever puts the first value in."""
    statement = site.code.statement_at(site.line)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Subscript):
        yield from _counted(site, statement, statement.target)
    for call in site.nodes(ast.Call):
        function = call.func
        start = _STARTS.get(getattr(function, "attr", ""))
        held = function.value if isinstance(function, ast.Attribute) else None
        if start and isinstance(held, ast.Subscript):
            yield from _collected(site, held, start)


def _counted(site: FaultSite, statement: ast.AugAssign, target: ast.Subscript) -> Iterator[Fix]:
    if not isinstance(statement.op, ast.Add | ast.Sub) or not _is_only_built(site, target):
        return
    code, sign = site.code, "+" if isinstance(statement.op, ast.Add) else "-"
    value = statement.value
    if isinstance(value, ast.List | ast.ListComp):
        start, certainty = "[]", 0.9
    elif isinstance(value, ast.Constant) and isinstance(value.value, int | float):
        start, certainty = "0", 0.93
    elif isinstance(value, ast.JoinedStr | ast.Constant):
        start, certainty = '""', 0.85
    else:
        start, certainty = "0", 0.8
    holder, key = code.segment(target.value), code.segment(target.slice)
    added = code.segment(value)
    added = f"({added})" if isinstance(value, ast.BinOp | ast.IfExp | ast.BoolOp) else added
    text = f"{holder}[{key}] = {holder}.get({key}, {start}) {sign} {added}"
    cause = f"Nothing puts a first value into `{holder}`; each key begins with {start}."
    yield Fix(cause, (code.replace(statement, text),), certainty)


def _collected(site: FaultSite, target: ast.Subscript, start: str) -> Iterator[Fix]:
    if not _is_only_built(site, target):
        return
    code = site.code
    holder, key = code.segment(target.value), code.segment(target.slice)
    text = f"{holder}.setdefault({key}, {start})"
    cause = f"Nothing puts a first value into `{holder}`; each key begins with {start}."
    yield Fix(cause, (code.replace(target, text),), 0.93)


def _is_only_built(site: FaultSite, target: ast.Subscript) -> bool:
    """The dictionary begins empty, and its only keys come from statements like the failing one.

    Then no key can ever be there, whatever the data, and the code meant to begin it.
    """
    code, name = site.code, site.code.segment(target.value)
    if repr_of(site.error.message) is None:
        return False
    scope: ast.AST | None = scope_of(site)
    if isinstance(target.value, ast.Attribute):
        scope = code.class_around(target)
    empty, other = False, False
    for node in ast.walk(scope) if scope else ():
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        for each in targets:
            value = getattr(node, "value", None)
            if code.segment(each) == name:
                is_empty = value is not None and code.segment(value) in ("{}", "dict()")
                empty, other = empty or is_empty, other or not is_empty
            elif isinstance(each, ast.Subscript) and code.segment(each.value) == name:
                other = True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            fills = node.func.attr in ("setdefault", "update", "fromkeys", "__setitem__")
            other = other or (fills and code.segment(node.func.value) == name)
    return empty and not other


def repr_of(message: str) -> object | None:
    """The missing key that a KeyError's message shows; None for other text."""
    try:
        return (ast.literal_eval(message),)
    except (ValueError, SyntaxError):
        return None


def element_as_index(site: FaultSite) -> Iterator[Fix]:
    """`for row in rows: rows[row]`: the loop gives the element itself."""
    if not re.search(r"(?:list|tuple) indices must be integers", site.error.message):
        return
    for node in site.nodes(ast.Subscript):
        name = node.slice.id if isinstance(node.slice, ast.Name) else ""
        for loop in loops_over(site, name) if name else ():
            held = site.code.segment(node.value)
            if site.code.segment(loop.iter) == held and isinstance(node.ctx, ast.Load):
                cause = f"The loop over `{held}` gives its elements; `{name}` is one already."
                yield Fix(cause, (site.code.replace(node, name),), 0.9)
                return


COUNTING_RULES = (
    rule("first-of-its-key", "KeyError", first_of_its_key),
    rule("element-as-index", "TypeError", element_as_index),
)
