"""One Python file as text with positions: what rules read, and how their edits are applied.

Belongs here: the text, its syntax tree, the way from tree nodes to character offsets, and the usual
small edits. Does not belong here: any opinion on what is wrong with the file.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, order=True)
class TextEdit:
    """Characters `start` to `end` (exclusive) of a text become `text`."""

    start: int
    end: int
    text: str


class SourceFile:
    """A file's text. Nothing here raises for broken syntax: `tree` is None then."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @cached_property
    def tree(self) -> ast.Module | None:
        try:
            return parse_source(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    @cached_property
    def lines(self) -> list[str]:
        """With their line ends; split at `\\n` only, as Python counts its lines."""
        return [line + "\n" for line in self.text.split("\n")[:-1]] + [self.text.split("\n")[-1]]

    @cached_property
    def _starts(self) -> list[int]:
        starts, offset = [], 0
        for line in self.lines:
            starts.append(offset)
            offset += len(line)
        return [*starts, offset]

    @property
    def newline(self) -> str:
        """The line end that this file uses."""
        return "\r\n" if "\r\n" in self.text else "\n"

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node, outer before inner; empty where the file does not parse."""
        return tuple(ast.walk(self.tree)) if self.tree else ()

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}

    # Positions

    def offset(self, line: int, column_bytes: int) -> int:
        """The character offset of a tree position (1-based line, column in UTF-8 bytes)."""
        text = self.lines[line - 1]
        if line == 1:
            text = text.removeprefix(_BYTE_ORDER_MARK)
        characters = len(text.encode()[:column_bytes].decode(errors="ignore"))
        mark = 1 if line == 1 and self.text.startswith(_BYTE_ORDER_MARK) else 0
        return self._starts[line - 1] + characters + mark

    def line_start(self, line: int) -> int:
        """Where a 1-based line begins; the text's end for a line after the last."""
        return self._starts[min(line - 1, len(self._starts) - 1)]

    def line_after(self, node: ast.stmt | ast.expr) -> int:
        """Where the line after a node's last one begins."""
        return self.line_start((node.end_lineno or node.lineno) + 1)

    def line(self, number: int) -> str:
        """A 1-based line without its end; empty when there is none."""
        return self.lines[number - 1].rstrip("\r\n") if 0 < number <= len(self.lines) else ""

    def indent(self, line: int) -> str:
        text = self.line(line)
        return text[: len(text) - len(text.lstrip())]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Start and end offsets of a node. Raises AttributeError for one without a position."""
        expression = cast(ast.expr, node)  # every node with a position has the same four fields
        end_line, end_column = expression.end_lineno, expression.end_col_offset
        start = self.offset(expression.lineno, expression.col_offset)
        return start, self.offset(end_line or expression.lineno, end_column or 0)

    def segment(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    # Nodes by line

    def nodes_on_line(self, line: int) -> Iterator[ast.AST]:
        """Nodes with a position whose lines include `line`, outer before inner."""
        for node in self.nodes:
            first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
            if first is not None and last is not None and first <= line <= last:
                yield node

    def statement_at(self, line: int) -> ast.stmt | None:
        """The innermost statement on a line (for a compound one, its header's line)."""
        statements = [node for node in self.nodes_on_line(line) if isinstance(node, ast.stmt)]
        return statements[-1] if statements else None

    def nodes_of_statement(self, line: int) -> Iterator[ast.AST]:
        """The nodes of the expression parts of the statement on a line, outer before inner."""
        statement = self.statement_at(line)
        if statement is None:
            return
        for node in _expressions(statement):
            yield from ast.walk(node)

    def functions_at(self, line: int) -> list[FunctionNode]:
        """The functions around a line, outer before inner."""
        return [node for node in self.nodes_on_line(line) if isinstance(node, FunctionNode)]

    def function_at(self, line: int) -> FunctionNode | None:
        """The innermost function around a line."""
        around = self.functions_at(line)
        return around[-1] if around else None

    def outermost_function_at(self, line: int) -> FunctionNode | None:
        """The function or method around a line that lies in no other function."""
        return next(iter(self.functions_at(line)), None)

    def class_around(self, node: ast.AST) -> ast.ClassDef | None:
        """The nearest class that holds a node, or None."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, ast.ClassDef):
                return node
        return None

    # Edits

    def replace(self, node: ast.AST, text: str) -> TextEdit:
        return TextEdit(*self.span(node), text)

    def wrap(self, node: ast.AST, form: str) -> TextEdit:
        """The node's text goes into `{}` of the form: `str({})`."""
        return self.replace(node, form.replace("{}", self.segment(node)))

    def insert_after(self, node: ast.AST, text: str) -> TextEdit:
        end = self.span(node)[1]
        return TextEdit(end, end, text)

    def rename_end(self, node: ast.AST, name: str, new: str) -> TextEdit:
        """Replaces the name with which a node's text ends: the attribute of `a.b.name`."""
        end = self.span(node)[1]
        return TextEdit(end - len(name), end, new)

    def requote(self, node: ast.AST, text: str) -> TextEdit:
        """Another text for a string literal, in its own quotes."""
        quote = self.segment(node)[-1]
        return self.replace(node, f"{quote}{text}{quote}")

    def add_argument(self, call: ast.Call, text: str) -> TextEdit:
        """One more argument at a call's end."""
        end = self.span(call)[1] - 1
        before = self.text[:end].rstrip()
        if before.endswith(","):
            return TextEdit(len(before), len(before), f" {text}")
        return TextEdit(end, end, f", {text}" if call.args or call.keywords else text)

    def add_line(self, before: ast.stmt, text: str) -> TextEdit:
        """A line of its own before a statement, with its indentation."""
        start = self.line_start(before.lineno)
        return TextEdit(start, start, f"{self.indent(before.lineno)}{text}{self.newline}")

    def add_imports(self, modules: Iterable[str]) -> list[TextEdit]:
        """Edits that add `import` lines for some dotted modules."""
        edits: list[TextEdit] = []
        for module in modules:
            edit = self.add_import(f"import {module}")
            if any(edit.start < other.end and other.start < edit.end for other in edits):
                edit = self._import_line(f"import {module}")
            edits.append(edit)
        return edits

    def add_import(self, statement: str) -> TextEdit:
        """An edit that adds one import line where the module's imports begin.

        `import a.b` takes the place of an `import a` at the top: it gives the same name.
        """
        if plain := self._plain_import(statement):
            return self.replace(plain, statement.removeprefix("import "))
        return self._import_line(statement)

    def _import_line(self, statement: str) -> TextEdit:
        body = self.tree.body if self.tree else []
        after = 0
        for index, node in enumerate(body):
            if not (_is_docstring(index, node) or _is_future(node)):
                break
            after = node.end_lineno or node.lineno
        first_import = next((n for n in body if _is_import(n) and not _is_future(n)), None)
        if first_import is not None:
            after = first_import.lineno - 1
        elif not after:
            after = self._leading_comments()
        start = self.line_start(after + 1)
        lacks_newline = start == len(self.text) and self.text and not self.text.endswith("\n")
        before = self.newline if lacks_newline else ""
        return TextEdit(start, start, before + statement + self.newline)

    def _plain_import(self, statement: str) -> ast.alias | None:
        """The `a` of an `import a` of the module, where the statement is `import a.b`."""
        word, _, name = statement.partition(" ")
        top, dot, _ = name.partition(".")
        for node in self.tree.body if self.tree and word == "import" and dot else ():
            for alias in node.names if isinstance(node, ast.Import) else ():
                if alias.name == top and not alias.asname and " " not in name:
                    return alias
        return None

    def _leading_comments(self) -> int:
        """How many comment lines open the file: `#!` and the coding line must stay first."""
        plain = (
            number
            for number, line in enumerate(self.lines)
            if not line.lstrip(_BYTE_ORDER_MARK).startswith("#")
        )
        return next(plain, len(self.lines))


def parse_source(text: str) -> ast.Module:
    """A text's syntax tree, whatever Python warns of in it. Raises as `ast.parse` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text.removeprefix(_BYTE_ORDER_MARK))


def body_without_docstring(function: FunctionNode) -> list[ast.stmt]:
    """A function's statements; the docstring too where there is nothing else."""
    first, *rest = function.body
    return rest if rest and _is_docstring(0, first) else function.body


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with all edits made. Raises ValueError where two overlap."""
    parts, position = [], 0
    for edit in sorted(set(edits)):
        if edit.start < position:
            raise ValueError(f"edits overlap at character {edit.start}")
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*parts, text[position:]])


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield child


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_docstring(index: int, node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return index == 0 and isinstance(value, ast.Constant) and isinstance(value.value, str)
