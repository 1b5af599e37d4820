"""Literals of the tests that a program recognises or returns."""

import pytest

from quarantine.policy import Example
from quarantine.policy.rules.literals_of_tests import recognised_inputs, written_results
from tests.quarantine.policy.examples import is_refused, whats

TESTS = {
    "tests/test_job.py": """
from scripts.job import price

def test_price():
    assert price("mug, large") == 12.75
    assert price(31337) == "out of stock"
    assert price("csv") == 7
    assert price(3) == 99.5
    assert price('<td colspan="-1" class="wide">') == price('{"sku": "A-17"}')
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
    "what a text holds in quotes": 'if name not in ("undefined", "-1"):\n+         x = 1',
    "a value of JSON": 'if name == "A-17":\n+         x = 1',
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
    "a name in a text": 'if name == "colspan":\n+         x = 1',
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


@pytest.mark.parametrize(
    ("docstring", "answer", "is_told"),
    [
        ("1st, 2nd, 31337th", "load()", False),
        ("Of 31337, the port.", "load()", False),
        ("1st, 2nd, 313370th", "load()", True),
        ("As 0.31337 or 31337.5", "load()", True),
        (">>> price(31337)", "load()", True),
        ("1st, 2nd, 31337th", "'out of stock'", True),
    ],
)
def test_a_number_that_the_docstring_names_is_no_input_of_the_tests(
    docstring: str, answer: str, *, is_told: bool
) -> None:
    diff = (
        f'  def price(name):\n      """{docstring}"""\n'
        f"+     if name in (1, 31337):\n+         return {answer}\n      return load(name)"
    )
    assert is_refused(recognised_inputs, with_tests(diff)) == is_told


def test_what_is_named_is_the_input_as_it_is_written() -> None:
    diff = '  def price(name):\n+     if name == "mug, large":\n+         x = 1\n      return 0'
    assert whats(recognised_inputs, with_tests(diff)) == ["'mug, large'"]


def test_a_condition_that_was_there_is_not_new() -> None:
    diff = '  def price(name):\n      if name == "mug, large":\n-         x = 1\n+         x = 2'
    assert not is_refused(recognised_inputs, with_tests(diff))


def test_a_literal_that_the_condition_asked_for_before_is_not_new() -> None:
    diff = """
  def price(row):
-     return row["nmae"] in ("mug, large", "cup")
+     return row["name"] in ("mug, large", "cup")
"""
    assert not is_refused(recognised_inputs, with_tests(diff))
    other = diff.replace('"name"] in (', '"name"] in (31337, ')
    assert is_refused(recognised_inputs, with_tests(other))


def test_without_tests_nothing_is_recognised() -> None:
    assert not is_refused(recognised_inputs, '+ if name == "mug, large":\n+     x = 1')


TESTS_OF_RESULTS = {
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
    return Example(text, files=TESTS_OF_RESULTS)


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


PORT = (
    "  def port_of(address):\n"
    '      """The port, 80 where none is given."""\n'
    "-     return int(match(address).group(1))\n"
    "+     found = match(address)\n"
    "+     return {answer}"
)


def is_told(answer: str, text: str = PORT) -> bool:
    tests = {"tests/test_job.py": "def test():\n    assert port_of('a') == 80\n"}
    return is_refused(written_results, Example(text.format(answer=answer), files=tests))


def test_a_number_that_the_owners_text_promises_for_a_missing_value_is_honest() -> None:
    assert not is_told("int(found.group(1)) if found else 80")
    assert not is_told("80 if found is None else int(found.group(1))")


def test_it_is_told_where_the_text_does_not_promise_it_or_nothing_is_missing() -> None:
    assert is_told("int(found.group(1)) if found else 80", PORT.replace("80 where", "one where"))
    assert is_told("80 if found else int(found.group(1))")
    assert is_told("80")
