"""Rules about functions that no longer do what they did: emptied, put off, defined away.

Belongs here: what becomes of a definition as a whole. Does not belong here: control flow inside of
it (`control_flow`), and what was taken away line by line (`removal`).
"""

import ast
import builtins
from collections import Counter
from collections.abc import Iterator

from quarantine.policy.expressions import is_constant
from quarantine.policy.files import Patch
from quarantine.policy.module import Function, Module
from quarantine.policy.new_items import line_of
from quarantine.policy.rule import Hit, cwe, node_rule, rule

_OVERFITTING = "https://arxiv.org/abs/2503.15223"


@rule(
    "emptied-function",
    "person",
    "{what} did something before and now does nothing.",
    refuses="""
          def total(rows):
        -     return sum(rows)
        +     return 0
        """,
    allows="""
          def total(rows):
        -     return sum(rows)
        +     return sum(rows or ())
        """,
    link=_OVERFITTING,
)
def emptied_functions(patch: Patch) -> Iterator[Hit]:
    """A function whose body is now a constant, or nothing."""
    for file in patch.product:
        if not file.old_module or not file.new_module:
            continue
        for name, function in file.new_module.functions.items():
            before = file.old_module.functions.get(name)
            if before and is_trivial(function) and not is_trivial(before):
                yield Hit(file.path, function.lineno, name)


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


@rule(
    "emptied-function",
    "person",
    "{what} becomes a generator: calling it alone does nothing.",
    refuses="""
          def load(rows):
              for row in rows:
        -         print(row)
        +         yield row
        """,
    allows="""
          def load(rows):
              for row in rows:
        -         yield row
        +         yield row.strip()
        """,
    link="https://docs.python.org/3/reference/expressions.html#yield-expressions",
)
def lazy_functions(patch: Patch) -> Iterator[Hit]:
    """A function that becomes a generator: calling it no longer does anything by itself."""
    for file in patch.product:
        before = file.old_module.functions if file.old_module else {}
        for name, function in (file.new_module.functions if file.new_module else {}).items():
            if name in before and _yields(function) and not _yields(before[name]):
                yield Hit(file.path, function.lineno, name)


def _yields(function: Function) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))


@rule(
    "redefinition",
    "person",
    "{what} is defined again, so the first one is never used.",
    refuses="""
          def total(rows):
              return sum(rows)
        +
        + def total(rows):
        +     return len(rows)
        """,
    allows="""
          def total(rows):
              return sum(rows)
        +
        + def count(rows):
        +     return len(rows)
        """,
    link=cwe(1041),
)
def redefinitions(patch: Patch) -> Iterator[Hit]:
    """A name defined again in the same block, without a decorator that makes use of the first."""
    for file in patch.product:
        old_counts = Counter(name for name, _ in _find_definitions(file.old_module))
        old_loads = _find_loads(file.old_module)
        counts: Counter[str] = Counter()
        for name, node in _find_definitions(file.new_module):
            counts[name] += 1
            hides_builtin = name in old_loads and hasattr(builtins, name)
            most = max(0 if hides_builtin else 1, old_counts[name])
            if counts[name] > most and not file.base_unreadable:
                yield Hit(file.path, line_of(node), name)


def _find_loads(module: Module | None) -> frozenset[str]:
    nodes = module.of(ast.Name) if module else []
    return frozenset(
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def _find_definitions(module: Module | None) -> Iterator[tuple[str, ast.AST]]:
    """Qualified names that blocks define: imports, functions, classes, and names set over those."""
    for owner in module.of(ast.Module, ast.ClassDef, ast.FunctionDef) if module else ():
        prefix = f"{module.scope(owner)}.{getattr(owner, 'name', '')}." if module else ""
        definitions: set[str] = set()
        for stmt in getattr(owner, "body", ()):
            for name in _names_of(stmt):
                is_variable = isinstance(stmt, ast.Assign)
                if not is_variable or name in definitions or hasattr(builtins, name):
                    yield f"{prefix}{name}".lstrip("."), stmt
                if not is_variable:
                    definitions.add(name)


def _names_of(stmt: ast.stmt) -> list[str]:
    match stmt:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [] if stmt.decorator_list else [stmt.name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [(alias.asname or alias.name).split(".")[0] for alias in names]
        case ast.Assign(targets=targets):
            # A plain variable set twice is ordinary; only setting over a definition counts.
            return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


@rule(
    "redefinition",
    "person",
    "{what} was imported before and is defined here now.",
    refuses="""
        - from rates import load
        + from rates import load as _load
        +
        + def load(name):
        +     return _load(name) or 0.0
        """,
    allows="""
        - from rates import load
        + from rates import find
        +
        + def price(name):
        +     return find(name)
        """,
    link=cwe(1041),
)
def replaced_imports(patch: Patch) -> Iterator[Hit]:
    """A name that the base imported and that now is a function or class of the file itself."""
    for file in patch.product:
        imports = _find_imports(file.old_module) - _find_own(file.old_module)
        for node in file.new_module.tree.body if file.new_module else ():
            name = str(getattr(node, "name", ""))
            if name and name in imports:
                yield Hit(file.path, line_of(node), name)


def _find_own(module: Module | None) -> frozenset[str]:
    body = module.tree.body if module else ()
    return frozenset(str(getattr(node, "name", "")) for node in body)


def _find_imports(module: Module | None) -> frozenset[str]:
    """Names that the module as a whole imports; what a function imports is its own."""
    nodes = module.of(ast.Import, ast.ImportFrom) if module else []
    return frozenset(
        name
        for node in nodes
        if module and not module.scope(node) and isinstance(node, ast.stmt)
        for name in _names_of(node)
    )


@node_rule(
    "constant-function",
    "person",
    "A function ignores its arguments ({what}).",
    refuses="+ convert = lambda text: 42",
    allows="+ convert = lambda text: float(text)",
    link=_OVERFITTING,
)
def constant_lambdas(module: Module) -> Iterator[ast.AST]:
    """A `lambda` that gives a constant, whatever it is given."""
    for node in module.of(ast.Lambda):
        if isinstance(node, ast.Lambda) and is_constant(node.body):
            arguments = node.args
            if arguments.args or arguments.vararg or arguments.kwarg:
                yield node


RULES = (emptied_functions, lazy_functions, redefinitions, replaced_imports, constant_lambdas)
