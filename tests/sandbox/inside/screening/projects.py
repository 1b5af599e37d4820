"""A project whose tests are collected, in a process that holds little else, for the parts of a
worker."""

import gc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sandbox.inside.messages import ScreeningPlan, TestsPlan
from sandbox.inside.screening import forks, pytest_session
from sandbox.inside.screening.project import Project
from tests.support.git import write_files
from tests.support.screening_server import run_in_small_process

TESTS: TestsPlan = {
    "args": [], "command": [], "config": "", "select": [], "sentinels": False,
    "sentinel_hosts": [], "seeds": [None],
}  # fmt: skip
PLAN: ScreeningPlan = {
    "tests": TESTS, "use_tests": True, "command": None, "watched": [], "spectrum": False,
    "candidates": [], "tests_only": 0, "probes": [], "most": 0, "compare": [], "widely": False,
    "words": [], "examples": [], "failing": [], "passing": [],
    "select": [], "limit_s": 2.0, "workers": 1,
}  # fmt: skip
_LEAVE_OUT = ["-p", "no:hypothesispytest"]
"""At the end of a session it imports all of hypothesis, to see that nothing was observed."""
LIBRARY = "def double(x):\n    return x\n\n\ndef same(x):\n    return x\n"
FIXED = LIBRARY.replace("return x\n", "return x * 2\n", 1)
PROJECT = {
    "lib.py": LIBRARY,
    "test_lib.py": "from lib import double, same\n\n\ndef test_double():\n"
    "    assert double(2) == 4\n\n\ndef test_same():\n    assert same(2) == 2\n",
}
DOUBLE, SAME = "test_lib.py::test_double", "test_lib.py::test_same"


def plan_of(**fields: Any) -> ScreeningPlan:
    """A plan for `PROJECT`, with other fields than usual."""
    usual = PLAN | {"watched": ["lib.py"], "failing": [DOUBLE], "passing": [SAME]}
    return usual | fields  # type: ignore[return-value]  # a dict of these fields


def with_project(
    folder: Path,
    work: Callable[[Project], object],
    files: Mapping[str, str] = PROJECT,
    **fields: Any,
) -> Any:
    """What `work` gives for a project of these files, as JSON carries it. It is a module's own
    function, or a `partial` of one."""
    return run_in_small_process(_work_on_project, folder, work, files, fields)


def _work_on_project(
    folder: Path,
    work: Callable[[Project], object],
    files: Mapping[str, str],
    fields: Mapping[str, Any],
) -> object:
    write_files(folder, {**files, pytest_session.SETTINGS: "[pytest]\n"})
    project = Project(plan_of(**fields), str(folder))
    given: list[object] = []

    def serve(items: dict[str, Any]) -> None:
        project.take_items(items)
        gc.freeze()  # as a worker does; what a whole suite has loaded is else looked through anew
        gc.disable()
        given.append(work(project))

    def attempt() -> tuple[str, str]:
        import os
        import sys

        os.chdir(folder)
        sys.path.insert(0, str(folder))
        taken_over = pytest_session.TakeOver(serve)
        pytest_session.run_pytest(TESTS, str(folder), [taken_over], _LEAVE_OUT)
        return "passed", ""

    answer = forks.run_in_fork(attempt, 30.0, extra=lambda: given)
    assert answer.outcome == "passed", answer
    assert answer.extra, "nothing was collected"
    return answer.extra[0]
