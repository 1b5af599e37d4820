"""One small edit of a file's text, and what operators need to know of the place they edit.

Belongs here: the facts that operators share. Does not belong here: the operators themselves
(`expressions`, `statements`, …) and how their edits are ranked (`ranking`).
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from healer.draft.rules.source_file import SourceFile, TextEdit

_ATOMS = (
    ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Dict, ast.Set,
    ast.ListComp, ast.Tuple,
)  # fmt: skip
_TIGHT = (ast.BinOp, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Attribute, ast.Await, ast.Starred)
_WHOLE = (
    ast.Return, ast.Assign, ast.Compare, ast.For, ast.BinOp, ast.comprehension, ast.If, ast.Yield,
)  # fmt: skip
_LONGEST_DONOR = 40
Node = TypeVar("Node", bound=ast.AST)
Span = tuple[int, int]
"""Offsets of characters in a file's text; the second is exclusive."""


def operator_of(shape: str) -> str:
    """`compare` for the shape `compare/< to <=`, `rule` for a rule's."""
    return shape.partition("/")[0]


@dataclass(frozen=True)
class Mutation:
    """An edit of one function (or of a module's own lines)."""

    shape: str
    """`operator/detail`: what the prior counts."""
    line: int
    """1-based; the line that is held against the suspicion."""
    changes: tuple[TextEdit, ...]

    @property
    def operator(self) -> str:
        return operator_of(self.shape)


class Scope:
    """One function, method or module body in which operators work."""

    def __init__(
        self,
        code: SourceFile,
        node: ast.AST,
        others: tuple[SourceFile, ...] = (),
        literals: tuple[str, ...] = (),
    ) -> None:
        """`node`: the function or the module; `others`: files of the repository that may give
        code; `literals`: texts of constants that tests and data know."""
        self.code = code
        self.node = node
        self.others = others
        self.literals = literals

    @property
    def is_module(self) -> bool:
        return isinstance(self.node, ast.Module)

    @property
    def lines(self) -> range:
        """1-based; empty for a module, whose own lines stand between its functions."""
        first, last = getattr(self.node, "lineno", 0), getattr(self.node, "end_lineno", 0)
        return range(first, last + 1) if first else range(0)

    @property
    def body(self) -> list[ast.stmt]:
        return getattr(self.node, "body", [])

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Nodes of the scope with usable positions: nothing inside f-strings."""
        nodes: list[ast.AST] = []
        stack: list[ast.AST] = list(reversed(self.body))
        while stack:
            node = stack.pop()
            nodes.append(node)
            own_scope = self.is_module and isinstance(node, ast.ClassDef | ast.FunctionDef)
            if not (own_scope or isinstance(node, ast.JoinedStr)):
                stack += reversed(list(ast.iter_child_nodes(node)))
        return nodes

    def nodes_of(self, kind: type[Node]) -> Iterator[Node]:
        for node in self.nodes:
            if isinstance(node, kind):
                yield node

    @cached_property
    def parameters(self) -> list[str]:
        return _list_parameters(self.node)

    @cached_property
    def names(self) -> list[str]:
        """Parameters and local names, those of inner functions too, in order of appearance."""
        names = list(self.parameters)
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.append(node.id)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not self.is_module:
                names += _list_parameters(node)
        return list(dict.fromkeys(names))

    @cached_property
    def outer_names(self) -> set[str]:
        """Functions and constants of the module, usable but rarely meant."""
        names: set[str] = set()
        for node in self.code.tree.body if self.code.tree else ():
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Assign):
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        return names

    @cached_property
    def donors(self) -> list[str]:
        """Short expressions of this scope, most frequent first: material for repairs."""
        counts: dict[str, int] = {}
        for node in self.nodes_of(ast.expr):
            stores = isinstance(getattr(node, "ctx", None), ast.Store)
            unfit = isinstance(node, ast.Constant | ast.JoinedStr | ast.Starred | ast.Lambda)
            if stores or unfit or self._is_called(node):
                continue
            text = self.code.segment(node)
            if len(text) <= _LONGEST_DONOR and "\n" not in text:
                counts[text] = counts.get(text, 0) + 1
        for name in self.parameters:
            counts.setdefault(name, 1)
        return sorted(counts, key=lambda text: (-counts[text], len(text)))

    def _is_called(self, node: ast.AST) -> bool:
        parent = self.code.parents.get(node)
        return isinstance(parent, ast.Call) and parent.func is node

    @cached_property
    def attributes(self) -> list[str]:
        """`self.x` and the like, as texts."""
        return [t for t in self.donors if "." in t and not set("([ ") & set(t)]

    @cached_property
    def conditions(self) -> list[str]:
        """Texts of the comparisons in this scope."""
        tests = [self.code.segment(node) for node in self.nodes_of(ast.Compare)]
        return list(dict.fromkeys(text for text in tests if "\n" not in text))

    def text(self, node: ast.AST) -> str:
        return self.code.segment(node)

    def tight_text(self, node: ast.AST) -> str:
        """A node's text, in brackets unless it binds as tightly as a name."""
        text = self.text(node)
        return text if isinstance(node, _ATOMS) else f"({text})"

    def between(self, first: ast.AST, second: ast.AST) -> Span:
        """What stands between two nodes, such as an operator."""
        return self.code.span(first)[1], self.code.span(second)[0]

    def line_span(self, statement: ast.stmt) -> Span:
        """A statement's whole lines, decorators and the last line's end with them."""
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(d.lineno for d in decorators)])
        last = statement.end_lineno or first
        return self.code.line_start(first), self.code.line_start(last + 1)

    def set_text(self, shape: str, node: ast.expr | ast.stmt, text: str) -> Mutation:
        """Other text where a node stands, taken as it is."""
        return Mutation(shape, node.lineno, (self.code.replace(node, text),))

    def put(self, shape: str, node: ast.expr, text: str, *, atom: bool = False) -> Mutation:
        """Another expression where one stands, in brackets where its parent binds tightly; an
        `atom` needs none."""
        parent = self.code.parents.get(node)
        is_tight = isinstance(parent, _TIGHT) or _is_head(node, parent)
        return self.set_text(shape, node, f"({text})" if is_tight and not atom else text)

    def swap(
        self, shape: str, first: ast.expr, second: ast.expr, line: int | None = None
    ) -> Mutation:
        """Two expressions change places."""
        changes = (
            self.code.replace(first, self.text(second)),
            self.code.replace(second, self.text(first)),
        )
        return Mutation(shape, line or first.lineno, changes)


def _list_parameters(function: ast.AST) -> list[str]:
    arguments = getattr(function, "args", None)
    if not isinstance(arguments, ast.arguments):
        return []
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [a for a in (arguments.vararg, arguments.kwarg) if a]
    return [a.arg for a in every if a.arg not in ("self", "cls")]


def _is_head(node: ast.AST, parent: ast.AST | None) -> bool:
    """It is what is called or subscripted."""
    if isinstance(parent, ast.Subscript):
        return parent.value is node
    return isinstance(parent, ast.Call) and parent.func is node


Operator = Callable[[Scope], Iterator[Mutation]]


def find_scopes(
    code: SourceFile, others: tuple[SourceFile, ...] = (), literals: tuple[str, ...] = ()
) -> list[Scope]:
    """The module's outermost functions and methods, then the module itself."""
    functions = (n for n in code.nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    nodes = [node for node in functions if not _is_nested(code, node)]
    every = (*nodes, code.tree) if code.tree else nodes
    return [Scope(code, node, others, literals) for node in every]


def _is_nested(code: SourceFile, node: ast.AST) -> bool:
    while node in code.parents:
        node = code.parents[node]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return True
    return False


def is_stored(node: ast.AST) -> bool:
    """The node is written to or deleted, not read."""
    return isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


def is_docstring(statement: ast.AST) -> bool:
    """A statement that is only a constant."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def stands_whole(scope: Scope, node: ast.AST) -> bool:
    """The node stands where a value is used as a whole."""
    parent = scope.code.parents.get(node)
    if isinstance(parent, ast.Call):
        return node in parent.args
    return isinstance(parent, _WHOLE)
