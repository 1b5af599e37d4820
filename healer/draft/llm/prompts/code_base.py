"""The Python files of a repository, for a prompt: what a function calls and names elsewhere.

Belongs here: questions that lead from one file into another. All of them have an answer for files
that do not parse: nothing. Does not belong here: one file's own text (`code`).
"""

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from healer.draft.edits import EditRefused
from healer.draft.edits.symbols import Definition, Symbol
from healer.draft.edits.textfile import TextFile, to_unix_ends
from healer.draft.llm.prompts.code import Module, names_in
from healer.facts.draft import Source
from quarantine.project_tests import ProjectTests


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

    def find_imported(self, module: Module) -> Iterator[Module]:
        """The files of the repository that a file imports, or imports from."""
        for home, symbol in sorted(module.imports):
            places = (f"{home}.{symbol}", home) if symbol else (home,)
            targets = (self._find_module(place, module.path) for place in places)
            yield from (target for target in targets if target is not None)

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

    def find_bindings(self, module: Module, node: Definition) -> Iterator[tuple[Module, range]]:
        """Lines of modules that bind what a function names: imports, and assignments in its own
        module or in one of the repository that it is imported from."""
        names = names_in(node)
        yield from ((module, lines) for lines in module.binding_lines(names))
        attributes = [each for each in ast.walk(node) if isinstance(each, ast.Attribute)]
        pairs = [(a.value.id, a.attr) for a in attributes if isinstance(a.value, ast.Name)]
        for name, attribute in dict.fromkeys([*((name, "") for name in sorted(names)), *pairs]):
            for home, symbol in module.find_imports(name):
                place = f"{home}.{symbol}" if attribute and symbol else home
                target = self._find_module(place, module.path)
                if target is None:
                    continue
                for lines in target.binding_lines({attribute or symbol}):
                    if not target.lines[lines[0] - 1].startswith(("from ", "import ")):
                        yield target, lines

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


def _list_calls(node: ast.AST) -> list[ast.expr]:
    calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
    return [call.func for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))]


def _class_around(module: Module, node: Definition) -> str:
    name = next((symbol.name for symbol in module.symbols if symbol.node is node), "")
    return name.rpartition(".")[0]
