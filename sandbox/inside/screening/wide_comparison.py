"""What neighbours of a fix make one function do, far from what the tests tried, and what programs
do: the failing command, and those that tests start.

Belongs here: seeing the calls once on the tree as it is, and what each candidate answers to them
and to calls at their borders. Does not belong here: making the inputs (`border_inputs`), or
comparing the answers, which the host does.
"""

from __future__ import annotations

import ast
import base64
import builtins
import contextlib
import functools
import gc
import importlib
import io
import itertools
import pickle
import sys
import time
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..older_pythons import qualify_name
from . import (
    border_inputs,
    forks,
    live_functions,
    observation,
    program,
    program_effects,
    pytest_session,
    similar_inputs,
)
from .descriptions import cut, show, show_call
from .kept_state import (
    MOST_FILE_BYTES,
    MOST_HELD,
    NamedFiles,
    find_changes,
    hold_variables,
    put_back_files,
    put_back_variables,
    read_files,
)
from .program_effects import find_scenes
from .started_programs import record_programs, vary_programs
from .strange_inputs import find_strange
from .varied_tests import VariedTests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..messages import Candidate, ScreenRecord
    from .border_inputs import Call
    from .project import Project
    from .started_programs import StartedProgram

_LIMIT_S = 20.0
PROGRAMS_S = 6.0
"""Processor time for the programs that tests start, for each candidate: one that imports much is
run as the tests do, and with few other inputs."""
MOST_SCENES = 48
"""Calls with other words, variables or files around them."""
COMMAND = ""
"""In place of arguments: the failing command."""


class WideComparison:
    """One function of the tree, the inputs for it, and what candidates make of them."""

    def __init__(self, project: Project) -> None:
        """Runs the plan's tests in this process, and its command in a fork, to see the inputs."""
        self._project = project
        path, self._name = project.plan["compare"]
        self._file = f"{project.home}/{path}"
        words = [ast.literal_eval(word) for word in project.plan["words"]]
        examples = [ast.literal_eval(text) for text in project.plan["examples"]]
        self._modules: dict[str, str] = {}
        calls: dict[str, list[Call]] = {}
        tests = [project.items[node] for node in project.order if node in project.items]
        runs = [functools.partial(pytest_session.run_item, item) for item in tests]
        before = hold_variables(_modules_of(project))
        with record_programs(project.home) as recorder:
            calls_of_tests = observation.record_calls(
                self._file, self._name, runs, look_around=recorder.look_around
            )
        self._programs = vary_programs(recorder.programs)
        self._varied_tests = VariedTests(project, self._file, self._name)
        put_back_variables(before)
        gc.collect(0)
        for call in calls_of_tests:
            qualname = qualify_name(call.code)
            self._modules.setdefault(qualname, call.module)
            calls.setdefault(qualname, []).append(call.arguments)
        self._scenes = list(itertools.islice(find_scenes(calls_of_tests), MOST_SCENES))
        for qualname, arguments in self._see_command():
            if qualname in calls:
                calls[qualname].append(arguments)
        words += _find_errors(call.code for call in calls_of_tests)
        self._inputs = {
            qualname: border_inputs.make_wide_inputs(each, words, examples)
            for qualname, each in calls.items()
        }
        self._strange = {
            text
            for qualname, each in calls.items()
            for text in find_strange(each, self._inputs[qualname])
        }

    def _see_command(self) -> list[tuple[str, Call]]:
        """Calls that the failing command makes, where they can be sent out of a fork."""
        if self._project.plan["command"] is None:
            return []
        texts: list[str] = []

        def attempt() -> tuple[str, str]:
            runs = [self._project.run_command]
            for call in observation.record_calls(self._file, self._name, runs, _LIMIT_S):
                with contextlib.suppress(Exception):
                    data = pickle.dumps((qualify_name(call.code), call.arguments))
                    texts.append(base64.b64encode(data).decode())
            return "passed", ""

        files = dict(read_files(self._project.home))
        answer = forks.run_in_fork(attempt, _LIMIT_S, extra=lambda: texts)
        put_back_files(self._project.home, files)
        calls = []
        for text in answer.extra or ():
            with contextlib.suppress(Exception):
                calls.append(pickle.loads(base64.b64decode(text)))
        return calls

    def run_candidate(self, candidate: Candidate, *, with_slow: bool = True) -> ScreenRecord:
        """Fields of `Behaviour`: arguments and what comes of them; the command under `COMMAND`.
        `with_slow`: also what is seen of tests that take long."""
        results = _Results([], [])
        self._project.copy.write(candidate)
        try:
            answer = forks.run_in_fork(
                lambda: self._observe(candidate, results), _LIMIT_S, extra=lambda: results
            )
            effects = self._see_effects()
            effects += self._varied_tests.see(candidate, with_slow=with_slow)
        finally:
            self._project.copy.restore(candidate)
        pairs, repeats = answer.extra or ([], [])
        return {
            "outcome": answer.outcome,
            "detail": answer.detail,
            "seconds": answer.seconds,
            "pairs": [*effects, *pairs],
            "repeats": repeats,
            "strange": sorted(self._strange),
            "work_s": 0.0,
        }

    def _observe(self, candidate: Candidate, results: _Results) -> tuple[str, str]:
        codes = self._project.copy.compile(candidate)
        if codes is None:
            return "skipped", "it does not compile"
        if not self._put_in_place(codes):
            return "crashed", "it cannot be imported"
        for qualname, inputs in self._inputs.items():
            module = importlib.import_module(self._modules[qualname])
            function = live_functions.find_function(module, qualname, self._file, self._name)
            if function is not None:
                calls = _Calls(live_functions.bind(function, observation.OMITTED), module)
                for call in inputs:
                    results.add(show_call(call), *calls.try_call(call))
                for name, call, use in self._scenes:
                    if name == qualname:
                        key = cut(f"{show_call(call)}, with {use.title}")
                        results.add(key, calls.try_scene(call, use), None)
        return "passed", ""

    def _put_in_place(self, codes: dict[str, CodeType]) -> bool:
        """Whether the candidate's functions can be asked. Those of one that crashes when it is
        imported can be, too: a script that runs when it is imported is broken just so."""
        copy = self._project.copy
        if copy.replace_functions(codes) is not None or self._import_anew():
            return True
        return copy.replace_functions(codes, whatever_ran=True) is not None

    def _import_anew(self) -> bool:
        """Whether the modules of the inputs could be imported as they are now; else they are what
        they were."""
        before = dict(sys.modules)
        for name, module in before.items():
            if program.lies_in(module, self._project.home) and name != "__main__":
                del sys.modules[name]
        importlib.invalidate_caches()
        try:
            for name in set(self._modules.values()):
                importlib.import_module(name)
        except BaseException:  # a script may leave by SystemExit, too
            sys.modules.update(before)
            return False
        return True

    def _see_effects(self) -> list[tuple[str, str]]:
        """What the command and the programs that tests start do with what lies in the tree now."""
        command, home = self._project.plan["command"], self._project.home
        pairs = [(COMMAND, program_effects.see_command(command, home).text)] if command else []
        left_s = PROGRAMS_S
        for use in self._programs:
            if left_s > 0:
                effects = program_effects.see_program(use, home)
                left_s -= effects.seconds
                pairs.append((cut(use.title), effects.text))
        return [(key, cut(text)) for key, text in pairs if text is not None]


class _Results(NamedTuple):
    """Of a `Behaviour`, what is seen of calls."""

    pairs: list[tuple[str, str]]
    repeats: list[tuple[str, str, str]]

    def add(self, call: str, first: str, again: str | None) -> None:
        result = first if again is None else cut(f"{first}, and then {again}")
        self.pairs.append((call, result))
        if again is not None:
            self.repeats.append((call, first, again))


class _Calls:
    """Calls of one function, each on the module as it was before the first."""

    def __init__(self, function: Callable[..., Any], module: ModuleType) -> None:
        self._function = function
        self._held = hold_variables([module])
        self._patience_s = observation.PATIENCE_S

    def try_call(self, call: Call) -> tuple[str, str | None]:
        """What comes of it: its answer, what it prints, what variables and files that arguments
        name hold otherwise; and what comes of it the second time, where that is another thing."""
        first = self._try_once(call)
        if first in (observation.ENDLESS, observation.SLOW) or first.startswith("raises "):
            return first, None
        again = self._try_once(call)
        return first, None if again == first else again

    def try_scene(self, call: Call, use: StartedProgram) -> str:
        """What comes of a call with this around it."""
        with program_effects.stage(use) as changes:
            result = self._try_once(call)
        return cut(", ".join([result, *changes]))

    def _try_once(self, call: Call) -> str:
        began_s = time.process_time()
        limit_s = observation.ONE_CALL_S if self._patience_s > 0 else observation.ONE_CALL_S / 5
        border_inputs.shuffle_seed()
        output = io.StringIO()
        files = NamedFiles(similar_inputs.leaves(list(call)))
        with contextlib.redirect_stdout(output):
            result = observation.try_call(self._function, call, limit_s, _show, MOST_FILE_BYTES)[0]
        if result == observation.ENDLESS:
            self._patience_s -= time.process_time() - began_s
        if result.startswith("raises "):
            gc.collect(0)  # a connection in a ring would lock the next call out of its database
        if output.getvalue():
            result = f"{result}, printing {output.getvalue()!r}"
        changes = [f"{name} becomes {value!r}" for name, value in find_changes(self._held)]
        put_back_variables(self._held)
        if writes := files.put_back():
            changes.append(f"writing {writes!r}")
        return cut(", ".join([result, *changes]))


def _find_errors(codes: Iterable[CodeType]) -> list[type[Exception]]:
    """Builtin errors that the code names."""
    names = dict.fromkeys(name for code in dict.fromkeys(codes) for name in code.co_names)
    things = [getattr(builtins, name, None) for name in names]
    return [each for each in things if isinstance(each, type) and issubclass(each, Exception)]


def _modules_of(project: Project) -> list[ModuleType]:
    modules = [m for m in list(sys.modules.values()) if isinstance(m, ModuleType)]
    return [module for module in modules if program.lies_in(module, project.home)]


def _show(value: object) -> str:
    """Also whether one list, dict or set stands in it twice: a change would show in both."""
    text = show(value, MOST_FILE_BYTES)
    ids: set[int] = set()
    waiting, is_shared = [value], False
    while waiting and len(ids) < MOST_HELD:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, (list, tuple, set)):
            waiting += item
        if isinstance(item, (list, dict, set)):
            is_shared = is_shared or id(item) in ids
            ids.add(id(item))
    return f"{text} (one object in two places)" if is_shared else text
