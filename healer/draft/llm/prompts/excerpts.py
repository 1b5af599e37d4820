"""Which functions a prompt shows, and in which order: where it failed, what ran, what it calls.

Belongs here: the choice. By what was executed, not only by where it crashed: the place that has to
change is often in a function that had returned by then. Does not belong here: reading source
(`code`), and the other sections (`context`).
"""

import ast
import re

from healer.draft.edits.symbols import first_line
from healer.draft.llm.prompts.code import CodeBase, CodeSymbol, Module, names_in, signature_of
from healer.facts.draft import Case
from healer.failure import Frame
from healer.redact import Redactor
from sandbox import TestResult

_MOST_TESTS = 3
_AROUND_FAULT, _AROUND_CALL = 8, 2
"""Lines shown before and after one at a module's top level: where it failed, where it called."""
_LONGEST_TEST = 25
"""Lines of a test that is shown whole."""
_MOST_SIGNATURES = 25
_MOST_ASSERTION_LINES = 8
_TEST_LINE = re.compile(r"(?m)^(?P<file>[^\s:<>\"']+\.py):(?P<line>\d+): ?(?P<rest>.*)$")
_LONGEST_VALUE = 120
_LEVELS = 2
"""Where nothing says what ran, functions are shown that are so many calls away."""
_MOST_UNTRACED, _MOST_TRACED = 8, 24
"""Functions shown besides those of the traceback. What ran is more likely to be at fault."""
_LONGEST_INIT = 25
Key = tuple[str, str]
"""A file and what is shown of it."""


class Excerpts:
    """Source of a failure's frames, of failing tests, of what they call: each function once."""

    def __init__(self, code_base: CodeBase, redactor: Redactor) -> None:
        self._code_base = code_base
        self._redactor = redactor
        self._keys: set[Key] = set()
        self._parts: list[str] = []
        self._symbols: list[CodeSymbol] = []
        """The functions of `_parts`, in their order."""
        self._signatures: dict[Key, str] = {}

    def show_code(self, case: Case, frames: list[Frame], failing: list[TestResult]) -> str:
        """Enclosing functions innermost first; without frames what the failing tests call; then
        what ran besides, by the number of calls from there, or else what these call."""
        for frame in frames:
            self._add_frame(frame, frames)
        for problem in case.baseline.syntax:
            self._add_place(problem.path, problem.line, "")
        if not self._parts:
            for result in failing[:_MOST_TESTS]:
                self._add_tested_code(result)
        self._add_reached(case, failing)
        script = self._code_base.read_module(case.script)
        if not self._parts and script is not None:
            self._add(script, "the script", script.text.strip("\n"), "")
        return self._redactor.source("\n\n".join(self._parts))

    def show_tests(self, failing: list[TestResult]) -> str:
        """Source and assertion of the first few; the others by name."""
        parts: list[str] = []
        for result in failing[:_MOST_TESTS]:
            parts.append(f"# {result.node}")
            test = self._find_test(result)
            if test and (test.module.path, test.symbol.name) not in self._keys:
                path = test.module.path
                self._keys.add((path, test.symbol.name))
                lines = [line for file, line in _find_lines(result.detail) if file == path]
                body = test.module.excerpt(test.symbol.node, *lines, longest=_LONGEST_TEST)
                parts.append(self._redactor.source(body))
            parts.append(self._redactor.text(_find_assertion(result.detail)))
        more = [result.node for result in failing[_MOST_TESTS:]]
        if more:
            parts.append(f"# and {len(more)} more: {', '.join(more[:5])}")
        return "\n".join(part for part in parts if part)

    def show_signatures(self) -> str:
        """Of what the shown functions call and that is not shown itself."""
        lines = [line for key, line in self._signatures.items() if key not in self._keys]
        return self._redactor.source("\n".join(lines[:_MOST_SIGNATURES]))

    def _add_frame(self, frame: Frame, frames: list[Frame]) -> None:
        module = self._code_base.read_module(frame.file)
        if module is not None:
            line = module.find_line(frame.line, frame.source)
            in_file = [f for f in frames if f.file == frame.file]
            others = [module.find_line(other.line, other.source) for other in in_file]
            self._add_place(frame.file, line, _show_values(frame), *others)

    def _add_place(self, path: str, line: int, values: str, *others: int) -> None:
        module = self._code_base.read_module(path)
        if module is None:
            return
        symbol = module.symbol_around(line)
        if symbol is None:
            if self._parts and not values and module.only_starts(line):
                return
            count = _AROUND_CALL if self._parts else _AROUND_FAULT
            self._add(module, f"lines around {line}", module.lines_around(line, count), values)
            return
        self._add_symbol(CodeSymbol(module, symbol), values, line, *others)

    def _add_symbol(self, code: CodeSymbol, values: str, *lines: int) -> None:
        """The function whole, or its head and these lines; its class's head; what it names."""
        module, symbol = code
        if not self._add(module, symbol.name, module.excerpt(symbol.node, *lines), values):
            return
        self._symbols.append(code)
        self._add_class_of(module, symbol.name)
        bindings = module.bindings_of(names_in(symbol.node))
        if bindings:
            self._add(module, f"names used by {symbol.name}", bindings, "")
        for callee in self._code_base.find_callees(module, symbol.node):
            signature = f"{callee.module.path}: {signature_of(callee.symbol)}"
            self._signatures.setdefault(callee.key, signature)

    def _add_class_of(self, module: Module, method: str) -> None:
        """A method's class without its methods, and how its objects are made."""
        name = method.rpartition(".")[0]
        around = module.find_symbol(name) if name else None
        if around is None or not isinstance(around.node, ast.ClassDef):
            return
        if (module.path, name) in self._keys:
            return
        self._add(module, f"{name}, its head", module.class_head(around.node), "")
        init = module.find_symbol(f"{name}.__init__")
        if init is not None:
            text = module.excerpt(init.node, longest=_LONGEST_INIT)
            self._add(module, init.name, text, "")

    def _add_reached(self, case: Case, failing: list[TestResult]) -> None:
        """What ran in the failing tests, nearest by calls to what is shown; where no trace says
        that, what is at most _LEVELS calls away."""
        ran_by_key = self._find_executed(case)
        tests = filter(None, map(self._find_test, failing[:_MOST_TESTS]))
        nearest = [*self._symbols, *tests]
        keys = {code.key for code in nearest}
        room = _MOST_TRACED if ran_by_key else _MOST_UNTRACED
        levels = len(ran_by_key) if ran_by_key else _LEVELS
        while nearest and levels and room > 0:
            callees = [c for code in nearest for c in self._code_base.find_callees(*code.place)]
            is_wanted = (lambda code: code.key in ran_by_key) if ran_by_key else self._is_code
            callees_by_key = {c.key: c for c in callees if c.key not in keys and is_wanted(c)}
            nearest = list(callees_by_key.values())[:room]
            for code in nearest:
                self._add_symbol(code, "")
            keys |= callees_by_key.keys()
            room -= len(nearest)
            levels -= 1
        others = [code for key, code in ran_by_key.items() if key not in keys]
        for code in sorted(others, key=self._is_elsewhere)[:room]:
            self._add_symbol(code, "")

    def _find_executed(self, case: Case) -> dict[Key, CodeSymbol]:
        """Functions, not of tests, that failing tests execute, in the order that was reported."""
        symbols: dict[Key, CodeSymbol] = {}
        for trace in case.baseline.failing:
            for path, lines in trace.executed.items():
                module = self._code_base.read_module(path) if path.endswith(".py") else None
                if module is None or self._code_base.tests.is_test_code(path):
                    continue
                by_line = {first_line(symbol.node): symbol for symbol in module.symbols}
                for symbol in filter(None, map(by_line.get, lines)):
                    symbols.setdefault((path, symbol.name), CodeSymbol(module, symbol))
        return symbols

    def _is_code(self, code: CodeSymbol) -> bool:
        return not self._code_base.tests.is_test_code(code.module.path)

    def _is_elsewhere(self, code: CodeSymbol) -> bool:
        """Whether nothing of its file is shown yet."""
        return all(path != code.module.path for path, _ in self._keys)

    def _find_test(self, result: TestResult) -> CodeSymbol | None:
        path, *names = result.node.partition("[")[0].split("::")
        module = self._code_base.read_module(path)
        symbol = module.find_symbol(".".join(names)) if module else None
        return CodeSymbol(module, symbol) if module and symbol else None

    def _add_tested_code(self, result: TestResult) -> None:
        """What the traceback of a test shows of the code, and what the test calls."""
        tests = self._code_base.tests
        for file, line in reversed(_find_lines(result.detail)):
            if not tests.is_test_code(file):
                self._add_place(file, line, "")
        if test := self._find_test(result):
            for callee in self._code_base.find_callees(test.module, test.symbol.node):
                if not tests.is_test_code(callee.module.path):
                    self._add_place(callee.module.path, callee.symbol.node.lineno, "")

    def _add(self, module: Module, name: str, text: str, values: str) -> bool:
        if (module.path, name) in self._keys:
            return False
        self._keys.add((module.path, name))
        head = f"# {module.path}: {name}"
        self._parts.append("\n".join(part for part in (head, values, text) if part))
        return True


def _show_values(frame: Frame) -> str:
    """Values of names on the shown line only; each in one line."""
    words = set(re.findall(r"\w+", frame.source))
    return "\n".join(
        f"# at line {frame.line}: {name} = {' '.join(value.split())[:_LONGEST_VALUE]}"
        for name, value in frame.locals.items()
        if name in words
    )


def _find_assertion(detail: str) -> str:
    """pytest's `E` lines, which say what was expected; its last lines where there are none."""
    lines = [line for line in detail.split("\n") if line.strip(" E") and "use '-vv'" not in line]
    errors = [line for line in lines if line.startswith("E ")]
    return "\n".join(errors[:_MOST_ASSERTION_LINES] or lines[-_MOST_ASSERTION_LINES:])


def _find_lines(detail: str) -> list[tuple[str, int]]:
    """Files and lines that pytest's text of a failure names."""
    return [(match["file"], int(match["line"])) for match in _TEST_LINE.finditer(detail)]
