"""How a commit's tests are run, and with which plugins.

Belongs here: from the project's own configuration to the sandbox's plan for tests, always of the
base commit, so that a candidate cannot change how it is judged. Does not belong here: which files
are tests (`quarantine.project_tests`), or what a result means (`healer.judge`).
"""

import shlex
from collections.abc import Sequence

from healer.facts.draft import Source
from quarantine.project_tests import ProjectTests, runner_of
from quarantine.pytest_settings import pytest_settings, split_words
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
    settings, plugins = _settings_and_plugins(source)
    # Failures as the interpreter prints them: that is what tracebacks are read from.
    args = (*(word for word in runner.args if word not in _OURS), "--tb=native")
    seeds = BASELINE_SEEDS if has_test_files(source) else (None,)
    return TestPlan(args=args, config=settings, plugins=plugins, seeds=seeds)


def has_test_files(source: Source) -> bool:
    """Whether some file is a test by its name: a hint of what is worth preparing, no more."""
    return any(map(ProjectTests.load(source).is_test, source.paths()))


def run_once(plan: TestPlan, *select: str) -> TestPlan:
    """The same plan in the order as written alone, for the tests named (none: all of them)."""
    return plan.model_copy(update={"seeds": (None,), "select": select or plan.select})


def _settings_and_plugins(source: Source) -> tuple[str, tuple[str, ...]]:
    """The base commit's pytest settings as INI text, and the plugins that its `addopts` names."""
    options = pytest_settings(source)
    plugins, rest = _split_plugins(split_words(options.get("addopts", "")))
    options["addopts"] = shlex.join(rest)
    lines = [f"{key} = {_indent(value)}" for key, value in options.items() if value]
    text = "[pytest]\n" + "\n".join(lines) + "\n" if lines else ""
    return text, tuple(plugin for plugin in plugins if not plugin.startswith("no:"))


def _split_plugins(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The values of `-p`, and the other words."""
    plugins: list[str] = []
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        value = next(waiting, None) if word == "-p" else None
        if value is not None:
            plugins.append(value)
        else:
            rest.append(word)
    return plugins, rest


def _indent(value: str) -> str:
    """A value of several lines, as INI files continue it."""
    return "\n    ".join(line for line in value.splitlines() if line.strip())
