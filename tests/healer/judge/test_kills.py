"""A crash tells nothing of values; a test's assertion does, and one of the fix's own does not."""

import pytest

from healer.judge import classify_mutant

CHANGED = ("scripts/job.py",)
IN_TEST = """tests/test_job.py::test_total
Traceback (most recent call last):
  File "/job/tree/tests/test_job.py", line 5, in test_total
    assert job.total([1]) == 1
AssertionError
"""
IN_HELPER = IN_TEST.replace(
    "AssertionError",
    """  File "/job/tree/tests/helpers.py", line 2, in f
    raise AssertionError(a)
AssertionError: 3
  with a second line""",
)
IN_FIX = IN_TEST.replace(
    "AssertionError",
    """  File "/job/tree/scripts/job.py", line 2, in total
    assert a
AssertionError""",
)
SHORT = "tests/test_job.py::test_total\ntests/test_job.py:5: in test_total\nE   assert 3 == 1\n"


@pytest.mark.parametrize(
    ("outcome", "detail", "how"),
    [
        pytest.param("passed", "", "survived", id="passed"),
        pytest.param("failed", IN_TEST, "killed", id="an assertion"),
        pytest.param("failed", IN_HELPER, "killed", id="an assertion in a helper"),
        pytest.param("failed", "a::b\nFailed: DID NOT RAISE", "killed", id="nothing was raised"),
        pytest.param("failed", SHORT + "E   AssertionError\n", "killed", id="pytest's own text"),
        pytest.param("failed", IN_FIX, "crashed", id="an assertion of the fix"),
        pytest.param("failed", IN_TEST.replace("AssertionError", "KeyError: 1"), "crashed", id="x"),
        pytest.param("failed", "t::a\nKeyError: 'AssertionError'", "crashed", id="only a word"),
        pytest.param("timeout", IN_TEST, "crashed", id="too slow"),
        pytest.param("crashed", "", "crashed", id="gone"),
    ],
)
def test_how_a_mutant_ended(outcome: str, detail: str, how: str) -> None:
    assert classify_mutant(outcome, detail, CHANGED) == how
