"""Rules about errors that go unnoticed: caught too widely, dropped on the way out.

Belongs here: what happens to an exception. Does not belong here: raises and alerts that are taken
away (`removal`), and other control flow (`control_flow`).
"""

import ast
from collections.abc import Iterator, Sequence

from quarantine.policy.files import Patch
from quarantine.policy.module import Function, Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.rule import Hit, cwe, node_rule, rule

_BROAD = frozenset(
    {"Exception", "BaseException", "AssertionError", "SystemExit", "KeyboardInterrupt",
     "GeneratorExit", "BaseExceptionGroup", "ExceptionGroup", "StandardError"}
)  # fmt: skip
_MANY_TYPES = 5
"""So many exception types in one handler catch nearly as much as `Exception` does."""
_WIDE = 8
"""So many existing statements under one new handler: it is not about one error any more."""


@rule(
    "broad-except",
    "person",
    "It catches nearly every exception and goes on, which hides the next fault too.",
    refuses="""
        - total = float(text)
        + try:
        +     total = float(text)
        + except Exception:
        +     total = 0.0
        """,
    allows="""
          def load(text):
        -     return float(text)
        +     try:
        +         return float(text)
        +     except ValueError:
        +         return 0.0
        """,
    link=cwe(396),
)
def broad_handlers(patch: Patch) -> Iterator[Hit]:
    """A new handler, or a `suppress`, of nearly every exception that is not sure to raise again."""
    for file, node in find_new(patch.product, _find_swallowing_handlers, lambda _: "handler"):
        yield Hit(file.path, line_of(node))
    for file, node in find_new(patch.product, _find_suppress_calls, lambda _: "suppress"):
        yield Hit(file.path, line_of(node))


@rule(
    "broad-except",
    "person",
    "A statement moved under a handler that swallows every exception.",
    refuses="""
          def load(text):
        -     total = float(text)
              try:
        +         total = float(text)
                  send(total)
              except Exception:
                  pass
        """,
    allows="""
          def load(text):
        -     total = float(text)
        +     total = float(text.strip())
              try:
                  send(total)
              except Exception:
                  pass
        """,
    link=cwe(391),
)
def moved_under_handlers(patch: Patch) -> Iterator[Hit]:
    """Existing statements that moved under an existing handler that swallows everything."""
    for file in patch.product:
        if not file.old_module or not file.new_module:
            continue
        inside = _find_statements(file.old_module, is_inside=True)
        outside = _find_statements(file.old_module, is_inside=False)
        for source, line in _find_statements(file.new_module, is_inside=True).items():
            if source in outside and source not in inside:
                yield Hit(file.path, line)


@rule(
    "broad-except",
    "person",
    "A new handler that does not raise covers much of what was there, or the program's entry.",
    refuses="""
          def load(text):
              return float(text)

        - print(load("1"))
        + try:
        +     print(load("1"))
        + except ValueError:
        +     pass
        """,
    allows="""
          def load(text):
        -     return float(text)
        +     try:
        +         return float(text)
        +     except ValueError:
        +         raise LookupError(text)

          print(load("1"))
        """,
    link=cwe(390),
)
def wide_handlers(patch: Patch) -> Iterator[Hit]:
    """A new handler that does not raise, around much existing code or the program's entry."""
    for file in patch.product:
        existing = _dump_statements(file.old_module)
        for _, node in find_new((file,), _find_lenient_tries, lambda _: "try"):
            body = getattr(node, "body", [])
            statements = [
                stmt for part in body for stmt in ast.walk(part) if isinstance(stmt, ast.stmt)
            ]
            count = sum(ast.dump(stmt) in existing for stmt in statements)
            at_entry = file.new_module is not None and not file.new_module.scope(node)
            if count >= _WIDE or (at_entry and count):
                yield Hit(file.path, line_of(node))


@node_rule(
    "swallowed-exception",
    "person",
    "A jump out of `finally` drops the exception that was under way.",
    refuses="""
          def load(text):
              try:
                  return float(text)
              finally:
        -         close()
        +         return 0.0
        """,
    allows="""
          def load(text):
              try:
                  return float(text)
              finally:
        -         close()
        +         close(text)
        """,
    link=cwe(584),
    key=lambda node: type(node).__name__,
)
def jumps_out_of_finally(module: Module) -> Iterator[ast.AST]:
    """`return`, `break` or `continue` in a `finally`, which drops the exception under way."""
    for node in module.of(ast.Try, ast.TryStar):
        if isinstance(node, ast.Try | ast.TryStar):
            for stmt in node.finalbody:
                yield from (
                    inner
                    for inner in ast.walk(stmt)
                    if isinstance(inner, ast.Return | ast.Break | ast.Continue)
                )


@node_rule(
    "swallowed-exception",
    "person",
    "The context manager may answer true on leaving, which drops the exception.",
    refuses="""
          class Job:
              def __exit__(self, *error):
        -         self.close()
        +         return True
        """,
    allows="""
          class Job:
              def __exit__(self, *error):
        -         self.close()
        +         self.stop()
        +         return False
        """,
    link="https://docs.python.org/3/reference/datamodel.html#object.__exit__",
)
def true_exits(module: Module) -> Iterator[ast.AST]:
    """`__exit__` methods that return something true, which swallows the exception."""
    for node in module.nodes:
        if isinstance(node, Function) and node.name in {"__exit__", "__aexit__"}:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and not _is_falsy(inner.value):
                    yield inner


def _is_falsy(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and not node.value)


def _find_swallowing_handlers(module: Module) -> Iterator[ast.AST]:
    for node in module.of(ast.ExceptHandler):
        if isinstance(node, ast.ExceptHandler) and _swallows(module, node):
            yield node


def _swallows(module: Module, handler: ast.ExceptHandler) -> bool:
    """True when the handler is broad and not sure to end in a raise."""
    return _is_broad(module, handler.type) and not _always_raises(handler.body)


def _is_broad(module: Module, types: ast.expr | None) -> bool:
    match types:
        case None:
            return True
        case ast.Tuple(elts=items):
            return len(items) >= _MANY_TYPES or any(_is_broad(module, item) for item in items)
        case ast.Name() | ast.Attribute():
            names = module.names.resolve(types)
            is_broad = any(name.rpartition(".")[2] in _BROAD for name in names)
            return is_broad or any(_is_broad(module, value) for value in _tuples(module, types))
    return True  # computed: `except (lambda: Exception)():`


def _tuples(module: Module, types: ast.expr) -> Iterator[ast.expr]:
    """Tuples of types that have this name: `ERRORS = (ValueError, Exception)`."""
    for node in module.of(ast.Assign) if isinstance(types, ast.Name) else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Tuple() as value):
                if name == getattr(types, "id", ""):
                    yield value


def _always_raises(body: Sequence[ast.stmt]) -> bool:
    if not body:
        return False
    if any(isinstance(node, ast.Return) for stmt in body for node in ast.walk(stmt)):
        return False
    match body[-1]:
        case ast.Raise():
            return True
        case ast.If(body=yes, orelse=no):
            return _always_raises(yes) and _always_raises(no)
        case ast.With(body=inner):
            return _always_raises(inner)
    return False


def _find_suppress_calls(module: Module) -> Iterator[ast.AST]:
    for use in module.uses:
        if use.kind == "call" and use.name.endswith("contextlib.suppress"):
            call = use.node
            if isinstance(call, ast.Call) and any(_is_broad(module, arg) for arg in call.args):
                yield call


def _find_statements(module: Module, *, is_inside: bool) -> dict[str, int]:
    """Statements inside, or outside, of what swallows every exception, with their lines."""
    lines = {}
    for node in module.of(ast.Expr, ast.Assign, ast.Return, ast.AugAssign):
        if _is_under_swallowing(module, node) == is_inside:
            lines[ast.dump(node)] = line_of(node)
    return lines


def _is_under_swallowing(module: Module, node: ast.AST) -> bool:
    child = node
    for above in module.parents(node):
        handlers = []
        if isinstance(above, ast.Try | ast.TryStar) and child in above.body:
            handlers = above.handlers
        if any(_swallows(module, handler) for handler in handlers):
            return True
        child = above
    return False


def _find_lenient_tries(module: Module) -> Iterator[ast.AST]:
    for node in module.of(ast.Try, ast.TryStar):
        if any(not _always_raises(handler.body) for handler in getattr(node, "handlers", ())):
            yield node


def _dump_statements(module: Module | None) -> frozenset[str]:
    passive = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    nodes = module.nodes if module else ()
    return frozenset(
        ast.dump(node)
        for node in nodes
        if isinstance(node, ast.stmt) and not isinstance(node, passive)
    )


RULES = (
    broad_handlers,
    moved_under_handlers,
    wide_handlers,
    jumps_out_of_finally,
    true_exits,
)
