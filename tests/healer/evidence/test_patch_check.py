"""A patch is judged without an incident: what fails without it is to be healed, else all stays."""

import pytest

from healer.evidence.patch_check import _last_words, _locate, _outcome, check_patch
from healer.facts.draft import Draft
from healer.facts.repair import QuarantinedPatch
from healer.judge import Verdict
from tests.healer.evidence.reports import result
from tests.support.bench import Bench

DETAIL = """Traceback (most recent call last):
  File "/job/tree/tests/test_a.py", line 7, in test_a
    assert share(100, 3) == [33, 33, 34]
AssertionError: assert [34, 33, 33] == [33, 33, 34]
  At index 0 diff: 34 != 33
  Use -v to get more diff
"""


def test_a_failing_test_is_located_in_its_own_file() -> None:
    place = _locate(result("tests/test_a.py::test_a", "failed", DETAIL))
    assert (place.path, place.line) == ("tests/test_a.py", 7)
    assert place.message == "AssertionError: assert [34, 33, 33] == [33, 33, 34]"


def test_a_test_without_a_traceback_says_its_last_line_or_how_it_ended() -> None:
    assert _last_words(result("t::a", "failed", "one\ntwo\n"), ()) == "two"
    assert _last_words(result("t::a", "error"), ()) == "it ended with error"
    assert _locate(result("t.py::a", "failed", "one\n")).line == 0


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Verdict(kind="fixed", strong=True), "strong"),
        (Verdict(kind="fixed"), "weak"),
        (Verdict(kind="unchanged"), "refused"),
        (Verdict(kind="regressed"), "refused"),
        (Verdict(kind="forbidden"), "refused"),
        (Verdict(kind="unjudged"), "unjudged"),
    ],
)
def test_every_verdict_is_one_outcome(verdict: Verdict, outcome: str) -> None:
    assert _outcome(verdict) == outcome


def test_without_a_candidate_there_is_nothing_to_check(bench: Bench) -> None:
    with bench.opened() as services, pytest.raises(ValueError, match="no candidate"):
        check_patch(QuarantinedPatch(draft=Draft(drafter="person")), services)
