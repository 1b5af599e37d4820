"""What is checked in the sandbox, read from the base commit.

Belongs here: which files, commands, tests and settings a check uses. Everything comes from the
base commit, so a candidate cannot change how it is judged. Pure but for the tree it reads.
"""

import base64
import configparser
import io
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import tomli_w

from healer.facts.draft import Source
from healer.failure import Failure
from quarantine.project_tests import ProjectTests
from sandbox import Command, Plan, TestPlan

LINT_RULES = ("E9", "F")
BASELINE_SEEDS = (None, 1)
"""Two runs, the second shuffled: tests on which they disagree are flaky."""
MAX_LINTED = 2_000
"""Files linted for a baseline; a larger repository is linted where the script lies."""


def command_of(
    argv: Sequence[str], stdin: bytes = b"", files: Mapping[str, bytes] = {}, folder: str = ""
) -> Command:
    """A recorded or typed command as the sandbox runs it: any Python becomes the image's."""
    words = list(argv)
    if words and words[0].rsplit("/", 1)[-1].startswith("python"):
        words[0] = "python"
    return Command(argv=tuple(words), cwd=folder, stdin=stdin, files=dict(files))


def recorded_command(failure: Failure) -> Command:
    """The command of a recorded failure, with the input that was captured."""
    files = {path: base64.b64decode(data) for path, data in failure.inputs.items()}
    stdin = base64.b64decode(failure.stdin) if failure.stdin else b""
    return command_of(failure.command or failure.argv, stdin, files, failure.folder)


def command_to_heal(recorded: Failure | None, argv: Sequence[str]) -> Command | None:
    """The failing command with the input that was captured; None where only checks fail."""
    if not argv:
        return None
    return recorded_command(recorded) if recorded and recorded.argv else command_of(argv)


def script_command(script: str, args: Sequence[str]) -> tuple[str, ...]:
    """`healer fix SCRIPT -- ARGS`: the script run from the repository's root."""
    return ("python", script, *args)


def plan(
    source: Source,
    script: str,
    tests: Sequence[str],
    command: Command | None,
    changed: Sequence[str],
) -> Plan:
    """The whole plan for one tree. `changed` is empty for a baseline."""
    python = [path for path in source.paths() if path.endswith(".py")]
    if len(python) > MAX_LINTED:
        folder = script.rpartition("/")[0]
        python = [path for path in python if path.startswith(folder)][:MAX_LINTED]
    files = tuple(sorted({*python, *(p for p in changed if p.endswith(".py"))}))
    return Plan(
        compile=files,
        lint=files,
        lint_rules=LINT_RULES,
        lint_config=lint_config(source),
        command=command,
        tests=test_plan(source, tests),
    )


def test_plan(source: Source, command: Sequence[str]) -> TestPlan | None:
    """How the tests are run, or None where the repository has none."""
    if not any(map(ProjectTests.load(source).is_test, source.paths())):
        return None
    args = _pytest_args(command)
    if args is None:
        return TestPlan(command=tuple(command), sentinels=False, seeds=(None,))
    config, plugins = _pytest_config(source)
    # Failures as the interpreter prints them: that is what tracebacks are read from.
    args = (*args, "--tb=native")
    return TestPlan(args=args, config=config, plugins=plugins, seeds=BASELINE_SEEDS)


test_plan.__test__ = False  # type: ignore[attr-defined]  # pytest would collect the name


def _pytest_args(command: Sequence[str]) -> tuple[str, ...] | None:
    """The arguments after pytest's name, or None for another test runner."""
    words = list(command)
    for index, word in enumerate(words):
        if word.rsplit("/", 1)[-1] in ("pytest", "py.test"):
            return tuple(arg for arg in words[index + 1 :] if arg not in ("-q", "-v", "-s"))
    return None


def _pytest_config(source: Source) -> tuple[str, tuple[str, ...]]:
    """The base commit's pytest settings as INI text, and the plugins its `addopts` names."""
    options = _pytest_options(source)
    plugins = []
    words = shlex.split(options.get("addopts", ""))
    kept = []
    position = 0
    while position < len(words):
        if words[position] == "-p" and position + 1 < len(words):
            plugins.append(words[position + 1])
            position += 2
            continue
        kept.append(words[position])
        position += 1
    options["addopts"] = shlex.join(kept)
    lines = [f"{key} = {_indented(value)}" for key, value in options.items() if value]
    text = "[pytest]\n" + "\n".join(lines) + "\n" if lines else ""
    return text, tuple(plugin for plugin in plugins if not plugin.startswith("no:"))


def _indented(value: str) -> str:
    """A value of several lines, as INI files continue it."""
    return "\n    ".join(line for line in value.splitlines() if line.strip())


def _pytest_options(source: Source) -> dict[str, str]:
    """The first configuration that pytest itself would take, as strings."""
    for name in ("pytest.ini", ".pytest.ini"):
        if (text := _read(source, name)) is not None:
            return _ini_section(text, "pytest")
    project = _toml(_read(source, "pyproject.toml"))
    table = _at(project, "tool", "pytest")
    if isinstance(table.get("ini_options"), dict):
        return {key: _as_ini(value) for key, value in table["ini_options"].items()}
    for name, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        if (text := _read(source, name)) is not None and (found := _ini_section(text, section)):
            return found
    return {}


def _ini_section(text: str, section: str) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_file(io.StringIO(text))
    except configparser.Error:
        return {}
    return dict(parser[section]) if parser.has_section(section) else {}


def _as_ini(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return str(value)


def lint_config(source: Source) -> str:
    """The base commit's ruff settings as TOML text; empty where it has none."""
    for name in (".ruff.toml", "ruff.toml"):
        if (text := _read(source, name)) is not None:
            return text
    table = _at(_toml(_read(source, "pyproject.toml")), "tool", "ruff")
    return tomli_w.dumps(table) if table else ""


def _at(table: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        inner = table.get(key)
        if not isinstance(inner, dict):
            return {}
        table = inner
    return table


def _toml(text: str | None) -> dict[str, Any]:
    try:
        return tomllib.loads(text) if text else {}
    except tomllib.TOMLDecodeError:
        return {}


def _read(source: Source, path: str) -> str | None:
    data = source.read(path)
    return None if data is None else data.decode("utf-8", "replace")
