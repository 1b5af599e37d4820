"""Suspicion: what failing tests ran, narrowed to what can have led to the failure."""

import textwrap

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.localise import suspicion
from healer.draft.search.slicing import behind_line, behind_loop, calls_itself
from sandbox import Seen

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


def test_a_slice_holds_what_the_line_reads_and_what_that_was_made_of() -> None:
    assert behind_line(CODE, 9) == {3, 4, 5, 6, 9}


def test_a_slice_of_a_loop_holds_its_test_and_what_changes_it() -> None:
    assert behind_loop(CODE, 7) == {5, 6}


def test_outside_a_loop_and_outside_a_function_there_is_nothing() -> None:
    assert behind_loop(CODE, 9) == set()
    assert behind_line(SourceFile("job.py", "x = 1\n"), 1) == set()


def test_a_recursion_is_its_calls_and_its_conditions() -> None:
    code = SourceFile(
        "job.py", "def f(n):\n    if n < 0:\n        return 0\n    m = n\n    return f(m)\n"
    )
    assert calls_itself(code, 4) == {2, 5}


def traceback(line: int, error: str) -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "/job/tree/job.py", line {line}, in total\n    x\n{error}: it failed\n'
    )


def seen(node: str, outcome: str, *lines: int, detail: str = "") -> Seen:
    fields = {"node": node, "outcome": outcome, "lines": {"job.py": lines}, "detail": detail}
    return Seen.model_validate(fields)


def test_lines_outside_the_slice_of_the_failure_weigh_less() -> None:
    failed = seen("a", "failed", 2, 3, 9, detail=traceback(9, "ZeroDivisionError"))
    weights = suspicion([failed], {"job.py": CODE})
    assert weights["job.py", 3] == weights["job.py", 9] == 1.0
    assert weights["job.py", 2] < 1.0


def test_a_test_that_does_not_end_points_at_its_loop() -> None:
    endless = seen("a", "timeout", 2, 5, 6, 7, detail=traceback(7, "EndlessTestError"))
    weights = suspicion([endless], {"job.py": CODE})
    assert weights["job.py", 6] > weights["job.py", 7]


def test_an_assertion_in_the_test_says_nothing_of_lines() -> None:
    detail = traceback(9, "AssertionError").replace("job.py", "test_job.py")
    weights = suspicion([seen("a", "failed", 2, 9, detail=detail)], {"job.py": CODE})
    assert set(weights.values()) == {1.0}


def test_a_line_that_one_failing_test_did_not_run_cannot_be_the_only_fault() -> None:
    weights = suspicion([seen("a", "failed", 2, 3), seen("b", "failed", 3)])
    assert weights["job.py", 2] < weights["job.py", 3] / 2


def test_what_the_last_commit_changed_weighs_more_where_it_ran() -> None:
    weights = suspicion([seen("a", "failed", 2, 3)], {}, frozenset([("job.py", 3), ("job.py", 8)]))
    assert weights["job.py", 3] > weights["job.py", 2]
    assert ("job.py", 8) not in weights
