"""How a repository's tests are run, as its own files say: `healer init` and the judge ask here.

Belongs here: tox, nox, Makefile and task tables as sources of one test command, and what a command
such as `tox` starts. Does not belong here: which files are tests, and which runner words start
(`quarantine.project_tests`).
"""

import ast
import configparser
import json
import re
import shlex
from collections.abc import Collection, Iterator, Sequence

from healer.support.tree_text import read_text
from healer.survey.facts import Suite
from quarantine.project_tests import Listed, ProjectTests, runner_of, split_launchers
from quarantine.pytest_settings import pytest_settings, toml_value

_TARGET = r"^{name}\s*:(?!=)(.*)\n((?:\t.*\n?|\s*\n)*)"
_TARGETS = ("test", "tests", "check")
_VARIABLE = re.compile(r"^(\w+)\s*[:?]?=[ \t]*(.*)$", re.MULTILINE)
_USE = re.compile(r"\$[({](\w+)[)}]")
_TEST_NAMES = ("test", "tests", "unit", "unittest", "unittests")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_SHELL = re.compile(r"&&|\|\||[;|`<>]|\$")
_PYTHON = re.compile(r"(?:.*/)?python[\d.]*$")
_COLLECTED = re.compile(r"test_.*\.py|.*_test\.py")
"""The names that pytest looks for where it is not told otherwise."""
_UNITTEST = re.compile(r"^\s*(?:import|from)\s+unittest\b", re.MULTILINE)
_MOST_NAMED = 20
"""More files than that are no command that a person would write down."""


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
        if _find_launcher(words)[0] == "doctest" or any(map(tests.is_test_code, own)):
            return words, place
    return _name_files(tree, tests), ""


def _name_files(tree: Listed, tests: ProjectTests) -> tuple[str, ...]:
    """The tests by their paths, where pytest would find none of them by their names (`tests.py`);
    none where it finds some."""
    files = [path for path in tree.paths() if tests.is_test(path)]
    names = [path.rpartition("/")[2] for path in files]
    if not files or len(files) > _MOST_NAMED or any(map(_COLLECTED.fullmatch, names)):
        return ()
    are_classes = all(_UNITTEST.search(read_text(tree, path)) for path in files)
    return ("python", "-m", "unittest" if are_classes else "pytest", *files)


def _find_lines(tree: Listed) -> Iterator[tuple[tuple[str, ...], str]]:
    """Command lines that a file gives for testing, with the file; the most deliberate first."""
    for line in _from_tox(tree, ""):
        yield from _split(line, "tox.ini")
    for words in _from_nox(read_text(tree, "noxfile.py"), _TEST_NAMES):
        yield words, "noxfile.py"
    for line in _from_tables(tree.read("pyproject.toml")):
        yield from _split(line, "pyproject.toml")
    for name in _MAKEFILES:
        for target in _TARGETS:
            for line in _from_makefile(read_text(tree, name), target)[1]:
                yield from _split(line, name)


def _split(line: str, place: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """What needs a shell or a variable is no command that can be written down."""
    try:
        words = shlex.split(line)
    except ValueError:
        return
    if words and not _SHELL.search(line) and "{" not in line:
        yield tuple(words), place


def expand_command(tree: Listed, command: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """What the files of tox, nox or make say that this command starts, one after the other: a box
    has no network to make environments of their own in. The command itself where it is none of
    these, or where one line is more than a program and its words."""
    name, rest = _find_launcher(command)
    lines: list[str] = []
    if name == "tox":
        names = _read_option(rest, ("-e", "-m")).split(",")
        lines = [line for each in names for line in _from_tox(tree, each)]
    elif name == "nox":
        option = _read_option(rest, ("-s", "--session", "--sessions", "-e"))
        sessions = tuple(option.split(",")) if option else _TEST_NAMES
        text = read_text(tree, "noxfile.py")
        lines = [shlex.join(words) for words in _from_nox(text, sessions)]
    elif name in ("make", "gmake") and len(rest) == 1:
        recipes = (_from_makefile(read_text(tree, each), rest[0]) for each in _MAKEFILES)
        needs, lines = next((each for each in recipes if each[1]), ("", []))
        lines = [] if needs else lines
    commands = tuple(words for line in lines for words, _ in _split(line, name))
    return commands if commands and len(commands) == len(lines) else (tuple(command),)


def _find_launcher(command: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The program's name, without what starts it, and the words after it."""
    _, words = split_launchers(command)
    return (words[0].rpartition("/")[2], words[1:]) if words else ("", ())


def _read_option(words: Sequence[str], names: Sequence[str]) -> str:
    places = [index for index, word in enumerate(words[:-1]) if word in names]
    return words[places[0] + 1] if places else ""


def _from_makefile(text: str, target: str) -> tuple[str, list[str]]:
    """What the target needs, and its lines with the file's own plain variables filled in."""
    match = re.search(_TARGET.format(name=re.escape(target)), text, re.MULTILINE)
    if match is None:
        return "", []
    variables = dict(_VARIABLE.findall(text))

    def fill(use: re.Match[str]) -> str:
        value = variables.get(use[1], use[0]).strip()
        return use[0] if "$" in value else value

    lines = (_USE.sub(fill, line.strip()).lstrip("@-") for line in match[2].splitlines())
    return match[1].partition("#")[0].strip(), [line for line in lines if line]


def _from_tox(tree: Listed, environment: str) -> list[str]:
    """The commands of an environment, those that all have where it names none. Variables that it
    sets stand before them; a folder of its own is more than a line can say."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(read_text(tree, "tox.ini"))
    except configparser.Error:
        return []
    sections = (f"testenv:{environment}", "testenv")
    value = next((v for each in sections if (v := parser.get(each, "commands", fallback=""))), "")
    if any(parser.get(each, "changedir", fallback="") for each in sections):
        return []
    settings = [parser.get(each, "setenv", fallback="") for each in reversed(sections)]
    pairs = [line.split("=", 1) for each in settings for line in each.splitlines() if "=" in line]
    words = [f"{name.strip()}={shlex.quote(value.strip())}" for name, value in pairs]
    start = " ".join(["env", *words, ""]) if words else ""
    lines = value.replace("\\\n", " ").splitlines()
    lines = [re.sub(r"\{posargs(:[^}]*)?\}", _default_of, line).strip() for line in lines]
    return [start + line for line in lines if line]


def _default_of(match: re.Match[str]) -> str:
    return (match[1] or "")[1:]


def _from_nox(text: str, names: Collection[str]) -> Iterator[tuple[str, ...]]:
    """The constant words of `session.run` in the sessions of these names."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef) or function.name not in names:
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
