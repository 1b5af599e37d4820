"""What a prompt shows of one Python file: enclosing functions, what they use, how they are quoted.

Belongs here: pure questions to one file's text. All of them have an answer for files that do not
parse: the lines around a place. Does not belong here: other files (`code_base`), and which lines
are shown (`excerpts`).
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from healer.draft.edits.symbols import (
    Definition,
    Symbol,
    first_line,
    list_definitions,
    parse_python,
)
from healer.draft.llm.endpoint import tokens

LONGEST_WHOLE = 70
"""A function of more lines is shown as its head and the lines around the failing one."""
_HEAD_LINES = 6
_LONGEST_DOCSTRING = 6
"""Lines of a class's docstring that are shown with a method."""
_LONGEST_STATEMENT = 12
"""Lines of one at the top level that is more than a table."""
_STATEMENTS = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Delete
_SHORTEST_GAP = 1
"""Lines; saying that it is left out costs as much."""


@dataclass(frozen=True)
class Module:
    """One Python file of the base commit."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def line_tokens(self) -> list[int]:
        """About how many tokens each line has."""
        return [tokens.estimate(line + "\n") for line in self.lines]

    @cached_property
    def tree(self) -> ast.Module | None:
        """None where the file does not parse."""
        return parse_python(self.text)

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        return tuple(list_definitions(self.tree)) if self.tree else ()

    def symbol_around(self, line: int) -> Symbol | None:
        """The innermost function or class around a 1-based line."""
        around = [symbol for symbol in self.symbols if _spans(symbol.node, line)]
        return max(around, key=lambda symbol: first_line(symbol.node), default=None)

    def find_symbol(self, name: str) -> Symbol | None:
        """By qualified name; by its last part where only one symbol has it."""
        exact = [symbol for symbol in self.symbols if symbol.name == name]
        by_last = [symbol for symbol in self.symbols if symbol.name.rpartition(".")[2] == name]
        symbols = exact or by_last
        return symbols[0] if len(symbols) == 1 else None

    def find_line(self, line: int, text: str) -> int:
        """Where a traceback's line is in this file, which may have moved since it failed."""
        if not text or self._strip_line(line) == text.strip():
            return line
        same = [n for n in range(1, len(self.lines) + 1) if self._strip_line(n) == text.strip()]
        return min(same, key=lambda number: abs(number - line), default=line)

    def excerpt_lines(
        self, node: Definition, *around: int, longest: int = LONGEST_WHOLE
    ) -> set[int]:
        """A symbol's lines; of one with more of them its head and those around the given ones."""
        start, end = first_line(node), node.end_lineno or node.lineno
        if end - start < longest:
            return set(range(start, end + 1))
        numbers = set(range(start, start + _HEAD_LINES))
        reach = longest // 5
        for line in around:
            numbers |= set(range(line - reach, line + reach + 1))
        return numbers & set(range(start, end + 1))

    def excerpt(self, node: Definition, *around: int, longest: int = LONGEST_WHOLE) -> str:
        """The same as text; what is left out is said."""
        numbers = self.excerpt_lines(node, *around, longest=longest)
        return self.show_lines(numbers, until=node.end_lineno or node.lineno)

    def class_lines(self, node: ast.ClassDef) -> set[int]:
        """A class's own lines: its first, its docstring's first, what it assigns; no methods and no
        comments."""
        numbers = set(range(first_line(node), (node.end_lineno or node.lineno) + 1))
        for part in node.body:
            if isinstance(part, Definition):
                numbers -= set(range(first_line(part), (part.end_lineno or part.lineno) + 1))
        if ast.get_docstring(node, clean=False) is not None:
            text = node.body[0]
            numbers -= set(range(text.lineno + _LONGEST_DOCSTRING, (text.end_lineno or 0) + 1))
        texts = {number: self._strip_line(number) for number in numbers}
        return {number for number, text in texts.items() if text and not text.startswith("#")}

    def only_starts(self, line: int) -> bool:
        """Whether this is the one statement of `if __name__ == "__main__":`, which the traceback
        shows already."""
        for node in self.tree.body if self.tree else ():
            if isinstance(node, ast.If) and node.body[0].lineno == line and not node.orelse:
                is_guard = any(getattr(n, "id", "") == "__name__" for n in ast.walk(node.test))
                return is_guard and len(node.body) == 1
        return False

    def lines_around(self, line: int, count: int) -> set[int]:
        """A line and so many before and after it."""
        return set(range(max(line - count, 1), min(line + count, len(self.lines)) + 1))

    def show_lines(self, numbers: set[int], *, until: int = 0) -> str:
        """These lines in their order; what is left out between them, and up to `until`, is said. A
        gap that is no longer than the words for it is shown."""
        parts: list[str] = []
        before = min(numbers, default=1) - 1
        for number in [*sorted(numbers), *([until + 1] if until else [])]:
            gap = self.lines[before : number - 1]
            is_short = len(gap) <= _SHORTEST_GAP or not any(line.strip() for line in gap)
            parts += gap if is_short else [f"# [{len(gap)} lines not shown]"]
            if number <= (until or number):
                parts.append(self.lines[number - 1])
            before = number
        return "\n".join(parts)

    @cached_property
    def head_lines(self) -> list[int]:
        """Of the imports and short statements at the module's top level, to its first definition;
        no docstring."""
        numbers: list[int] = []
        for node in self.tree.body if self.tree else ():
            if isinstance(node, Definition):
                break
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            if len(lines) <= _LONGEST_STATEMENT and not isinstance(node, ast.Expr):
                numbers += lines
        return numbers

    @property
    def statement_lines(self) -> Iterator[range]:
        """Of each statement at the top level that assigns, calls or deletes."""
        for node in self.tree.body if self.tree else ():
            is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if isinstance(node, _STATEMENTS) and not is_text:
                yield range(node.lineno, (node.end_lineno or node.lineno) + 1)

    def comment_lines(self, line: int) -> set[int]:
        """Of the comment right above a line."""
        first = line
        while self._strip_line(first - 1).startswith("#"):
            first -= 1
        return set(range(first, line))

    def entry_lines(self, lines: range) -> dict[int, range]:
        """The entries of the list, the mapping or the call that a statement of these lines makes:
        by each line of an entry all of its lines."""
        nodes = self.tree.body if self.tree else ()
        value = next((getattr(n, "value", None) for n in nodes if n.lineno == lines[0]), None)
        match value:
            case ast.Dict(keys=keys, values=values):
                pairs = [(key or value, value) for key, value in zip(keys, values, strict=True)]
            case ast.List(elts=entries) | ast.Tuple(elts=entries) | ast.Set(elts=entries):
                pairs = [(entry, entry) for entry in entries]
            case ast.Call(args=[ast.List(elts=entries)]):
                pairs = [(entry, entry) for entry in entries]
            case _:
                pairs = []
        spans = [range(start.lineno, (end.end_lineno or 0) + 1) for start, end in pairs]
        return {line: span for span in spans if len(span) <= _LONGEST_STATEMENT for line in span}

    def binding_lines(self, names: set[str]) -> Iterator[range]:
        """The lines of each import and assignment of the module that binds one of these names."""
        for node in self.tree.body if self.tree else ():
            if _names_bound_by(node) & names:
                yield range(node.lineno, (node.end_lineno or node.lineno) + 1)

    def find_imports(self, name: str) -> Iterator[tuple[str, str]]:
        """Module and symbol of each import that binds `name`; without symbol for a module."""
        yield from self._imports.get(name, ())

    @property
    def imports(self) -> set[tuple[str, str]]:
        """Module and symbol of each import; without symbol for a module."""
        return {pair for pairs in self._imports.values() for pair in pairs}

    @cached_property
    def _imports(self) -> dict[str, list[tuple[str, str]]]:
        by_name: dict[str, list[tuple[str, str]]] = {}
        for node in ast.walk(self.tree) if self.tree else ():
            if isinstance(node, ast.ImportFrom):
                module = self._absolute_name(node)
                for alias in node.names:
                    by_name.setdefault(alias.asname or alias.name, []).append((module, alias.name))
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    by_name.setdefault(alias.asname or alias.name, []).append((alias.name, ""))
        return by_name

    def _absolute_name(self, node: ast.ImportFrom) -> str:
        module = node.module or ""
        if not node.level:
            return module
        package = self.path.split("/")[: -node.level]
        return ".".join([*package, *([module] if module else [])])

    def _strip_line(self, line: int) -> str:
        return self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""


def names_in(node: ast.AST) -> set[str]:
    """Every name that the code mentions."""
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def mentions_of(node: ast.AST) -> set[str]:
    """Every name and attribute that the code mentions."""
    attributes = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    return names_in(node) | attributes


def signature_of(symbol: Symbol) -> str:
    """A symbol's first line or lines and the first line of its docstring."""
    node = symbol.node
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(ast.unparse(base) for base in node.bases)
        head = f"class {symbol.name}({bases})" if bases else f"class {symbol.name}"
    else:
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        prefix = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        head = f"{prefix} {symbol.name}({ast.unparse(node.args)}){returns}"
    summary = (ast.get_docstring(node) or "").split("\n")[0]
    return f"{head}  # {summary}" if summary else head


def _spans(node: Definition, line: int) -> bool:
    return first_line(node) <= line <= (node.end_lineno or node.lineno)


def _names_bound_by(node: ast.stmt) -> set[str]:
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(alias.asname or alias.name).split(".")[0] for alias in names}
        case ast.Assign(targets=targets):
            return {name for target in targets for name in names_in(target)}
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return names_in(target)
        case ast.Try(body=body):
            return {name for inner in body for name in _names_bound_by(inner)}
    return set()
