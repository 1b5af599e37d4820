"""Words and signs that Python does not have: typos, other languages, odd letters."""

import pytest

from healer.draft.rules.syntax.spelling import (
    comparison,
    foreign,
    glued_word,
    misspelled_word,
    odd_letters,
    order_of_arguments,
    stray,
)
from tests.support.broken_texts import broken_case, check_repair, edits_of

MEANT = [
    broken_case("a keyword", "improt os\n", "import os\n"),
    broken_case(
        "a keyword that opens a block",
        "fro n in (1, 2):\n    pass\n",
        "for n in (1, 2):\n    pass\n",
    ),
    broken_case("a keyword in another case", "If x:\n    pass\n", "if x:\n    pass\n"),
    broken_case("a sign for a comparison", "if x = 3:\n    pass\n", "if x == 3:\n    pass\n"),
    broken_case(
        "two signs of another language", "if a && b:\n    pass\n", "if a and b:\n    pass\n"
    ),
    broken_case("or of another language", "if a || b:\n    pass\n", "if a or b:\n    pass\n"),
    broken_case("not of another language", "if !a:\n    pass\n", "if not a:\n    pass\n"),
    broken_case(
        "another branch of another language",
        "if a:\n    pass\nelse if b:\n    pass\n",
        "if a:\n    pass\nelif b:\n    pass\n",
    ),
    broken_case("a step of another language", "n++\n", "n += 1\n"),
    broken_case(
        "a function of another language",
        "function f(x):\n    return x\n",
        "def f(x):\n    return x\n",
    ),
    broken_case("typographic quotes", "x = “hi”\n", 'x = "hi"\n'),
    broken_case("a dash of a text", "x = 3 – 1\n", "x = 3 - 1\n"),
    broken_case("a space without a break", "x =\u00a03\n", "x = 3\n"),
    broken_case("a comma at an import's end", "from os import path,\n", "from os import path\n"),
    broken_case("a loop without its in", "for n rows:\n    pass\n", "for n in rows:\n    pass\n"),
    broken_case(
        "a loop of another language", "for n of rows:\n    pass\n", "for n in rows:\n    pass\n"
    ),
    broken_case("a keyword without its space", "returnx = 1 2\n", "returnx = 1, 2\n"),
    broken_case("an import without its import", "from os path\n", "from os import path\n"),
    broken_case(
        "a function without its def",
        "total(rows):\n    return rows\n",
        "def total(rows):\n    return rows\n",
    ),
    broken_case("an argument after a named one", "f(a=1, b)\n", "f(b, a=1)\n"),
]


@pytest.mark.parametrize(("broken", "meant"), MEANT)
def test_the_first_repair_is_what_was_meant(broken: str, meant: str) -> None:
    check_repair(broken, meant)


@pytest.mark.parametrize(
    ("edit", "text", "text_after"),
    [
        (odd_letters, "x = “a”\n", 'x = "a"\n'),
        (odd_letters, "x = “a”\ny = “b”\n", 'x = "a"\ny = "b"\n'),
        (comparison, "if x = 3:\n    pass\n", "if x == 3:\n    pass\n"),
        (comparison, "x == 1 = 2\n", "x = 1 = 2\n"),
        (foreign, "if a && b:\n    pass\n", "if a and b:\n    pass\n"),
        (foreign, "x = null 3\n", "x = None 3\n"),
        (foreign, "throw A() b\n", "raise A() b\n"),
        (misspelled_word, "whlie x:\n    pass\n", "while x:\n    pass\n"),
        (misspelled_word, "x = 1 fi y else 2\n", "x = 1 if y else 2\n"),
        (glued_word, "importos as x y\n", "import os as x y\n"),
        (stray, "x = 1,, 2\n", "x = 1, 2\n"),
        (stray, "x = 1 $\n", "x = 1 \n"),
        (order_of_arguments, "f(a=1, b)\n", "f(b, a=1)\n"),
        (order_of_arguments, "f(a=1, b, c=2, d)\n", "f(b, d, a=1, c=2)\n"),
    ],
)
def test_an_edit_offers_what_it_is_for(edit: object, text: str, text_after: str) -> None:
    assert callable(edit)
    assert text_after in edits_of(edit, text)


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (odd_letters, "x = [1\n"),
        (comparison, "x = [1\n"),
        (foreign, "x = = 1\n"),
        (misspelled_word, "x = 'fro\n"),
        (misspelled_word, "a.fro 3\n"),
        (order_of_arguments, "x = = 1\n"),
    ],
)
def test_an_edit_that_is_for_something_else_offers_nothing(edit: object, text: str) -> None:
    assert callable(edit)
    assert edits_of(edit, text) == []
