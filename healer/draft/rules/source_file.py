"""One Python file as text with positions: what rules read, and how their changes are applied.

Belongs here: the text, its syntax tree, the way from tree nodes to character offsets. Does not
belong here: any opinion on what is wrong with the file.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


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
            return ast.parse(self.text.removeprefix("\ufeff"))
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

    def offset(self, line: int, column_bytes: int) -> int:
        """The character offset of a tree position (1-based line, column in UTF-8 bytes)."""
        text = self.lines[line - 1]
        if line == 1:
            text = text.removeprefix("\ufeff")
        characters = len(text.encode()[:column_bytes].decode(errors="ignore"))
        bom = 1 if line == 1 and self.text.startswith("\ufeff") else 0
        return self._starts[line - 1] + characters + bom

    def line_start(self, line: int) -> int:
        """Where a 1-based line begins; the text's end for a line after the last."""
        return self._starts[min(line - 1, len(self._starts) - 1)]

    def line(self, number: int) -> str:
        """A 1-based line without its end; empty when there is none."""
        return self.lines[number - 1].rstrip("\r\n") if 0 < number <= len(self.lines) else ""

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Start and end offsets of a node. Raises AttributeError for one without a position."""
        first, column = getattr(node, "lineno"), getattr(node, "col_offset")  # noqa: B009
        last, end = getattr(node, "end_lineno"), getattr(node, "end_col_offset")  # noqa: B009
        return self.offset(first, column), self.offset(last, end)

    def segment(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def replace(self, node: ast.AST, text: str) -> TextEdit:
        return TextEdit(*self.span(node), text)

    def nodes_on_line(self, line: int) -> Iterator[ast.AST]:
        """Nodes with a position whose lines include `line`, outer before inner."""
        for node in self.nodes:
            first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
            if first is not None and last is not None and first <= line <= last:
                yield node

    def statement_at(self, line: int) -> ast.stmt | None:
        """The innermost statement on a line (for a compound one, its header's line)."""
        found = [node for node in self.nodes_on_line(line) if isinstance(node, ast.stmt)]
        return found[-1] if found else None

    def nodes_of_statement(self, line: int) -> Iterator[ast.AST]:
        """The nodes of the expression parts of the statement on a line, outer before inner."""
        statement = self.statement_at(line)
        if statement is None:
            return
        for node in _expressions(statement):
            yield from ast.walk(node)

    def function_at(self, line: int) -> FunctionNode | None:
        """The innermost function around a line."""
        found = [node for node in self.nodes_on_line(line) if isinstance(node, FunctionNode)]
        return found[-1] if found else None

    def outermost_function_at(self, line: int) -> FunctionNode | None:
        """The function or method around a line that lies in no other function."""
        return next((n for n in self.nodes_on_line(line) if isinstance(n, FunctionNode)), None)

    def class_around(self, node: ast.AST) -> ast.ClassDef | None:
        """The nearest class that holds a node, or None."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, ast.ClassDef):
                return node
        return None

    def indent(self, line: int) -> str:
        text = self.line(line)
        return text[: len(text) - len(text.lstrip())]

    def add_imports(self, modules: Iterable[str]) -> list[TextEdit]:
        """Changes that add `import` lines for some dotted modules."""
        changes: list[TextEdit] = []
        for module in modules:
            change = self.add_import(f"import {module}")
            if any(change.start < other.end and other.start < change.end for other in changes):
                change = self._import_line(f"import {module}")
            changes.append(change)
        return changes

    def add_import(self, statement: str) -> TextEdit:
        """A change that adds one import line where the module's imports begin.

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
        unfinished = start == len(self.text) and self.text and not self.text.endswith("\n")
        before = self.newline if unfinished else ""
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
            n for n, line in enumerate(self.lines) if not line.lstrip("\ufeff").startswith("#")
        )
        return next(plain, len(self.lines))


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


def apply_edits(text: str, changes: Iterable[TextEdit]) -> str:
    """The text with all changes made. Raises ValueError where two overlap."""
    done, position = [], 0
    for change in sorted(set(changes)):
        if change.start < position:
            raise ValueError(f"changes overlap at character {change.start}")
        done += [text[position : change.start], change.text]
        position = change.end
    return "".join([*done, text[position:]])
