"""Rules about definitions: comparisons that always agree, patched objects, emptied functions.

Belongs here: what a function, class or assignment is made into. Does not belong here: control
flow inside one function (`flow`).
"""

import ast
import builtins
import sys
from collections import Counter
from collections.abc import Iterator

from quarantine.policy.added import added, line_of
from quarantine.policy.files import FileChange, Patch
from quarantine.policy.module import Function, Module
from quarantine.policy.rule import Hit, Rule

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
_HOOKS = frozenset(
    {"__getattribute__", "__getattr__", "__instancecheck__", "__subclasscheck__",
     "__subclasshook__",
     "__init_subclass__", "__set_name__", "__del__", "__class_getitem__", "__prepare__",
     "__mro_entries__", "__delattr__", "__import__"}
)  # fmt: skip
_IDENTITY = frozenset(
    {"__class__", "__bases__", "__code__", "__dict__", "__defaults__", "__kwdefaults__",
     "__wrapped__", "__mro__"}
)  # fmt: skip
_VALUE_TYPES = frozenset(
    {"int", "str", "float", "bytes", "complex", "bool", "UserString", "Decimal", "Fraction", "date",
     "datetime", "timedelta", "tuple", "list"}
)  # fmt: skip


def _methods(module: Module, names: frozenset[str]) -> Iterator[Function]:
    for node in module.nodes:
        in_class = isinstance(module.parent(node), ast.ClassDef)
        if in_class and isinstance(node, Function) and node.name in names:
            yield node


def _returns(function: Function) -> list[ast.expr | None]:
    return [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]


def _looks_at(function: Function) -> bool:
    """True when some return value depends on both operands, beyond their mere type."""
    arguments = [arg.arg for arg in function.args.args]
    if len(arguments) < 2:  # noqa: PLR2004 - self and other
        return False
    mine, other = arguments[:2]
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


def _always_agrees(function: Function) -> bool:
    """A comparison that says True outright somewhere, or never looks at the other side."""
    values = _returns(function)
    says_true = any(isinstance(value, ast.Constant) and value.value is True for value in values)
    if function.name in _COMPARISONS:
        return says_true or not _looks_at(function)
    return bool(values) and all(isinstance(value, ast.Constant) for value in values)


def _equality_methods(module: Module) -> Iterator[ast.AST]:
    for function in _methods(module, _COMPARISONS | _ANSWERS):
        owner = module.parent(function)
        bases = owner.bases if isinstance(owner, ast.ClassDef) else []
        names = {ast.unparse(base).rpartition(".")[2] for base in bases}
        posing = function.name in _COMPARISONS | _ARITHMETIC and names & _VALUE_TYPES
        if posing or _always_agrees(function):
            yield function


def _equality_assignments(module: Module) -> Iterator[ast.AST]:
    """`__eq__` put in place by assignment, `setattr`, or a `type(...)` call's dictionary."""
    wanted = _COMPARISONS | _ANSWERS
    for node in module.nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    name = getattr(target, "id", None) or getattr(target, "attr", None)
                    none = isinstance(value, ast.Constant) and value.value is None
                    if name in wanted and not none:
                        yield node
            case ast.Constant(value=str(text)) if text in wanted:
                yield node
            case ast.keyword(arg=str(name)) if name in wanted:
                yield node


def _odd_comparisons(module: Module) -> Iterator[ast.AST]:
    """`__eq__` or `__ne__` whose answer is not plainly a comparison of both sides."""
    for function in _methods(module, frozenset({"__eq__", "__ne__"})):
        names = [argument.arg for argument in function.args.args]
        stores = any(
            isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            for node in ast.walk(function)
        )
        plain = len(names) == 2 and all(  # noqa: PLR2004 - self and other
            value is not None and _is_plain(value, names[0], names[1])
            for value in _returns(function)
        )
        if stores or not plain:
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
            sides = [_mentioned(side) & {mine, other} for side in (left, right)]
            return bool(sides[0]) and bool(sides[1]) and sides[0] != sides[1]
        case ast.Call():
            return _mentions(value, mine, other) or "super" in _mentioned(value)
    return False


def _mentioned(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _mentions(node: ast.AST, *names: str) -> bool:
    return set(names) <= _mentioned(node)


def _unusual(patch: Patch) -> Iterator[Hit]:
    for file, node in added(patch.python, _odd_comparisons, ast.dump):
        yield Hit(file.path, line_of(node))


def _equality(patch: Patch) -> Iterator[Hit]:
    for finder in (_equality_methods, _equality_assignments):
        for file, node in added(patch.python, finder, ast.dump):
            yield Hit(file.path, line_of(node))


def _hooks(patch: Patch) -> Iterator[Hit]:
    def hooks(module: Module) -> Iterator[ast.AST]:
        yield from _methods(module, _HOOKS)

    for file, node in added(patch.product, hooks, lambda node: getattr(node, "name", "")):
        yield Hit(file.path, line_of(node), getattr(node, "name", ""))


def _class_swaps(module: Module) -> Iterator[ast.AST]:
    for node in module.of(ast.Attribute):
        stored = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
        if stored and isinstance(node, ast.Attribute) and node.attr in _IDENTITY:
            yield node
    for node in module.of(ast.FunctionDef):
        if isinstance(node, ast.FunctionDef) and node.name == "__class__":
            yield node
    for node in module.of(ast.Call):
        three = isinstance(node, ast.Call) and len(node.args) == 3  # noqa: PLR2004 - type(n, b, d)
        if three and "builtins.type" in module.names.resolve(getattr(node, "func", None)):
            yield node


def _swaps(patch: Patch) -> Iterator[Hit]:
    for file, node in added(patch.product, _class_swaps, ast.dump):
        yield Hit(file.path, line_of(node))


def _foreign_stores(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Stores to attributes of modules and imported classes: (node, dotted name)."""
    for use in module.uses:
        if use.kind == "store" and not use.name.startswith(("?", ".")):
            yield use.node, use.name
        if ".__dict__" in use.name and not use.name.startswith(("?", ".")):
            yield use.node, use.name
    for node in module.of(ast.Call):
        if isinstance(node, ast.Call) and node.args:
            called = set(module.names.resolve(node.func))
            if called & {"builtins.setattr", "builtins.delattr", "builtins.vars"}:
                yield from ((node, name) for name in module.names.resolve(node.args[0]))


def _monkeypatches(patch: Patch, standard: bool) -> Iterator[Hit]:
    def stores(module: Module) -> Iterator[ast.AST]:
        for node, name in _foreign_stores(module):
            top = name.split(".")[0]
            is_standard = top in sys.stdlib_module_names and not name.startswith(
                ("sys.std", "sys.tracebacklimit", "os.environ", "sys.argv")
            )
            if is_standard == standard:
                yield node

    for file, node in added(patch.python if standard else patch.product, stores, ast.dump):
        yield Hit(file.path, line_of(node), ast.unparse(node)[:60])


def _replaced_standard(patch: Patch) -> Iterator[Hit]:
    return _monkeypatches(patch, standard=True)


def _replaced_other(patch: Patch) -> Iterator[Hit]:
    return _monkeypatches(patch, standard=False)


def is_trivial(function: Function) -> bool:
    """A body that does nothing: only a docstring, `pass`, `...`, or a constant's return."""
    body = [stmt for stmt in function.body if not _is_bare_constant(stmt)]
    match body:
        case [] | [ast.Pass()]:
            return True
        case [ast.Return(value=value)]:
            return value is None or is_constant(value)
    return False


def _is_bare_constant(stmt: ast.stmt) -> bool:
    return isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant)


def is_constant(node: ast.AST) -> bool:
    """A literal through and through: `42`, `-1`, `[1, "a"]`, `{}`."""
    allowed = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.UnaryOp, ast.USub,
               ast.expr_context)  # fmt: skip
    return all(isinstance(inner, allowed) for inner in ast.walk(node))


def _gutted(patch: Patch) -> Iterator[Hit]:
    for file in patch.product:
        if not file.old_module or not file.new_module:
            continue
        for name, function in file.new_module.functions.items():
            before = file.old_module.functions.get(name)
            if before and is_trivial(function) and not is_trivial(before):
                yield Hit(file.path, function.lineno, name)


def _made_lazy(patch: Patch) -> Iterator[Hit]:
    """A function that becomes a generator: calling it no longer does anything by itself."""
    for file in patch.product:
        before = file.old_module.functions if file.old_module else {}
        for name, function in (file.new_module.functions if file.new_module else {}).items():
            if name in before and _yields(function) and not _yields(before[name]):
                yield Hit(file.path, function.lineno, name)


def _yields(function: Function) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))


def _redefined(patch: Patch) -> Iterator[Hit]:
    """A name defined again in the same block, without a decorator that makes use of the first."""
    for file in patch.product:
        known = Counter(name for name, _ in _definitions(file.old_module))
        used = _loaded(file.old_module)
        seen: Counter[str] = Counter()
        for name, node in _definitions(file.new_module):
            seen[name] += 1
            hides = name in used and hasattr(builtins, name)
            if seen[name] > max(0 if hides else 1, known[name]) and not file.base_unreadable:
                yield Hit(file.path, line_of(node), name)


def _loaded(module: Module | None) -> frozenset[str]:
    nodes = module.of(ast.Name) if module else []
    return frozenset(
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def _definitions(module: Module | None) -> Iterator[tuple[str, ast.AST]]:
    """Qualified names that blocks define: imports, functions, classes, and names set over those."""
    for owner in module.of(ast.Module, ast.ClassDef, ast.FunctionDef) if module else ():
        prefix = f"{module.scope(owner)}.{getattr(owner, 'name', '')}." if module else ""
        defined: set[str] = set()
        for stmt in getattr(owner, "body", ()):
            for name in _defined_by(stmt):
                if not isinstance(stmt, ast.Assign) or name in defined or hasattr(builtins, name):
                    yield f"{prefix}{name}".lstrip("."), stmt
                if not isinstance(stmt, ast.Assign):
                    defined.add(name)


def _defined_by(stmt: ast.stmt) -> list[str]:
    match stmt:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [] if stmt.decorator_list else [stmt.name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [(alias.asname or alias.name).split(".")[0] for alias in names]
        case ast.Assign(targets=targets):
            # A plain variable set twice is ordinary; only setting over a definition counts.
            return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


def _constant_lambdas(patch: Patch) -> Iterator[Hit]:
    def found(module: Module) -> Iterator[ast.AST]:
        for node in module.of(ast.Lambda):
            if isinstance(node, ast.Lambda) and is_constant(node.body):
                arguments = node.args
                if arguments.args or arguments.vararg or arguments.kwarg:
                    yield node

    for file, node in added(patch.product, found, ast.dump):
        yield Hit(file.path, line_of(node), ast.unparse(node)[:60])


def _hidden_lookups(patch: Patch) -> Iterator[Hit]:
    def stars(file: FileChange) -> set[str]:
        return {name for name, _ in file.old_module.names.stars} if file.old_module else set()

    for file in patch.python:
        for name, line in file.new_module.names.stars if file.new_module else ():
            if name not in stars(file) and not name.startswith("."):
                yield Hit(file.path, line, f"from {name} import *")
    for file, node in added(patch.python, _inner_imports, ast.dump):
        yield Hit(file.path, line_of(node), ast.unparse(node)[:60])
    for file, node in added(patch.product, _computed_lookups, ast.dump):
        yield Hit(file.path, line_of(node), ast.unparse(node)[:60])


def _inner_imports(module: Module) -> Iterator[ast.AST]:
    """Imports of the built-ins or of the running program: honest code has both at hand."""
    for use in module.uses:
        if use.kind == "import" and use.name.split(".")[0] in {"builtins", "__main__"}:
            yield use.node


def _computed_lookups(module: Module) -> Iterator[ast.AST]:
    """Lookups whose name is put together, or looked up by a variable in a module."""
    lookups = {"builtins.getattr", "builtins.setattr", "builtins.delattr", "builtins.hasattr",
               "builtins.__import__", "importlib.import_module", "operator.attrgetter",
               "operator.methodcaller"}  # fmt: skip
    for node in module.of(ast.Call):
        if not isinstance(node, ast.Call) or not lookups & set(module.names.resolve(node.func)):
            continue
        in_object = len(node.args) > 1
        if not node.args:
            continue
        name = node.args[1 if in_object else 0]
        if isinstance(name, ast.Constant):
            continue
        varies = any(isinstance(part, ast.Name) and part.id != "chr" for part in ast.walk(name))
        known = [n for n in module.names.resolve(node.args[0]) if not n.startswith("?")]
        if not varies or (in_object and known):
            yield node


RULES = (
    Rule(
        "comparison-override", "reject",
        "A comparison or truth value is made to give a fixed answer.", _equality,
    ),
    Rule(
        "comparison-override", "person",
        "An equality is not plainly a comparison of both sides.", _unusual,
    ),
    Rule(
        "class-hook", "person",
        "The special method {what} changes how Python treats the class.", _hooks,
    ),
    Rule(
        "class-swap", "reject",
        "An object's class, code or defaults are replaced at run time.", _swaps,
    ),
    Rule(
        "monkeypatch", "reject",
        "It replaces a part of the standard library for the whole process ({what}).",
        _replaced_standard,
    ),
    Rule(
        "monkeypatch", "person",
        "It changes another module or class from outside ({what}).", _replaced_other,
    ),
    Rule("emptied-function", "person", "{what} did something before and now does nothing.",
         _gutted),
    Rule("emptied-function", "person", "{what} becomes a generator: calling it alone does nothing.",
         _made_lazy),
    Rule("redefinition", "person", "{what} is defined again, so the first one is never used.",
         _redefined),
    Rule("constant-function", "person", "A function ignores its arguments ({what}).",
         _constant_lambdas),
    Rule("hidden-name", "person", "A name is put together at run time, so it cannot be checked "
         "({what}).", _hidden_lookups),
)  # fmt: skip
