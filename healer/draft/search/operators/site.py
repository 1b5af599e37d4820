"""One small edit of a file's text, and what operators need to know of the place they edit.

Belongs here: the facts operators share. Does not belong here: the operators (`expressions`,
`statements`) and how their edits are ranked (`ranking`).
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from healer.draft.rules.source_file import SourceFile, TextEdit

_ATOMS = (
    ast.Name,
    ast.Constant,
    ast.Attribute,
    ast.Subscript,
    ast.Call,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.Tuple,
)
_TIGHT = (ast.BinOp, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Attribute, ast.Await, ast.Starred)
_LONGEST_DONOR = 40
T = TypeVar("T", bound=ast.AST)


@dataclass(frozen=True)
class Mutation:
    """An edit of one function (or of a module's own lines)."""

    shape: str
    """`operator/detail`: what the prior counts."""
    line: int
    changes: tuple[TextEdit, ...]

    @property
    def operator(self) -> str:
        return self.shape.partition("/")[0]


class Site:
    """One function, method or module body in which operators work."""

    def __init__(
        self, code: SourceFile, scope: ast.AST, others: tuple[SourceFile, ...] = ()
    ) -> None:
        """`others`: files of the repository that may give code."""
        self.code = code
        self.scope = scope
        self.others = others

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Nodes of the scope with usable positions: nothing inside f-strings."""
        found: list[ast.AST] = []
        body = getattr(self.scope, "body", [])
        stack: list[ast.AST] = list(reversed(body))
        while stack:
            node = stack.pop()
            found.append(node)
            if isinstance(node, ast.JoinedStr):
                continue
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and isinstance(
                self.scope, ast.Module
            ):
                continue
            stack += reversed(list(ast.iter_child_nodes(node)))
        return found

    def each(self, kind: type[T]) -> Iterator[T]:
        for node in self.nodes:
            if isinstance(node, kind):
                yield node

    @cached_property
    def parameters(self) -> list[str]:
        return _parameters(self.scope)

    @cached_property
    def names(self) -> list[str]:
        """Parameters and local names, those of inner functions too, in order of appearance."""
        found = list(self.parameters)
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.append(node.id)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not isinstance(
                self.scope, ast.Module
            ):
                found += _parameters(node)
        return list(dict.fromkeys(found))

    @cached_property
    def outer_names(self) -> set[str]:
        """Functions and constants of the module, usable but rarely meant."""
        body = self.code.tree.body if self.code.tree else []
        return {n.name for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)} | {
            t.id
            for n in body
            if isinstance(n, ast.Assign)
            for t in n.targets
            if isinstance(t, ast.Name)
        }

    @cached_property
    def donors(self) -> list[str]:
        """Short expressions of this scope, most frequent first: material for repairs."""
        counts: dict[str, int] = {}
        for node in self.nodes:
            if not isinstance(node, ast.expr) or isinstance(getattr(node, "ctx", None), ast.Store):
                continue
            if isinstance(node, ast.Constant | ast.JoinedStr | ast.Starred | ast.Lambda):
                continue
            if self._is_called(node):
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
        return [
            t for t in self.donors if "." in t and "(" not in t and "[" not in t and " " not in t
        ]

    @cached_property
    def conditions(self) -> list[str]:
        """Texts of tests in this scope, and simple tests of its names."""
        tests = [self.code.segment(n) for n in self.nodes if isinstance(n, ast.Compare)]
        return list(dict.fromkeys(t for t in tests if "\n" not in t))

    def text(self, node: ast.AST) -> str:
        return self.code.segment(node)

    def tight(self, node: ast.AST) -> str:
        """A node's text, in brackets unless it binds as tightly as a name."""
        text = self.text(node)
        return text if isinstance(node, _ATOMS) else f"({text})"

    def put(self, node: ast.AST, text: str, *, atom: bool = False) -> TextEdit:
        """Replaces a node by an expression, in brackets where its parent binds tightly."""
        parent = self.code.parents.get(node)
        holds = isinstance(parent, _TIGHT) or (
            isinstance(parent, ast.Subscript | ast.Call) and node in _heads(parent)
        )
        return self.code.replace(node, f"({text})" if holds and not atom else text)

    def line_of(self, statement: ast.stmt) -> tuple[int, int]:
        """Offsets of a statement's whole lines, with the last line end."""
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(d.lineno for d in decorators)])
        return self.code.line_start(first), self.code.line_start(
            (statement.end_lineno or first) + 1
        )


def _parameters(function: ast.AST) -> list[str]:
    arguments = getattr(function, "args", None)
    if not isinstance(arguments, ast.arguments):
        return []
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [a for a in (arguments.vararg, arguments.kwarg) if a]
    return [a.arg for a in every if a.arg not in ("self", "cls")]


def _heads(parent: ast.AST) -> tuple[ast.AST, ...]:
    if isinstance(parent, ast.Subscript):
        return (parent.value,)
    return (parent.func,) if isinstance(parent, ast.Call) else ()


Operator = Callable[[Site], Iterator[Mutation]]


def sites(code: SourceFile, others: tuple[SourceFile, ...] = ()) -> list[Site]:
    """The module's outermost functions and methods, then the module itself."""
    found: list[Site] = []
    for node in code.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _nested(code, node):
            found.append(Site(code, node, others))
    if code.tree:
        found.append(Site(code, code.tree, others))
    return found


def _nested(code: SourceFile, node: ast.AST) -> bool:
    while node in code.parents:
        node = code.parents[node]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return True
    return False


def stands_whole(site: Site, node: ast.AST) -> bool:
    """The node stands where a value is used as a whole."""
    parent = site.code.parents.get(node)
    if isinstance(parent, ast.Call):
        return node in parent.args
    return isinstance(
        parent,
        ast.Return
        | ast.Assign
        | ast.Compare
        | ast.For
        | ast.BinOp
        | ast.comprehension
        | ast.If
        | ast.Yield,
    )
