"""Operators on expressions: comparisons, arithmetic, calls, arguments, order.

Belongs here: edits within one statement, and the list of all such operators. Every
operator keeps the source's formatting: it replaces the text of single nodes.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.conditions import CONDITION_OPERATORS
from healer.draft.search.operators.site import Mutation, Operator, Site, stands_whole
from healer.draft.search.operators.twins import TWINS
from healer.draft.search.operators.values import VALUE_OPERATORS
from healer.draft.search.prefilter import is_idle, takes_one

_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<",
    ast.RShift: ">>",
}  # fmt: skip
_FAMILIES = (("+", "-", "*", "/", "//", "%", "**"), ("&", "|", "^", "<<", ">>"))
_WRAPS = (
    "len",
    "list",
    "set",
    "int",
    "str",
    "sorted",
    "abs",
    "tuple",
    "float",
    "reversed",
    "enumerate",
)


def compare_operator(site: Site) -> Iterator[Mutation]:
    for node in site.each(ast.Compare):
        left: ast.expr = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            old = _COMPARE[type(operator)]
            start, end = site.code.span(left)[1], site.code.span(right)[0]
            between = site.code.text[start:end]
            for new in _other_comparisons(old):
                if between.count(old) == 1:
                    change = TextEdit(start, end, between.replace(old, new))
                    yield Mutation(f"compare/{old} to {new}", right.lineno, (change,))
            left = right


def _other_comparisons(old: str) -> tuple[str, ...]:
    if old in ("is", "is not"):
        return ("is not" if old == "is" else "is", "==" if old == "is" else "!=")
    if old in ("in", "not in"):
        return ("not in" if old == "in" else "in",)
    return tuple(new for new in ("<", "<=", ">", ">=", "==", "!=") if new != old)


def binary_operator(site: Site) -> Iterator[Mutation]:
    for node in site.each(ast.BinOp):
        old = _ARITHMETIC.get(type(node.op))
        if old is None:
            continue
        start, end = site.code.span(node.left)[1], site.code.span(node.right)[0]
        yield from _operators(site, old, (start, end), node.right, shape="binary")
        right, left = site.text(node.right), site.text(node.left)
        yield Mutation("drop-operand/left", node.lineno, (site.put(node, right, atom=True),))
        yield Mutation("drop-operand/right", node.lineno, (site.put(node, left, atom=True),))
        swap = (site.code.replace(node.left, right), site.code.replace(node.right, left))
        yield Mutation(f"swap-operands/{old}", node.lineno, swap)


def _operators(
    site: Site, old: str, span: tuple[int, int], right: ast.expr, *, shape: str
) -> Iterator[Mutation]:
    start, end = span
    between = site.code.text[start:end]
    family = next(family for family in _FAMILIES if old in family)
    other = _FAMILIES[1] if family is _FAMILIES[0] else ()
    for new in (*family, *(o for o in other if old == "^" or o in ("&", "|"))):
        if new != old and between.count(old) == 1 and not is_idle(new, right):
            change = TextEdit(start, end, between.replace(old, new))
            yield Mutation(f"{shape}/{old} to {new}", right.lineno, (change,))


def augmented(site: Site) -> Iterator[Mutation]:
    for node in site.each(ast.AugAssign):
        old = _ARITHMETIC.get(type(node.op))
        if old:
            start, end = site.code.span(node.target)[1], site.code.span(node.value)[0]
            yield from _operators(site, old, (start, end), node.value, shape="augmented")
            between = site.code.text[start:end]
            plain = TextEdit(start, end, between.replace(f"{old}=", "="))
            yield Mutation("augmented/to plain", node.lineno, (plain,))
    for plainly in site.each(ast.Assign):
        if len(plainly.targets) == 1 and isinstance(
            plainly.targets[0], ast.Name | ast.Subscript | ast.Attribute
        ):
            start, end = site.code.span(plainly.targets[0])[1], site.code.span(plainly.value)[0]
            between = site.code.text[start:end]
            for sign in ("+", "-"):
                change = TextEdit(start, end, between.replace("=", f"{sign}="))
                yield Mutation(f"plain/to {sign}=", plainly.lineno, (change,))


def called_function(site: Site) -> Iterator[Mutation]:
    functions = list(
        dict.fromkeys(c.func.id for c in site.each(ast.Call) if isinstance(c.func, ast.Name))
    )
    for call in site.each(ast.Call):
        if isinstance(call.func, ast.Name):
            twins = TWINS.get(call.func.id, ())
            for other in dict.fromkeys((*twins, *functions[:6])):
                if other != call.func.id:
                    detail = "twin" if other in twins else "known"
                    yield Mutation(
                        f"function/{detail}", call.lineno, (site.code.replace(call.func, other),)
                    )
        if len(call.args) == 1 and not call.keywords and not isinstance(call.args[0], ast.Starred):
            yield Mutation("unwrap-call/", call.lineno, (site.put(call, site.text(call.args[0])),))
        if isinstance(call.func, ast.Attribute):
            yield Mutation(
                "drop-method/", call.lineno, (site.code.replace(call, site.text(call.func.value)),)
            )


def arguments(site: Site) -> Iterator[Mutation]:
    for call in site.each(ast.Call):
        args = [a for a in call.args if not isinstance(a, ast.Starred)]
        for i, first in enumerate(args):
            for second in args[i + 1 :]:
                swap = (
                    site.code.replace(first, site.text(second)),
                    site.code.replace(second, site.text(first)),
                )
                yield Mutation("swap-arguments/", call.lineno, swap)
        if len(args) == len(call.args) and len(args) > 1:
            for i, argument in enumerate(args):
                start, end = site.code.span(argument)
                if i:
                    start = site.code.span(args[i - 1])[1]
                else:
                    end = site.code.span(args[1])[0]
                yield Mutation("drop-argument/", call.lineno, (TextEdit(start, end, ""),))
        if args and not call.keywords and not takes_one(call):
            at = site.code.span(args[-1])[1]
            for text in (*site.names[:6], "1", "0", "True"):
                yield Mutation("add-argument/", call.lineno, (TextEdit(at, at, f", {text}"),))


def wrap(site: Site) -> Iterator[Mutation]:
    used = [
        c.func.id
        for c in site.code.nodes
        if isinstance(c, ast.Call) and isinstance(c.func, ast.Name)
    ]
    functions = list(dict.fromkeys([*used, *_WRAPS]))[:16]
    for node in site.each(ast.expr):
        if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            continue
        if isinstance(node, ast.Constant | ast.Starred | ast.Slice) or not stands_whole(site, node):
            continue
        for function in functions:
            known = "used" if function in used else "usual"
            yield Mutation(
                f"wrap/{known}",
                node.lineno,
                (site.code.replace(node, f"{function}({site.text(node)})"),),
            )
        yield Mutation("wrap/list", node.lineno, (site.code.replace(node, f"[{site.text(node)}]"),))


def order(site: Site) -> Iterator[Mutation]:
    """Elements of a pair change places, in tuples, comparisons and either-or expressions."""
    for node in site.each(ast.Tuple):
        elements = node.elts
        for i, first in enumerate(elements):
            for second in elements[i + 1 :]:
                swap = (
                    site.code.replace(first, site.text(second)),
                    site.code.replace(second, site.text(first)),
                )
                yield Mutation("swap-elements/", node.lineno, swap)
    for choice in site.each(ast.IfExp):
        swap = (
            site.code.replace(choice.body, site.text(choice.orelse)),
            site.code.replace(choice.orelse, site.text(choice.body)),
        )
        yield Mutation("swap-branches/expression", choice.lineno, swap)
    for sign in site.each(ast.UnaryOp):
        if isinstance(sign.op, ast.USub | ast.Not | ast.Invert):
            yield Mutation("drop-sign/", sign.lineno, (site.put(sign, site.text(sign.operand)),))
    for result in site.each(ast.Return):
        if isinstance(result.value, ast.Name | ast.Call | ast.Attribute):
            yield Mutation(
                "negate-result/",
                result.lineno,
                (site.code.replace(result.value, f"-{site.text(result.value)}"),),
            )


def bound_moved(site: Site) -> Iterator[Mutation]:
    """A comparison with a number: another sign and a neighbouring number at once."""
    for node in site.each(ast.Compare):
        right = node.comparators[0]
        number = right.value if isinstance(right, ast.Constant) else None
        if len(node.ops) > 1 or type(number) is not int:
            continue
        for new in ("<", "<=", ">", ">="):
            for near in (number - 1, number + 1):
                text = f"{site.tight(node.left)} {new} {near}"
                yield Mutation("compare/moved bound", node.lineno, (site.put(node, text),))


def clamp(site: Site) -> Iterator[Mutation]:
    """A value is kept from falling below, or rising above, zero."""
    for node in site.each(ast.expr):
        arithmetic = isinstance(node, ast.BinOp | ast.Name) and stands_whole(site, node)
        if arithmetic and not isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            for function in ("max", "min"):
                change = site.code.replace(node, f"{function}(0, {site.text(node)})")
                yield Mutation("wrap/clamp", node.lineno, (change,))


EXPRESSION_OPERATORS: tuple[Operator, ...] = (
    compare_operator,
    binary_operator,
    augmented,
    called_function,
    arguments,
    wrap,
    order,
    bound_moved,
    clamp,
    *VALUE_OPERATORS,
    *CONDITION_OPERATORS,
)
