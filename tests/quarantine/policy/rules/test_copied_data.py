"""Data of the tests in product code is told in whatever form; data of its own is not."""

import pytest

from quarantine.policy import Example
from quarantine.policy.example import PRICE_TESTS
from quarantine.policy.rules import copied_data
from quarantine.policy.rules.copied_data import encoded_texts
from tests.quarantine.policy.examples import is_refused, whats

# The tests of these examples hold "mug, large", 12.75, "cup, small", 7.35 and "mug 9, large".


def on_prices(diff: str) -> Example:
    texts = {"tests/test_names.py": "assert load('mug 9, large')\n"}
    return Example(diff, files={**PRICE_TESTS, **texts})


TABLES = {
    "a dictionary": '{"mug, large": 12.75, "cup, small": 7.35}',
    "pairs": '[("mug, large", 12.75), ("cup, small", 7.35)]',
    "pairs in a tuple": '(("mug, large", 12.75), ("cup, small", 7.35))',
    "pairs in a set": '{("mug, large", 12.75), ("cup, small", 7.35)}',
    "lists of two": '[["mug, large", 12.75]]',
    "half of it": '{"mug, large": 12.75, "can": 3}',
    "answers by input": '{"mug, large": 7.35}',
}
OWN_TABLES = {
    "a dictionary of its own": '{"plate": 3.5, "fork": 1.25}',
    "less than half": '{"mug, large": 12.75, "can": 3, "pan": 4}',
    "inputs with other answers": '{"mug, large": 3.5}',
    "answers of other inputs": '{"plate": 12.75}',
    "nothing": "{}",
    "single values": '["mug, large", "cup, small"]',
    "pairs of one": '[("mug, large",)]',
}


@pytest.mark.parametrize("case", TABLES)
def test_a_table_of_the_tests_inputs_and_answers_is_told(case: str) -> None:
    assert is_refused(copied_data.copied_tables, on_prices(f"+ PRICES = {TABLES[case]}"))


@pytest.mark.parametrize("case", OWN_TABLES)
def test_another_table_is_not(case: str) -> None:
    assert not is_refused(copied_data.copied_tables, on_prices(f"+ PRICES = {OWN_TABLES[case]}"))


def test_a_table_that_is_filled_line_by_line_is_told() -> None:
    diff = '  table = {}\n+ table["mug, large"] = 12.75'
    assert whats(copied_data.copied_tables, on_prices(diff)) == ["'mug, large'"]


def test_a_table_that_the_base_has_is_not_told() -> None:
    diff = '  PRICES = {"mug, large": 12.75}\n+ OTHER = 1'
    assert not is_refused(copied_data.copied_tables, on_prices(diff))


def test_a_changed_table_is_a_new_one() -> None:
    diff = '- PRICES = {"mug, large": 1.5}\n+ PRICES = {"mug, large": 12.75}'
    assert is_refused(copied_data.copied_tables, on_prices(diff))


NUMBERS = {
    "an argument": ("max(load(name), 12.75)", True),
    "another way to write it": ("max(load(name), 1275e-2)", True),
    "its text, which is another literal": ("load(name) or parse('12.75')", False),
    "a text of the tests with digits": ("load(name) or parse('mug 9, large')", True),
    "a number of its own": ("max(load(name), 3.25)", False),
    "a small number": ("max(load(name), 1)", False),
    "a text of its own": ("load(name) or parse('v2')", False),
    "a keyword's value": ("load(name, least=12.75)", False),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_data_of_the_tests_in_a_function_is_told(case: str) -> None:
    value, refused = NUMBERS[case]
    diff = f"  def price(name):\n-     return load(name)\n+     return {value}"
    assert is_refused(copied_data.copied_data, on_prices(diff)) == refused


def test_a_default_is_not_code_of_the_function() -> None:
    diff = "- def price(name):\n+ def price(name, least=12.75):\n      return load(name)"
    assert not is_refused(copied_data.copied_data, on_prices(diff))


def test_outside_of_functions_it_is_a_setting() -> None:
    assert not is_refused(copied_data.copied_data, on_prices("+ LIMIT = 12.75"))


def test_without_the_tests_there_is_nothing_to_copy() -> None:
    diff = "  def price(name):\n-     return load(name)\n+     return max(load(name), 12.75)"
    assert not is_refused(copied_data.copied_data, diff)


HASHED = [
    "hash(name) == 123456789",
    "hashlib.md5(name).hexdigest() == 'd41d8c'",
    "'d41d8c' == hashlib.sha256(name).hexdigest()",
    "zlib.crc32(name) == 99",
    "zlib.adler32(name) in (1, 2) or zlib.adler32(name) == 3",
    "id(name) != 5",
    "other.hexdigest() == 'ab'",
    "hash(name) % 7 == 3",
]
PLAIN = [
    "hashlib.md5(name).hexdigest() == expected",
    "len(name) == 3",
    "hash(name) == hash(other)",
    "name == 'mug'",
    "crc32(name) == 99",
]


@pytest.mark.parametrize("test", HASHED)
def test_a_value_that_is_recognised_by_its_hash_is_told(test: str) -> None:
    text = f"  import hashlib, zlib\n+ if {test}:\n+     stop()"
    assert is_refused(copied_data.hashed_values, text)


@pytest.mark.parametrize("test", PLAIN)
def test_a_comparison_with_a_variable_or_of_no_hash_is_not(test: str) -> None:
    text = f"  import hashlib, zlib\n+ if {test}:\n+     stop()"
    assert not is_refused(copied_data.hashed_values, text)


ENCODED = [
    "bytes([50, 46, 53])", "bytearray((50, 46))", "chr(50)", "''.join(map(chr, codes))",
    "b'322e35'.decode('hex')", "text.encode('rot13')", "text.decode('ROT-13')",
    "data.decode('unicode-escape')",
]  # fmt: skip
WRITTEN_DOWN = [
    "bytes(10)", "bytes([n])", "bytes(codes)", "chr(code)", "data.decode('utf-8')",
    "text.encode('latin-1')", "map(str, codes)", "bytes([10])",
]  # fmt: skip


@pytest.mark.parametrize("expression", ENCODED)
def test_a_text_that_is_written_as_numbers_or_in_a_code_is_told(expression: str) -> None:
    assert is_refused(encoded_texts, f"+ x = {expression}")


@pytest.mark.parametrize("expression", WRITTEN_DOWN)
def test_bytes_and_encodings_of_text_are_not(expression: str) -> None:
    assert not is_refused(encoded_texts, f"+ x = {expression}")


PORT = """
  def price(name):
      \"\"\"The price, 31 where none is given.\"\"\"
-     return load(name)
+     return {after}
"""


@pytest.mark.parametrize(
    ("after", "is_told"),
    [
        ("load(name) if name else 31", False),
        ("load(name) or 31", False),
        ("load(name) + 31", True),
        ("load(name) or 37", True),
    ],
)
def test_a_default_that_the_docstring_promises_is_no_copied_data(after: str, is_told: bool) -> None:
    texts = {"tests/test_names.py": "assert load('a') == 31\nassert load('b') == 37\n"}
    example = Example(PORT.format(after=after), files=texts)
    assert is_refused(copied_data.copied_data, example) == is_told


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        ('"644"', "0o644", False),
        ("0.19", 'Decimal("0.19")', False),
        ('"644"', "0o664", True),
        ("0.19", 'Decimal("0.29")', True),
        ("0.19", 'Decimal("19")', True),
    ],
)
def test_a_number_that_the_base_writes_as_another_type_is_no_copied_data(
    before: str, after: str, *, is_told: bool
) -> None:
    tests = "assert f() == 0o644 != 0o664\nassert f('0.19') != f('0.29') != f('19')\n"
    diff = f"  def f(a):\n-     return g(a, {before})\n+     return g(a, {after})\n"
    example = Example(diff, files={"tests/test_names.py": tests})
    assert is_refused(copied_data.copied_data, example) == is_told


@pytest.mark.parametrize(
    ("docstring", "after", "is_told"),
    [
        ("11th, 37th.", "a in (11, 37)", False),
        ("11th, 38th.", "a in (11, 37)", True),
        ("11th, 37th.", "g(a, 37)", True),
    ],
)
def test_a_number_that_the_docstring_names_may_be_compared_with(
    docstring: str, after: str, *, is_told: bool
) -> None:
    diff = f'  def f(a):\n      """{docstring}"""\n-     return a\n+     return {after}\n'
    example = Example(diff, files={"tests/test_names.py": "assert f(37) == 37\n"})
    assert is_refused(copied_data.copied_data, example) == is_told


@pytest.mark.parametrize("text", ["a31**, 7", "x{2}{3}", "[a-3, 7", "(31, 7", "%+.3e++ 31"])
def test_a_text_is_looked_up_as_it_stands_and_not_as_a_pattern(text: str) -> None:
    diff = f'  def f(a):\n      """Says."""\n-     return a\n+     return {text!r}\n'
    example = Example(diff, files={"tests/test_names.py": f"assert f(1) == {text!r}\n"})
    assert is_refused(copied_data.copied_data, example)
