"""What a prompt shows of Python source: enclosing functions, what they use, what they call.

Belongs here: pure questions to one file's text, and to the repository where a name is imported.
All of them have an answer for files that do not parse: the lines around a place.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

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

    def enclosing(self, line: int) -> Symbol | None:
        """The innermost function or class around a 1-based line."""
        around = [named for named in self.symbols if _spans(named.node, line)]
        return max(around, key=lambda named: first_line(named.node), default=None)

    def symbol(self, name: str) -> Symbol | None:
        """By qualified name; by its last part where only one symbol has it."""
        exact = [named for named in self.symbols if named.name == name]
        last = [named for named in self.symbols if named.name.rpartition(".")[2] == name]
        found = exact or last
        return found[0] if len(found) == 1 else None

    def line_of(self, line: int, shown: str) -> int:
        """Where a traceback's line is in this text: the file may have moved since it failed."""
        if not shown or self._stripped(line) == shown.strip():
            return line
        same = [n for n in range(1, len(self.lines) + 1) if self._stripped(n) == shown.strip()]
        return min(same, key=lambda number: abs(number - line), default=line)

    def excerpt(self, node: Definition, *around: int, longest: int = LONGEST_WHOLE) -> str:
        """A symbol's source; of one with more lines its head and those around the given ones."""
        start, end = first_line(node), node.end_lineno or node.lineno
        if end - start < longest:
            return "\n".join(self.lines[start - 1 : end])
        wanted = set(range(start, start + _HEAD_LINES))
        reach = longest // 5
        for line in around:
            wanted |= set(range(line - reach, line + reach + 1))
        return self.some_lines(wanted & set(range(start, end + 1)), end)

    def only_starts(self, line: int) -> bool:
        """Whether this is the one statement of `if __name__ == "__main__":`, which the traceback
        shows already."""
        for node in self.tree.body if self.tree else ():
            if isinstance(node, ast.If) and node.body[0].lineno == line and not node.orelse:
                named = any(getattr(each, "id", "") == "__name__" for each in ast.walk(node.test))
                return named and len(node.body) == 1
        return False

    def around(self, line: int, count: int) -> str:
        """A line and so many before and after it."""
        last = len(self.lines)
        wanted = set(range(max(line - count, 1), min(line + count, last) + 1))
        return self.some_lines(wanted, 0)

    def some_lines(self, wanted: set[int], end: int) -> str:
        """These lines; what is left out between them, and before `end`, is said."""
        shown: list[str] = []
        before = min(wanted, default=1) - 1
        for number in sorted(wanted):
            if number > before + 1:
                shown.append(f"# [{number - before - 1} lines not shown]")
            shown.append(self.lines[number - 1])
            before = number
        if end > before:
            shown.append(f"# [{end - before} lines not shown]")
        return "\n".join(shown)

    def bindings(self, names: set[str]) -> str:
        """The module's imports and assignments that bind these names."""
        if self.tree is None:
            return ""
        wanted: list[str] = []
        for node in self.tree.body:
            if _bound(node) & names:
                wanted += self.lines[node.lineno - 1 : node.end_lineno or node.lineno]
        return "\n".join(wanted)

    def imported(self, name: str) -> Iterator[tuple[str, str]]:
        """Module and symbol of each import that binds `name`; without symbol for a module."""
        for node in ast.walk(self.tree) if self.tree else ():
            if isinstance(node, ast.ImportFrom):
                bound = [alias.name for alias in node.names if (alias.asname or alias.name) == name]
                yield from ((self._absolute(node), symbol) for symbol in bound)
            elif isinstance(node, ast.Import):
                bound = [alias.name for alias in node.names if (alias.asname or alias.name) == name]
                yield from ((module, "") for module in bound)

    def _absolute(self, node: ast.ImportFrom) -> str:
        module = node.module or ""
        if not node.level:
            return module
        package = self.path.split("/")[: -node.level]
        return ".".join([*package, *([module] if module else [])])

    def _stripped(self, line: int) -> str:
        return self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""


class Repository:
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

    def module(self, path: str) -> Module | None:
        """None where there is no such text file."""
        if path not in self._modules:
            self._modules[path] = self._read(path)
        return self._modules[path]

    def called(self, module: Module, node: Definition) -> Iterator[tuple[Module, Symbol]]:
        """What a function calls in the repository, each once, in the order of the calls."""
        seen: set[tuple[str, str]] = set()
        for call in _calls(node):
            found = self._resolved(module, node, call)
            if found is None or found[1].node is node:
                continue
            key = (found[0].path, found[1].name)
            if key not in seen:
                seen.add(key)
                yield found

    def _resolved(
        self, module: Module, node: Definition, call: ast.expr
    ) -> tuple[Module, Symbol] | None:
        match call:
            case ast.Name(id=name):
                local = next((named for named in module.symbols if named.name == name), None)
                return (module, local) if local else self._imported(module, name, "")
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attribute):
                own = _class_around(module, node)
                method = module.symbol(f"{own}.{attribute}") if own else None
                return (module, method) if method else None
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                return self._imported(module, name, attribute)
        return None

    def _imported(self, module: Module, name: str, attribute: str) -> tuple[Module, Symbol] | None:
        """The first import of `name` that leads to a definition in the repository."""
        for dotted, symbol in module.imported(name):
            for place, wanted in ((dotted, symbol or attribute), (f"{dotted}.{symbol}", attribute)):
                target = self._module_named(place, module.path)
                found = target.symbol(wanted) if target and wanted else None
                if target and found:
                    return target, found
        return None

    def _module_named(self, dotted: str, importer: str) -> Module | None:
        relative = dotted.replace(".", "/")
        folder = importer.rpartition("/")[0]
        for root in dict.fromkeys((folder, "", "src")):
            base = f"{root}/{relative}" if root else relative
            for path in (f"{base}.py", f"{base}/__init__.py"):
                if path in self._known:
                    return self.module(path)
        return None

    @cached_property
    def _known(self) -> frozenset[str]:
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
    return {found.id for found in ast.walk(node) if isinstance(found, ast.Name)}


def signature(named: Symbol) -> str:
    """A symbol's first line or lines and the first line of its docstring."""
    node = named.node
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(ast.unparse(base) for base in node.bases)
        head = f"class {named.name}({bases})" if bases else f"class {named.name}"
    else:
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        prefix = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        head = f"{prefix} {named.name}({ast.unparse(node.args)}){returns}"
    summary = (ast.get_docstring(node) or "").split("\n")[0]
    return f"{head}  # {summary}" if summary else head


def _spans(node: Definition, line: int) -> bool:
    return first_line(node) <= line <= (node.end_lineno or node.lineno)


def _calls(node: ast.AST) -> list[ast.expr]:
    found = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
    return [call.func for call in sorted(found, key=lambda call: (call.lineno, call.col_offset))]


def _class_around(module: Module, node: Definition) -> str:
    inside = next((named.name for named in module.symbols if named.node is node), "")
    return inside.rpartition(".")[0]


def _bound(node: ast.stmt) -> set[str]:
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(alias.asname or alias.name).split(".")[0] for alias in names}
        case ast.Assign(targets=targets):
            return {name for target in targets for name in names_in(target)}
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return names_in(target)
        case ast.Try(body=body):
            return {name for inner in body for name in _bound(inner)}
    return set()
