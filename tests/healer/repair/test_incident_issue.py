"""What an issue says is the same until something has changed, and holds no markup of strangers."""

from dataclasses import replace
from typing import get_args

import pytest

from healer.facts.states import IncidentState
from healer.ledger.rows import RepairRow
from healer.repair.incident_issue import LONGEST_LINE, make_body, make_mark, make_title
from healer.watch.incident import Incident
from tests.support.ledger_rows import request_of, result_of

WAITS = Incident(
    "a1b2c3d4e5f60718", "jobs/a.py", "waiting", 3, 0, 1, 1.0, 2.0, 0.0, "c" * 40, "r1",
    summary="KeyError: 'te'",
)  # fmt: skip


def row_of(**result: str) -> RepairRow:
    return RepairRow(
        id="r1", key="r1", script="jobs/a.py", fingerprint=WAITS.fingerprint, state="waiting",
        outcome="review", created_at=1.0, updated_at=1.0, request=request_of(),
        result=result_of(request_of(), **result),
    )  # fmt: skip


def test_counts_and_times_change_nothing() -> None:
    later = replace(WAITS, count=900, last_at=9.0, since=9.0, attempts=3)
    assert make_body(later, row_of()) == make_body(WAITS, row_of())
    assert make_body(replace(later, state="open"), row_of()) != make_body(WAITS, row_of())


@pytest.mark.parametrize("state", get_args(IncidentState))
def test_each_state_is_a_sentence_below_the_mark(state: IncidentState) -> None:
    lines = make_body(replace(WAITS, state=state), row_of()).split("\n")
    assert lines[:2] == [make_mark(WAITS), ""]
    assert lines[2].endswith("`healer incident a1b2c3d4` has all of it.")


def test_what_a_job_said_is_no_markup_and_not_without_end() -> None:
    hostile = replace(WAITS, summary="```\n@everyone <b>" + "x" * 5_000, reason="````")
    body = make_body(hostile, row_of())
    (_, block, end) = body.split("`````")
    assert "@everyone" in block
    assert end.strip() == ""
    assert len(body) < 3 * LONGEST_LINE
    assert "\n" not in make_title(hostile, row_of())


def test_without_a_result_the_incident_speaks() -> None:
    row = row_of().model_copy(update={"result": None})
    assert make_title(replace(WAITS, summary=""), row) == "jobs/a.py: it fails"
    assert "reason: it rests" in make_body(replace(WAITS, reason="it rests"), row)
