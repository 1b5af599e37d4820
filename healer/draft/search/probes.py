"""Variants that replace one expression: where it stands, and what stands there instead.

Belongs here: finding the smallest expression in which a variant differs, and whether evaluating
it once more is harmless. Does not belong here: evaluating anything (the sandbox does).
"""

import ast
from collections.abc import Iterator, Mapping, Sequence

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.operators.mutation import is_stored
from healer.draft.search.search_time import UNLIMITED, SearchTime
from healer.draft.search.variant_maker import Pair
from sandbox.job import Probe

_PURE = (
    ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Slice, ast.BinOp, ast.UnaryOp,
    ast.BoolOp, ast.Compare, ast.IfExp, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Call,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context,
)  # fmt: skip
_GROWS = (ast.Pow, ast.LShift)
"""Two large numbers make these endless."""
_HARMLESS = frozenset(
    ("len", "min", "max", "abs", "sum", "int", "float", "str", "bool", "list", "tuple", "set",
     "sorted", "any", "all", "isinstance", "ord", "chr", "round", "repr", "range", "type")
)  # fmt: skip
MAX_FORMS = 240
"""Of one expression; each is evaluated at each visit."""
PROBES_SHARE = 0.25
"""Of the time that is left, so much may go into finding the probes of one round."""

Expressions = tuple[ast.expr, ast.expr]
"""One before a change, and what it became."""


def find_probes(
    codes: Mapping[str, SourceFile],
    variants: Sequence[tuple[str, Pair | None]],
    time: SearchTime = UNLIMITED,
) -> list[Probe]:
    """`variants`: the path of each, and a part of the file's tree with what it becomes. One that
    is no change of one expression, or not harmless to evaluate, is in no probe; nor are those
    that the time does not last for."""
    limit_s = time.portion(PROBES_SHARE)
    places: dict[tuple[str, ast.expr], list[tuple[int, str]]] = {}
    for index, (path, pair) in enumerate(variants):
        if time.is_past(limit_s):
            break
        expressions = _choose_expression(*pair) if pair else None
        if expressions:
            forms = places.setdefault((path, expressions[0]), [])
            if len(forms) < MAX_FORMS:
                forms.append((index, ast.unparse(expressions[1])))
    return [_make_probe(path, node, forms, codes[path]) for (path, node), forms in places.items()]


def _make_probe(path: str, node: ast.expr, forms: list[tuple[int, str]], code: SourceFile) -> Probe:
    ends = (node.end_lineno or 0, node.end_col_offset or 0)
    return Probe(
        path=path,
        at=(node.lineno, node.col_offset, *ends),
        truth=_only_truth_counts(code, node),
        pure=is_harmless(node),
        forms=tuple(text for _, text in forms),
        members=tuple(index for index, _ in forms),
    )


def _choose_expression(old: ast.AST, new: ast.AST) -> Expressions | None:
    """The largest expression around a change of which both sides are harmless: the more of what
    happens is looked at, the more variants turn out to do the same."""
    around = find_differences(old, new)
    for before, after in around:
        if is_harmless(before) and is_harmless(after) and _stands_alone(before):
            return before, after
    smallest = around[-1] if around else None
    return (
        smallest if smallest and is_harmless(smallest[1]) and _stands_alone(smallest[0]) else None
    )


def find_differences(old: ast.AST, new: ast.AST) -> list[Expressions]:
    """The expressions that hold every difference of two trees, each with what it became; each
    inside the one before."""
    here = _as_expressions(old, new)
    inner = _find_differing_child(old, new)
    return [*([here] if here else []), *(find_differences(*inner) if inner else [])]


def _find_differing_child(old: ast.AST, new: ast.AST) -> Pair | None:
    """The child of both that holds every difference; None where there is not exactly one."""
    if type(old) is not type(new):
        return None
    differing: list[tuple[ast.AST, ast.AST]] = []
    for name in old._fields:
        before, after = getattr(old, name, None), getattr(new, name, None)
        pairs = _align(before, after)
        if pairs is None:
            return None
        differing += [(a, b) for a, b in pairs if not _is_alike(a, b)]
    return differing[0] if len(differing) == 1 else None


def _as_expressions(old: ast.AST, new: ast.AST) -> Expressions | None:
    unfit = isinstance(old, ast.Starred | ast.Slice | ast.JoinedStr | ast.Lambda)
    if unfit or is_stored(old):
        return None
    return (old, new) if isinstance(old, ast.expr) and isinstance(new, ast.expr) else None


def _align(before: object, after: object) -> list[tuple[ast.AST, ast.AST]] | None:
    """Child nodes side by side; None where something else than a child node differs."""
    if isinstance(before, ast.AST) and isinstance(after, ast.AST):
        return [(before, after)]
    if isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            return None
        pairs: list[tuple[ast.AST, ast.AST]] = []
        for a, b in zip(before, after, strict=True):
            inner = _align(a, b)
            if inner is None:
                return None
            pairs += inner
        return pairs
    return [] if type(before) is type(after) and before == after else None


def _is_alike(old: ast.AST, new: ast.AST) -> bool:
    """Equal but for positions."""
    if type(old) is not type(new):
        return False
    for name in old._fields:
        before, after = getattr(old, name, None), getattr(new, name, None)
        pairs = _align(before, after)
        if pairs is None or not all(_is_alike(a, b) for a, b in pairs):
            return False
    return True


def is_harmless(expression: ast.expr) -> bool:
    """Evaluating it changes nothing and ends soon, as far as its text tells."""
    return all(isinstance(node, _PURE) and _is_quiet(node) for node in ast.walk(expression))


def _stands_alone(expression: ast.expr) -> bool:
    """It means the same inside a function of its own."""
    return not any(
        isinstance(node, ast.Yield | ast.YieldFrom | ast.Await | ast.NamedExpr)
        or (isinstance(node, ast.Name) and node.id in _OF_ITS_FUNCTION)
        for node in ast.walk(expression)
    )


_OF_ITS_FUNCTION = frozenset(("super", "locals", "vars", "dir", "eval", "exec"))


def _is_quiet(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _HARMLESS
    return not isinstance(node, _GROWS)


def _only_truth_counts(code: SourceFile, node: ast.expr) -> bool:
    return any(child is node for child in _find_truth_values(code.parents.get(node)))


def _find_truth_values(parent: ast.AST | None) -> Iterator[ast.AST]:
    if isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert):
        yield parent.test
    elif isinstance(parent, ast.comprehension):
        yield from parent.ifs
    elif isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        yield parent.operand
