"""A name that is only put together at run time is told; one that can be read is not."""

import pytest

from quarantine.policy.rules.lookups import hidden_names
from tests.quarantine.policy.examples import is_refused, whats

HIDDEN = [
    "getattr(os, name)", "setattr(os, name, 1)", "delattr(os, name)", "hasattr(os, name)",
    "getattr(os, f'{prefix}_exit')", "getattr(row, '_ex' + 'it')", "getattr(row, ''.join(['a']))",
    "getattr(row, name)", "setattr(row, name, 1)", "delattr(row, name)",
    "importlib.import_module(name)", "operator.attrgetter(name)", "operator.methodcaller(name)",
    "getattr(row, chr(95))", "importlib.import_module('o' + 's')", "__import__('o' + 's')",
    "operator.attrgetter('a' + 'b')", "getattr(row, 'abc'[::-1])",
]  # fmt: skip
READABLE = [
    "getattr(row, 'value', None)", "getattr(os, 'sep')", "setattr(row, 'name', 1)",
    "hasattr(self, field)", "importlib.import_module('json')",
    "operator.attrgetter('name')", "row.getattr(os, name)",
    "getattr()", "table[name]", "operator.itemgetter(name)",
]  # fmt: skip


@pytest.mark.parametrize("expression", HIDDEN)
def test_a_lookup_that_cannot_be_checked_is_told(expression: str) -> None:
    assert is_refused(hidden_names, f"  import importlib, operator, os\n+ x = {expression}")


@pytest.mark.parametrize("expression", READABLE)
def test_one_that_can_or_that_only_asks_whether_there_is_one_is_not(expression: str) -> None:
    assert not is_refused(hidden_names, f"  import importlib, operator, os\n+ x = {expression}")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("from os import *", ["from os import *"]),
        ("from rates.table import *", ["from rates.table import *"]),
        ("from .table import *", []),
        ("from . import *", []),
        ("from os import path", []),
    ],
)
def test_a_star_import_is_told_unless_it_is_of_the_own_package(line: str, what: list[str]) -> None:
    assert whats(hidden_names, f"+ {line}") == what


def test_a_star_import_that_was_there_is_not_new() -> None:
    assert not is_refused(hidden_names, "  from os import *\n+ x = 1")


@pytest.mark.parametrize(
    "line",
    [
        "import builtins",
        "import __main__",
        "from builtins import open",
        "import builtins as b",
        "from __main__ import x",
    ],
)
def test_an_import_of_what_a_program_has_at_hand_is_told(line: str) -> None:
    assert is_refused(hidden_names, f"+ {line}")


def test_a_lookup_that_was_there_is_not_new() -> None:
    text = "  import os\n- x = getattr(os, name)\n+ y = 1\n+ x = getattr(os, name)"
    assert not is_refused(hidden_names, text)


def test_a_lookup_whose_variables_are_renamed_is_not_new() -> None:
    assert not is_refused(hidden_names, "- x = getattr(row, name)\n+ x = getattr(line, key)")
