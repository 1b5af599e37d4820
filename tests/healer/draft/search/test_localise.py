"""Suspicion: what failing tests ran, narrowed to what can have led to the failure."""

import textwrap

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.localise import find_innermost_line, weigh_lines
from healer.draft.search.search_time import SearchTime
from healer.failure import Frame, Raised
from sandbox import SpectrumTest

CODE = SourceFile(
    "job.py",
    textwrap.dedent(
        """\
        def total(rows):
            shown = len(rows)
            found = 0
            step = 1
            while found < 9:
                found += step
                shown -= 1
            print(shown)
            return found / step
        """
    ),
)


def traceback(line: int, error: str) -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "/job/tree/job.py", line {line}, in total\n    x\n{error}: it failed\n'
    )


def seen(node: str, outcome: str, *lines: int, detail: str = "") -> SpectrumTest:
    fields = {"node": node, "outcome": outcome, "lines": {"job.py": lines}, "detail": detail}
    return SpectrumTest.model_validate(fields)


def test_lines_outside_the_slice_of_the_failure_weigh_less() -> None:
    failed = seen("a", "failed", 2, 3, 9, detail=traceback(9, "ZeroDivisionError"))
    weights = weigh_lines([failed], {"job.py": CODE})
    assert weights["job.py", 3] == weights["job.py", 9] == 1.0
    assert weights["job.py", 2] < 1.0


def test_a_test_that_does_not_end_points_at_its_loop() -> None:
    endless = seen("a", "timeout", 2, 5, 6, 7, detail=traceback(7, "EndlessTestError"))
    weights = weigh_lines([endless], {"job.py": CODE})
    assert weights["job.py", 6] > weights["job.py", 7]


def test_an_assertion_in_the_test_says_nothing_of_lines() -> None:
    detail = traceback(9, "AssertionError").replace("job.py", "test_job.py")
    weights = weigh_lines([seen("a", "failed", 2, 9, detail=detail)], {"job.py": CODE})
    assert set(weights.values()) == {1.0}


def test_a_line_that_one_failing_test_did_not_run_cannot_be_the_only_fault() -> None:
    weights = weigh_lines([seen("a", "failed", 2, 3), seen("b", "failed", 3)])
    assert weights["job.py", 2] < weights["job.py", 3] / 2


def test_what_the_last_commit_changed_weighs_more_where_it_ran() -> None:
    weights = weigh_lines(
        [seen("a", "failed", 2, 3)], {}, frozenset([("job.py", 3), ("job.py", 8)])
    )
    assert weights["job.py", 3] > weights["job.py", 2]
    assert ("job.py", 8) not in weights


def test_lines_that_only_failing_tests_run_are_most_suspicious() -> None:
    seen = [
        SpectrumTest(node="a", outcome="failed", lines={"job.py": (1, 2)}),
        SpectrumTest(node="b", outcome="passed", lines={"job.py": (1,)}),
    ]
    found = weigh_lines(seen)
    assert found["job.py", 2] == 1.0
    assert 0 < found["job.py", 1] < 1.0


def test_ochiai_counts_failing_and_passing_tests_of_a_line() -> None:
    tests = [seen("a", "failed", 2), seen("b", "failed", 2), seen("c", "passed", 2)]
    assert weigh_lines(tests)["job.py", 2] == pytest.approx((4 / (2 * 3)) ** 0.5)


def test_only_lines_that_a_failing_test_ran_are_suspected() -> None:
    tests = [seen("a", "failed", 2), seen("b", "passed", 2, 3), seen("c", "skipped", 4)]
    assert weigh_lines(tests).keys() == {("job.py", 2)}
    assert weigh_lines([seen("b", "passed", 3)]) == {}


def test_without_time_the_weights_are_the_plain_ones() -> None:
    failed = seen("a", "failed", 2, 3, 9, detail=traceback(9, "ZeroDivisionError"))
    weights = weigh_lines([failed], {"job.py": CODE}, time=SearchTime(0.0))
    assert set(weights.values()) == {1.0}


def test_a_recursion_without_end_points_at_its_calls() -> None:
    text = "def total(n):\n    m = n\n    return total(m)\n"
    failed = seen("a", "failed", 2, 3, detail=traceback(2, "RecursionError"))
    weights = weigh_lines([failed], {"job.py": SourceFile("job.py", text)})
    assert weights["job.py", 3] > weights["job.py", 2]


def frames(*places: tuple[str, int]) -> Raised:
    made = tuple(Frame(file=file, line=line, function="f") for file, line in places)
    return Raised(type="KeyError", message="", frames=made)


@pytest.mark.parametrize(
    ("places", "line"),
    [
        ((("/job/tree/job.py", 3),), ("job.py", 3)),
        ((("job.py", 3),), ("job.py", 3)),
        ((("/job/tree/job.py", 3), ("/usr/lib/json.py", 9)), ("job.py", 3)),
        ((("/job/tree/test_job.py", 1), ("/job/tree/job.py", 3)), ("job.py", 3)),
        ((("/job/tree/job.py", 3), ("/job/tree/test_job.py", 1)), None),
        ((("/job/tree/lib/job.py", 3),), ("lib/job.py", 3)),
        ((("/job/tree/other.py", 3),), None),
        ((("/usr/lib/xjob.py", 3),), None),
        ((), None),
    ],
)
def test_the_innermost_line_is_that_of_a_searched_file_with_no_test_deeper(
    places: tuple[tuple[str, int], ...], line: tuple[str, int] | None
) -> None:
    codes = {"job.py": CODE, "lib/job.py": CODE}
    assert find_innermost_line(frames(*places), codes) == line
