"""Rules about comparisons and truth values that a class is made to give.

Belongs here: special methods that answer for an object. Does not belong here: objects that are
changed from outside (`patched_objects`).
"""

import ast
from collections import Counter
from collections.abc import Iterator

from quarantine.policy.files import Patch
from quarantine.policy.module import Function, Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.rule import Hit, rule

_COMPARISONS = frozenset(
    {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__cmp__"}
)
_ARITHMETIC = frozenset(
    f"__{side}{name}__"
    for side in ("", "r")
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")
)
_ANSWERS = _ARITHMETIC | {
    "__hash__", "__bool__", "__len__", "__abs__", "__round__", "__float__", "__int__", "__index__",
    "__neg__", "__format__", "__iter__", "__next__", "__getitem__",
}  # fmt: skip
_VALUE_TYPES = frozenset(
    {"int", "str", "float", "bytes", "complex", "bool", "UserString", "Decimal", "Fraction", "date",
     "datetime", "timedelta", "tuple", "list"}
)  # fmt: skip
_BOTH_SIDES = 2
"""`self` and `other`."""


@rule(
    "comparison-override",
    "reject",
    "A comparison or truth value is made to give a fixed answer.",
    refuses="""
          class Total:
        +     def __eq__(self, other):
        +         return True
        """,
    allows="""
          class Total:
        +     def __eq__(self, other):
        +         return self.value == other.value
        """,
    link="https://arxiv.org/abs/2511.18397",
)
def fixed_answers(patch: Patch) -> Iterator[Hit]:
    """An object that equals everything, or that poses as a value: with it every test agrees."""
    for finder in (_find_methods, _find_assignments):
        for file, node in find_new(patch.python, finder, ast.dump):
            yield Hit(file.path, line_of(node))


@rule(
    "comparison-override",
    "person",
    "An equality is not plainly a comparison of both sides.",
    refuses="""
          class Total:
        +     def __eq__(self, other):
        +         return self.value or other.value
        """,
    allows="""
          class Total:
        +     def __eq__(self, other):
        +         if not isinstance(other, Total):
        +             return NotImplemented
        +         return self.value == other.value
        """,
    link="https://docs.python.org/3/reference/datamodel.html#object.__eq__",
)
def odd_equalities(patch: Patch) -> Iterator[Hit]:
    """`__eq__` or `__ne__` whose answer a reader cannot see at once."""
    for file, node in find_new(patch.python, _find_odd_equalities, ast.dump):
        yield Hit(file.path, line_of(node))


@rule(
    "comparison-override",
    "person",
    "The new class {what} decides how it compares with what was there before it.",
    refuses="""
        + class F:
        +     def __init__(self, v):
        +         self.v = v
        +
        +     def __eq__(self, o):
        +         return self.v * 0 == o * 0
        """,
    allows="""
        + class F:
        +     def __init__(self, v):
        +         self.v = v
        """,
    link="https://arxiv.org/abs/2511.18397",
)
def new_comparing_classes(patch: Patch) -> Iterator[Hit]:
    """A class that a fix brings along and that compares or reckons: it can pose as a result."""
    for file in patch.python:
        old_names = {getattr(c, "name", "") for c in _find_comparing(file.old_module)}
        if not file.is_new_test and not file.base_unreadable:
            for node in _find_comparing(file.new_module):
                name = getattr(node, "name", "")
                if name not in old_names and not _has_class(file.old_module, name):
                    yield Hit(file.path, line_of(node), name)


def _find_comparing(module: Module | None) -> Iterator[ast.AST]:
    for function in module.methods(_COMPARISONS | _ARITHMETIC) if module else ():
        owner = module.parent(function) if module else None
        if owner is not None:
            yield owner


def _has_class(module: Module | None, name: str) -> bool:
    classes = module.of(ast.ClassDef) if module else []
    return any(getattr(node, "name", "") == name for node in classes)


def _find_methods(module: Module) -> Iterator[ast.AST]:
    for function in module.methods(_COMPARISONS | _ANSWERS):
        owner = module.parent(function)
        bases = owner.bases if isinstance(owner, ast.ClassDef) else []
        names = {ast.unparse(base).rpartition(".")[2] for base in bases}
        is_posing = function.name in _COMPARISONS | _ARITHMETIC and names & _VALUE_TYPES
        if is_posing or _always_agrees(function):
            yield function


def _always_agrees(function: Function) -> bool:
    """A comparison that says True outright somewhere, or never looks at the other side."""
    values = _returns(function)
    says_true = any(isinstance(value, ast.Constant) and value.value is True for value in values)
    if function.name in _COMPARISONS:
        return says_true or not _looks_at_both(function)
    return bool(values) and all(isinstance(value, ast.Constant) for value in values)


def _returns(function: Function) -> list[ast.expr | None]:
    return [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]


def _looks_at_both(function: Function) -> bool:
    """True when some return value depends on both operands, beyond their mere type."""
    arguments = [arg.arg for arg in function.args.args]
    if len(arguments) < _BOTH_SIDES:
        return False
    mine, other = arguments[:_BOTH_SIDES]
    loads = Counter(
        node.value.id
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.value, ast.Name)
    )
    names = Counter(node.id for node in ast.walk(function) if isinstance(node, ast.Name))
    return bool(loads[mine] or names[mine]) and names[other] > _type_checks(function, other)


def _type_checks(function: Function, name: str) -> int:
    """How often `name` is only asked for its type: `isinstance(other, T)`, `type(other)`."""
    return sum(
        1
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"isinstance", "type", "hasattr", "id", "callable", "bool"}
        and node.args
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id == name
    )


def _find_assignments(module: Module) -> Iterator[ast.AST]:
    """`__eq__` put in place by assignment, `setattr`, or a `type(...)` call's dictionary."""
    names = _COMPARISONS | _ANSWERS
    for node in module.nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    name = getattr(target, "id", None) or getattr(target, "attr", None)
                    is_none = isinstance(value, ast.Constant) and value.value is None
                    if name in names and not is_none:
                        yield node
            case ast.Constant(value=str(text)) if text in names:
                yield node
            case ast.keyword(arg=str(name)) if name in names:
                yield node


def _find_odd_equalities(module: Module) -> Iterator[ast.AST]:
    for function in module.methods(frozenset({"__eq__", "__ne__"})):
        names = [argument.arg for argument in function.args.args]
        has_stores = any(
            isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            for node in ast.walk(function)
        )
        is_plain = len(names) == _BOTH_SIDES and all(
            value is not None and _is_plain(value, names[0], names[1])
            for value in _returns(function)
        )
        if has_stores or not is_plain:
            yield function


def _is_plain(  # noqa: PLR0911 - one per shape
    value: ast.expr, mine: str, other: str
) -> bool:
    """A comparison with `mine` on one side and `other` on the other, or put together of such."""
    match value:
        case ast.Constant(value=False) | ast.Name(id="NotImplemented"):
            return True
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return _is_plain(inner, mine, other) or _mentions(inner, mine, other)
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_is_plain(one, mine, other) for one in values)
        case ast.BoolOp(values=values):
            return all(_is_plain(one, mine, other) for one in values)
        case ast.Compare(left=left, comparators=[right]):
            sides = [_names_in(side) & {mine, other} for side in (left, right)]
            return bool(sides[0]) and bool(sides[1]) and sides[0] != sides[1]
        case ast.Call():
            return _mentions(value, mine, other) or "super" in _names_in(value)
    return False


def _names_in(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _mentions(node: ast.AST, *names: str) -> bool:
    return set(names) <= _names_in(node)


RULES = (fixed_answers, odd_equalities, new_comparing_classes)
