"""A result of the tests that is written down is told in whatever form; a plain default is not."""

import pytest

from quarantine.policy import Example
from quarantine.policy.rules.written_results import written_results
from tests.quarantine.policy.examples import is_refused, whats

TESTS = {
    "tests/test_job.py": """
from scripts.job import price

def test_price():
    assert price("mug") == 12.75
    assert price("cup") == [3, "a, b"]
    assert price("can") == {"net": 7.35}
    assert price("pan") == "unknown"
    assert price("pot") == 1250.0
    assert price("tin") == 17
"""
}


def returning(*lines: str, before: str = "return load(name)") -> Example:
    new = "\n".join(f"+     {line}" for line in lines)
    text = f"  import decimal, json\n  def price(name):\n-     {before}\n{new}"
    return Example(text, files=TESTS)


WRITTEN = {
    "the number": "return 12.75",
    "as an alternative": "return load(name) or 12.75",
    "for a condition": "return 12.75 if name else load(name)",
    "otherwise": "return load(name) if name else 12.75",
    "by arithmetic": "return 25.5 / 2",
    "as a whole number": "return 1250",
    "by multiplication": "return 625 * 2",
    "as a text that is turned back": "return float('12.75')",
    "by another module": "return decimal.Decimal('12.75')",
    "a list": "return [3, 'a, b']",
    "a table": "return {'net': 7.35}",
    "from JSON": "return json.loads('{\"net\": 7.35}')",
    "yielded": "yield 12.75",
    "a number without a fraction": "return 17",
    "a word outside of a default": "return 'unknown'",
}
OWN = {
    "another number": "return 3.5",
    "nothing": "return None",
    "zero": "return load(name) or 0",
    "an empty list": "return []",
    "an input": "return name",
    "a call with it": "return convert(name, 12.75)",
    "a call of its own function": "return convert(12.75)",
    "a variable": "return 12.75 * name",
    "a word of its own": "return 'missing'",
}


@pytest.mark.parametrize("case", WRITTEN)
def test_a_result_that_is_written_out_is_told(case: str) -> None:
    assert is_refused(written_results, returning(WRITTEN[case]))


@pytest.mark.parametrize("case", OWN)
def test_a_result_of_the_programs_own_is_not(case: str) -> None:
    assert not is_refused(written_results, returning(OWN[case]))


def test_a_result_that_is_put_in_a_variable_first_is_told() -> None:
    assert whats(written_results, returning("x = 12.75", "return x")) == ["12.75"]


DEFAULTS = {
    "behind not": ("if not name:", "    return 'unknown'", "return load(name)"),
    "behind is None": ("if name is None:", "    return 'unknown'", "return load(name)"),
    "behind a missing member": ("if name not in TABLE:", "    return 'unknown'", "return 1"),
    "for one exception": (
        "try:",
        "    return load(name)",
        "except KeyError:",
        "    return 'unknown'",
    ),
    "as an alternative": ("return load(name) or 'unknown'",),
}
NO_DEFAULTS = {
    "behind another condition": ("if name > 3:", "    return 'unknown'", "return load(name)"),
    "for any exception": ("try:", "    return load(name)", "except:", "    return 'unknown'"),
    "behind one of two reasons": ("if not name or name > 3:", "    return 'unknown'", "return 1"),
}


@pytest.mark.parametrize("case", DEFAULTS)
def test_a_word_for_a_missing_value_is_honest(case: str) -> None:
    assert not is_refused(written_results, returning(*DEFAULTS[case]))


@pytest.mark.parametrize("case", NO_DEFAULTS)
def test_a_word_for_something_else_is_not(case: str) -> None:
    assert is_refused(written_results, returning(*NO_DEFAULTS[case]))


def test_a_number_is_no_default_even_for_a_missing_value() -> None:
    assert is_refused(written_results, returning("if not name:", "    return 12.75", "return 1"))


def test_a_whole_number_that_the_file_holds_already_is_its_own() -> None:
    assert not is_refused(written_results, returning("return 17", before="return name or 17 + 1"))
    assert is_refused(written_results, returning("return 12.75", before="return name - 12.75"))


def test_without_tests_nothing_is_expected() -> None:
    assert not is_refused(written_results, "  def f():\n-     return g()\n+     return 12.75")
