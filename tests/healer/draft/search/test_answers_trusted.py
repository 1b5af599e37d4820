"""After a crash, an edit that changes good answers gives way to one that keeps them."""

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.answers_trusted import are_all_crashes, count_answers, keep_conservative
from sandbox import Behaviour, SpectrumTest
from tests.support.search_cases import make_behaviour

WAS = make_behaviour(2, a="1", b="2", c="raises KeyError", d="does not end")
KEEPS = make_behaviour(0, a="1", b="2", c="9", d="9")


@pytest.mark.parametrize(
    ("other", "trusted", "left"),
    [
        (make_behaviour(1, a="1", b="3", c="9", d="9"), True, [0]),
        (make_behaviour(1, a="1", b="3", c="9", d="9"), False, [0, 1]),
        (make_behaviour(1, a="1", b="2", c="8", d="9"), True, [0, 1]),
        (make_behaviour(1, a="1", b="2", c="9", d="does not end"), False, [0]),
        (make_behaviour(1, a="1", b="2", c="raises KeyError", d="9"), False, [0, 1]),
        (make_behaviour(1, a="1", b="3", c="9", d="does not end"), False, [0, 1]),
        (make_behaviour(1, a="1", b="is slow", c="9", d="9"), True, [0, 1]),
        (make_behaviour(1), True, [0, 1]),
    ],
    ids=["another answer", "in doubt", "no answer before", "still hangs", "still raises",
         "hangs and differs", "slow", "nothing seen"],
)  # fmt: skip
def test_edits_that_change_what_was_right_give_way(
    other: Behaviour, trusted: bool, left: list[int]
) -> None:
    assert keep_conservative(2, [KEEPS, other, WAS], answers_trusted=trusted) == left


def test_where_every_edit_changes_what_was_right_none_gives_way() -> None:
    one, other = make_behaviour(0, a="5"), make_behaviour(1, a="6")
    assert keep_conservative(2, [one, other, make_behaviour(2, a="1")], answers_trusted=True) == [
        0,
        1,
    ]


CODES = {"job.py": SourceFile("job.py", "def f(a):\n    return a[0]\n")}


def seen(outcome: str, detail: str = "", *lines: int) -> SpectrumTest:
    fields = {"node": "t", "outcome": outcome, "detail": detail, "lines": {"job.py": lines}}
    return SpectrumTest.model_validate(fields)


def traceback(file: str, error: str) -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "{file}", line 2, in f\n    return a[0]\n{error}: it failed\n'
    )


@pytest.mark.parametrize(
    ("tests", "crashes"),
    [
        ([seen("failed", traceback("/job/tree/job.py", "IndexError"))], True),
        ([seen("timeout")], True),
        ([seen("failed", traceback("/job/tree/job.py", "EndlessTestError"))], True),
        ([seen("failed", traceback("/job/tree/job.py", "AssertionError"))], False),
        ([seen("failed", traceback("/job/tree/test_job.py", "IndexError"))], False),
        ([seen("failed", "E   assert 1 == 2")], False),
        ([seen("failed")], False),
        ([seen("timeout"), seen("failed")], False),
        ([seen("passed"), seen("skipped")], False),
        ([seen("passed"), seen("timeout")], True),
        ([], False),
    ],
)
def test_only_an_exception_in_the_searched_code_or_a_hang_is_a_crash(
    tests: list[SpectrumTest], crashes: bool
) -> None:
    assert are_all_crashes(tests, CODES) == crashes


def test_passing_tests_that_ran_a_function_are_counted_once_each() -> None:
    tests = [seen("passed", "", 1, 2), seen("passed", "", 9), seen("failed", "", 2)]
    assert count_answers(tests, "job.py", range(2, 4)) == 1
    assert count_answers(tests, "job.py", range(1, 10)) == 2
    assert count_answers(tests, "other.py", range(1, 10)) == 0
