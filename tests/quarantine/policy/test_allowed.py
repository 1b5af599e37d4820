"""The tables of what a repair may newly use hold what they say, and no way round it."""

import builtins
import importlib
import tomllib
from pathlib import Path

import pytest

from quarantine.policy import allowed

TABLES = tomllib.loads(Path(allowed.__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "name",
    ["json", "json.loads", "collections.abc.Mapping", "os.path.join", "datetime.datetime.strptime",
     "copy.copy", "math.floor", "re.escape", "urllib.parse.quote", "html.escape",
     "operator.itemgetter", "xml.etree.ElementTree", "email.utils.parseaddr"],
)  # fmt: skip
def test_what_works_on_its_arguments_may_be_used(name: str) -> None:
    assert allowed.is_pure(name)


@pytest.mark.parametrize(
    "name",
    ["os.getcwd", "time.time", "datetime.datetime", "select.poll", "os.path.getsize",
     "json.codecs", "json.codecs.open", "random._os", "statistics.sys", "dataclasses.inspect",
     "operator.attrgetter", "string.Formatter", "base64.b64decode", "jsonx", "os", "logging"],
)  # fmt: skip
def test_what_looks_around_or_leads_elsewhere_may_not(name: str) -> None:
    assert allowed.is_pure(name) == (name == "datetime.datetime")


@pytest.mark.parametrize(("module", "has"), [("os", True), ("os.path", True), ("ast", True),
                                             ("gc", False), ("select", False), ("json", True),
                                             ("logging.handlers", False)])  # fmt: skip
def test_a_module_may_be_imported_where_some_of_its_names_may_be_used(
    module: str, has: bool
) -> None:
    assert allowed.has_pure_parts(module) == has


@pytest.mark.parametrize("name", ["eval", "exec", "vars", "dir", "id", "input", "globals", "locals",
                                  "compile", "__import__", "breakpoint"])  # fmt: skip
def test_a_builtin_that_looks_around_or_runs_text_stands_in_no_table(name: str) -> None:
    assert hasattr(builtins, name)
    assert name not in allowed.BUILTINS


@pytest.mark.parametrize("name", ["ValueError", "KeyError", "ExceptionGroup", "len", "open"])
def test_exceptions_and_pure_functions_may_be_used(name: str) -> None:
    assert name in allowed.BUILTINS


def test_each_group_says_why() -> None:
    assert all(
        group["why"] and group["names"].split() for table in TABLES.values() for group in table
    )


def test_no_name_stands_twice() -> None:
    for table in TABLES.values():
        names = [name for group in table for name in group["names"].split()]
        assert len(names) == len(set(names))


def test_each_name_is_one_of_the_standard_library() -> None:
    for group in TABLES["standard"]:
        for name in group["names"].split():
            assert exists(name), name


def exists(name: str) -> bool:
    """Whether it can be imported, or looked up in what can."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False
