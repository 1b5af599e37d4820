"""Which code a prompt shows, and what first: where it failed, what ran, what that names.

Belongs here: the choice. By what was executed, not only by where it crashed: the place that has to
change is often in a function that had returned by then. Does not belong here: reading source
(`code`), counting what fits (`views`), and the other sections (`context`, `failing_tests`).
"""

import ast
from collections.abc import Iterable

from healer.draft.edits.symbols import Definition, first_line
from healer.draft.llm.prompts.code import Module, signature_of
from healer.draft.llm.prompts.code_base import CodeBase, CodeSymbol
from healer.draft.llm.prompts.failing_tests import (
    MOST_TESTS,
    FailingTests,
    list_places,
)
from healer.draft.llm.prompts.passages import (
    LEAST_TELLING,
    choose_lines,
    is_named_like,
    list_passages,
    rank_passages,
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
_MOST_WITH_SURROUNDINGS = 4
"""Functions, the first ones, whose class and whose names are shown, too."""
_WHOLE_SHARE = 0.5
"""A function that ran is shown whole where it takes no more than this of the room."""
_MOST_TELLING = 8
"""Lines of a longer one that answer best to the words of the failure; what is around them is
shown."""
_MOST_HEADS = 3
"""Files, the first ones, of which the imports and constants at the head are shown."""
_RUN_SHARE = 0.4
"""Of the room: so much is filled with what ran, though it answers to no word of the failure."""
_REST_SHARE = 0.08
"""What is not shown of a file, or of all code of the repository, is shown, too, where it takes no
more than this of the room."""
_MOST_FILES = 30
"""Of code; a repository with more is not counted."""
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
        self._starts: frozenset[str] = frozenset()
        self._names_not_reached: frozenset[str] = frozenset()

    def show_code(self, case: Case, frames: list[Frame], failing: list[TestResult]) -> str:
        """Where it failed; then what answers best to the failure of the files that failing tests
        load, or what the failing functions call; small files whole. At most `max_tokens`."""
        tests = FailingTests(self._code_base, failing)
        self._starts, self._names_not_reached = tests.starts, tests.names_not_reached
        self._question = "\n".join([tests.text, *(frame.source for frame in frames)])
        self._is_traced = any(trace.executed for trace in case.baseline.failing)
        for frame in frames:
            self._add_frame(frame, frames)
        for problem in case.baseline.syntax:
            self._add_place(problem.path, problem.line)
        for result in failing[:MOST_TESTS]:
            for path, line in reversed(list_places(result)):
                if self._is_code(path):
                    self._add_place(path, line)
        if not self._is_traced:
            self._add_called(tests)
        if failing:
            self._add_surroundings()
            self._add_ranked(case, failing)
        script = self._code_base.read_module(case.script)
        if not self._views.modules and script is not None:
            self._add_as_much(script)
        self._add_repository()
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
            self._views.add(home, choose_lines(home, binding, self._starts))
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

    def _add_ranked(self, case: Case, failing: list[TestResult]) -> None:
        """Each in its turn, as long as it answers to the failure, and besides what ran where there
        is much room; what does not fit is left out."""
        files = [result.node.partition("::")[0] for result in failing]
        modules = self._list_modules(case, files)
        passages = list_passages(
            modules,
            case.baseline.failing,
            files,
            self._starts,
            self._names_not_reached,
            near={module.path for module in self._views.modules},
            suspects=case.suspects,
        )
        for passage, score in rank_passages(passages, self._question):
            is_roomy = self._views.room > self._max_tokens * (1 - _RUN_SHARE)
            if score < LEAST_TELLING and not (passage.has_run and is_roomy):
                continue
            if passage.is_function and passage.symbol:
                self._add_symbol(CodeSymbol(passage.module, passage.symbol))
            else:
                self._views.add(passage.module, passage.lines)
            self._add_surroundings()

    def _add_surroundings(self) -> None:
        """What stands at the head of the first files, as one more import or constant may be what is
        missing; and all of a file of which little is left out."""
        for index, module in enumerate(self._views.modules):
            if index < _MOST_HEADS:
                self._views.add(module, module.head_lines)
            if self._views.count_rest(module) <= self._max_tokens * _REST_SHARE:
                self._views.add(module, range(1, len(module.lines) + 1))

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

    def _add_as_much(self, script: Module) -> None:
        last = len(script.lines)
        while last and not self._views.add(script, range(1, last + 1)):
            last //= 2

    def _add_repository(self) -> None:
        """All code that imports what is shown, or is imported there, where little is left out of
        it. A program beside it has nothing to do with the failure, and may have faults of its own.
        """
        paths = [path for path in self._code_base.paths if path.endswith(".py")]
        code = [path for path in paths if self._is_code(path)]
        if not self._views.modules or len(code) > _MOST_FILES:
            return
        modules = [module for path in code if (module := self._code_base.read_module(path))]
        modules = self._list_connected([each for each in modules if each.text.strip()])
        if sum(map(self._views.count_rest, modules)) <= self._max_tokens * _REST_SHARE:
            for module in modules:
                self._views.add(module, range(1, len(module.lines) + 1))

    def _list_connected(self, modules: list[Module]) -> list[Module]:
        """Those of these that are shown, and those that imports join to them."""
        imports = {
            module.path: {each.path for each in self._code_base.find_imported(module)}
            for module in modules
        }
        paths = {module.path for module in self._views.modules}
        for _ in modules:
            targets = set().union(*(imports.get(path, ()) for path in paths))
            users = {path for path, others in imports.items() if others & paths}
            if targets | users <= paths:
                break
            paths |= targets | users
        return [module for module in modules if module.path in paths]

    def _list_modules(self, case: Case, tests: list[str]) -> list[Module]:
        """The files, not of tests, that failing tests load, execute, or are named like; and those
        of which something is shown."""
        traces = case.baseline.failing
        paths = {path for trace in traces for path in (*trace.executed, *trace.loaded)}
        paths |= {module.path for module in self._views.modules}
        paths |= {path for path in self._code_base.paths if is_named_like(path, tests)}
        code = [path for path in sorted(paths) if path.endswith(".py") and self._is_code(path)]
        return [module for path in code if (module := self._code_base.read_module(path))]

    def _is_code(self, path: str) -> bool:
        return not self._code_base.tests.is_test_code(path)


def _lines_of(node: Definition) -> range:
    return range(first_line(node), (node.end_lineno or node.lineno) + 1)


def _count(module: Module, numbers: Iterable[int]) -> int:
    return sum(module.line_tokens[number - 1] for number in numbers)
