"""What a prompt shows of the tests that fail: their source, what they raised, the words they use.

Belongs here: the section of the tests. Does not belong here: the code that they run (`excerpts`),
and reading tracebacks (`healer.draft.rules.observed_errors`).
"""

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath

from healer.draft.edits.symbols import Definition, Symbol
from healer.draft.llm.prompts.code import Module, mentions_of
from healer.draft.llm.prompts.code_base import CodeBase, CodeSymbol
from healer.draft.rules.observed_errors import parse_errors
from healer.redact import Redactor
from sandbox import TestResult
from sandbox.inside.tree import ROOT

MOST_TESTS = 3
"""Failing tests that are shown; the others are named."""
_MOST_NAMED = 5
_LONGEST_TEST, _LONGEST_HELPER = 40, 15
"""Lines of a test, or of a function of its file that it calls, that is shown whole."""
_SET_UPS = frozenset(
    ("setUp", "setUpClass", "setup_method", "setup_class", "setUpModule", "setup_module", "setup")
)
_MOST_LINES = 12
"""Of what a test raised."""
_MOST_INNER_LINES = 20
"""Of an error behind it."""
_MOST_PLACES = 3
"""In tests, innermost, at which one fails."""
_START = 3
"""Letters that two words share which are taken for neighbours in a table."""
_LAST_FRAME = re.compile(r'^ *File "[^"\n]+", line \d+.*\n(?:    .*\n?)?(?: *[~^]+ *\n)?', re.M)


class FailingTests:
    """The tests that fail on the base, in the order they ran."""

    def __init__(self, code_base: CodeBase, results: list[TestResult]) -> None:
        self._code_base = code_base
        self._results = results

    @cached_property
    def symbols(self) -> tuple[CodeSymbol, ...]:
        """The functions of the first few."""
        symbols = map(self._find_test, self._results[:MOST_TESTS])
        return tuple(dict.fromkeys(code for code in symbols if code is not None))

    @cached_property
    def text(self) -> str:
        """What the first few are called, their source, and what they raised."""
        texts = [code.module.excerpt(code.symbol.node) for code in self.symbols]
        results = self._results[:MOST_TESTS]
        errors = [f"{r.node}\n{quote_error(r.detail)}\n{r.inner_error}" for r in results]
        return "\n".join([*texts, *errors])

    @cached_property
    def names_not_reached(self) -> frozenset[str]:
        """What the code of the first few mentions from the line on at which they fail."""
        results = self._results[:MOST_TESTS]
        return frozenset(name for result in results for name in self._list_names_left(result))

    def _list_names_left(self, result: TestResult) -> Iterator[str]:
        test = self._find_test(result)
        if test is None:
            return
        lines = (line for path, line in list_places(result) if path == test.module.path)
        last = max(lines, default=0)
        for node in ast.walk(test.symbol.node):
            if isinstance(node, ast.Name | ast.Attribute) and node.lineno >= last:
                yield node.attr if isinstance(node, ast.Attribute) else node.id

    @cached_property
    def starts(self) -> frozenset[str]:
        """How the words of it begin."""
        return list_starts(self.text)

    def show(self, redactor: Redactor) -> str:
        """Source and error of the first few, with what they call in their file; the others by
        name."""
        parts: list[str] = []
        keys: set[tuple[str, str]] = set()
        for result in self._results[:MOST_TESTS]:
            parts.append(f"# {result.node}")
            test = self._find_test(result)
            if test and test.key not in keys:
                places = list_places(result)
                lines = [line for file, line in places if file == test.module.path]
                body = test.module.excerpt(test.symbol.node, *lines, longest=_LONGEST_TEST)
                parts.append(redactor.source(body))
                keys.add(test.key)
            parts += [redactor.source(line) for line in self._list_test_lines(result)]
            parts.append(redactor.text(quote_error(result.detail)))
            parts += [redactor.text(f"# at {line}") for line in result.values.splitlines()]
            if result.inner_error:
                parts.append(redactor.text(f"# beside it:\n{_cut_start(result.inner_error)}"))
        helpers = [each for test in self.symbols for each in self._show_helpers(test, keys)]
        parts += [redactor.source(each) for each in helpers]
        more = [result.node for result in self._results[MOST_TESTS:]]
        if more:
            parts.append(f"# and {len(more)} more: {', '.join(more[:_MOST_NAMED])}")
        return "\n".join(part for part in parts if part)

    def _list_test_lines(self, result: TestResult) -> Iterator[str]:
        """Where in the tests it failed: one of many assertions, or a helper in another file."""
        places = [p for p in list_places(result) if self._code_base.tests.is_test_code(p[0])]
        for path, line in [*dict.fromkeys(places)][-_MOST_PLACES:]:
            module = self._code_base.read_module(path)
            if module is not None and 0 < line <= len(module.lines):
                yield f"# fails at {path}:{line}: {module.lines[line - 1].strip()}"

    def _show_helpers(self, test: CodeSymbol, keys: set[tuple[str, str]]) -> Iterator[str]:
        """What the test leans on: how its class is set up, the functions, fixtures, classes and
        values of the same file that these name, and fixtures of its `conftest.py`."""
        around = test.symbol.name.rpartition(".")[0]
        set_ups = [each for each in test.module.symbols if _sets_up(each, around)]
        nodes = [test.symbol.node, *(each.node for each in set_ups)]
        names = set().union(*map(mentions_of, nodes), *map(_list_arguments, nodes))
        for module in (test.module, *self._list_conftests(test.module)):
            for symbol in module.symbols:
                place, _, name = symbol.name.rpartition(".")
                is_near = place in ("", around) if module is test.module else not place
                if (is_near and (name in names or symbol in set_ups)) and (
                    module.path,
                    symbol.name,
                ) not in keys:
                    keys.add((module.path, symbol.name))
                    yield module.excerpt(symbol.node, longest=_LONGEST_HELPER)
        for lines in test.module.binding_lines(names):
            key = (test.module.path, str(lines[0]))
            text = test.module.lines[lines[0] - 1 : lines[0] - 1 + _LONGEST_HELPER]
            is_import = text[0].startswith(("from ", "import "))
            if len(lines) <= _LONGEST_HELPER and not is_import and key not in keys:
                keys.add(key)
                yield "\n".join(text[: len(lines)])

    def _list_conftests(self, module: Module) -> Iterator[Module]:
        """Those whose fixtures its tests may use, the nearest first."""
        for folder in PurePosixPath(module.path).parents:
            conftest = self._code_base.read_module(str(folder / "conftest.py"))
            if conftest is not None and conftest is not module:
                yield conftest

    def _find_test(self, result: TestResult) -> CodeSymbol | None:
        path, *names = result.node.partition("[")[0].split("::")
        module = self._code_base.read_module(path)
        symbol = module.find_symbol(".".join(names)) if module else None
        return CodeSymbol(module, symbol) if module and symbol else None


def _sets_up(symbol: Symbol, around: str) -> bool:
    """Whether it runs before each test of a class, or of the file."""
    place, _, name = symbol.name.rpartition(".")
    return name in _SET_UPS and place in ("", around)


def _list_arguments(node: Definition) -> set[str]:
    """Fixtures, which a test need not name again."""
    if isinstance(node, ast.ClassDef):
        return set()
    arguments = node.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return {each.arg for each in every}


def list_places(result: TestResult) -> list[tuple[str, int]]:
    """Files, relative to the tree, and lines that a test's failure text names, outermost first;
    those of an error behind it last."""
    errors = [*reversed(parse_errors(result.detail)), *reversed(parse_errors(result.inner_error))]
    frames = [frame for error in errors for frame in error.frames]
    return [(frame.file.removeprefix(f"{ROOT}/"), frame.line) for frame in frames]


def _cut_start(text: str) -> str:
    lines = text.strip("\n").split("\n")
    return "\n".join(lines[-_MOST_INNER_LINES:])


def list_starts(text: str) -> frozenset[str]:
    """The first letters of the text's longer words."""
    words = re.findall(rf"[^\W\d_]{{{_START},}}", text.lower())
    return frozenset(word[:_START] for word in words)


def quote_error(detail: str) -> str:
    """What was raised, with all its lines: from the last frame of a traceback on, or pytest's `E`
    lines; the last lines where there is neither."""
    lines = [line for line in detail.split("\n") if line.strip(" E") and "use '-vv'" not in line]
    errors = [line for line in lines if line.startswith("E ")]
    if errors:
        return "\n".join(errors[:_MOST_LINES])
    frames = list(_LAST_FRAME.finditer(detail))
    words = detail[frames[-1].end() :].strip("\n").split("\n") if frames else []
    return "\n".join(words[:_MOST_LINES] or lines[-_MOST_LINES:])
