"""Operators on statements: delete, move, copy, guard, change the kind.

Belongs here: edits of whole lines. Indentation and line ends are the file's own.
"""

import ast
import itertools
import re
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.site import Mutation, Operator, Site
from healer.draft.search.prefilter import gives_nothing

_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.Delete, ast.Continue, ast.Break)
_ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_ENDING_WORDS = ("return", "break", "continue", "raise")
_MAX_NAMES = 6
_LONGEST_DONOR = 60


def _blocks(site: Site) -> Iterator[list[ast.stmt]]:
    for holder in (site.scope, *site.nodes):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(holder, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def _one_line(site: Site, statement: ast.stmt) -> bool:
    start, end = site.line_of(statement)
    inside = site.code.text[start:end].strip()
    return inside == site.text(statement).strip() or inside.startswith("#")


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def delete(site: Site) -> Iterator[Mutation]:
    for block in _blocks(site):
        for statement in block:
            if _is_docstring(statement) or isinstance(statement, ast.FunctionDef | ast.ClassDef):
                continue
            kind = type(statement).__name__
            if isinstance(statement, ast.If) and not statement.orelse:
                yield Mutation("keep-body/if", statement.lineno, (_dedented(site, statement),))
            start, end = site.line_of(statement)
            indent = site.code.indent(statement.lineno)
            new = f"{indent}pass{site.code.newline}" if len(block) == 1 else ""
            yield Mutation(f"delete/{kind}", statement.lineno, (TextEdit(start, end, new),))


def _dedented(site: Site, node: ast.If) -> TextEdit:
    start, end = site.line_of(node)
    first = site.code.line_start(node.body[0].lineno)
    inner = site.code.indent(node.body[0].lineno)
    outer = site.code.indent(node.lineno)
    lines = site.code.text[first:end].splitlines(keepends=True)
    return TextEdit(
        start,
        end,
        "".join(outer + x.removeprefix(inner) if x.startswith(inner) else x for x in lines),
    )


def move(site: Site) -> Iterator[Mutation]:
    """Neighbours change places; a block's last line leaves it; the line after a block enters."""
    for block in _blocks(site):
        for first, second in itertools.pairwise(block):
            if _is_docstring(first) or isinstance(first, _ENDS) or isinstance(second, _ENDS):
                continue  # what follows an end is never reached
            a, b = site.line_of(first), site.line_of(second)
            if a[1] <= b[0]:
                one, two = site.code.text[a[0] : a[1]], site.code.text[b[0] : b[1]]
                gap = site.code.text[a[1] : b[0]]
                yield Mutation(
                    "swap-statements/", first.lineno, (TextEdit(a[0], b[1], two + gap + one),)
                )
            yield from _into(site, first, second)
        for holder in block:
            yield from _out_of(site, holder)


def _into(site: Site, holder: ast.stmt, following: ast.stmt) -> Iterator[Mutation]:
    body = _last_block(holder)
    if body is None or not isinstance(following, _SIMPLE):
        return
    start, end = site.line_of(following)
    deep = site.code.indent(body[-1].lineno)
    text = deep + site.code.text[start:end].lstrip()
    yield Mutation("indent/", following.lineno, (TextEdit(start, end, text),))


def _out_of(site: Site, holder: ast.stmt) -> Iterator[Mutation]:
    body = _last_block(holder)
    if body is None or len(body) < 2 or not isinstance(body[-1], _SIMPLE):  # noqa: PLR2004
        return
    start, end = site.line_of(body[-1])
    text = site.code.indent(holder.lineno) + site.code.text[start:end].lstrip()
    yield Mutation("dedent/", body[-1].lineno, (TextEdit(start, end, text),))


def _last_block(statement: ast.stmt) -> list[ast.stmt] | None:
    if not isinstance(statement, ast.If | ast.For | ast.While | ast.With):
        return None
    return getattr(statement, "orelse", None) or statement.body


def kind(site: Site) -> Iterator[Mutation]:
    """`if` for `while`, `break` for `continue`, `return` for `yield`, a forgotten `return`."""
    words = {
        ast.If: (("if", "while"), ("elif", "if")), ast.While: (("while", "if"),),
        ast.Break: (("break", "continue"), ("break", "return")),
        ast.Continue: (("continue", "break"),), ast.Return: (("return", "yield"),),
    }  # fmt: skip
    for node in site.each(ast.stmt):
        start, _ = site.code.span(node)
        for old, new in words.get(type(node), ()):
            if site.code.text.startswith(old, start):
                change = TextEdit(start, start + len(old), new)
                yield Mutation(f"kind/{old} to {new}", node.lineno, (change,))
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call | ast.Compare | ast.BinOp)
            and not gives_nothing(node)
        ):
            yield Mutation("kind/add return", node.lineno, (TextEdit(start, start, "return "),))
    for value in site.each(ast.Yield):
        start, _ = site.code.span(value)
        yield Mutation("kind/yield from", value.lineno, (TextEdit(start, start + 5, "yield from"),))
    for source in site.each(ast.YieldFrom):
        start, _ = site.code.span(source)
        yield Mutation("kind/yield", source.lineno, (TextEdit(start, start + 10, "yield"),))
    for node in site.each(ast.If):
        if node.orelse and not isinstance(node.orelse[0], ast.If):
            a, b = _body(site, node.body), _body(site, node.orelse)
            swap = (
                TextEdit(*a, site.code.text[slice(*b)]),
                TextEdit(*b, site.code.text[slice(*a)]),
            )
            yield Mutation("swap-branches/statement", node.lineno, swap)


def _body(site: Site, block: list[ast.stmt]) -> tuple[int, int]:
    return site.line_of(block[0])[0], site.line_of(block[-1])[1]


def insert(site: Site) -> Iterator[Mutation]:
    """A statement of the scope, also with one of its names changed, at every other place."""
    texts = _donor_statements(site)
    for block in _blocks(site):
        for index, statement in enumerate(block):
            if _is_docstring(statement):
                continue
            start, end = site.line_of(statement)
            indent = site.code.indent(statement.lineno)
            for text, detail in texts:
                new = f"{indent}{text}{site.code.newline}"
                if not text.startswith(_ENDING_WORDS):  # the rest would never be reached
                    change = TextEdit(start, start, new)
                    yield Mutation(f"insert/{detail}", statement.lineno, (change,))
                ends = isinstance(statement, _ENDS)
                if index == len(block) - 1 and not ends:
                    yield Mutation(
                        f"insert/{detail}", statement.end_lineno or 0, (TextEdit(end, end, new),)
                    )


def _donor_statements(site: Site) -> list[tuple[str, str]]:
    """Texts of statements to insert, each with the detail that the prior counts."""
    found: dict[str, str] = {}
    for node in site.nodes:
        if isinstance(node, _SIMPLE) and not _is_docstring(node):
            text = site.text(node)
            if "\n" not in text and len(text) <= _LONGEST_DONOR:
                found[text] = f"copy {type(node).__name__}"
                for new in _renamed(site, node, text):
                    found.setdefault(new, f"varied {type(node).__name__}")
    for holder in site.names:
        method = _grows(site, holder)
        for value in site.names[:8] if method else ():
            if value != holder:
                found.setdefault(f"{holder}.{method}({value})", "grow")
    for one, other in itertools.permutations(site.names[:_MAX_NAMES], 2):
        found.setdefault(f"{one} = {other}", "assign")
    for word in ("continue", "break", "return"):
        found.setdefault(word, word)
    return list(found.items())


def _renamed(site: Site, node: ast.stmt, text: str) -> Iterator[str]:
    used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & set(site.names)
    for name in sorted(used):
        for other in site.names[:_MAX_NAMES]:
            if other != name:
                yield re.sub(rf"\b{name}\b", other, text)


def _grows(site: Site, name: str) -> str:
    """The method that adds to a local collection, by how it was made; empty when unknown."""
    for node in site.each(ast.Assign):
        if any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            value = site.text(node.value)
            if value.startswith(("set(", "{*")) or isinstance(node.value, ast.Set | ast.SetComp):
                return "add"
            if value.startswith(("[", "list(", "deque(", "Queue(")):
                return "append"
    return ""


def guard(site: Site) -> Iterator[Mutation]:
    """An early end for the edge case: at the top of the scope, and around single statements."""
    body = [s for s in getattr(site.scope, "body", []) if not _is_docstring(s)]
    if not body or isinstance(site.scope, ast.Module):
        return
    indent, newline = site.code.indent(body[0].lineno), site.code.newline
    start = site.line_of(body[0])[0]
    results = list(dict.fromkeys(site.text(r.value) for r in site.each(ast.Return) if r.value))
    ends = [f"return {value}" for value in (*results[:4], "0", "[]", "None", "False", "True", "''")]
    for name in site.parameters[:4]:
        for test in (f"not {name}", f"{name} == 0", f"{name} is None", f"len({name}) < 2"):
            for end in dict.fromkeys(ends):
                text = f"{indent}if {test}:{newline}{indent}{_deeper(indent)}{end}{newline}"
                yield Mutation("guard/top", body[0].lineno, (TextEdit(start, start, text),))
    for node in site.each(ast.stmt):
        if (
            isinstance(node, ast.Expr | ast.Assign | ast.AugAssign)
            and not _is_docstring(node)
            and _one_line(site, node)
        ):
            yield from _condition_around(site, node)


def _deeper(indent: str) -> str:
    return "\t" if "\t" in indent else "    "


def _condition_around(site: Site, node: ast.stmt) -> Iterator[Mutation]:
    start, end = site.line_of(node)
    indent, newline = site.code.indent(node.lineno), site.code.newline
    line = site.code.text[start:end].lstrip()
    tests = [
        *site.conditions,
        *(n for n in site.names[:_MAX_NAMES]),
        *(f"{n} is not None" for n in site.names[:_MAX_NAMES]),
    ]
    for test in dict.fromkeys(tests):
        text = f"{indent}if {test}:{newline}{indent}{_deeper(indent)}{line}"
        yield Mutation("guard/statement", node.lineno, (TextEdit(start, end, text),))


STATEMENT_OPERATORS: tuple[Operator, ...] = (delete, move, kind, insert, guard)
