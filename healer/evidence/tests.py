"""How a commit's tests are run.

Belongs here: from the project's own configuration to the sandbox's plan for tests, always of the
base commit, so that a candidate cannot change how it is judged. Does not belong here: what a
project's files say of it (`healer.survey.suites`), which files are tests
(`quarantine.project_tests`), or what a result means (`healer.judge`).
"""

import shlex
from collections.abc import Iterable, Sequence

from healer.config.settings import Tests
from healer.facts.draft import Source
from healer.survey.suites import expand_command, find_suite
from quarantine.project_tests import (
    ProjectTests,
    configured_command,
    runner_of,
    split_launchers,
)
from quarantine.pytest_settings import pytest_settings
from sandbox import TestPlan

BASELINE_SEEDS = (None, 1)
"""Two runs, the second shuffled: tests on which they disagree are flaky."""
_OURS = ("-q", "-v", "-s")
"""Arguments about pytest's own output, which nobody reads here."""


def plan_tests(source: Source, command: Sequence[str]) -> TestPlan | None:
    """The plan for `[tests] command`; None where it is empty. Where nobody wrote one, it is what
    the project's files say. Of a command that is not pytest the exit status counts, and its tests
    as far as they tell how they end. Whether there are tests is what the run says, not their names.
    """
    if not command:
        return None
    commands = expand_command(source, choose_command(source, command))
    if len(commands) > 1:
        return _plan_command(("sh", "-ec", "\n".join(map(shlex.join, commands))))
    runner = runner_of(commands[0])
    launchers, _ = split_launchers(commands[0])
    if runner.kind != "pytest" or any("=" in word for word in launchers):
        return _plan_command(commands[0])
    # Failures as the interpreter prints them: that is what tracebacks are read from.
    args = (*(word for word in runner.args if word not in _OURS), "--tb=native")
    seeds = BASELINE_SEEDS if has_test_files(source) else (None,)
    return TestPlan(args=args, config=_settings(source), seeds=seeds)


def choose_command(source: Source, command: Sequence[str]) -> tuple[str, ...]:
    """The command that is configured, else what the project's own files say, else pytest."""
    is_usual = tuple(command) == Tests().command and not configured_command(source)
    return (is_usual and find_suite(source).command) or tuple(command)


def _plan_command(command: tuple[str, ...]) -> TestPlan:
    """As it is, twice: what is green by luck is so under unittest as well."""
    first = ("env", *command) if "=" in command[0] else command
    return TestPlan(command=first, sentinels=False, seeds=BASELINE_SEEDS)


def plan_by_pytest(plan: TestPlan, source: Source, nodes: Iterable[str]) -> TestPlan:
    """The plan for a session of pytest that collects these tests, whatever runs them else: for what
    is only looked at, and not believed. Whether pytest runs them as their own runner does, the tree
    as it is has to show."""
    if not plan.command:
        return plan
    files = dict.fromkeys(node.partition("::")[0] for node in nodes if ".py::" in node)
    return TestPlan(args=("--tb=native", *files), config=_settings(source), sentinels=False)


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
