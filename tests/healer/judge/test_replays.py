"""What recorded good runs say of a fix."""

import pytest

from healer.judge import Replay, ReplayComparison, compare_replays

OLD = "total 12\ndone 2026-11-20 02:00:01\n"
TODAY = "total 12\ndone 2026-11-21 09:30:00\n"


def replay(
    recorded: str, before: str | None, after: str | None, *, does_the_same: bool = True
) -> Replay:
    return Replay(
        run="python job.py, 2026-11-20",
        recorded=recorded,
        before=before,
        after=after,
        does_the_same=does_the_same,
    )


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        pytest.param(OLD, OLD, True, id="all the same"),
        pytest.param(None, OLD, True, id="the fix brings back what was recorded"),
        pytest.param(TODAY, TODAY, True, id="the code prints the time, and both trees agree"),
        pytest.param(TODAY, TODAY.replace(":00", ":07"), None, id="only moments differ"),
        pytest.param(None, TODAY, None, id="only moments differ from the record"),
        pytest.param(None, None, None, id="it can no longer be made"),
        pytest.param(OLD, None, False, id="it fails now"),
        pytest.param(OLD, TODAY, False, id="a time that was printed from the input changes"),
        pytest.param(TODAY, TODAY.replace("12", "13"), False, id="a number changes"),
        pytest.param(None, OLD.replace("12", "0"), False, id="a failed run gives another number"),
        pytest.param(OLD, "", False, id="nothing is printed"),
        pytest.param(OLD, OLD.rstrip(), False, id="the last line end is gone"),
    ],
)
def test_a_good_run_is_the_same_another_or_tells_nothing(
    before: str | None, after: str | None, same: bool | None
) -> None:
    said = compare_replays([replay(OLD, before, after)])
    assert said.same is same
    assert said.restored is (before is None and after == OLD)


def test_one_run_that_differs_outweighs_the_others_and_is_named_with_its_line() -> None:
    good, bad = replay(OLD, OLD, OLD), replay(OLD, OLD, OLD.replace("12", "13"))
    said = compare_replays([good, bad, good])
    assert (said.same, said.restored) == (False, False)
    assert said.difference == "python job.py, 2026-11-20: 'total 12' became 'total 13'"


@pytest.mark.parametrize("silent", ["", "\n"])
def test_a_job_that_prints_nothing_vouches_for_no_value(silent: str) -> None:
    said = compare_replays([replay(silent, None, silent)])
    assert (said.same, said.restored) == (True, False)


def test_what_is_printed_alone_restores_nothing_where_files_and_requests_differ() -> None:
    said = compare_replays([replay(OLD, None, OLD, does_the_same=False)])
    assert (said.same, said.restored) == (True, False)


def test_without_runs_nothing_is_told() -> None:
    assert compare_replays([]) == ReplayComparison()
