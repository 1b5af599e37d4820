"""What tests look at when their own numbers, texts and lists are others.

Belongs here: running tests so that what they check is seen and nothing ends them, as they are and
with one literal changed. Does not belong here: the literals (`literals_of_tests`), or comparing
what was seen, which the host does.

It reaches what no call shows: a stand-in that a test puts in place, a server that it starts, a
variable that it sets, an object of a class that only the test knows. Whatever brings the input, it
was written in the test.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import os
import sys
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from . import forks, program, pytest_session
from .checks_of_tests import (
    BEGIN,
    KEEP,
    KEEP_CALLS,
    KEEP_ERROR,
    compile_tree,
    list_codes,
    parse_file,
    watch_checks,
)
from .kept_state import put_back_files, read_files
from .literals_of_tests import Literal, find_literals, show_change, swap, vary_value
from .live_functions import key_of
from .notes_of_tests import STARTERS, Notes, Profile, watch_calls

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from types import FrameType

    from ..messages import Candidate
    from .live_functions import FunctionKey
    from .project import Project

    _Modules = list[tuple[str, ModuleType]]

MOST_TESTS = 8
MOST_RUNS = 48
"""Of these tests, as they are and varied, for each candidate."""
_MOST_OF_SLOW = 6
_SLOW_S = 0.2
"""A test that takes so long, also asleep as servers are, is varied only so often."""
_ONE_TEST_S = 1.0
_MOST_ENDLESS = 2
"""Runs without an end, after which no more is seen of a candidate."""
_ALL_S = 6.0
"""Processor time of all runs of one candidate, with the programs that they start."""
_LIMIT_S = 20.0


class VariedTest(NamedTuple):
    """One test, as it is or with one literal changed."""

    node: str
    title: str
    codes: Mapping[str, Sequence[CodeType]]
    """By file: its functions, their checks seen in place of made, and one literal changed."""
    variable: CodeType | None = None
    """What gives a variable of a file its other value."""
    parameter: tuple[str, Any] | None = None
    """Of a parametrized test, in place of its own."""
    is_slow: bool = False


class VariedTests:
    """The tests that call a function of the tree, or start a program of it."""

    def __init__(self, project: Project, file: str, name: str) -> None:
        self._project, self._file, self._name = project, file, name
        nodes = [node for node in project.order if node in project.items]
        rows = [self._vary(node) for node in nodes[:MOST_TESTS]]
        turns = itertools.zip_longest(*rows)
        tests = (test for turn in turns for test in turn if test is not None)
        self._tests = list(_number(itertools.islice(tests, MOST_RUNS)))

    def see(self, candidate: Candidate, *, with_slow: bool = True) -> list[tuple[str, str]]:
        """What tests look at, each by its words, and its value as text. The candidate's files are
        written."""
        tests = [test for test in self._tests if with_slow or not test.is_slow]
        if not tests:
            return []
        project, pairs = self._project, list[tuple[str, str]]()

        def attempt() -> tuple[str, str]:
            codes = project.copy.compile(candidate)
            if codes is None:
                return "skipped", ""
            if project.copy.replace_functions(codes) is not None:
                self._run_all(tests, project.items, pairs)
            else:
                self._run_anew(tests, pairs)
            return "passed", ""

        answer = forks.run_in_fork(attempt, _LIMIT_S, extra=lambda: pairs)
        return [(key, text) for key, text in answer.extra or ()]

    def _run_anew(self, tests: Sequence[VariedTest], pairs: list[tuple[str, str]]) -> None:
        """In a second session, which imports everything of the tree anew."""
        program.forget_modules(self._project.home)
        nodes = dict.fromkeys(f"{self._project.home}/{test.node}" for test in tests)
        plugin = pytest_session.TakeOver(lambda items: self._run_all(tests, items, pairs))
        pytest_session.run_pytest(
            self._project.plan["tests"], self._project.home, [plugin], [*nodes]
        )

    def _run_all(
        self,
        tests: Sequence[VariedTest],
        items: Mapping[str, Any],
        pairs: list[tuple[str, str]],
    ) -> None:
        end_s, home = _read_clock() + _ALL_S, self._project.home
        files, endless = dict(read_files(home)), 0
        modules = _find_modules({file for test in tests for file in test.codes})
        for test in tests:
            if test.node not in items or endless >= _MOST_ENDLESS or _read_clock() > end_s:
                continue
            notes = Notes(test.title)

            def attempt(test: VariedTest = test, notes: Notes = notes) -> tuple[str, str]:
                _put_in_place(test, items[test.node], notes, modules)
                with Profile(watch_calls(self._file, self._name, notes, test.codes)):
                    return pytest_session.run_item(items[test.node])

            def tell(notes: Notes = notes) -> object:
                return notes.pairs

            answer = forks.run_in_fork(attempt, _ONE_TEST_S, extra=tell)
            endless += answer.outcome == "timeout"
            pairs += [(key, text) for key, text in answer.extra or ()]
            put_back_files(home, files)

    def _vary(self, node: str) -> Iterator[VariedTest]:
        """The test as it is, then each in turn of what it is written with as another one."""
        item = self._project.items[node]
        lines, used_s = self._see_lines(item)
        is_slow = used_s > _SLOW_S
        most = _MOST_OF_SLOW if is_slow else MOST_RUNS
        for test in itertools.islice(self._vary_lines(item, lines), most if lines else 0):
            yield test._replace(is_slow=is_slow)

    def _vary_lines(self, item: Any, lines: Mapping[str, set[int]]) -> Iterator[VariedTest]:
        trees = [(file, tree) for file in lines if (tree := parse_file(file)) is not None]
        own = inspect.unwrap(item.function).__code__.co_firstlineno
        literals = [(f, each) for f, tree in trees for each in find_literals(tree, lines[f], own)]
        for file, tree in trees:
            watch_checks(tree, file)
        codes = {file: list_codes(compile_tree(tree, file)) for file, tree in trees}
        whole = VariedTest(item.nodeid, item.name, codes)
        ways = [_vary_literal(whole, dict(trees)[file], file, each) for file, each in literals]
        ways += [_vary_parameter(whole, *pair) for pair in _get_parameters(item).items()]
        yield whole
        for turn in itertools.zip_longest(*ways):
            yield from (test for test in turn if test is not None)

    def _see_lines(self, item: Any) -> tuple[dict[str, set[int]], float]:
        """By file of the tests, the first lines of functions that run, and how long all takes; none
        where the function does not run, and no program is started, or where it takes too long."""
        if not isinstance(getattr(item, "function", None), FunctionType):
            return {}, 0.0
        places: set[tuple[str, int]] = set()
        signs: set[str] = set()
        used_s: list[float] = []
        own = os.path.abspath(inspect.unwrap(item.function).__code__.co_filename)

        def on_event(frame: FrameType, event: str, _argument: object) -> None:
            if event != "call":
                return
            file, code = os.path.abspath(frame.f_code.co_filename), frame.f_code
            if file == own or os.path.basename(file) == "conftest.py":
                places.add((file, code.co_firstlineno))
            elif (file == self._file and code.co_name == self._name) or file in STARTERS:
                signs.add(file)

        def attempt() -> tuple[str, str]:
            asleep_s = forks.read_sleep_clock(os.getpid())
            with Profile(on_event):
                outcome = pytest_session.run_item(item)
            used_s.append(forks.read_sleep_clock(os.getpid()) - asleep_s + _read_clock())
            return outcome

        files = dict(read_files(self._project.home))
        answer = forks.run_in_fork(
            attempt, _ONE_TEST_S, extra=lambda: [sorted(signs), sorted(places), used_s]
        )
        put_back_files(self._project.home, files)
        lines: dict[str, set[int]] = {}
        files_of_function, places_of_tests, times_s = answer.extra or ([], [], [])
        for file, line in places_of_tests if files_of_function else ():
            lines.setdefault(file, set()).add(line)
        return lines, sum(times_s)


def _find_modules(files: Collection[str]) -> _Modules:
    """What is loaded of these files: in the forks, each would copy the memory of all modules."""
    modules = [(_file_of(module), module) for module in list(sys.modules.values())]
    return [(file, module) for file, module in modules if file in files]


def _put_in_place(test: VariedTest, item: Any, notes: Notes, modules: _Modules) -> None:
    if test.parameter is not None:
        name, value = test.parameter
        item.callspec.params[name] = value
        getattr(item.callspec, "funcargs", {}).pop(name, None)
    names = {
        BEGIN: notes.begin,
        KEEP: notes.keep,
        KEEP_CALLS: notes.keep_calls,
        KEEP_ERROR: notes.keep_error,
    }
    codes = {key_of(code): code for group in test.codes.values() for code in group}
    own = [module for file, module in modules if file in test.codes]
    for module in own:
        vars(module).update(names)
    for file, module in modules:
        if test.variable is not None and file == test.variable.co_filename:
            exec(test.variable, vars(module))
    for function in _list_functions(item, own):
        _replace(function, codes)


def _get_parameters(item: Any) -> dict[str, Any]:
    return dict(getattr(getattr(item, "callspec", None), "params", {}))


def _number(tests: Iterable[VariedTest]) -> Iterator[VariedTest]:
    """No two of one title, by which what is seen of one is told from what is seen of another."""
    counts: dict[str, int] = {}
    for test in tests:
        count = counts[test.title] = counts.get(test.title, 0) + 1
        yield test._replace(title=f"{test.title}, number {count}") if count > 1 else test


def _vary_literal(
    whole: VariedTest, tree: ast.Module, file: str, literal: Literal
) -> Iterator[VariedTest]:
    for other in literal.others:
        title = f"{whole.title} with {show_change(literal.node, other)}"
        with swap(literal.node, other):
            if literal.variable is None:
                codes = {**whole.codes, file: list_codes(compile_tree(tree, file))}
                test = whole._replace(title=title, codes=codes)
            else:
                code = compile_tree(ast.Module([literal.variable], []), file)
                test = whole._replace(title=title, variable=code)
        yield test


def _vary_parameter(whole: VariedTest, name: str, value: object) -> Iterator[VariedTest]:
    for change, other in vary_value(value):
        yield whole._replace(title=f"{whole.title} with {change}", parameter=(name, other))


def _file_of(module: ModuleType) -> str:
    file = getattr(module, "__file__", None)
    return os.path.abspath(file) if isinstance(file, str) else ""


def _list_functions(item: Any, modules: Sequence[ModuleType]) -> Iterator[FunctionType]:
    """The test's own, its fixtures', and those of the modules and their classes."""
    things: list[Any] = [item.function]
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    things += [each.func for group in definitions.values() for each in group]
    for module in modules:
        things += vars(module).values()
        classes = [thing for thing in vars(module).values() if isinstance(thing, type)]
        things += [thing for each in classes for thing in vars(each).values()]
    for outermost in things:
        thing = outermost
        while thing is not None:
            thing = getattr(thing, "__func__", None) or getattr(thing, "fget", None) or thing
            if isinstance(thing, FunctionType):
                yield thing
            thing = getattr(thing, "__wrapped__", None)


def _replace(function: FunctionType, codes: Mapping[FunctionKey, CodeType]) -> None:
    code = codes.get(key_of(function.__code__))
    if code is not None and code.co_freevars == function.__code__.co_freevars:
        function.__code__ = code


def _read_clock() -> float:
    """Processor time of this process and of all that it waited for, in seconds."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
