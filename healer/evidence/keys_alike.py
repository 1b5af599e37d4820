"""Keys written as the table's other keys are: `names[word]` where it was filled by `word.lower()`.

Belongs here: texts in place of a lookup of the unfixed code, by what stands for a key of the same
table elsewhere. Does not belong here: which lookups are tried (`neighbours`). Pure.

Whoever gives a default where such a key is missing mends the crash, and every spelling that the
test does not try is still not found.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import SourceFile

MOST_FORMS = 8
_LOOKUPS = frozenset(("get", "pop", "setdefault"))
_PART = "\0"
"""In a form the place of what it is of."""


def write_key_alike(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of a lookup: with its key in each other form that keys of the same table have, or
    that the same value has where it is compared or looked for."""
    place = _find_key(node)
    if place is None:
        return
    holder, key = place
    own = _find_form(code, key)
    forms = dict.fromkeys(form for form in _find_forms(code, holder, key) if form != own)
    start, end = code.span(node)
    first, last = code.span(key)
    inner = code.segment(_find_core(key))
    for form in list(forms)[:MOST_FORMS]:
        text = form.replace(_PART, inner)
        yield f"{code.text[start:first]}{text}{code.text[last:end]}"


def _find_key(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """A table and what is looked up in it, or is put or looked for there."""
    match node:
        case ast.Subscript(value=holder, slice=ast.Slice() | ast.Constant()):
            return None
        case ast.Subscript(value=holder, slice=key):
            return holder, key
        case ast.Call(func=ast.Attribute(value=holder, attr=name), args=[key, *_]):
            return (holder, key) if name in _LOOKUPS else None
        case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[holder]):
            return holder, key
    return None


def _find_forms(code: SourceFile, holder: ast.expr, key: ast.expr) -> Iterator[str]:
    """First those of the table's keys, then those of the same value elsewhere in the function."""
    table, function = ast.dump(holder), code.function_at(key.lineno)
    for node in code.nodes:
        place = _find_key(node)
        if place and _is_same(place[0], table):
            yield _find_form(code, place[1])
        if isinstance(node, ast.Assign) and any(_is_same(each, table) for each in node.targets):
            yield from _find_forms_of_dict(code, node.value)
    core = ast.dump(_find_core(key))
    for node in ast.walk(function) if function else ():
        if isinstance(node, ast.Call) and ast.dump(_find_core(node)) == core:
            yield _find_form(code, node)


def _is_same(node: ast.expr, text: str) -> bool:
    return ast.dump(node).replace("Store()", "Load()") == text


def _find_forms_of_dict(code: SourceFile, node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.DictComp):
        yield _find_form(code, node.key)
    elif isinstance(node, ast.Call) and len(node.args) == 1:
        pairs = getattr(node.args[0], "elt", None)
        if isinstance(pairs, ast.Tuple) and pairs.elts:
            yield _find_form(code, pairs.elts[0])


def _find_core(node: ast.expr) -> ast.expr:
    """What a chain of calls is of: `a.b` of `str(a.b.strip()).lower()`."""
    while isinstance(node, ast.Call) and not node.keywords:
        if isinstance(node.func, ast.Attribute) and _are_plain(node.args):
            node = node.func.value
        elif isinstance(node.func, ast.Name) and len(node.args) == 1:
            node = node.args[0]
        else:
            break
    return node


def _are_plain(arguments: list[ast.expr]) -> bool:
    return all(isinstance(each, ast.Constant) for each in arguments)


def _find_form(code: SourceFile, key: ast.expr) -> str:
    """The key as it is written, with a mark in place of what it is of."""
    (start, end), (first, last) = code.span(key), code.span(_find_core(key))
    return f"{code.text[start:first]}{_PART}{code.text[last:end]}"
