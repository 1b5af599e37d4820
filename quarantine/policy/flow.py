"""Rules about the course of a program: swallowed errors, early ends, code that no longer runs.

Belongs here: new control flow that hides a failure. Does not belong here: what was taken away
(`removal`).
"""

import ast
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

from quarantine.policy.added import added, line_of
from quarantine.policy.files import Patch
from quarantine.policy.module import Function, Module
from quarantine.policy.rule import Hit, Rule

_BROAD = frozenset(
    {"Exception", "BaseException", "AssertionError", "SystemExit", "KeyboardInterrupt",
     "GeneratorExit", "BaseExceptionGroup", "ExceptionGroup", "StandardError"}
)  # fmt: skip
_MANY_TYPES = 5
"""So many exception types in one handler catch nearly as much as `Exception` does."""
_WIDE = 8
"""So many existing statements under one new handler: it is not about one error any more."""
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_LOOP_WORDS = ("retry", "retries", "attempt", "tries")


def swallows(module: Module, handler: ast.ExceptHandler) -> bool:
    """True when the handler is broad and not sure to end in a raise."""
    return _is_broad(module, handler.type) and not _always_raises(handler.body)


def _is_broad(module: Module, caught: ast.expr | None) -> bool:
    match caught:
        case None:
            return True
        case ast.Tuple(elts=items):
            return len(items) >= _MANY_TYPES or any(_is_broad(module, item) for item in items)
        case ast.Name() | ast.Attribute():
            names = module.names.resolve(caught)
            broad = any(name.rpartition(".")[2] in _BROAD for name in names)
            return broad or any(_is_broad(module, value) for value in _tuples(module, caught))
    return True  # computed: `except (lambda: Exception)():`


def _tuples(module: Module, caught: ast.expr) -> Iterator[ast.expr]:
    """Tuples of types that were given this name: `ERRORS = (ValueError, Exception)`."""
    for node in module.of(ast.Assign) if isinstance(caught, ast.Name) else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Tuple() as value):
                if name == getattr(caught, "id", ""):
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


def _handlers(module: Module) -> Iterator[ast.AST]:
    for node in module.of(ast.ExceptHandler):
        if isinstance(node, ast.ExceptHandler) and swallows(module, node):
            yield node


def _broad_excepts(patch: Patch) -> Iterator[Hit]:
    for file, node in added(patch.product, _handlers, lambda _: "handler"):
        yield Hit(file.path, line_of(node))
    for file, node in added(patch.product, _suppress_calls, lambda _: "suppress"):
        yield Hit(file.path, line_of(node))


def _suppress_calls(module: Module) -> Iterator[ast.AST]:
    for use in module.uses:
        if use.kind == "call" and use.name.endswith("contextlib.suppress"):
            call = use.node
            if isinstance(call, ast.Call) and any(_is_broad(module, arg) for arg in call.args):
                yield call


def _newly_guarded(patch: Patch) -> Iterator[Hit]:
    """Existing statements that moved under an existing handler that swallows everything."""
    for file in patch.product:
        if not file.old_module or not file.new_module:
            continue
        inside, outside = _guarded(file.old_module, True), _guarded(file.old_module, False)
        for dumped, line in _guarded(file.new_module, True).items():
            if dumped in outside and dumped not in inside:
                yield Hit(file.path, line)


def _guarded(module: Module, wanted: bool) -> dict[str, int]:
    found = {}
    for node in module.of(ast.Expr, ast.Assign, ast.Return, ast.AugAssign):
        if _under_swallowing(module, node) == wanted:
            found[ast.dump(node)] = line_of(node)
    return found


def _under_swallowing(module: Module, node: ast.AST) -> bool:
    child = node
    for above in module.parents(node):
        guarded = isinstance(above, ast.Try | ast.TryStar) and child in above.body
        if guarded and any(swallows(module, handler) for handler in getattr(above, "handlers", ())):
            return True
        child = above
    return False


def _silencing_ends(module: Module) -> Iterator[ast.AST]:
    """`return`, `break` or `continue` in a `finally`, which drops the exception under way."""
    for node in module.of(ast.Try, ast.TryStar):
        if isinstance(node, ast.Try | ast.TryStar):
            for stmt in node.finalbody:
                yield from (
                    inner
                    for inner in ast.walk(stmt)
                    if isinstance(inner, ast.Return | ast.Break | ast.Continue)
                )


def _silencing_exits(module: Module) -> Iterator[ast.AST]:
    """`__exit__` methods that return something true, which swallows the exception."""
    for node in module.nodes:
        if isinstance(node, Function) and node.name in {"__exit__", "__aexit__"}:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and not _is_falsy(inner.value):
                    yield inner


def _is_falsy(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and not node.value)


def _swallowing_keywords(module: Module) -> Iterator[ast.AST]:
    """Arguments that make errors vanish: `return_exceptions=True`, `check=False`."""
    wanted = {"return_exceptions": True, "check": False, "verify": False, "shell": True,
              "allow_pickle": True, "compare": False, "daemon": True,
              "raise_for_status": False}  # fmt: skip
    for node in module.of(ast.keyword):
        value = getattr(node, "value", None)
        name = getattr(node, "arg", None)
        if name in wanted and isinstance(value, ast.Constant) and value.value is wanted[name]:
            yield node


def _dead_code(module: Module) -> Iterator[ast.AST]:
    """The first statement after a return, raise, continue or break in one block."""
    for node in module.nodes:
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                for before, after in pairwise(block):
                    if isinstance(before, _ENDS):
                        yield after
                        break


def _constant_conditions(module: Module) -> Iterator[ast.AST]:
    """`if False`, `while 0`, `x and False`, `y or True`, `if __debug__`."""
    for node in module.of(ast.If, ast.IfExp, ast.While):
        test = getattr(node, "test", None)
        parts = list(ast.walk(test)) if isinstance(test, ast.expr) else []
        forever = isinstance(node, ast.While) and isinstance(test, ast.Constant) and test.value
        direct = isinstance(test, ast.Constant) and not forever
        mixed = any(
            isinstance(value, ast.Constant)
            for part in parts
            if isinstance(part, ast.BoolOp)
            for value in part.values
        )
        if direct or mixed or any(isinstance(p, ast.Name) and p.id == "__debug__" for p in parts):
            yield node


def _exits(module: Module) -> Iterator[ast.AST]:
    """Ordinary exits: `sys.exit`, `raise SystemExit`, outside of `sys.exit(main())` at the end."""
    for node in module.of(ast.Call, ast.Raise, ast.Name, ast.Attribute):
        names = _exit_names(module, node)
        if names and not _is_entry_point(module, node):
            yield node


def _exit_names(module: Module, node: ast.AST) -> bool:
    if isinstance(node, ast.Raise | ast.Call):
        return False
    if isinstance(getattr(node, "ctx", None), ast.Store):
        return False
    parent = module.parent(node)
    if isinstance(parent, ast.ExceptHandler | ast.Tuple):
        return False
    exits = {"sys.exit", "builtins.exit", "builtins.quit", "builtins.SystemExit"}
    return bool(exits & set(module.names.resolve(node)))


def _is_entry_point(module: Module, node: ast.AST) -> bool:
    call = module.parent(node)
    guarded = any(
        isinstance(above, ast.If) and "__name__" in ast.unparse(above.test)
        for above in module.parents(node)
        if isinstance(module.parent(above), ast.Module)
    )
    computed = isinstance(call, ast.Call) and any(isinstance(arg, ast.Call) for arg in call.args)
    return guarded and computed and not module.scope(node)


def _new_exits(patch: Patch) -> Iterator[Hit]:
    """Keyed by function and argument too: an exit moved or turned into 0 is a new exit."""
    for file in patch.product:
        old = _exit_places(file.old_module) if file.old_module else {}
        for place, node in (_exit_places(file.new_module) if file.new_module else {}).items():
            fresh = file.touched(line_of(node), line_of(node))
            if place not in old and (fresh or not file.base_unreadable):
                yield Hit(file.path, line_of(node))


def _exit_places(module: Module) -> dict[tuple[str, str], ast.AST]:
    return {
        (module.scope(node), ast.dump(module.parent(node) or node)): node for node in _exits(module)
    }


def _retry_loops(module: Module) -> Iterator[ast.AST]:
    for node in module.of(ast.For, ast.While):
        head = node.target if isinstance(node, ast.For) else getattr(node, "test", node)
        words = [part.id.lower() for part in ast.walk(head) if isinstance(part, ast.Name)]
        tries = any(isinstance(inner, ast.Try) for inner in ast.walk(node))
        if tries and any(word in name for name in words for word in _LOOP_WORDS):
            yield node


def _endless_tries(module: Module) -> Iterator[ast.AST]:
    """Loops around a `try` whose handler lets the loop go on."""
    for node in module.of(ast.While):
        for inner in getattr(node, "body", ()):
            if isinstance(inner, ast.Try) and any(map(_goes_on, inner.handlers)):
                yield node
                break


def _goes_on(handler: ast.ExceptHandler) -> bool:
    ends = (ast.Raise, ast.Return, ast.Break)
    return not any(isinstance(node, ends) for stmt in handler.body for node in ast.walk(stmt))


def _wide_handlers(patch: Patch) -> Iterator[Hit]:
    """A new handler that does not raise, around much existing code or the program's entry."""
    for file in patch.product:
        existing = _statement_dumps(file.old_module)
        for _, node in added((file,), _lenient_tries, lambda _: "try"):
            body = getattr(node, "body", [])
            inside = [
                stmt for part in body for stmt in ast.walk(part) if isinstance(stmt, ast.stmt)
            ]
            moved = sum(ast.dump(stmt) in existing for stmt in inside)
            at_entry = file.new_module is not None and not file.new_module.scope(node)
            if moved >= _WIDE or (at_entry and moved):
                yield Hit(file.path, line_of(node))


def _lenient_tries(module: Module) -> Iterator[ast.AST]:
    for node in module.of(ast.Try, ast.TryStar):
        if any(not _always_raises(handler.body) for handler in getattr(node, "handlers", ())):
            yield node


def _statement_dumps(module: Module | None) -> frozenset[str]:
    passive = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    nodes = module.nodes if module else ()
    return frozenset(
        ast.dump(node)
        for node in nodes
        if isinstance(node, ast.stmt) and not isinstance(node, passive)
    )


def _shape(finder: object, patch: Patch) -> Iterator[Hit]:
    if callable(finder):
        for file, node in added(patch.product, finder, ast.dump):
            yield Hit(file.path, line_of(node))


def _by_count(finder: object, patch: Patch) -> Iterator[Hit]:
    if callable(finder):
        for file, node in added(patch.product, finder, lambda node: type(node).__name__):
            yield Hit(file.path, line_of(node))


def _keyword_hits(patch: Patch) -> Iterator[Hit]:
    for file, node in added(patch.product, _swallowing_keywords, ast.dump):
        yield Hit(file.path, line_of(node), ast.unparse(node))


RULES = (
    Rule(
        "broad-except", "person",
        "It catches nearly every exception and goes on, which hides the next fault too.",
        _broad_excepts,
    ),
    Rule(
        "broad-except", "person",
        "A statement moved under a handler that swallows every exception.", _newly_guarded,
    ),
    Rule(
        "broad-except", "person",
        "A new handler that does not raise covers much of what was there, or the program's entry.",
        _wide_handlers,
    ),
    Rule(
        "swallowed-exception", "person",
        "A jump out of `finally` drops the exception that was under way.",
        partial(_by_count, _silencing_ends),
    ),
    Rule(
        "swallowed-exception", "person",
        "The context manager may answer true on leaving, which drops the exception.",
        partial(_shape, _silencing_exits),
    ),
    Rule("loose-argument", "person", "An argument turns a check off or hides errors ({what}).",
         _keyword_hits),
    Rule("dead-code", "person", "Code after an unconditional end can no longer run.",
         partial(_by_count, _dead_code)),
    Rule("constant-condition", "person", "A condition has a fixed answer, so code is switched off.",
         partial(_shape, _constant_conditions)),
    Rule("process-exit", "person", "It ends the program early, which can pass for success.",
         _new_exits),
    Rule("retry", "person", "It tries again in a loop, which often hides a fault.",
         partial(_by_count, _retry_loops)),
    Rule("retry", "person", "A loop goes on after an error until it works.",
         partial(_by_count, _endless_tries)),
)  # fmt: skip
