"""Operators on expressions: comparisons, arithmetic, calls, arguments, order.

Belongs here: edits within one statement, and the list of all such operators. Every operator keeps
the source's formatting: it replaces the text of single nodes. Does not belong here: what another
value could be (`values`), and whole conditions (`conditions`).
"""

import ast
import itertools
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.conditions import CONDITION_OPERATORS
from healer.draft.search.operators.mutation import (
    Mutation,
    Operator,
    Scope,
    Span,
    is_stored,
    stands_whole,
)
from healer.draft.search.operators.none_checks import NONE_OPERATORS
from healer.draft.search.operators.twins import TWINS
from healer.draft.search.operators.values import VALUE_OPERATORS
from healer.draft.search.prefilter import is_idle, takes_one_argument

_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<",
    ast.RShift: ">>",
}  # fmt: skip
_NUMBERS, _BITS = ("+", "-", "*", "/", "//", "%", "**"), ("&", "|", "^", "<<", ">>")
_WRAPS = (
    "len", "list", "set", "int", "str", "sorted", "abs", "tuple", "float", "reversed", "enumerate",
)  # fmt: skip
_MAX_WRAPS = 16
_MAX_FUNCTIONS = 6
_MAX_ARGUMENTS = 6


def replace_comparison(scope: Scope) -> Iterator[Mutation]:
    """`<` becomes `<=`, `>`, `==`, …; `is` and `in` become their opposite."""
    for node in scope.nodes_of(ast.Compare):
        left: ast.expr = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            old = _COMPARE[type(operator)]
            start, end = scope.between(left, right)
            between = scope.code.text[start:end]
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


def replace_arithmetic(scope: Scope) -> Iterator[Mutation]:
    """Another sign between two operands, one operand alone, both in the other order."""
    for node in scope.nodes_of(ast.BinOp):
        old = _ARITHMETIC.get(type(node.op))
        if old is None:
            continue
        span = scope.between(node.left, node.right)
        yield from _replace_sign(scope, old, span, node.right, operator="binary")
        yield scope.put("drop-operand/left", node, scope.text(node.right), atom=True)
        yield scope.put("drop-operand/right", node, scope.text(node.left), atom=True)
        yield scope.swap(f"swap-operands/{old}", node.left, node.right, node.lineno)


def _replace_sign(
    scope: Scope, old: str, span: Span, right: ast.expr, *, operator: str
) -> Iterator[Mutation]:
    start, end = span
    between = scope.code.text[start:end]
    family, others = (_NUMBERS, _BITS) if old in _NUMBERS else (_BITS, ())
    for new in (*family, *(o for o in others if o in ("&", "|"))):
        if new != old and between.count(old) == 1 and not is_idle(new, right):
            change = TextEdit(start, end, between.replace(old, new))
            yield Mutation(f"{operator}/{old} to {new}", right.lineno, (change,))


def change_assignment(scope: Scope) -> Iterator[Mutation]:
    """`+=` becomes `-=` or `=`, and `=` becomes `+=` or `-=`."""
    for node in scope.nodes_of(ast.AugAssign):
        old = _ARITHMETIC.get(type(node.op))
        if old:
            start, end = scope.between(node.target, node.value)
            yield from _replace_sign(scope, old, (start, end), node.value, operator="augmented")
            plain = scope.code.text[start:end].replace(f"{old}=", "=")
            change = TextEdit(start, end, plain)
            yield Mutation("augmented/to plain", node.lineno, (change,))
    for assign in scope.nodes_of(ast.Assign):
        (target, *more) = assign.targets
        if not more and isinstance(target, ast.Name | ast.Subscript | ast.Attribute):
            start, end = scope.between(target, assign.value)
            for sign in ("+", "-"):
                text = scope.code.text[start:end].replace("=", f"{sign}=")
                change = TextEdit(start, end, text)
                yield Mutation(f"plain/to {sign}=", assign.lineno, (change,))


def replace_function(scope: Scope) -> Iterator[Mutation]:
    """Another function is called, or none: `f(x)` becomes `x`, `x.f()` becomes `x`."""
    names = [c.func.id for c in scope.nodes_of(ast.Call) if isinstance(c.func, ast.Name)]
    functions = list(dict.fromkeys(names))[:_MAX_FUNCTIONS]
    for call in scope.nodes_of(ast.Call):
        if isinstance(call.func, ast.Name):
            twins = TWINS.get(call.func.id, ())
            for other in dict.fromkeys((*twins, *functions)):
                if other != call.func.id:
                    shape = "function/twin" if other in twins else "function/known"
                    yield scope.set_text(shape, call.func, other)
        if len(call.args) == 1 and not call.keywords and not isinstance(call.args[0], ast.Starred):
            yield scope.put("unwrap-call/", call, scope.text(call.args[0]))
        if isinstance(call.func, ast.Attribute):
            yield scope.set_text("drop-method/", call, scope.text(call.func.value))


def change_arguments(scope: Scope) -> Iterator[Mutation]:
    """Arguments change places, one goes, one comes."""
    for call in scope.nodes_of(ast.Call):
        args = [a for a in call.args if not isinstance(a, ast.Starred)]
        for first, second in itertools.combinations(args, 2):
            yield scope.swap("swap-arguments/", first, second, call.lineno)
        if len(args) == len(call.args) and len(args) > 1:
            yield from _drop_arguments(scope, call)
        if args and not call.keywords and not takes_one_argument(call):
            at = scope.code.span(args[-1])[1]
            for text in (*scope.names[:_MAX_ARGUMENTS], "1", "0", "True"):
                change = TextEdit(at, at, f", {text}")
                yield Mutation("add-argument/", call.lineno, (change,))


def _drop_arguments(scope: Scope, call: ast.Call) -> Iterator[Mutation]:
    """Each of two or more arguments goes, with the comma before it, or after it for the first."""
    for i, argument in enumerate(call.args):
        start, end = scope.code.span(argument)
        if i:
            start = scope.code.span(call.args[i - 1])[1]
        else:
            end = scope.code.span(call.args[1])[0]
        yield Mutation("drop-argument/", call.lineno, (TextEdit(start, end, ""),))


def wrap_value(scope: Scope) -> Iterator[Mutation]:
    """`x` becomes `f(x)`, for functions that the file calls and for usual ones, and `[x]`."""
    calls = (n for n in scope.code.nodes if isinstance(n, ast.Call))
    file_calls = [call.func.id for call in calls if isinstance(call.func, ast.Name)]
    functions = list(dict.fromkeys([*file_calls, *_WRAPS]))[:_MAX_WRAPS]
    for node in scope.nodes_of(ast.expr):
        unfit = isinstance(node, ast.Constant | ast.Starred | ast.Slice)
        if unfit or is_stored(node) or not stands_whole(scope, node):
            continue
        text = scope.text(node)
        for function in functions:
            shape = "wrap/used" if function in file_calls else "wrap/usual"
            yield scope.set_text(shape, node, f"{function}({text})")
        yield scope.set_text("wrap/list", node, f"[{text}]")


def change_order(scope: Scope) -> Iterator[Mutation]:
    """Elements and branches change places, a sign goes, a result gets one."""
    for node in scope.nodes_of(ast.Tuple):
        for first, second in itertools.combinations(node.elts, 2):
            yield scope.swap("swap-elements/", first, second, node.lineno)
    for choice in scope.nodes_of(ast.IfExp):
        yield scope.swap("swap-branches/expression", choice.body, choice.orelse, choice.lineno)
    for sign in scope.nodes_of(ast.UnaryOp):
        if isinstance(sign.op, ast.USub | ast.Not | ast.Invert):
            yield scope.put("drop-sign/", sign, scope.text(sign.operand))
    for result in scope.nodes_of(ast.Return):
        if isinstance(result.value, ast.Name | ast.Call | ast.Attribute):
            text = f"-{scope.text(result.value)}"
            change = scope.code.replace(result.value, text)
            yield Mutation("negate-result/", result.lineno, (change,))


def move_bound(scope: Scope) -> Iterator[Mutation]:
    """A comparison with a number: another sign and a neighbouring number at once."""
    for node in scope.nodes_of(ast.Compare):
        right = node.comparators[0]
        number = right.value if isinstance(right, ast.Constant) else None
        if len(node.ops) > 1 or type(number) is not int:
            continue
        for new in ("<", "<=", ">", ">="):
            for near in (number - 1, number + 1):
                text = f"{scope.tight_text(node.left)} {new} {near}"
                yield scope.put("compare/moved bound", node, text)


def clamp_value(scope: Scope) -> Iterator[Mutation]:
    """A value is kept from falling below, or rising above, zero."""
    for node in scope.nodes_of(ast.expr):
        arithmetic = isinstance(node, ast.BinOp | ast.Name) and stands_whole(scope, node)
        if arithmetic and not is_stored(node):
            for function in ("max", "min"):
                yield scope.set_text("wrap/clamp", node, f"{function}(0, {scope.text(node)})")


EXPRESSION_OPERATORS: tuple[Operator, ...] = (
    replace_comparison,
    replace_arithmetic,
    change_assignment,
    replace_function,
    change_arguments,
    wrap_value,
    change_order,
    move_bound,
    clamp_value,
    *VALUE_OPERATORS,
    *CONDITION_OPERATORS,
    *NONE_OPERATORS,
)
