"""How a repository's tests are run, as its own files say.

Belongs here: tox, nox, Makefile, task tables and CI as sources of one test command. Does not belong
here: which files are tests, and which runner words start (`quarantine.project_tests`).
"""

import ast
import configparser
import json
import re
import shlex
from collections.abc import Iterator

from healer.survey.facts import Suite
from quarantine.project_tests import Listed, ProjectTests, runner_of
from quarantine.pytest_settings import pytest_settings, toml_value

_TARGET = re.compile(r"^(test|tests|check)\s*:(?!=).*\n((?:\t.*\n?|\s*\n)*)", re.M)
_TEST_NAMES = ("test", "tests", "unit", "unittest", "unittests")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_SHELL = re.compile(r"&&|\|\||[;|`<>]|\$")
_PYTHON = re.compile(r"(?:.*/)?python[\d.]*$")


def find_suite(tree: Listed) -> Suite:
    """pytest where anything asks for it, else the first other command that a file names."""
    command, place = _find_command(tree)
    tests = ProjectTests.load(WithCommand(tree, command))
    count = sum(map(tests.is_test, tree.paths()))
    return Suite(command, place or ("the names of files" if count else ""), count)


class WithCommand:
    """A tree as it would be with this `[tests] command`."""

    def __init__(self, tree: Listed, command: tuple[str, ...]) -> None:
        self._tree = tree
        self._settings = f"[tests]\ncommand = {json.dumps(command)}\n".encode()
        self.paths = tree.paths

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None where there is no regular file."""
        return self._settings if path == "healer.toml" else self._tree.read(path)


def _find_command(tree: Listed) -> tuple[tuple[str, ...], str]:
    """The command and what says it; no command for pytest, no place where nothing says it."""
    if pytest_settings(tree):
        return (), "pytest's settings"
    tests = ProjectTests()
    lines = list(_find_lines(tree))
    kinds = [(runner_of(words).kind, words, place) for words, place in lines]
    for kind, words, place in kinds:
        if kind in ("django", "unittest"):
            return (("python", *words[1:]) if _PYTHON.match(words[0]) else words), place
        if kind == "pytest":
            return (), place
    if "manage.py" in tree.paths():
        return ("python", "manage.py", "test"), "manage.py"
    for _, words, place in kinds:
        own = [word.removeprefix("./") for word in words if word.removeprefix("./") in tree.paths()]
        if own and any(map(tests.is_test_code, own)):
            return words, place
    return (), ""


def _find_lines(tree: Listed) -> Iterator[tuple[tuple[str, ...], str]]:
    """Command lines that a file gives for testing, with the file; the most deliberate first."""
    for line in _from_tox(_text(tree, "tox.ini")):
        yield from _split(line, "tox.ini")
    for words in _from_nox(_text(tree, "noxfile.py")):
        yield words, "noxfile.py"
    for line in _from_tables(tree.read("pyproject.toml")):
        yield from _split(line, "pyproject.toml")
    for name in _MAKEFILES:
        for match in _TARGET.finditer(_text(tree, name)):
            for line in match[2].splitlines():
                yield from _split(line.strip().lstrip("@-"), name)


def _split(line: str, place: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """What needs a shell or a variable is no command that can be written down."""
    try:
        words = shlex.split(line)
    except ValueError:
        return
    if words and not _SHELL.search(line) and "{" not in line:
        yield tuple(words), place


def _from_tox(text: str) -> list[str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return []
    lines = parser.get("testenv", "commands", fallback="").replace("\\\n", " ")
    return [line.replace("{posargs}", "").strip() for line in lines.splitlines() if line.strip()]


def _from_nox(text: str) -> Iterator[tuple[str, ...]]:
    """The constant words of `session.run` in sessions that are called after tests."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef) or function.name not in _TEST_NAMES:
            continue
        for call in ast.walk(function):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            words = [a.value for a in call.args if isinstance(a, ast.Constant)]
            if call.func.attr == "run" and words:
                yield tuple(word for word in words if isinstance(word, str))


def _from_tables(project: bytes | None) -> Iterator[str]:
    """Tasks called `test` of pdm, hatch, poe, taskipy and rye."""
    places = ("pdm.scripts", "poe.tasks", "taskipy.tasks", "rye.scripts",
              "hatch.envs.default.scripts", "hatch.envs.test.scripts", "hatch.envs.tests.scripts",
              "hatch.envs.hatch-test.scripts")  # fmt: skip
    for place in places:
        table = toml_value(project, f"tool.{place}")
        for name in _TEST_NAMES[:2]:
            task = table.get(name) if isinstance(table, dict) else None
            task = task.get("cmd", task.get("shell")) if isinstance(task, dict) else task
            for line in task if isinstance(task, list) else [task]:
                if isinstance(line, str):
                    yield line.replace("{args}", "").strip()


def _text(tree: Listed, path: str) -> str:
    return (tree.read(path) or b"").decode("utf-8", "replace")
