"""Other scripts that use what a fix changes are found, run as they are, and compared."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from healer.config import Config
from healer.evidence.experiment import Experiment
from healer.evidence.other_scripts import (
    compare_scripts,
    find_other_scripts,
    find_script_changes,
)
from healer.judge import Evidence
from healer.judge.facts import ScriptChange
from healer.services.runner import PackableTree, SandboxRunner
from sandbox import Plan, ProcessEnd, Report, TestResult, TestRun
from sandbox.inside.tree import ROOT
from tests.support.memory_tree import MemoryTree

LIB = "scripts/lib.py"
MAIN = 'def main(): pass\n\nif __name__ == "__main__":\n    main()\n'


def find(**more: str) -> tuple[str, ...]:
    files = {path.replace("__", "/") + ".py": text for path, text in more.items()}
    return find_other_scripts(MemoryTree({LIB: "", **files}), (LIB,), ("scripts/job.py",))


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        (f"import lib\n{MAIN}", True),
        ("from scripts.lib import total\n\nprint(total([1]))\n", True),
        ("from scripts import (\n    tax,\n    lib,\n)\nfor n in lib.rows(): print(n)\n", True),
        (f"import importlib\nlib = importlib.import_module('scripts.lib')\n{MAIN}", True),
        ("from scripts.lib import total\n\ndef use(): return total([])\n", False),
        (f"import library, os\n{MAIN}", False),
        (f"'import lib'\n{MAIN}", False),
        ("import lib\ndef f(:\n", False),
    ],
)
def test_a_program_that_imports_the_changed_file_is_one(source: str, is_one: bool) -> None:
    assert find(scripts__other=source) == (("scripts/other.py",) if is_one else ())


def test_one_that_imports_it_through_another_file_is_one_and_the_nearest_come_first() -> None:
    names = find(
        app__web=f"from scripts import shared\n{MAIN}",
        scripts__shared="from . import lib\n",
        scripts__z=f"import lib\n{MAIN}",
    )
    assert names == ("scripts/z.py", "app/web.py")


def test_what_is_run_anyway_and_tests_are_none() -> None:
    use = f"import lib\n{MAIN}"
    assert find(scripts__job=use, tests__test_lib=use, tests__helper=use) == ()


BASE = MemoryTree({LIB: "old"})
FIX = MemoryTree({LIB: "new"})


class Scripted(SandboxRunner):
    """Ends by the tree and the command's words; what has no end ends badly."""

    def __init__(self, ends: dict[tuple[str, str], list[ProcessEnd]]) -> None:
        self._ends = ends

    def run(
        self, tree: PackableTree, plan: Plan, *, from_cache: bool = False, known_s: float = 0.0
    ) -> Report:
        assert plan.command is not None
        name = "base" if tree is BASE else "fix"
        ends = self._ends.get((name, " ".join(plan.command.argv)), [])
        end = (ends.pop(0) if len(ends) > 1 else ends[0]) if ends else ProcessEnd(exit_code=2)
        return Report(command=end)


def good(stdout: str) -> ProcessEnd:
    return ProcessEnd(exit_code=0, stdout=stdout)


FAILED = ProcessEnd(exit_code=1, stderr="Traceback\nKeyError: 'a'\n")
RUN = "python scripts/other.py"


def compare(ends: dict[tuple[str, str], list[ProcessEnd]]) -> tuple[ScriptChange, ...]:
    experiment = Experiment(BASE, FIX, (LIB,), {}, Plan(), Report(), Report())
    return compare_scripts(experiment, ("scripts/other.py",), {}, Scripted(ends))


def test_a_script_that_does_the_same_is_none_that_changes() -> None:
    assert compare({("base", RUN): [good("3\n")], ("fix", RUN): [good("3\n")]}) == ()


def test_one_that_ends_well_no_more_is_told_with_its_last_words() -> None:
    change = ScriptChange(command=RUN, breaks=True, after="KeyError: 'a'")
    assert compare({("base", RUN): [good("3\n")], ("fix", RUN): [FAILED]}) == (change,)


def test_one_that_prints_something_else_is_told_with_the_line() -> None:
    ends = {("base", RUN): [good("a\n3\n")], ("fix", RUN): [good("a\n4\n")]}
    assert compare(ends) == (ScriptChange(command=RUN, before="3", after="4"),)


def test_one_that_never_says_the_same_twice_tells_nothing() -> None:
    ends = {("base", RUN): [good("1\n"), good("2\n")], ("fix", RUN): [good("3\n")]}
    assert compare(ends) == ()


def test_one_that_fails_anyway_is_tried_as_a_module_and_for_its_help() -> None:
    module, words = "python -m scripts.other", "python scripts/other.py --help"
    assert compare({("base", module): [good("1")], ("fix", module): [FAILED]})[0].command == module
    assert compare({("base", words): [good("1")], ("fix", words): [FAILED]})[0].command == words
    assert compare({("base", RUN): [FAILED], ("fix", RUN): [FAILED]}) == ()


def test_one_that_was_only_slow_is_run_again() -> None:
    late = ProcessEnd(exit_code=None, signal=9, timed_out=True)
    assert compare({("base", RUN): [good("1")], ("fix", RUN): [late, good("1")]}) == ()
    assert compare({("base", RUN): [good("1")], ("fix", RUN): [late, late]})[0].breaks


OTHER = "import lib\nprint(lib.total([1]))\n"
UNFIXED = MemoryTree({"lib.py": "def total(rows): return 1\n", "other.py": OTHER})
FIXED = MemoryTree({"lib.py": "def total(rows): return 2\n", "other.py": OTHER})
NODE = "test_lib.py::test"
CRASH = (
    f'Traceback (most recent call last):\n  File "{ROOT}/lib.py", line 1, in total\nKeyError: 1\n'
)
WRONG = f'Traceback (most recent call last):\n  File "{ROOT}/test_lib.py", line 1, in test\n'
WRONG += "AssertionError: assert 1 == 2\n"


class Printing(SandboxRunner):
    """Every command ends well on the base; on the fix it says something else, or fails."""

    def __init__(self, code: int) -> None:
        self._code = code

    def run(
        self, tree: PackableTree, plan: Plan, *, from_cache: bool = False, known_s: float = 0.0
    ) -> Report:
        is_base = tree is UNFIXED
        end = ProcessEnd(exit_code=0 if is_base else self._code, stdout="1" if is_base else "2")
        return Report(command=end)


@pytest.mark.parametrize(
    ("detail", "code", "count"),
    [
        pytest.param(CRASH, 0, 1, id="where it crashed, what it answered stays"),
        pytest.param(WRONG, 0, 0, id="where an answer was wrong, others may have shown it"),
        pytest.param(WRONG, 1, 1, id="but none is to break"),
    ],
)
def test_other_scripts_may_change_where_a_test_called_an_answer_wrong(
    detail: str, code: int, count: int
) -> None:
    result = TestResult(node=NODE, outcome="failed", detail=detail)
    before = Report(tests=(TestRun(results=(result,), ended=ProcessEnd(exit_code=1)),))
    experiment = Experiment(UNFIXED, FIXED, ("lib.py",), {"lib.py": (1,)}, Plan(), before, Report())
    evidence = Evidence(reproduced=True, lines_changed=1, lines_executed=1, fail_to_pass=(NODE,))
    services = cast(Any, SimpleNamespace(config=Config(), runner=Printing(code)))
    assert len(find_script_changes(experiment, "job.py", evidence, services)) == count
