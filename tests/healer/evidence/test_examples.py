"""What docstrings show by example, and programs that do not run where it does not hold."""

from types import ModuleType

import pytest

from healer.evidence.examples import (
    find_denied_words,
    find_example_texts,
    find_example_values,
    find_refused_texts,
    make_example_checks,
)

AMOUNT = '''def amount(text):
    """Reads `12,50` and `1.234,56`.

    >>> amount("12,50")
    12.5
    >>> amount("1.234,56")
    1234.56
    """
    return text.replaec(",", ".")
'''
SHORT = AMOUNT.replace('text.replaec(",", ".")', 'float(text.replace(",", "."))')
RIGHT = SHORT.replace('(text.replace(",", "."))', '(text.replace(".", "").replace(",", "."))')


def failing(base: str, fix: str, name: str) -> list[str]:
    """The examples whose programs do not run."""
    found = []
    for check in make_example_checks("job.py", base, fix, name):
        module = ModuleType("job")
        module.__file__ = "job.py"
        try:
            exec(compile(check.content, "job.py", "exec"), vars(module))
        except AssertionError:
            found.append(check.example)
    return found


@pytest.mark.parametrize(
    ("base", "fix", "examples"),
    [
        (AMOUNT, SHORT, ['amount("1.234,56")']),
        (AMOUNT, RIGHT, []),
        (AMOUNT, RIGHT.replace('".", ""', '".", "0"'), ['amount("1.234,56")']),
        (RIGHT, SHORT, ['amount("1.234,56")']),
        (AMOUNT, RIGHT.replace("1234.56", "1234"), []),
        (AMOUNT.replace('>>> amount("1.', '>>> # doctest: +SKIP\n    >>> amount("1.'), RIGHT, []),
    ],
)
def test_an_example_that_a_fix_does_not_do_ends_its_program(
    base: str, fix: str, examples: list[str]
) -> None:
    assert failing(base, fix, "amount") == examples


@pytest.mark.parametrize(
    "example",
    [
        '>>> amount("3")\n    "three"',  # it said so before, too: the fix has no part in it
        ">>> amount(rows)\n    5",
        '>>> amount(open("no-such-file").read())\n    5',
        ">>> import no_such_module; amount('1')\n    5",
    ],
)
def test_an_example_that_never_held_says_nothing(example: str) -> None:
    source = f'def amount(text):\n    """Gives it.\n\n    {example}\n    """\n    return text\n'
    assert failing(source, source.replace("return text", "return (text)"), "amount") == []


def test_an_example_of_the_module_that_calls_the_function_is_one_of_it() -> None:
    source = f'"""Amounts.\n\n>>> amount("1")\n1.0\n>>> other()\n"""\n\n\n{AMOUNT}'
    checks = make_example_checks("job.py", source, source, "amount")
    assert next(check.example for check in checks) == 'amount("1")'
    assert len(list(make_example_checks("job.py", source, source, "amount"))) == 3


def test_a_file_that_does_not_parse_is_read_as_the_fix_has_it() -> None:
    assert failing("def amount(:\n", SHORT, "amount") == ['amount("1.234,56")']


@pytest.mark.parametrize(
    ("docstring", "texts"),
    [
        ("Reads `1.234,56`.", ("1.234,56",)),
        ("Of '31.12.2024' or 2024-12-31 the day.", ("31.12.2024", "2024-12-31")),
        ('Reads `amount` and "12 kg".', ("12 kg",)),
        ("Raises ValueError for `12:61`. Takes `12:30`.", ("12:30",)),
        ("Version 3 of 7 rows.", ()),
        ("Reads `[::1]:t` and `[::1]:80`.", ("[::1]:80",)),
    ],
)
def test_texts_that_are_no_names_and_not_refused_are_inputs(
    docstring: str, texts: tuple[str, ...]
) -> None:
    assert find_example_texts(f"def f(t):\n    '''{docstring}'''\n", "f") == texts


def test_the_inputs_of_a_function_are_those_of_its_examples_too() -> None:
    assert find_example_values(AMOUNT, "amount") == ("'12,50'", "'1.234,56'")


@pytest.mark.parametrize(
    ("table", "texts"),
    [
        ({"('12,50')": "12.5", "('1.234,56')": "raises ValueError"}, ("1.234,56",)),
        ({"('12,50')": "12.5", "('1.234,56')": "1234.56"}, ()),
        ({"('12,50')": "raises ValueError", "('1.234,56')": "raises ValueError"}, ()),
        ({"('a.csv')": "1", "('1.234,56')": "raises OSError"}, ()),
        ({"('12,50', 'a')": "1", "('1.234,56', 'a')": "raises KeyError"}, ("1.234,56",)),
        ({"('12,50', 'a')": "1", "('1.234,56', 'b')": "raises KeyError"}, ()),
        ({"('%.2f')": "1", "('1.234,56')": "raises TypeError"}, ()),
        ({"('{:,.2f}')": "1", "('1.234,56')": "raises TypeError"}, ()),
        ({"(C#1(n=1))": "1", "('1.234,56')": "raises ValueError"}, ()),
    ],
)
def test_a_named_text_is_refused_where_the_same_call_with_its_like_is_answered(
    table: dict[str, str], texts: tuple[str, ...]
) -> None:
    assert find_refused_texts(("1.234,56",), table) == texts


ORDINAL = """def ordinal(number):
    '''1st, 2nd, 4th, 11th; 12kg is refused.'''
"""


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"(11)": "'11st'"}, ("11th",)),
        ({"(11)": "'11th'", "(4)": "'4th'"}, ()),
        ({"(13)": "'13rd'"}, ()),  # of that it says nothing
        ({"(3)": "'11st'"}, ()),  # the number is not what was given
        ({"(11)": "11", "(4)": "raises KeyError", "(2)": "'second'"}, ()),
        ({"(12)": "'12g'"}, ()),
        ({"(11, 'short')": "'11.'", "(1, 'short')": "'1er'"}, ("1st",)),
    ],
)
def test_a_word_of_the_docstring_is_denied_by_the_same_number_with_another_ending(
    table: dict[str, str], words: tuple[str, ...]
) -> None:
    assert find_denied_words(ORDINAL, "ordinal", table) == words


def test_the_numbers_of_such_words_are_inputs() -> None:
    assert find_example_values(ORDINAL, "ordinal") == ("1", "2", "4", "11")
