"""What a row of the ledger says in a word."""

from typing import Any

import pytest
from pydantic import ValidationError

from healer.facts.states import RepairOutcome
from healer.ledger.rows import Entry, RepairRow
from tests.support.ledger_rows import failure_of, request_of, result_of

REQUEST = request_of("r1")
SHOWN = {"fingerprint": "f9", "type": "KeyError", "message": "'te'", "file": "a.py", "line": 3}


def row(outcome: RepairOutcome | str = "", **fields: Any) -> RepairRow:
    known: dict[str, Any] = {
        "id": "r1", "key": "k", "script": "scripts/a.py", "fingerprint": "",
        "state": "open", "outcome": outcome, "created_at": 1.0, "updated_at": 2.0,
        "request": REQUEST,
    }  # fmt: skip
    return RepairRow.model_validate(known | fields)


@pytest.mark.parametrize(
    ("kind", "number", "label"),
    [
        ("draft", 2, "draft 2"),
        ("outcome", 0, "outcome"),
        ("rollback", 1_795_703_777, "rollback 1795703777"),
    ],
)
def test_a_step_is_listed_by_kind_and_number(kind: Any, number: int, label: str) -> None:
    entry = Entry(repair="r1", kind=kind, number=number, outcome="x")
    assert entry.label == label
    assert entry.model_dump(mode="json")["label"] == label


@pytest.mark.parametrize("kind", ["", "drafts", "draft 2", "Draft"])
def test_a_step_of_no_kind_cannot_be_made(kind: Any) -> None:
    with pytest.raises(ValidationError):
        Entry(repair="r1", kind=kind, outcome="x")


@pytest.mark.parametrize(
    ("fields", "incident"),
    [
        ({}, "r1"),
        ({"fingerprint": "f1"}, "f1"),
        ({"result": result_of(REQUEST, failure=SHOWN)}, "f9"),
        ({"fingerprint": "f1", "result": result_of(REQUEST, failure=SHOWN)}, "f1"),
        ({"result": result_of(REQUEST)}, "r1"),
    ],
)
def test_an_incident_is_what_was_recorded_else_what_was_shown_else_the_repair(
    fields: dict[str, Any], incident: str
) -> None:
    assert row(**fields).incident == incident


def test_before_its_end_a_repair_says_nothing_of_one() -> None:
    open_row = row()
    assert (open_row.reason, open_row.fix_commit, open_row.branch) == ("", "", "")
    assert open_row.outcome_or_state == "open"


def test_a_result_speaks_for_the_row() -> None:
    result = result_of(REQUEST, "healed", branch="quarantine/a-r1", merged="m" * 40)
    ended = row("healed", state="merged", result=result)
    assert (ended.fix_commit, ended.branch) == ("m" * 40, "quarantine/a-r1")
    assert (ended.reason, ended.outcome_or_state) == ("it was healed", "healed")
    assert ended.known_result is ended.result


def test_where_the_result_cannot_be_read_the_row_still_says_whose_it_is() -> None:
    result = row("healed", state="merged").known_result
    assert (result.repair, result.script, result.reason) == ("r1", "scripts/a.py", "")
    assert result.outcome == "unjudged"


def test_a_request_keeps_its_failure() -> None:
    request = request_of("r1", failure=failure_of("f1"))
    assert row(request=request).request == request
