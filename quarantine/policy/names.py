"""What a name in the source means: `e(0)` after `from os import _exit as e` is `os._exit`.

Belongs here: aliases, attribute chains and lookups by string. Does not belong here: putting text
together (`folding`), and which names matter (`rules`).

The answer errs on the side of finding something: a name that may mean two things means both.
"""

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterator

from quarantine.policy.expressions import fold

LOOKUPS = frozenset({"getattr", "hasattr", "setattr", "delattr"})
MODULE_LOOKUPS = frozenset(
    {"builtins.__import__", "importlib.import_module", "importlib.__import__"}
)
_INDIRECT = frozenset({"__getattribute__", "__getattr__"})
_REACHED = frozenset(
    {"os", "sys", "subprocess", "socket", "builtins", "signal", "gc", "inspect", "ctypes", "pickle",
     "importlib", "shutil", "posix", "threading", "atexit", "pytest", "_pytest"}
)  # fmt: skip
"""Modules that are themselves even when reached through another: `logging.os.kill`."""
_NEVER_HIDDEN = frozenset(
    {"exit", "quit", "eval", "exec", "__import__", "SystemExit", "Exception", "BaseException"}
)
"""Built-ins that a parameter or a local variable of the same name does not hide from us."""
UNKNOWN = "?"
"""Stands for an object that could not be named: `?.unlink` is the method of some object."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Names:
    """Resolves expressions of one module to dotted names."""

    def __init__(self, tree: ast.Module) -> None:
        self._meanings: defaultdict[str, set[str]] = defaultdict(set)
        self._bound: set[str] = set()
        self._global = {
            getattr(stmt, "name", "") for stmt in tree.body if isinstance(stmt, _DEFINITIONS)
        }
        self.stars: list[tuple[str, int]] = []
        """`from x import *`: (module, line)."""
        nodes = list(ast.walk(tree))
        for node in nodes:
            self._note_import(node)
        methods = {
            id(stmt) for node in nodes if isinstance(node, ast.ClassDef) for stmt in node.body
        }
        for node in nodes:
            if id(node) not in methods or not isinstance(node, _DEFINITIONS):
                self._note_binding(node)
        # Aliases of aliases (`a = os; b = a`): two rounds follow what people write.
        for _ in range(2):
            for node in nodes:
                self._note_alias(node)

    def is_bound(self, name: str) -> bool:
        """Whether the module imports or sets this name anywhere, or Python knows it."""
        return name in self._meanings or name in self._bound or hasattr(builtins, name)

    def resolve(self, node: ast.AST | None) -> tuple[str, ...]:
        """Dotted names this expression may mean; empty when nothing is known of it."""
        return tuple(sorted(self._resolve(node, 0)))

    def _resolve(  # noqa: PLR0911 - one per shape
        self, node: ast.AST | None, depth: int
    ) -> set[str]:
        if depth > 20:  # noqa: PLR2004 - chains that long are unknown
            return set()
        match node:
            case ast.Name(id=name):
                return self._meanings_of(name)
            case ast.Attribute(value=value, attr=attr):
                return self._attribute(value, attr, depth)
            case ast.NamedExpr(value=value) | ast.Starred(value=value) | ast.Await(value=value):
                return self._resolve(value, depth + 1)
            case ast.IfExp(body=body, orelse=other):
                return self._resolve(body, depth + 1) | self._resolve(other, depth + 1)
            case ast.BoolOp(values=values):
                return {name for value in values for name in self._resolve(value, depth + 1)}
            case ast.Call():
                return self._meanings_of_call(node, depth)
            case ast.Subscript(value=value, slice=key):
                return self._item(value, fold(key), depth)
        return set()

    def _meanings_of(self, name: str) -> set[str]:
        if name in self._meanings:
            return self._meanings[name]
        is_hidden = name in (self._global if name in _NEVER_HIDDEN else self._bound)
        if not is_hidden and (hasattr(builtins, name) or name == "__builtins__"):
            return {f"builtins.{name}"}
        return set()

    def _attribute(self, value: ast.AST, attr: str, depth: int) -> set[str]:
        bases = self._resolve(value, depth + 1)
        if attr in _REACHED and any(not base.startswith((UNKNOWN, ".")) for base in bases):
            return {attr}
        return {f"{base}.{attr}" for base in bases} or {f"{UNKNOWN}.{attr}"}

    def _meanings_of_call(self, call: ast.Call, depth: int) -> set[str]:  # noqa: PLR0911 - one per shape
        functions = self._resolve(call.func, depth + 1)
        first = call.args[0] if call.args else None
        if isinstance(call.func, ast.Name) and f"{call.func.id}()" in self._meanings:
            return self._meanings[f"{call.func.id}()"]
        if functions & MODULE_LOOKUPS:
            name = fold(first)
            return {name} if name else set()
        if functions & {f"builtins.{name}" for name in LOOKUPS} and len(call.args) > 1:
            name = fold(call.args[1])
            return self._attribute(call.args[0], name, depth) if name else set()
        if functions & {"builtins.vars"} and first is not None:
            return {f"{base}.__dict__" for base in self._resolve(first, depth + 1)}
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"get", "__getitem__", "pop"}:
            return self._item(call.func.value, fold(first), depth)
        if functions & {"operator.attrgetter", "operator.methodcaller"} and fold(first):
            return {f"{UNKNOWN}.{fold(first)}"}
        if isinstance(call.func, ast.Attribute) and call.func.attr in _INDIRECT and call.args:
            owner = call.args[0] if len(call.args) > 1 else call.func.value
            return self._attribute(owner, fold(call.args[-1]) or UNKNOWN, depth)
        return set()

    def _item(self, container: ast.AST, key: str | None, depth: int) -> set[str]:
        names = set()
        for base in self._resolve(container, depth + 1):
            if key and base == "sys.modules":
                names.add(key)
            elif key and base.endswith(".__dict__"):
                names.add(f"{base.removesuffix('.__dict__')}.{key}")
            elif key and base == "builtins.__builtins__":
                names.add(f"builtins.{key}")
        return names

    def _note_import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                self._meanings[alias.asname or top].add(alias.name if alias.asname else top)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                if alias.name == "*":
                    self.stars.append((module, node.lineno))
                else:
                    joint = "" if module.endswith(".") else "."
                    self._meanings[alias.asname or alias.name].add(f"{module}{joint}{alias.name}")

    def _note_binding(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                self._bound.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self._bound.add(name)
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                self._bound.add(name)

    def _note_alias(self, node: ast.AST) -> None:
        for target, value in _bindings(node):
            names = {name for name in self._resolve(value, 0) if not name.startswith(UNKNOWN)}
            if names:
                self._meanings[target] |= names


def _bindings(  # noqa: C901 - one case per kind of binding
    node: ast.AST,
) -> Iterator[tuple[str, ast.expr]]:
    """Plain names that a node binds to an expression: assignments, defaults, loops, with."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _pairs(target, value)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, value
        case (
            ast.For(target=ast.Name(id=name), iter=ast.Tuple(elts=items) | ast.List(elts=items))
            | ast.comprehension(
                target=ast.Name(id=name), iter=ast.Tuple(elts=items) | ast.List(elts=items)
            )
        ):
            yield from ((name, item) for item in items)
        case ast.FunctionDef(name=name):
            # `def get(): return os`: what is called by that name may be what it returns.
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Name):
                    yield f"{name}()", inner.value
        case ast.arguments():
            positional = [*node.posonlyargs, *node.args]
            tail = positional[len(positional) - len(node.defaults) :]
            yield from ((arg.arg, value) for arg, value in zip(tail, node.defaults, strict=True))
            for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                if default is not None:
                    yield arg.arg, default


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, item in zip(target.elts, value.elts, strict=False):
            if isinstance(one, ast.Name):
                yield one.id, item
