"""What a prompt shows of Python source: enclosing functions, what they use, what they call.

Belongs here: pure questions to one file's text, and to the repository where a name is imported.
All of them have an answer for files that do not parse: the lines around a place. Does not belong
here: which functions are shown (`shown_source`).
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from healer.draft.edits import EditRefused
from healer.draft.edits.symbols import (
    Definition,
    Symbol,
    first_line,
    list_definitions,
    parse_python,
)
from healer.draft.edits.textfile import TextFile, to_unix_ends
from healer.facts.draft import Source
from quarantine.project_tests import ProjectTests

LONGEST_WHOLE = 70
"""A function of more lines is shown as its head and the lines around the failing one."""
_HEAD_LINES = 6


@dataclass(frozen=True)
class Module:
    """One Python file of the base commit."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

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

    def excerpt(self, node: Definition, *around: int, longest: int = LONGEST_WHOLE) -> str:
        """A symbol's source; of one with more lines its head and those around the given ones."""
        start, end = first_line(node), node.end_lineno or node.lineno
        if end - start < longest:
            return "\n".join(self.lines[start - 1 : end])
        numbers = set(range(start, start + _HEAD_LINES))
        reach = longest // 5
        for line in around:
            numbers |= set(range(line - reach, line + reach + 1))
        return self._show_lines(numbers & set(range(start, end + 1)), end)

    def class_head(self, node: ast.ClassDef) -> str:
        """A class's own lines: its first, its docstring, what it assigns; no methods."""
        methods = [each for each in node.body if isinstance(each, Definition)]
        numbers = set(range(first_line(node), (node.end_lineno or node.lineno) + 1))
        for method in methods:
            numbers -= set(range(first_line(method), (method.end_lineno or method.lineno) + 1))
        return "\n".join(self.lines[n - 1] for n in sorted(numbers) if self._strip_line(n))

    def only_starts(self, line: int) -> bool:
        """Whether this is the one statement of `if __name__ == "__main__":`, which the traceback
        shows already."""
        for node in self.tree.body if self.tree else ():
            if isinstance(node, ast.If) and node.body[0].lineno == line and not node.orelse:
                is_guard = any(getattr(n, "id", "") == "__name__" for n in ast.walk(node.test))
                return is_guard and len(node.body) == 1
        return False

    def lines_around(self, line: int, count: int) -> str:
        """A line and so many before and after it."""
        last = min(line + count, len(self.lines))
        return self._show_lines(set(range(max(line - count, 1), last + 1)), 0)

    def _show_lines(self, numbers: set[int], end: int) -> str:
        """These lines; what is left out between them, and before `end`, is said."""
        parts: list[str] = []
        before = min(numbers, default=1) - 1
        for number in sorted(numbers):
            if number > before + 1:
                parts.append(f"# [{number - before - 1} lines not shown]")
            parts.append(self.lines[number - 1])
            before = number
        if end > before:
            parts.append(f"# [{end - before} lines not shown]")
        return "\n".join(parts)

    def bindings_of(self, names: set[str]) -> str:
        """The module's imports and assignments that bind these names."""
        if self.tree is None:
            return ""
        lines: list[str] = []
        for node in self.tree.body:
            if _names_bound_by(node) & names:
                lines += self.lines[node.lineno - 1 : node.end_lineno or node.lineno]
        return "\n".join(lines)

    def find_imports(self, name: str) -> Iterator[tuple[str, str]]:
        """Module and symbol of each import that binds `name`; without symbol for a module."""
        for node in ast.walk(self.tree) if self.tree else ():
            if isinstance(node, ast.ImportFrom):
                module = self._absolute_name(node)
                yield from ((module, a.name) for a in node.names if (a.asname or a.name) == name)
            elif isinstance(node, ast.Import):
                yield from ((a.name, "") for a in node.names if (a.asname or a.name) == name)

    def _absolute_name(self, node: ast.ImportFrom) -> str:
        module = node.module or ""
        if not node.level:
            return module
        package = self.path.split("/")[: -node.level]
        return ".".join([*package, *([module] if module else [])])

    def _strip_line(self, line: int) -> str:
        return self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""


class CodeSymbol(NamedTuple):
    """A definition and the file that it stands in."""

    module: Module
    symbol: Symbol

    @property
    def key(self) -> tuple[str, str]:
        """The path and the qualified name."""
        return self.module.path, self.symbol.name

    @property
    def place(self) -> tuple[Module, Definition]:
        return self.module, self.symbol.node


class CodeBase:
    """The base commit's Python files, read once each."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._modules: dict[str, Module | None] = {}

    @cached_property
    def paths(self) -> tuple[str, ...]:
        return self._source.paths()

    @cached_property
    def tests(self) -> ProjectTests:
        """What of it are tests."""
        return ProjectTests.load(self._source)

    def read_module(self, path: str) -> Module | None:
        """None where there is no such text file."""
        if path not in self._modules:
            self._modules[path] = self._read(path)
        return self._modules[path]

    def find_callees(self, module: Module, node: Definition) -> Iterator[CodeSymbol]:
        """What a function calls in the repository, each once, in the order of the calls."""
        keys: set[tuple[str, str]] = set()
        for call in _list_calls(node):
            callee = self._resolve(module, node, call)
            if callee is None or callee.symbol.node is node:
                continue
            key = (callee.module.path, callee.symbol.name)
            if key not in keys:
                keys.add(key)
                yield callee

    def _resolve(self, module: Module, node: Definition, call: ast.expr) -> CodeSymbol | None:
        match call:
            case ast.Name(id=name):
                local = next((symbol for symbol in module.symbols if symbol.name == name), None)
                return CodeSymbol(module, local) if local else self._find_import(module, name, "")
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attribute):
                own = _class_around(module, node)
                method = module.find_symbol(f"{own}.{attribute}") if own else None
                return CodeSymbol(module, method) if method else None
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                return self._find_import(module, name, attribute)
        return None

    def _find_import(self, module: Module, name: str, attribute: str) -> CodeSymbol | None:
        """The first import of `name` that leads to a definition in the repository."""
        for home, symbol in module.find_imports(name):
            for place, last in ((home, symbol or attribute), (f"{home}.{symbol}", attribute)):
                target = self._find_module(place, module.path)
                definition = target.find_symbol(last) if target and last else None
                if target and definition:
                    return CodeSymbol(target, definition)
        return None

    def _find_module(self, name: str, importer: str) -> Module | None:
        relative = name.replace(".", "/")
        folder = importer.rpartition("/")[0]
        for root in dict.fromkeys((folder, "", "src")):
            base = f"{root}/{relative}" if root else relative
            for path in (f"{base}.py", f"{base}/__init__.py"):
                if path in self._path_set:
                    return self.read_module(path)
        return None

    @cached_property
    def _path_set(self) -> frozenset[str]:
        return frozenset(self.paths)

    def _read(self, path: str) -> Module | None:
        data = self._source.read(path)
        if data is None:
            return None
        try:
            return Module(path, to_unix_ends(TextFile(path, data).text))
        except EditRefused:
            return None


def names_in(node: ast.AST) -> set[str]:
    """Every name that the code mentions."""
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


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


def _list_calls(node: ast.AST) -> list[ast.expr]:
    calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
    return [call.func for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))]


def _class_around(module: Module, node: Definition) -> str:
    name = next((symbol.name for symbol in module.symbols if symbol.node is node), "")
    return name.rpartition(".")[0]


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
