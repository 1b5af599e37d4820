"""Names that stand in no table, inner parts and modules that are handed on are told."""

import pytest

from quarantine.policy.rules.new_names import inner_attributes, modules_as_values, unlisted_names
from tests.quarantine.policy.examples import is_refused, whats

UNLISTED = [
    "import select", "import gc", "import http.client", "from ctypes import CDLL",
    "import http.server", "x = eval(text)", "x = memory(os.getxattr)",
    "x = bytes.fromhex(text)", "x = sys.getallocatedblocks()", "from os import sched_getaffinity",
    "import json.codecs", "x = json.codecs.open", "x = json.decoder.scanner._os",
]  # fmt: skip


LISTED = [
    "import statistics", "from math import floor", "import ast\n+ x = ast.literal_eval(text)",
    "x = os.path.join('a', 'b')", "x = sorted(rows, key=len)", "x = ValueError('a')",
    "x = os.sep", "import rates", "from .rates import table", "x = rows.count(1)",
    "x = socket.timeout", "x = subprocess.PIPE", "import os.path", "x = socket.create_server",
]  # fmt: skip


@pytest.mark.parametrize("line", UNLISTED)
def test_a_name_in_no_table_is_told(line: str) -> None:
    assert is_refused(unlisted_names, f"  import json, os, subprocess, sys\n+ {line}")


@pytest.mark.parametrize("line", LISTED)
def test_a_name_in_a_table_or_of_a_module_that_was_there_is_not(line: str) -> None:
    assert not is_refused(unlisted_names, f"  import os, socket, subprocess\n+ {line}")


def test_a_name_that_was_used_before_is_not_new() -> None:
    base = "  import os\n  x = os.getxattr('a', 'b')\n"
    assert not is_refused(unlisted_names, f"{base}+ y = os.getxattr('c', 'd')")


INNER = [
    "x = print.__self__", "x = row.__dict__", "x = type(row).__mro__", "x = f.__globals__",
    "x = row.__class__.__bases__", "x = row.__class__", "x = getattr(row, '__dict__')",
    "x = f.__init__.__globals__", "x = row.__reduce__()", "x = f.__module__",
]  # fmt: skip


OUTER = [
    "x = row.__class__.__name__", "x = type(row).__name__", "x = super().__init__(a)",
    "x = isinstance(a, row.__class__)", "x = a.__class__ is b.__class__", "x = a.__class__(b)",
    "x = f.__doc__", "x = f.__name__", "object.__setattr__(row, 'a', 1)", "x = rates.__version__",
    "x = row._name", "x = __doc__",
]  # fmt: skip


@pytest.mark.parametrize("line", INNER)
def test_an_inner_part_is_told(line: str) -> None:
    assert is_refused(inner_attributes, f"+ {line}")


@pytest.mark.parametrize("line", OUTER)
def test_a_name_or_a_special_method_is_not(line: str) -> None:
    assert not is_refused(inner_attributes, f"+ {line}")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("x = [os]", ["os"]), ("show(os)", ["os"]), ("x = os", ["os"]), ("x = {'a': ssl}", ["ssl"]),
        ("x = os.sep", []), ("x = ssl is None", []), ("x = ssl and 1", []), ("x = not ssl", []),
        ("x = 1 if ssl else 2", []), ("os = 1", []),
    ],
)  # fmt: skip
def test_a_module_that_is_handed_on_is_told(line: str, what: list[str]) -> None:
    assert whats(modules_as_values, f"  import os, ssl\n+ {line}") == what
