"""Tests speak for a fix only if they fail without it."""

from pathlib import Path

import pytest

from healer.evidence.experiment import Experiment
from healer.evidence.fail_to_pass import find_fail_to_pass, restore_functions
from healer.services.runner import SandboxRunner
from sandbox import Job, Limits, Plan, ProcessEnd, Report, TestPlan, TestResult, TestRun
from sandbox.fake import ScriptedSandbox
from tests.support.memory_tree import MemoryTree

PATH = "scripts/job.py"
OLD = "class A:\n    def f(self, x):\n        return 1\n\ndef g(x):\n    return x\n\ng(3)\n"


def script(text: str) -> MemoryTree:
    return MemoryTree({PATH: text})


def run(**outcomes: str) -> Report:
    results = tuple(
        TestResult.model_validate({"node": node.replace("__", "::"), "outcome": outcome})
        for node, outcome in outcomes.items()
    )
    return Report(tests=(TestRun(results=results, ended=ProcessEnd(exit_code=1)),))


@pytest.mark.parametrize(
    ("find", "replace", "names"),
    [
        ("return x", "return x + 1", ["g"]),
        ("return 1", "return 2", ["A.f"]),
    ],
)
def test_changed_functions_are_as_they_were_once_the_module_is_loaded(
    find: str, replace: str, names: list[str]
) -> None:
    text = restore_functions(script(OLD), script(OLD.replace(find, replace)), PATH)
    assert text is not None
    space: dict[str, object] = {}
    exec(text, space)
    old: dict[str, object] = {}
    exec(OLD, old)
    for name in names:
        asked = f"{name}(1)" if name == "g" else "A().f(1)"
        assert eval(asked, space) == eval(asked, old)


@pytest.mark.parametrize(
    "new", [OLD.replace("g(3)", "g(4)"), OLD + "def h():\n    pass\n", OLD, "def f(:\n"]
)
def test_a_change_outside_functions_that_both_have_leaves_nothing_to_put_back(new: str) -> None:
    assert restore_functions(script(OLD), script(new), PATH) is None


@pytest.mark.parametrize(
    ("without", "fail_to_pass"),
    [
        pytest.param({"t.py__a": "failed", "t.py__b": "passed"}, ("t.py::a",), id="one of two"),
        pytest.param({"t.py": "error"}, ("t.py::a", "t.py::b"), id="the module"),
    ],
)
def test_of_a_module_that_was_not_collected_only_tests_that_need_the_fix_count(
    tmp_path: Path, without: dict[str, str], fail_to_pass: tuple[str, ...]
) -> None:
    jobs: list[Job] = []

    def answer(job: Job) -> Report:
        jobs.append(job)
        return run(**without)

    base, tree = script(OLD), script(OLD.replace("return x", "return x + 1"))
    after = run(**{"t.py__a": "passed", "t.py__b": "passed"})
    plan = Plan(tests=TestPlan(seeds=(None, 1)))
    seen = Experiment(base, tree, (PATH,), {PATH: (6,)}, plan, run(**{"t.py": "error"}), after)
    runs = SandboxRunner(lambda: ScriptedSandbox([answer]), tmp_path, Limits(), dict)
    assert find_fail_to_pass(seen, runs) == fail_to_pass
    assert b"_as_it_was" in jobs[0].tree


def test_a_test_that_failed_and_passes_counts_without_another_run(tmp_path: Path) -> None:
    base, tree = script(OLD), script(OLD.replace("return x", "return x + 1"))
    before = run(**{"t.py__a": "failed", "t.py__b": "passed"})
    after = run(**{"t.py__a": "passed", "t.py__b": "passed"})
    seen = Experiment(base, tree, (PATH,), {}, Plan(tests=TestPlan()), before, after)
    runs = SandboxRunner(lambda: ScriptedSandbox([Report()]), tmp_path, Limits(), dict)
    assert find_fail_to_pass(seen, runs) == ("t.py::a",)
