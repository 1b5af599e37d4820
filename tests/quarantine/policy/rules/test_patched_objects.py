"""A class, module or object that is changed from outside is told; its use is not."""

import pytest

from quarantine.policy import Example
from quarantine.policy.rules import patched_objects as patched
from quarantine.policy.rules.patched_objects import new_decorators
from tests.quarantine.policy.examples import is_refused, whats

HOOKS = [
    "__getattribute__", "__getattr__", "__instancecheck__", "__subclasscheck__", "__subclasshook__",
    "__init_subclass__", "__set_name__", "__del__", "__class_getitem__", "__prepare__",
    "__mro_entries__", "__delattr__", "__import__",
]  # fmt: skip


@pytest.mark.parametrize("name", HOOKS)
def test_a_method_that_python_calls_unseen_is_told_by_its_name(name: str) -> None:
    text = f"  class Row:\n      x = 1\n+     def {name}(self, *a):\n+         pass"
    assert whats(patched.class_hooks, text) == [name]


@pytest.mark.parametrize("name", ["__init__", "__repr__", "__enter__", "get", "__call__"])
def test_an_ordinary_method_is_not(name: str) -> None:
    text = f"  class Row:\n      x = 1\n+     def {name}(self, *a):\n+         pass"
    assert not is_refused(patched.class_hooks, text)


def test_a_function_outside_of_a_class_is_no_hook() -> None:
    assert not is_refused(patched.class_hooks, "+ def __getattr__(name):\n+     return name")


SWAPS = [
    "row.__class__ = Total", "Row.__bases__ = (Total,)", "f.__code__ = g.__code__",
    "row.__dict__ = {}", "f.__defaults__ = (1,)", "f.__kwdefaults__ = {}", "f.__wrapped__ = g",
    "del row.__class__", "T = type('T', (), {})", "T = type(name, bases, namespace)",
]  # fmt: skip
KEPT = [
    "name = row.__class__.__name__", "code = f.__code__", "kind = type(row)", "row.name = 1",
    "copy = dict(row.__dict__)", "row.type('T', (), {})", "f.__doc__ = 'x'", "f.__name__ = 'x'",
]  # fmt: skip


@pytest.mark.parametrize("line", SWAPS)
def test_an_object_that_becomes_another_one_is_refused(line: str) -> None:
    assert is_refused(patched.class_swaps, f"  row = load()\n+ {line}")


@pytest.mark.parametrize("line", KEPT)
def test_an_object_that_is_only_asked_is_not(line: str) -> None:
    assert not is_refused(patched.class_swaps, f"  row = load()\n+ {line}")


def test_a_property_named_class_is_a_swap() -> None:
    text = "  class Row:\n      x = 1\n+     def __class__(self):\n+         return Total"
    assert is_refused(patched.class_swaps, text)


STANDARD = [
    "json.dumps = str", "json.JSONEncoder.default = f", "os.path.exists = f", "del json.dumps",
    "json.__dict__['dumps'] = f", "setattr(json, 'dumps', f)", "delattr(json, 'dumps')",
    "vars(json)['dumps'] = f", "datetime.date = f", "e.dumps = f", "os.remove = print",
]  # fmt: skip
OWN = ["sys.stdout = f", "sys.argv = []", "os.environ = {}", "sys.tracebacklimit = 0",
       "f = json.dumps", "table.dumps = f", "json = f", "setattr(table, 'x', f)"]  # fmt: skip
IMPORTS = "  import datetime, json, os, rates, sys\n  import json as e\n  from rates import Table\n"


@pytest.mark.parametrize("line", STANDARD)
def test_a_store_into_the_standard_library_is_refused(line: str) -> None:
    assert is_refused(patched.replaced_standard, f"{IMPORTS}+ {line}")


@pytest.mark.parametrize("line", OWN)
def test_what_programs_set_and_their_own_objects_are_not(line: str) -> None:
    assert not is_refused(patched.replaced_standard, f"{IMPORTS}+ {line}")


def test_a_test_that_comes_along_may_not_do_it_either() -> None:
    example = Example("+ import json\n+ json.dumps = str", path="tests/test_new.py", old_mode="")
    assert is_refused(patched.replaced_standard, example)


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("rates.TABLE = {}", True),
        ("Table.size = 3", True),
        ("setattr(rates, 'TABLE', {})", True),
        ("rates.__dict__['TABLE'] = {}", True),
        ("json.dumps = str", False),
        ("table = rates.TABLE", False),
        ("table.size = 3", False),
        ("rates = 3", False),
    ],
)
def test_a_store_into_another_module_goes_to_a_person(line: str, refused: bool) -> None:
    assert is_refused(patched.replaced_others, f"{IMPORTS}+ {line}") == refused


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("+ @rates.replace\n  def f(a):\n      return a", ["replace"]),
        ("+ @replace(3)\n  class Row:\n      a = 1", ["replace"]),
        ("- class Row:\n+ class Row(metaclass=Table):\n      a = 1", ["Table"]),
        ("- class Row:\n+ class Row(type):\n      a = 1", ["type"]),
        ("+ @functools.wraps(g)\n  def f(a):\n      return a", []),
        ("+ @property\n  def f(a):\n      return a", []),
        ("- class Row:\n+ class Row(metaclass=abc.ABCMeta):\n      a = 1", []),
        ("  @route\n  def f(a):\n      return a\n+ @route\n+ def g(a):\n+     return a", []),
        ("  @route\n- def f(a):\n-     return a\n+ def f(a):\n+     return a + 1", []),
    ],
)
def test_what_decides_over_a_function_or_class_is_named(text: str, what: list[str]) -> None:
    assert whats(new_decorators, text) == what
