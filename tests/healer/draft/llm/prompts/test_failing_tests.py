"""What is shown of failing tests: what they raised, in whatever words it came."""

import pytest

from healer.draft.llm.prompts.code_base import CodeBase
from healer.draft.llm.prompts.failing_tests import FailingTests, list_places, quote_error
from healer.redact import Redactor
from sandbox import TestResult
from tests.healer.draft.llm.cases import NODE, Files

NATIVE = """\
Traceback (most recent call last):
  File "/job/tree/tests/test_report.py", line 5, in test_rows
    assert total([{}]) == 0
           ^^^^^^^^^^^
  File "/job/tree/scripts/report.py", line 22, in total
    amount += Decimal(row["total"])
                      ~~~^^^^^^^^^
AssertionError: assert [1, 2] == [1]

  At index 1 there is more
"""
SHORT = (
    "tests/test_report.py:5: in test_rows\n    total()\n"
    "scripts/report.py:22: KeyError\nE   KeyError: 'x'"
)


@pytest.mark.parametrize("detail", [NATIVE, SHORT])
def test_places_are_found_outermost_first_in_either_form(detail: str) -> None:
    result = TestResult(node=NODE, outcome="failed", detail=detail)
    assert list_places(result) == [("tests/test_report.py", 5), ("scripts/report.py", 22)]


INNER = """\
Traceback (most recent call last):
  File "/job/tree/scripts/report.py", line 31, in <module>
    main()
  File "/job/tree/jobs/rates.py", line 6, in rate_of
    return RATES[currency]
KeyError: 'CHF'
"""
BESIDE = TestResult(
    node=NODE, outcome="failed", detail=SHORT, inner_error=INNER,
    values="tests/helpers.py:9: code = 1\ntests/helpers.py:9: token = 'sk-hunter2hunter2hunter2'",
)  # fmt: skip


def test_the_places_of_a_program_that_a_test_starts_are_the_innermost() -> None:
    assert list_places(BESIDE)[-2:] == [("scripts/report.py", 31), ("jobs/rates.py", 6)]


def test_values_and_what_a_program_said_are_shown_without_secrets() -> None:
    shown = FailingTests(CodeBase(Files()), [BESIDE]).show(Redactor())
    assert "# at tests/helpers.py:9: code = 1" in shown
    assert "hunter2" not in shown
    assert "# beside it:\nTraceback" in shown
    assert "KeyError: 'CHF'" in shown
    assert "CHF" in FailingTests(CodeBase(Files()), [BESIDE]).text


@pytest.mark.parametrize(
    ("detail", "quoted"),
    [
        (NATIVE, "AssertionError: assert [1, 2] == [1]\n\n  At index 1 there is more"),
        (SHORT, "E   KeyError: 'x'"),
        ("FAIL: two of three\n1 != 2", "FAIL: two of three\n1 != 2"),
        ("", ""),
    ],
)
def test_all_that_was_raised_is_quoted_and_no_frame(detail: str, quoted: str) -> None:
    assert quote_error(detail) == quoted


def test_of_what_was_raised_no_more_than_twelve_lines_are_quoted() -> None:
    assert len(quote_error(NATIVE + "  more\n" * 50).split("\n")) == 12
    assert len(quote_error("x\n" * 50).split("\n")) == 12


def test_three_tests_are_shown_and_the_others_are_named() -> None:
    nodes = [NODE, *(f"tests/test_report.py::test_{n}" for n in range(9))]
    results = [TestResult(node=node, outcome="failed", detail=NATIVE) for node in nodes]
    tests = FailingTests(CodeBase(Files()), results)
    shown = tests.show(Redactor())
    assert shown.count("AssertionError") == 3
    assert "# and 7 more: tests/test_report.py::test_2," in shown
    assert "test_8" not in shown
    assert [code.symbol.name for code in tests.symbols] == [NODE.partition("::")[2]]


def test_the_text_of_a_failure_is_that_of_the_test_and_of_what_it_raised() -> None:
    result = TestResult(node=NODE, outcome="failed", detail=NATIVE)
    tests = FailingTests(CodeBase(Files()), [result])
    assert '"currency": "EUR"' in tests.text
    assert "At index 1" in tests.text
    assert "amount +=" not in tests.text
    assert {"cur", "eur", "ass", "ind"} <= tests.starts
    assert "amo" not in tests.starts


MANY = """\
from tests.helpers import assert_same


def test_totals():
    assert_same(total([]), 0)
    assert_same(total([{"total": 1}]), 1)
"""
HELPERS = "def assert_same(given, wanted):\n    assert given == wanted\n"
IN_A_HELPER = """\
Traceback (most recent call last):
  File "/job/tree/tests/test_totals.py", line 6, in test_totals
    assert_same(total([{"total": 1}]), 1)
  File "/job/tree/tests/helpers.py", line 2, in assert_same
    assert given == wanted
AssertionError
"""


def test_which_of_several_assertions_failed_is_said() -> None:
    files = Files({"tests/test_totals.py": MANY, "tests/helpers.py": HELPERS})
    result = TestResult(
        node="tests/test_totals.py::test_totals", outcome="failed", detail=IN_A_HELPER
    )
    shown = FailingTests(CodeBase(files), [result]).show(Redactor())
    assert shown.endswith(
        '# fails at tests/test_totals.py:6: assert_same(total([{"total": 1}]), 1)\n'
        "# fails at tests/helpers.py:2: assert given == wanted\n"
        "AssertionError"
    )


def test_a_place_that_the_tests_have_no_more_is_left_out() -> None:
    files = Files({"tests/test_totals.py": "x = 1\n", "tests/helpers.py": HELPERS})
    result = TestResult(
        node="tests/test_totals.py::test_totals", outcome="failed", detail=IN_A_HELPER
    )
    shown = FailingTests(CodeBase(files), [result]).show(Redactor())
    assert "test_totals.py:6" not in shown
    assert "helpers.py:2" in shown


def test_what_a_test_names_from_the_failing_line_on_it_may_not_have_come_to() -> None:
    test = "def test_all():\n    first(1)\n    for x in shop.NAMES:\n        shop.second(x)\n"
    detail = (
        'Traceback (most recent call last):\n  File "/job/tree/t/test_a.py", line 3, in test_all\n'
    )
    result = TestResult(
        node="t/test_a.py::test_all", outcome="failed", detail=f"{detail}    for\nKeyError: 1\n"
    )
    code_base = CodeBase(Files({"t/test_a.py": test}))
    names = FailingTests(code_base, [result]).names_not_reached
    assert {"NAMES", "second"} <= names
    assert "first" not in names
    unknown = result.model_copy(update={"detail": ""})
    assert "first" in FailingTests(code_base, [unknown]).names_not_reached
    assert FailingTests(CodeBase(Files({})), [result]).names_not_reached == frozenset()


SET_UP = """\
import unittest

LIMIT = 3
OTHER = 4
from jobs.a import total


class Rates:
    eur = 1


class TestTotals(unittest.TestCase):
    def setUp(self):
        self.rates = Rates()

    def check(self, rows):
        assert total(rows, self.rates) == LIMIT

    def other(self):
        pass

    def test_one(self):
        self.check([1])


class TestOthers(unittest.TestCase):
    def setUp(self):
        self.never = 1


def test_with_fixture(rows):
    assert total([], None) == 1
"""
CONFTEST = (
    "import pytest\n\n\n@pytest.fixture\ndef rows():\n    return [7]\n\n\ndef others():\n    pass\n"
)


def show_test(name: str) -> str:
    files = Files(
        {"tests/a/test_t.py": SET_UP, "tests/conftest.py": CONFTEST, "conftest.py": "x = 1\n"}
    )
    result = TestResult(node=f"tests/a/test_t.py::{name}", outcome="failed", detail="E   assert 1")
    return FailingTests(CodeBase(files), [result]).show(Redactor())


def test_how_a_test_is_set_up_is_shown_with_what_that_names_after_what_it_raised() -> None:
    shown = show_test("TestTotals::test_one")
    for text in ("self.rates = Rates()", "class Rates:", "def check(self, rows):"):
        assert shown.index("E   assert 1") < shown.index(text)
    assert not any(text in shown for text in ("never", "def other", "OTHER", "import"))


def test_a_fixture_of_a_conftest_and_a_value_of_the_file_are_shown() -> None:
    shown = show_test("test_with_fixture")
    assert "@pytest.fixture\ndef rows():\n    return [7]" in shown
    assert "def others" not in shown
    assert "LIMIT" not in shown
    files = Files({"test_t.py": "LIMIT = 3\n\n\ndef test_a():\n    assert LIMIT == 4\n"})
    result = TestResult(node="test_t.py::test_a", outcome="failed", detail="E   assert 3 == 4")
    assert "\nLIMIT = 3" in FailingTests(CodeBase(files), [result]).show(Redactor())
