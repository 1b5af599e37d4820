"""One parsed Python file, walked once: parents, scopes, functions, and every use of a name.

Belongs here: what many rules ask of a tree. Does not belong here: comparing two sides of a patch
(`new_items`), or which uses matter (`rules`).
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from quarantine.policy.names import Names

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Use:
    """One expression that names something."""

    name: str
    """Dotted: `os._exit`, `builtins.eval`, `?.unlink` for a method of an unknown object."""
    kind: Literal["import", "load", "call", "store"]
    line: int
    scope: str
    """Qualified name of the function or class around it; empty at module level."""
    node: ast.AST
    """The import, the expression, or for a call the whole call."""


class Module:
    """One parsed side of a changed file, with what rules ask of it again and again."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.nodes: tuple[ast.AST, ...] = tuple(ast.walk(tree))
        self.names = Names(tree)
        self._by_kind: dict[type[ast.AST], list[ast.AST]] = {}
        for node in self.nodes:
            self._by_kind.setdefault(type(node), []).append(node)
        self._parents = {
            id(child): node for node in self.nodes for child in ast.iter_child_nodes(node)
        }

    def parent(self, node: ast.AST) -> ast.AST | None:
        """What the node stands in; None for the module itself."""
        return self._parents.get(id(node))

    def parents(self, node: ast.AST) -> Iterator[ast.AST]:
        """Innermost first."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def scope(self, node: ast.AST) -> str:
        """Qualified name of the functions and classes around the node."""
        around = [above.name for above in self.parents(node) if isinstance(above, Scope)]
        return ".".join(reversed(around))

    def function(self, node: ast.AST) -> Function | None:
        """The function whose body the node lies in."""
        return next((above for above in self.parents(node) if isinstance(above, Function)), None)

    def of(self, *kinds: type[ast.AST]) -> list[ast.AST]:
        """Nodes of exactly these types."""
        return [node for kind in kinds for node in self._by_kind.get(kind, ())]

    def methods(self, names: frozenset[str]) -> Iterator[Function]:
        """The methods of all classes that have one of these names."""
        for node in self.nodes:
            is_method = isinstance(self.parent(node), ast.ClassDef)
            if is_method and isinstance(node, Function) and node.name in names:
                yield node

    @cached_property
    def functions(self) -> dict[str, Function]:
        """By qualified name; of several with one name the last counts, as it does in Python."""
        return {
            ".".join(filter(None, (self.scope(node), node.name))): node
            for node in self.nodes
            if isinstance(node, Function)
        }

    @cached_property
    def identifiers(self) -> tuple[tuple[str, int], ...]:
        """Every name that is written in the module, with its line; 0 where it has none."""
        fields = ("id", "attr", "arg", "name", "asname")
        return tuple(
            (value, getattr(node, "lineno", 0))
            for node in self.nodes
            for field in fields
            if isinstance(value := getattr(node, field, None), str)
        )

    @cached_property
    def docstrings(self) -> frozenset[int]:
        """Ids of the constants that are docstrings or bare strings used as comments."""
        return frozenset(
            id(node.value)
            for node in self.nodes
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        )

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Every expression of the module that names something, and every import."""
        return tuple(use for node in self.nodes for use in self._uses_at(node))

    def _uses_at(self, node: ast.AST) -> Iterator[Use]:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Use(alias.name, "import", node.lineno, self.scope(node), node)
            case ast.ImportFrom(module=module, names=names, level=0):
                for alias in names:
                    name = f"{module}.{alias.name}"
                    yield Use(name, "import", node.lineno, self.scope(node), node)
            case ast.Name() | ast.Attribute():
                if not self._inside_chain(node):
                    yield from self._uses_of(node)
            case ast.Call() | ast.Subscript():
                # Lookups by string name something too: getattr(os, "_exit"), sys.modules["x"].
                yield from self._uses_of(node)

    def _inside_chain(self, node: ast.AST) -> bool:
        return isinstance(self.parent(node), ast.Attribute)

    def _uses_of(self, node: ast.expr) -> Iterator[Use]:
        parent = self.parent(node)
        is_called = isinstance(parent, ast.Call) and parent.func is node
        is_stored = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
        kind: Literal["call", "store", "load"] = (
            "store" if is_stored else "call" if is_called else "load"
        )
        if isinstance(node, ast.Name) and is_stored:
            return
        where = parent if is_called and parent is not None else node
        for name in self.names.resolve(node):
            yield Use(name, kind, node.lineno, self.scope(node), where)
