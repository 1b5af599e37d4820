"""The whole plan for one tree: what is compiled, linted and run.

Belongs here: which files and lint settings a check uses. Everything comes from the base commit, so
a candidate cannot change how it is judged. Does not belong here: how tests are run (`tests`), or
how a command is made (`commands`).
"""

from collections.abc import Collection, Mapping, Sequence

import tomli_w

from healer.evidence.tests import plan_tests
from healer.facts.draft import Source
from quarantine.pytest_settings import toml_value
from sandbox import Command, Plan

LINT_RULES = ("E9", "F")
MAX_LINTED = 2_000
"""Files linted for a baseline; a larger repository is linted where the script lies."""


def plan_checks(
    base: Source,
    script: str,
    test_command: Sequence[str],
    command: Command | None,
    changed_paths: Sequence[str] = (),
    *,
    trace: Mapping[str, tuple[int, ...]] = {},
) -> Plan:
    """Every check of one tree. Without `changed_paths` it is a baseline's, which also tells what
    failing tests execute; `trace` are the lines whose execution is to be noticed, by path."""
    files = {path for path in changed_paths if path.endswith(".py")}
    files.update(_linted_paths(base, script))
    tests = plan_tests(base, test_command)
    if tests is not None and not changed_paths:
        tests = tests.model_copy(update={"trace_failing": True})
    return Plan(
        compile=tuple(sorted(files)),
        lint=tuple(sorted(files)),
        lint_rules=LINT_RULES,
        lint_config=_lint_settings(base),
        command=command,
        tests=tests,
        trace=dict(trace),
    )


def leave_out(plan: Plan, missing: Collection[str]) -> Plan:
    """The plan for a tree without these files: only a person's patch takes files away."""
    paths = {"compile": plan.compile, "lint": plan.lint}
    rest = {name: tuple(p for p in each if p not in missing) for name, each in paths.items()}
    return plan.model_copy(update=rest)


def _linted_paths(base: Source, script: str) -> list[str]:
    python = [path for path in base.paths() if path.endswith(".py")]
    if len(python) <= MAX_LINTED:
        return python
    folder = script.rpartition("/")[0]
    return [path for path in python if path.startswith(folder)][:MAX_LINTED]


def _lint_settings(base: Source) -> str:
    """The base commit's ruff settings as TOML text; empty where it has none."""
    for name in (".ruff.toml", "ruff.toml"):
        if (content := base.read(name)) is not None:
            return content.decode("utf-8", "replace")
    table = toml_value(base.read("pyproject.toml"), "tool.ruff")
    return tomli_w.dumps(table) if table and isinstance(table, dict) else ""
