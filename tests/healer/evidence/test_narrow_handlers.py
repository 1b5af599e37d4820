"""Handlers of errors that a fix brings, and what stands beside them."""

import pytest

from healer.evidence.narrow_handlers import narrow_handlers

BASE = """def price(row):
    return float(row["price"].replace(",", "."))
"""
CATCHES = """def price(row):
    try:
        return float(row["price"].replace(",", "."))
    except ValueError:
        return 0.0
"""


def narrow(fix: str, base: str = BASE) -> list[str]:
    return [each.content for each in narrow_handlers("job.py", base, fix)]


def run(source: str, value: object) -> object:
    names: dict[str, object] = {}
    exec(source, names)
    price = names["price"]
    assert callable(price)
    return price(value)


def test_the_value_itself_is_asked_for_before_what_holds_it() -> None:
    (first, _) = narrow(CATCHES)
    for empty in ("", "  "):
        assert run(first, {"price": empty}) == 0.0
    assert run(first, {"price": "1,5"}) == 1.5
    with pytest.raises(ValueError, match="could not convert"):
        run(first, {"price": "n/a"})


def test_suppressed_errors_are_caught_too() -> None:
    fix = """import contextlib


def price(row):
    with contextlib.suppress(ValueError, TypeError):
        return float(row)
    return None
"""
    (content,) = narrow(fix)
    assert run(content, "") is None
    assert run(content, "2") == 2.0
    with pytest.raises(ValueError, match="could not convert"):
        run(content, "x")


def test_what_stands_behind_the_block_where_nothing_is_raised_stays() -> None:
    fix = CATCHES.replace('return float(row["price"]', 'value = float(row["price"]').replace(
        "return 0.0", "return 0.0\n    else:\n        return value + 1"
    )
    (first, *_) = narrow(fix)
    assert run(first, {"price": "2"}) == 3.0


@pytest.mark.parametrize(
    "fix",
    [
        BASE,
        CATCHES.replace("return 0.0", "raise LookupError(row) from None"),
        CATCHES.replace("ValueError:", "ValueError as error:").replace("0.0", "str(error)"),
        CATCHES + "    finally:\n        print(row)\n",
        "def price(row):\n    with open(row) as file:\n        return float(file.read())\n",
        "def price(row):\n    try:\n        return float(input())\n    except ValueError:\n"
        "        return 0\n",
        "def price(row:\n",
    ],
)
def test_what_hides_no_error_of_a_value_has_nothing_narrower(fix: str) -> None:
    assert narrow(fix) == []


def test_a_handler_that_stood_there_before_is_not_the_fix_s() -> None:
    assert narrow(CATCHES.replace('","', '";"'), CATCHES) == []
    assert narrow(CATCHES.replace("ValueError", "(ValueError, KeyError)"), CATCHES) != []
