"""What is compiled, linted and run comes from the base commit."""

import tomllib

import pytest

from healer.evidence import plan as plan_module
from healer.evidence.plan import LINT_RULES, leave_out, plan_checks
from sandbox import Command, Plan
from tests.support.memory_tree import MemoryTree

FILES = {"scripts/job.py": "", "lib/a.py": "", "README.md": "", "tests/test_a.py": ""}


def plan(
    files: dict[str, str] | None = None, *changed: str, script: str = "scripts/job.py"
) -> Plan:
    return plan_checks(
        MemoryTree(FILES if files is None else files), script, ("pytest",), None, changed
    )


def test_every_python_file_is_compiled_and_linted() -> None:
    found = plan()
    assert found.compile == found.lint == ("lib/a.py", "scripts/job.py", "tests/test_a.py")
    assert found.lint_rules == LINT_RULES


def test_a_new_file_of_the_candidate_is_looked_at_too() -> None:
    assert plan(None, "scripts/new.py", "notes.md").lint[-2:] == (
        "scripts/new.py",
        "tests/test_a.py",
    )


def test_a_file_that_is_taken_away_is_not_looked_at() -> None:
    less = leave_out(plan(), {"lib/a.py"})
    assert less.compile == less.lint == ("scripts/job.py", "tests/test_a.py")


def test_of_a_large_repository_the_scripts_folder_is_linted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan_module, "MAX_LINTED", 2)
    assert plan().lint == ("scripts/job.py",)
    assert plan(None, "lib/a.py").lint == ("lib/a.py", "scripts/job.py")


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        ({"ruff.toml": "line-length = 120\n"}, {"line-length": 120}),
        ({".ruff.toml": "line-length = 99\n", "ruff.toml": "x = 1\n"}, {"line-length": 99}),
        (
            {"pyproject.toml": '[tool.ruff]\nline-length = 88\n[tool.ruff.lint]\nselect = ["E"]\n'},
            {"line-length": 88, "lint": {"select": ["E"]}},
        ),
        ({"pyproject.toml": "[tool.ruff\n"}, {}),
        ({"pyproject.toml": "[tool.black]\n"}, {}),
        ({"pyproject.toml": "[tool]\nruff = 3\n"}, {}),
        ({}, {}),
    ],
)
def test_lint_settings_are_those_that_ruff_would_take(
    files: dict[str, str], settings: dict[str, object]
) -> None:
    assert tomllib.loads(plan({**FILES, **files}).lint_config) == settings


def test_the_command_the_tests_and_the_traced_lines_are_part_of_it() -> None:
    command = Command(argv=("python", "scripts/job.py"))
    found = plan_checks(
        MemoryTree(FILES), "scripts/job.py", ("pytest",), command, trace={"scripts/job.py": (3,)}
    )
    assert found.command == command
    assert found.tests is not None
    assert found.trace == {"scripts/job.py": (3,)}
