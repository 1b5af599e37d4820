"""A function that no longer does what it did is told; one that does it otherwise is not."""

import pytest

from quarantine.policy.rules import emptied_functions as emptied
from quarantine.policy.rules.emptied_functions import replaced_imports
from tests.quarantine.policy.examples import is_refused, whats


def replaced(old: str, new: str) -> str:
    return f"  def total(rows):\n-     {old}\n+     {new}"


@pytest.mark.parametrize(
    "body",
    ["return 0", "return", "pass", "...", "'a docstring'", "return []", "return {'a': 1}",
     "return None", "return -1", "return (1, 'a')"],
)  # fmt: skip
def test_a_function_that_becomes_a_constant_is_told(body: str) -> None:
    assert whats(emptied.emptied_functions, replaced("return sum(rows)", body)) == ["total"]


@pytest.mark.parametrize(
    "body",
    ["return rows", "return sum(rows or ())", "raise ValueError", "return [rows]", "rows.sort()",
     "return f'{rows}'", "return not rows"],
)  # fmt: skip
def test_a_function_that_still_does_something_is_not(body: str) -> None:
    assert not is_refused(emptied.emptied_functions, replaced("return sum(rows)", body))


def test_a_function_that_did_nothing_may_go_on_doing_nothing() -> None:
    assert not is_refused(emptied.emptied_functions, replaced("return 1", "return 2"))


def test_a_new_function_that_does_nothing_is_not_an_emptied_one() -> None:
    assert not is_refused(emptied.emptied_functions, "+ def total(rows):\n+     return 0")


def test_methods_are_told_apart_by_their_class() -> None:
    text = """
          class A:
              def run(self):
                  return 1
          class B:
              def run(self):
        -         return work()
        +         return 1
        """
    assert whats(emptied.emptied_functions, text) == ["B.run"]


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("return sum(rows)", "yield sum(rows)", True),
        ("return rows", "yield from rows", True),
        ("yield rows", "yield from rows", False),
        ("yield rows", "return rows", False),
        ("return rows", "return list(rows)", False),
    ],
)
def test_a_function_that_becomes_a_generator_is_told(old: str, new: str, refused: bool) -> None:
    assert is_refused(emptied.lazy_functions, replaced(old, new)) == refused


def test_a_new_generator_is_not_told() -> None:
    assert not is_refused(emptied.lazy_functions, "+ def rows():\n+     yield 1")


IN_CLASS = "  class A:\n      def f(self):\n          pass\n"
IN_FUNCTION = "  def g():\n      def f():\n          pass\n"
PROPERTY = "  class A:\n      @property\n      def f(self):\n          pass\n"
FUNCTION = "  def f():\n      return 1\n"
AGAIN = {
    "a function": FUNCTION + "+ def f():\n+     return 2",
    "a class": "  class A:\n      x = 1\n+ class A:\n+     x = 2",
    "a method": IN_CLASS + "+     def f(self):\n+         pass",
    "a variable over a function": FUNCTION + "+ f = None",
    "a built-in that is used": "  print(len(rows))\n+ len = None",
    "an import over a function": FUNCTION + "+ from a import f",
    "a function in a function": IN_FUNCTION + "+     def f():\n+         pass",
}
ONCE = {
    "another function": FUNCTION + "+ def g():\n+     return 2",
    "a variable that is set twice": "  x = 1\n+ x = 2",
    "one in another class": IN_CLASS + "+ class B:\n+     def f(self):\n+         pass",
    "the setter of a property": PROPERTY + "+     @f.setter\n+     def f(self, x):\n+         pass",
    "one that was there twice": FUNCTION + FUNCTION + "+ x = 1",
    "a function that is replaced": "- def f():\n-     return 1\n+ def f():\n+     return 2",
}


@pytest.mark.parametrize("case", AGAIN)
def test_what_is_defined_again_is_told(case: str) -> None:
    assert is_refused(emptied.redefinitions, AGAIN[case])


@pytest.mark.parametrize("case", ONCE)
def test_what_is_defined_once_is_not(case: str) -> None:
    assert not is_refused(emptied.redefinitions, ONCE[case])


@pytest.mark.parametrize("definition", ["def len(x):\n+     return 0", "class len:\n+     x = 1"])
def test_a_built_in_that_the_program_uses_is_told_at_its_first_definition(definition: str) -> None:
    assert is_refused(emptied.redefinitions, f"  print(len(rows))\n+ {definition}")
    assert not is_refused(emptied.redefinitions, f"  print(rows)\n+ {definition}")


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ("lambda text: 42", True),
        ("lambda *all: None", True),
        ("lambda **all: ''", True),
        ("lambda: 42", False),
        ("lambda text: text", False),
        ("lambda text: f(42)", False),
    ],
)
def test_a_lambda_that_ignores_what_it_is_given_is_told(value: str, refused: bool) -> None:
    assert is_refused(emptied.constant_lambdas, f"+ convert = {value}") == refused


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- import json\n+ import json as _json\n+ class json:\n+     a = 1", ["json"]),
        ("- from a import load\n+ def load(x):\n+     return x", ["load"]),
        ("- from a import load as get\n+ def get(x):\n+     return x", ["get"]),
        ("- from a import load\n+ def get(x):\n+     return x", []),
        ("  def f():\n-     from a import load\n+     pass\n+ def load(x):\n+     return x", []),
        ("  from a import load\n+ class Row:\n+     def load(self):\n+         return 1", []),
    ],
)
def test_a_name_that_was_imported_and_is_defined_now_is_told(text: str, what: list[str]) -> None:
    assert whats(replaced_imports, text) == what
