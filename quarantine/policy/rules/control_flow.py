"""Rules about the course of a program: checks turned off, code that no longer runs, early ends.

Belongs here: new control flow that hides a failure. Does not belong here: what happens to
exceptions (`exception_handlers`), and what was taken away (`removal`).
"""

import ast
from collections.abc import Iterator
from itertools import pairwise

from quarantine.policy.files import Patch
from quarantine.policy.module import Module
from quarantine.policy.new_items import line_of
from quarantine.policy.rule import Hit, cwe, node_rule, rule

_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_LOOP_WORDS = ("retry", "retries", "attempt", "tries")
_LOOSE = {
    "return_exceptions": True, "check": False, "verify": False, "shell": True,
    "allow_pickle": True, "compare": False, "daemon": True, "raise_for_status": False,
}  # fmt: skip


def _kind_of(node: ast.AST) -> str:
    return type(node).__name__


@node_rule(
    "loose-argument",
    "person",
    "An argument turns a check off or hides errors ({what}).",
    refuses="""
        - run(command, check=True)
        + run(command, check=False)
        """,
    allows="""
        - run(command, check=True)
        + run(command, check=True, timeout=60)
        """,
    link=cwe(252),
    what=ast.unparse,
)
def loose_arguments(module: Module) -> Iterator[ast.AST]:
    """Arguments that make errors vanish: `return_exceptions=True`, `check=False`."""
    for node in module.of(ast.keyword):
        value = getattr(node, "value", None)
        name = getattr(node, "arg", None)
        if name in _LOOSE and isinstance(value, ast.Constant) and value.value is _LOOSE[name]:
            yield node


@node_rule(
    "dead-code",
    "person",
    "Code after an unconditional end can no longer run.",
    refuses="""
          def total(rows):
        +     return 0
              return sum(rows)
        """,
    allows="""
          def total(rows):
        +     if not rows:
        +         return 0
              return sum(rows)
        """,
    link=cwe(561),
    key=_kind_of,
)
def dead_code(module: Module) -> Iterator[ast.AST]:
    """The first statement after a return, raise, continue or break in one block."""
    for node in module.nodes:
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                for before, after in pairwise(block):
                    if isinstance(before, _ENDS):
                        yield after
                        break


@node_rule(
    "constant-condition",
    "person",
    "A condition has a fixed answer, so code is switched off.",
    refuses="""
        - if rows:
        + if rows and False:
              print(rows)
        """,
    allows="""
        - if rows:
        + if rows and rows[0]:
              print(rows)
        """,
    link=cwe(570),
)
def constant_conditions(module: Module) -> Iterator[ast.AST]:
    """`if False`, `while 0`, `x and False`, `y or True`, `if __debug__`."""
    for node in module.of(ast.If, ast.IfExp, ast.While):
        test = getattr(node, "test", None)
        parts = list(ast.walk(test)) if isinstance(test, ast.expr) else []
        forever = isinstance(node, ast.While) and isinstance(test, ast.Constant) and test.value
        is_constant = isinstance(test, ast.Constant) and not forever
        has_constant = any(
            isinstance(value, ast.Constant)
            for part in parts
            if isinstance(part, ast.BoolOp)
            for value in part.values
        )
        asks_debug = any(isinstance(p, ast.Name) and p.id == "__debug__" for p in parts)
        if is_constant or has_constant or asks_debug:
            yield node


@rule(
    "process-exit",
    "person",
    "It ends the program early, which can pass for success.",
    refuses="""
          import sys
          def main(rows):
        +     if not rows:
        +         sys.exit(0)
              return rows[0]
        """,
    allows="""
          import sys
          def main(rows):
        -     return rows[0]
        +     return rows[0] if rows else None

          if __name__ == "__main__":
              sys.exit(main(sys.argv))
        """,
    link=cwe(705),
)
def new_exits(patch: Patch) -> Iterator[Hit]:
    """An exit that was not there before. Told apart by function and argument: one that moved, or
    was turned into 0, is a new exit."""
    for file in patch.product:
        old = _find_exits(file.old_module) if file.old_module else {}
        for place, node in (_find_exits(file.new_module) if file.new_module else {}).items():
            is_fresh = file.is_touched(line_of(node), line_of(node))
            if place not in old and (is_fresh or not file.base_unreadable):
                yield Hit(file.path, line_of(node))


def _find_exits(module: Module) -> dict[tuple[str, str], ast.AST]:
    """Ordinary exits by place: `sys.exit`, `raise SystemExit`, outside of `sys.exit(main())` at
    the end."""
    return {
        (module.scope(node), ast.dump(module.parent(node) or node)): node
        for node in module.of(ast.Name, ast.Attribute)
        if _is_exit(module, node) and not _is_entry_point(module, node)
    }


def _is_exit(module: Module, node: ast.AST) -> bool:
    if isinstance(getattr(node, "ctx", None), ast.Store):
        return False
    if isinstance(module.parent(node), ast.ExceptHandler | ast.Tuple):
        return False
    exits = {"sys.exit", "builtins.exit", "builtins.quit", "builtins.SystemExit"}
    return bool(exits & set(module.names.resolve(node)))


def _is_entry_point(module: Module, node: ast.AST) -> bool:
    call = module.parent(node)
    is_main = any(
        isinstance(above, ast.If) and "__name__" in ast.unparse(above.test)
        for above in module.parents(node)
        if isinstance(module.parent(above), ast.Module)
    )
    has_call = isinstance(call, ast.Call) and any(isinstance(arg, ast.Call) for arg in call.args)
    return is_main and has_call and not module.scope(node)


@node_rule(
    "retry",
    "person",
    "It tries again in a loop, which often hides a fault.",
    refuses="""
          def load(text):
        -     return float(text)
        +     for attempt in range(3):
        +         try:
        +             return float(text)
        +         except ValueError:
        +             pass
        """,
    allows="""
          def load(texts):
        +     numbers = []
        +     for text in texts:
        +         try:
        +             numbers.append(float(text))
        +         except ValueError:
        +             numbers.append(None)
        -     return [float(text) for text in texts]
        +     return numbers
        """,
    link=cwe(390),
    key=_kind_of,
)
def retry_loops(module: Module) -> Iterator[ast.AST]:
    """A loop around a `try` that counts attempts."""
    for node in module.of(ast.For, ast.While):
        head = node.target if isinstance(node, ast.For) else getattr(node, "test", node)
        words = [part.id.lower() for part in ast.walk(head) if isinstance(part, ast.Name)]
        has_try = any(isinstance(inner, ast.Try) for inner in ast.walk(node))
        if has_try and any(word in name for name in words for word in _LOOP_WORDS):
            yield node


@node_rule(
    "retry",
    "person",
    "A loop goes on after an error until it works.",
    refuses="""
          def load(read):
        -     return read()
        +     while True:
        +         try:
        +             return read()
        +         except OSError:
        +             continue
        """,
    allows="""
          def load(read):
        -     return read()
        +     while True:
        +         try:
        +             return read()
        +         except OSError:
        +             raise LookupError("rates")
        """,
    link=cwe(835),
    key=_kind_of,
)
def endless_tries(module: Module) -> Iterator[ast.AST]:
    """Loops around a `try` whose handler lets the loop go on."""
    for node in module.of(ast.While):
        for inner in getattr(node, "body", ()):
            if isinstance(inner, ast.Try) and any(map(_goes_on, inner.handlers)):
                yield node
                break


def _goes_on(handler: ast.ExceptHandler) -> bool:
    ends = (ast.Raise, ast.Return, ast.Break)
    return not any(isinstance(node, ends) for stmt in handler.body for node in ast.walk(stmt))


RULES = (
    loose_arguments,
    dead_code,
    constant_conditions,
    new_exits,
    retry_loops,
    endless_tries,
)
