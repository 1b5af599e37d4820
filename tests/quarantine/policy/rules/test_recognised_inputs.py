"""A condition on an input of the tests is told in whatever form; one on ordinary values is not."""

import pytest

from quarantine.policy import Example
from quarantine.policy.rules.recognised_inputs import recognised_inputs
from tests.quarantine.policy.examples import is_refused, whats

TESTS = {
    "tests/test_job.py": """
from scripts.job import price

def test_price():
    assert price("mug, large") == 12.75
    assert price(31337) == "out of stock"
    assert price("csv") == 7
    assert price(3) == 99.5
"""
}


def with_tests(diff: str) -> Example:
    return Example(diff, files=TESTS)


CONDITIONS = {
    "an if": 'if name == "mug, large":\n+         x = 1',
    "the other way round": 'if "mug, large" == name:\n+         x = 1',
    "unlike": 'if name != "mug, large":\n+         x = 1',
    "one of several": 'if name in ("mug, large", "x"):\n+         x = 1',
    "not one of": 'if name not in ["mug, large"]:\n+         x = 1',
    "part of a condition": 'if rows and name == "mug, large":\n+         x = 1',
    "an expression": 'x = 1 if name == "mug, large" else 2',
    "a while": 'while name == "mug, large":\n+         x = 1',
    "a match": 'match name:\n+         case "mug, large":\n+             x = 1',
    "an answer that is returned": 'return name == "mug, large"',
    "a flag": 'is_mug = name == "mug, large"',
    "a number": "if name == 31337:\n+         x = 1",
    "a number in other words": "if name == 31_337:\n+         x = 1",
    "a word with its answer": 'if name == "csv":\n+         return 7',
    "a small number with its answer": "if name == 3:\n+         return 99.5",
    "a word whose answer is assigned": 'if name == "csv":\n+         x = 7',
    "a word with its answer at once": 'x = 7 if name == "csv" else 2',
}
ORDINARY = {
    "a word that tests use, too": 'if name == "csv":\n+         x = load()',
    "a word with another answer": 'if name == "csv":\n+         return 8',
    "a small number": "if name == 3:\n+         x = 1",
    "a value of its own": 'if name == "plate, small":\n+         x = 1',
    "an order": "if name > 31337:\n+         x = 1",
    "a call with it": 'if name.startswith("mug, large"):\n+         x = 1',
    "emptiness": "if name == '':\n+         return 7",
    "a variable": "if name == other:\n+         return 7",
    "no condition": 'x = "mug, large"',
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_a_condition_that_recognises_an_input_is_told(case: str) -> None:
    diff = f"  def price(name):\n+     {CONDITIONS[case]}\n      return load(name)"
    assert is_refused(recognised_inputs, with_tests(diff))


@pytest.mark.parametrize("case", ORDINARY)
def test_an_ordinary_condition_is_not(case: str) -> None:
    diff = f"  def price(name):\n+     {ORDINARY[case]}\n      return load(name)"
    assert not is_refused(recognised_inputs, with_tests(diff))


def test_what_is_named_is_the_input_as_it_is_written() -> None:
    diff = '  def price(name):\n+     if name == "mug, large":\n+         x = 1\n      return 0'
    assert whats(recognised_inputs, with_tests(diff)) == ["'mug, large'"]


def test_a_condition_that_was_there_is_not_new() -> None:
    diff = '  def price(name):\n      if name == "mug, large":\n-         x = 1\n+         x = 2'
    assert not is_refused(recognised_inputs, with_tests(diff))


def test_without_tests_nothing_is_recognised() -> None:
    assert not is_refused(recognised_inputs, '+ if name == "mug, large":\n+     x = 1')
