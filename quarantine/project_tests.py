"""Which files of a commit are its tests: the one answer that everything else asks for.

Belongs here: what the project itself says of it (pytest's settings, the configured command) and
the names that every runner knows. Does not belong here: how tests are run
(`healer.evidence.tests`), and who may change one (`protection`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal, Protocol, Self

from quarantine.pytest_settings import Readable, pytest_settings, split_words, toml_value

Kind = Literal["test", "support", ""]
"""`test`: a runner collects or starts it. `support`: what tests are built on."""

_NAMES: Final = ("test_*.py", "*_test.py", "tests.py")
_ROOT_PATHS: Final = ("test.py",)
_DISCOVERED: Final = "test*.py"
"""What unittest and Django look for where they are not told otherwise."""
_FOLDERS: Final = frozenset({"test", "tests", "testing"})
_LAUNCHERS: Final = frozenset(
    {"env", "uv", "poetry", "pdm", "hatch", "pipenv", "rye", "coverage", "run", "--", "-m"}
)
"""Words that start another program, which is the one that matters."""
_MAKEFILES: Final = ("GNUmakefile", "makefile", "Makefile")


class Listed(Readable, Protocol):
    """A tree that says what it holds."""

    def paths(self) -> tuple[str, ...]:
        """Every regular file, sorted."""


@dataclass(frozen=True)
class Runner:
    """The program that a test command starts, and the words after its name."""

    __test__ = False  # pytest would collect the name

    kind: Literal["pytest", "unittest", "django", "other"]
    args: tuple[str, ...] = ()


def split_launchers(command: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that only start another program (`env X=1 uv run`, `python -m`), and the rest."""
    words = tuple(command)
    count = next((n for n, word in enumerate(words) if not _is_launcher(word)), len(words))
    return words[:count], words[count:]


def runner_of(command: Sequence[str]) -> Runner:
    """Which runner the words start; what merely names one (`tox -e pytest`) is another program."""
    words = tuple(command)
    for index, word in enumerate(words):
        name, rest = word.rpartition("/")[2], words[index + 1 :]
        if not (words[index - 1 : index] == ("-m",) or all(map(_is_launcher, words[:index]))):
            continue
        if name in ("pytest", "py.test"):
            return Runner("pytest", rest)
        if name == "unittest":
            return Runner("unittest", rest)
        if name in ("manage.py", "django-admin", "django") and rest[:1] == ("test",):
            return Runner("django", rest[1:])
    return Runner("other", words[1:])


def _is_launcher(word: str) -> bool:
    name = word.rpartition("/")[2]
    option = word.startswith("-") or ("=" in word and "/" not in word.partition("=")[0])
    return option or name in _LAUNCHERS or name.startswith("python")


class ProjectTests:
    """The tests of one commit, by path. Upper and lower case are not told apart."""

    __test__ = False  # pytest would collect the name

    def __init__(self, patterns: Sequence[str] = (), paths: Sequence[str] = ()) -> None:
        """`patterns` as in pytest's `python_files`, besides the usual ones; `paths`: what is a test
        whatever it is called. `load` is the way to those of a commit."""
        self._patterns = tuple(each.lower() for each in (*_NAMES, *patterns))
        self._paths = frozenset(each.lower() for each in (*_ROOT_PATHS, *paths))

    @classmethod
    def load(cls, tree: Readable) -> Self:
        """From the settings and the `[tests] command` of `tree`. Never raises for what they hold:
        settings that cannot be read add nothing."""
        settings = pytest_settings(tree)
        command = configured_command(tree)
        runner = runner_of(command)
        return cls(
            (*_collected_by_pytest(settings), *_collected_by_discovery(runner)),
            _named_in_command(command, runner, settings, tree),
        )

    def kind_of(self, path: str) -> Kind:
        """What the file is to the tests. `path` is relative to the root, with `/` between folders;
        the file need not exist."""
        lower = path.lower()
        *folders, name = lower.split("/")
        if lower in self._paths or any(_matches(each, lower) for each in self._patterns):
            return "test"
        return "support" if name == "conftest.py" or _FOLDERS & set(folders) else ""

    def is_test(self, path: str) -> bool:
        """Whether it holds tests."""
        return self.kind_of(path) == "test"

    def is_test_code(self, path: str) -> bool:
        """Whether it holds tests, or is what tests are built on."""
        return self.kind_of(path) != ""

    def contents(self, tree: Listed) -> Iterator[bytes]:
        """What stands in each of the tests of `tree`."""
        return (tree.read(path) or b"" for path in tree.paths() if self.is_test(path))


def configured_command(tree: Readable) -> tuple[str, ...]:
    """`[tests] command` as healer.toml or `[tool.healer]` has it in this tree; empty for none."""
    own = tree.read("healer.toml")
    if own is not None:
        words = toml_value(own, "tests.command")
    else:
        words = toml_value(tree.read("pyproject.toml"), "tool.healer.tests.command")
    return tuple(str(each) for each in words) if isinstance(words, list) else ()


def _matches(pattern: str, path: str) -> bool:
    """As pytest reads `python_files`: of the name alone, unless the pattern names folders. One
    that begins with `/` is for the whole path."""
    if "/" in pattern:
        return fnmatchcase(f"/{path}", pattern if pattern.startswith("/") else f"*/{pattern}")
    return fnmatchcase(path.rpartition("/")[2], pattern)


def _collected_by_pytest(settings: dict[str, str]) -> list[str]:
    """`python_files`; a pattern for any Python file counts in the `testpaths` alone."""
    folders = [each.strip("/") for each in split_words(settings.get("testpaths", ""))]
    folders = [each for each in folders if each.strip("./")]
    patterns: list[str] = []
    for each in split_words(settings.get("python_files", "")):
        is_broad = not each.replace("*", "").removesuffix(".py")
        patterns += [f"/{folder}/{each}" for folder in folders] if is_broad else [each]
    return patterns


def _collected_by_discovery(runner: Runner) -> list[str]:
    if runner.kind == "django":
        return [_DISCOVERED]
    if runner.kind != "unittest":
        return []
    for option in ("-p", "--pattern"):
        if option in runner.args[:-1]:
            return [runner.args[runner.args.index(option) + 1]]
    return [_DISCOVERED]


def _named_in_command(
    command: Sequence[str], runner: Runner, settings: dict[str, str], tree: Readable
) -> list[str]:
    """The files that the command starts or reads. Modules whose doctests pytest is to run are no
    tests: their own code is what the doctests are about."""
    if runner.kind == "pytest":
        options = (*runner.args, *split_words(settings.get("addopts", "")))
        if any(each.startswith("--doctest") for each in options):
            return []
        words = [each.partition("::")[0] for each in runner.args]
    elif split_launchers(command)[1][:1] == ("doctest",):
        return []
    else:
        words = list(command)
        if any(each.rpartition("/")[2] in ("make", "gmake") for each in command[:1]):
            words += _MAKEFILES
    return [each for word in words if tree.read(each := word.removeprefix("./")) is not None]
