"""How a commit's tests are run.

Belongs here: from the project's own configuration to the sandbox's plan for tests, always of the
base commit, so that a candidate cannot change how it is judged. Does not belong here: which files
are tests (`quarantine.project_tests`), or what a result means (`healer.judge`).
"""

from collections.abc import Sequence

from healer.facts.draft import Source
from quarantine.project_tests import ProjectTests, runner_of
from quarantine.pytest_settings import pytest_settings
from sandbox import TestPlan

BASELINE_SEEDS = (None, 1)
"""Two runs, the second shuffled: tests on which they disagree are flaky."""
_OURS = ("-q", "-v", "-s")
"""Arguments about pytest's own output, which nobody reads here."""


def plan_tests(source: Source, command: Sequence[str]) -> TestPlan | None:
    """The plan for `[tests] command`; None where it is empty. Of a command that is not pytest only
    the exit status will be known. Whether there are tests is what the run says, not their names."""
    if not command:
        return None
    runner = runner_of(command)
    if runner.kind != "pytest":
        return TestPlan(command=tuple(command), sentinels=False, seeds=(None,))
    # Failures as the interpreter prints them: that is what tracebacks are read from.
    args = (*(word for word in runner.args if word not in _OURS), "--tb=native")
    seeds = BASELINE_SEEDS if has_test_files(source) else (None,)
    return TestPlan(args=args, config=_settings(source), seeds=seeds)


def has_test_files(source: Source) -> bool:
    """Whether some file is a test by its name: a hint of what is worth preparing, no more."""
    return any(map(ProjectTests.load(source).is_test, source.paths()))


def run_once(plan: TestPlan, *select: str) -> TestPlan:
    """The same plan in the order as written alone, for the tests named (none: all of them)."""
    return plan.model_copy(update={"seeds": (None,), "select": select or plan.select})


def _settings(source: Source) -> str:
    """The base commit's pytest settings as INI text; empty where it has none."""
    lines = [f"{key} = {_indent(value)}" for key, value in pytest_settings(source).items() if value]
    return "[pytest]\n" + "\n".join(lines) + "\n" if lines else ""


def _indent(value: str) -> str:
    """A value of several lines, as INI files continue it."""
    return "\n    ".join(line for line in value.splitlines() if line.strip())
