"""Which code a prompt shows, and what first: where it failed, what ran, what that names.

Belongs here: the choice. By what was executed, not only by where it crashed: the place that has to
change is often in a function that had returned by then. Does not belong here: reading source
(`code`), counting what fits (`views`), and the other sections (`context`, `failing_tests`).
"""

import ast
import math
from collections.abc import Iterable, Iterator

from healer.draft.edits.symbols import Definition, first_line
from healer.draft.llm.prompts.code import Module, mentions_of, signature_of
from healer.draft.llm.prompts.code_base import CodeBase, CodeSymbol
from healer.draft.llm.prompts.failing_tests import (
    MOST_TESTS,
    FailingTests,
    list_places,
    list_starts,
)
from healer.draft.llm.prompts.relevance import score_texts
from healer.draft.llm.prompts.views import FileViews, show_values
from healer.facts.draft import Case
from healer.failure import Frame
from healer.redact import Redactor
from sandbox import TestResult

_AROUND_FAULT, _AROUND_CALL = 8, 2
"""Lines shown before and after one at a module's top level: where it failed, where it called."""
_MOST_SIGNATURES = 25
_LEVELS = 2
"""Where nothing says what ran, functions are shown that are so many calls away."""
_MOST_UNTRACED = 8
"""Functions shown besides those of the traceback, where nothing says what ran."""
_LONGEST_BINDING = 12
"""Lines of an assignment or an import; of a longer one those that hold a word of the failure."""
_MOST_WITH_SURROUNDINGS = 10
"""Functions, the first ones, whose class and whose names are shown, too."""
_TABLE_SHARE = 0.12
"""Of the room, kept for long tables that the shown functions name."""
_WHOLE_SHARE = 0.5
"""A function that ran is shown whole where it takes no more than this of the room."""
_MOST_TELLING = 8
"""Lines of a longer one that answer best to the words of the failure; what is around them is
shown."""
_NAME_WEIGHT = 3
"""So many times a function's name counts among its words."""
_MOST_HEADS = 3
_NEARNESS, _LENGTH = 0.3, 0.2
"""Of what is called from where it failed, and of a function of 150 lines (more in it can be wrong),
against 1 for what answers best to the failure's words. Chosen on `benchmarks/real_bugs`."""
_UNTRIED_SHARE = 0.4
"""Of the tokens of the files in which failing tests execute something: so much of them is shown,
also what did not run, where there is room."""
Key = tuple[str, str]
"""A file and a function in it."""


class Excerpts:
    """Source of a failure's frames, of failing tests, of what they call: each line once."""

    def __init__(self, code_base: CodeBase, redactor: Redactor, max_tokens: int) -> None:
        self._code_base = code_base
        self._redactor = redactor
        self._max_tokens = max_tokens
        self._views = FileViews(max_tokens)
        self._is_traced = False
        self._question = ""
        """The words of the failure."""
        self._symbols: dict[Key, CodeSymbol] = {}
        """The functions of which something is shown, in the order of their rank."""
        self._long_bindings: list[tuple[Module, range]] = []

    def show_code(self, case: Case, frames: list[Frame], failing: list[TestResult]) -> str:
        """Where it failed; then what ran besides, by the number of calls from there, or else what
        these call; then what they name, and what stands beside them. At most `max_tokens`."""
        tests = FailingTests(self._code_base, failing)
        ran_by_key = self._find_executed(case)
        self._is_traced, self._question = bool(ran_by_key), tests.text
        for frame in frames:
            self._add_frame(frame, frames)
        for problem in case.baseline.syntax:
            self._add_place(problem.path, problem.line)
        for result in failing[:MOST_TESTS]:
            for path, line in reversed(list_places(result.detail)):
                if self._is_code(path):
                    self._add_place(path, line)
        if ran_by_key:
            self._add_executed(ran_by_key, tests)
        else:
            self._add_called(tests)
        self._add_tables(tests)
        if ran_by_key:
            self._add_heads()
            self._add_untried(ran_by_key)
        script = self._code_base.read_module(case.script)
        if not self._views.modules and script is not None:
            self._add_as_much(script)
        return self._redactor.source(self._views.show())

    def show_signatures(self) -> str:
        """Of what the shown functions call and that is not shown itself."""
        signatures: dict[Key, str] = {}
        for module, symbol in self._symbols.values():
            for callee in self._code_base.find_callees(module, symbol.node):
                if not self._views.shows(callee.module, callee.symbol.node.lineno):
                    line = f"{callee.module.path}: {signature_of(callee.symbol)}"
                    signatures.setdefault(callee.key, line)
        return self._redactor.source("\n".join([*signatures.values()][:_MOST_SIGNATURES]))

    def _add_frame(self, frame: Frame, frames: list[Frame]) -> None:
        module = self._code_base.read_module(frame.file)
        if module is None or not self._is_code(frame.file):
            return
        line = module.find_line(frame.line, frame.source)
        in_file = [f for f in frames if f.file == frame.file]
        others = [module.find_line(other.line, other.source) for other in in_file]
        values = show_values(frame)
        self._add_place(frame.file, line, *others, has_values=bool(values))
        if values:
            self._views.remark(module, values)

    def _add_place(self, path: str, line: int, *others: int, has_values: bool = False) -> None:
        module = self._code_base.read_module(path)
        if module is None:
            return
        symbol = module.symbol_around(line)
        if symbol is not None:
            self._add_symbol(CodeSymbol(module, symbol), line, *others)
        elif has_values or not (self._views.modules and module.only_starts(line)):
            count = _AROUND_CALL if self._views.modules else _AROUND_FAULT
            self._views.add(module, module.lines_around(line, count))

    def _add_symbol(self, code: CodeSymbol, *lines: int) -> bool:
        """The function whole, or its head and these lines; its class's head; what it names."""
        module, symbol = code
        if code.key in self._symbols:
            return self._views.add(module, module.excerpt_lines(symbol.node, *lines))
        numbers = set(_lines_of(symbol.node))
        if not self._is_traced:
            numbers = module.excerpt_lines(symbol.node, *lines)
        elif _count(module, numbers) > self._max_tokens * _WHOLE_SHARE:
            numbers = module.excerpt_lines(symbol.node, *lines, *self._find_telling(code))
        if not self._views.add(module, numbers):
            return False
        self._symbols[code.key] = code
        if len(self._symbols) > _MOST_WITH_SURROUNDINGS:
            return True
        self._add_class_of(code)
        for home, binding in self._code_base.find_bindings(module, symbol.node):
            if len(binding) > _LONGEST_BINDING:
                self._long_bindings.append((home, binding))
            else:
                self._views.add(home, binding)
        return True

    def _find_telling(self, code: CodeSymbol) -> list[int]:
        """The lines of a long function that answer best to the words of the failure."""
        texts = {number: code.module.lines[number - 1] for number in _lines_of(code.symbol.node)}
        scores = score_texts(self._question, texts)
        return sorted(scores, key=lambda number: -scores[number])[:_MOST_TELLING]

    def _add_class_of(self, code: CodeSymbol) -> None:
        """A method's class without its methods, and how its objects are made."""
        module, name = code.module, code.symbol.name.rpartition(".")[0]
        around = module.find_symbol(name) if name else None
        if around is None or not isinstance(around.node, ast.ClassDef):
            return
        self._views.add(module, module.class_lines(around.node))
        init = module.find_symbol(f"{name}.__init__")
        if init is not None:
            self._views.add(module, module.excerpt_lines(init.node))

    def _add_executed(self, ran_by_key: dict[Key, CodeSymbol], tests: FailingTests) -> None:
        """What ran in the failing tests: what is named by what is shown, or by the tests, and what
        answers to the words of the failure, before the rest."""
        levels = self._count_levels(ran_by_key, tests)
        texts = {
            key: f"{code.symbol.name} " * _NAME_WEIGHT + code.module.excerpt(code.symbol.node)
            for key, code in ran_by_key.items()
        }
        scores = score_texts(self._question, texts)
        farthest = len(ran_by_key)

        def rank(key: Key) -> float:
            lines = len(_lines_of(ran_by_key[key].symbol.node))
            nearness = _NEARNESS / (1 + levels.get(key, farthest))
            return -(scores[key] + nearness + _LENGTH * min(math.log(lines + 1) / 5, 1.0))

        for key in sorted(ran_by_key, key=rank):
            outer = (key[0], key[1].rpartition(".")[0])
            if outer not in ran_by_key:  # what is defined in another function comes with it
                self._add_symbol(ran_by_key[key])
            if self._views.room < self._max_tokens * _TABLE_SHARE:
                self._add_tables(tests)

    def _count_levels(
        self, ran_by_key: dict[Key, CodeSymbol], tests: FailingTests
    ) -> dict[Key, int]:
        """How many calls lie between each and what is shown, or the tests; by names."""
        by_name: dict[str, list[CodeSymbol]] = {}
        for code in ran_by_key.values():
            for name in _names_of(code):
                by_name.setdefault(name, []).append(code)
        levels = {code.key: 0 for code in self._symbols.values()}
        level, count = [*self._symbols.values(), *tests.symbols], 0
        while level:
            count += 1
            names = [name for code in level for name in mentions_of(code.symbol.node)]
            codes = [code for name in names for code in by_name.get(name, ())]
            level = list({code.key: code for code in codes if code.key not in levels}.values())
            levels |= {code.key: count for code in level}
        return levels

    def _add_tables(self, tests: FailingTests) -> None:
        """The long assignments and imports that shown functions name, as far as they matter."""
        while self._long_bindings:
            module, lines = self._long_bindings.pop(0)
            self._views.add(module, _choose_lines(module, lines, tests.starts))

    def _add_heads(self) -> None:
        """What stands at the head of the first files: one more import or constant may be what is
        missing."""
        for module in self._views.modules[:_MOST_HEADS]:
            self._views.add(module, module.head_lines)

    def _add_called(self, tests: FailingTests) -> None:
        """What is at most _LEVELS calls away from what failed."""
        level, count = [*self._symbols.values(), *tests.symbols], 0
        for _ in range(_LEVELS):
            callees = [c for code in level for c in self._code_base.find_callees(*code.place)]
            level = []
            for code in callees:
                is_new = code.key not in self._symbols and self._is_code(code.module.path)
                if is_new and count < _MOST_UNTRACED and self._add_symbol(code):
                    level.append(code)
                    count += 1

    def _add_untried(self, ran_by_key: dict[Key, CodeSymbol]) -> None:
        """What did not run, up to a share of the files that did: the other methods of the classes
        that are shown, then the rest, file by file."""
        modules = {path: code.module for (path, _), code in ran_by_key.items()}
        whole = sum(sum(module.line_tokens) for module in modules.values())
        count = self._max_tokens - self._views.room
        self._views.limit(max(int(whole * _UNTRIED_SHARE) - count, 0))
        classes = {(path, name.rpartition(".")[0]) for path, name in self._symbols}
        for is_sibling in (True, False):
            for module in self._views.modules:
                for symbol in module.symbols:
                    is_in_class = (module.path, symbol.name.rpartition(".")[0]) in classes
                    is_function = not isinstance(symbol.node, ast.ClassDef)
                    if is_function and is_in_class == is_sibling and self._is_code(module.path):
                        self._views.add(module, _lines_of(symbol.node))

    def _add_as_much(self, script: Module) -> None:
        last = len(script.lines)
        while last and not self._views.add(script, range(1, last + 1)):
            last //= 2

    def _find_executed(self, case: Case) -> dict[Key, CodeSymbol]:
        """Functions, not of tests, that failing tests execute, in the order that was reported."""
        symbols: dict[Key, CodeSymbol] = {}
        for trace in case.baseline.failing:
            for path, lines in trace.executed.items():
                module = self._code_base.read_module(path) if path.endswith(".py") else None
                if module is None or not self._is_code(path):
                    continue
                by_line = {first_line(symbol.node): symbol for symbol in module.symbols}
                for symbol in filter(None, map(by_line.get, lines)):
                    symbols.setdefault((path, symbol.name), CodeSymbol(module, symbol))
        return symbols

    def _is_code(self, path: str) -> bool:
        return not self._code_base.tests.is_test_code(path)


def _names_of(code: CodeSymbol) -> Iterator[str]:
    """By which a function is called: an object is made by its class's name."""
    *around, name = code.symbol.name.split(".")
    yield name
    if around and name in ("__init__", "__new__", "__call__"):
        yield around[-1]


def _lines_of(node: Definition) -> range:
    return range(first_line(node), (node.end_lineno or node.lineno) + 1)


def _count(module: Module, numbers: Iterable[int]) -> int:
    return sum(module.line_tokens[number - 1] for number in numbers)


def _choose_lines(module: Module, lines: range, starts: frozenset[str]) -> set[int]:
    """Of a long table its ends, and what begins like a word of the failure: there the entry stands
    that is wrong, or beside it the one that is missing."""
    numbers = {lines[0], lines[-1]}
    for number in lines:
        if not starts.isdisjoint(list_starts(module.lines[number - 1])):
            numbers |= {number - 1, number, number + 1} & set(lines)
    return numbers
