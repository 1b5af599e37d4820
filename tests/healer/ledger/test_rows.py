"""What a row says, also of a ledger that an earlier version wrote."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from healer.facts.states import RepairOutcome
from healer.ledger.rows import (
    Entry,
    EntryKind,
    RepairRow,
    kind_and_number,
    read_dossier,
    read_outcome,
    read_request,
    read_result,
)
from healer.ledger.store import Ledger
from tests.support.ledger_rows import failure_of, request_of, result_of
from tests.support.old_version import ENDS, restore

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


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Ledger]:
    restore("ledger", tmp_path / "ledger.sqlite")
    with Ledger.in_folder(tmp_path) as ledger:
        yield ledger


@pytest.mark.parametrize(
    ("end", "state", "outcome"),
    [
        ("protected", "waiting", "escalated"),
        ("waiting", "waiting", "review"),
        ("rejected", "rejected", "rejected"),
        ("day's budget", "ended", "gave_up"),
        ("repair's budget", "ended", "gave_up"),
        ("gave up", "ended", "gave_up"),
        ("reverted", "reverted", "reverted"),
        ("merged", "merged", "healed"),
    ],
)
def test_each_repair_is_in_the_state_that_it_was_left_in(
    old: Ledger, end: str, state: str, outcome: str
) -> None:
    row = old.repair(ENDS[end])
    assert (row.state, row.outcome, row.script) == (state, outcome, "scripts/prices.py")
    assert row.request is not None
    assert row.request.command[:2] == ("python", "scripts/prices.py")
    assert row.result is not None
    assert row.result.reason == row.reason != ""


def test_every_repair_of_it_is_listed(old: Ledger) -> None:
    assert {row.id for row in old.repairs()} == set(ENDS.values())
    assert {row.id for row in old.repairs("waiting")} == {ENDS["waiting"], ENDS["protected"]}


@pytest.mark.parametrize(
    ("end", "steps"),
    [
        ("waiting", ["examine", "draft 1", "call 1", "call 2", "attempt 1", "outcome"]),
        ("gave up", ["examine", "draft 1", "call 1", "outcome"]),
        ("rejected", ["examine", "draft 1", "attempt 1", "outcome", "rejection"]),
        ("merged", ["examine", "draft 1", "attempt 1", "outcome", "approval"]),
    ],
)
def test_its_steps_have_their_kind_and_number(old: Ledger, end: str, steps: list[str]) -> None:
    entries = old.entries(ENDS[end])
    assert [entry.label for entry in entries] == steps
    assert not [entry for entry in entries if entry.kind == "other"]
    assert old.count_entries(ENDS[end], "call") == sum(s.startswith("call") for s in steps)


def test_a_rollback_of_it_has_its_time_as_number(old: Ledger) -> None:
    (entry,) = (e for e in old.entries(ENDS["reverted"]) if e.kind == "rollback")
    assert entry.number > 1_700_000_000
    assert entry.outcome == "reverted"


@pytest.mark.parametrize(
    ("end", "budget"), [("day's budget", "day"), ("repair's budget", "repair"), ("gave up", "")]
)
def test_which_budget_stopped_it_is_known(old: Ledger, end: str, budget: str) -> None:
    result = old.repair(ENDS[end]).result
    assert result is not None
    assert result.exhausted_budget == budget


def test_the_protected_paths_of_its_attempts_are_known(old: Ledger) -> None:
    dossier = old.dossier(ENDS["protected"])
    assert dossier is not None
    assert dossier.last_candidate is not None
    assert dossier.last_candidate.protected_paths == ("core/money.py",)
    waiting = old.dossier(ENDS["waiting"])
    assert waiting is not None
    assert [attempt.protected_paths for attempt in waiting.attempts] == [()]


def test_its_evidence_has_the_baseline_under_the_name_that_it_had(old: Ledger) -> None:
    dossier = old.dossier(ENDS["waiting"])
    assert dossier is not None
    assert dossier.baseline.reproduced
    assert dossier.baseline.report.command is not None
    assert [e.model for e in dossier.attempts[0].exchanges] == ["small-model", "small-model"]


def test_its_costs_are_summed(old: Ledger) -> None:
    (cost,) = (cost for cost in old.sums.costs("model") if cost.group == "small-model")
    assert (cost.calls, cost.tokens_in, cost.cost_known) == (3, 320, False)
    assert cost.cost_usd == pytest.approx(0.008)


def test_it_is_written_on_as_if_it_were_new(old: Ledger) -> None:
    waiting = old.repair(ENDS["waiting"])
    old.settle(waiting.id, "rejected", waiting.known_result)
    assert old.repair(waiting.id).state == "rejected"
    old.record(Entry(repair=ENDS["merged"], kind="approval", outcome="approved"))  # it has one
    assert old.count_entries(ENDS["merged"], "approval") == 1
    old.record(Entry(repair=ENDS["merged"], kind="probation", outcome="resolved"))
    assert old.has_entry(ENDS["merged"], "probation")


@pytest.mark.parametrize(
    ("label", "kind", "number"),
    [
        ("draft 2", "draft", 2),
        ("call 11", "call", 11),
        ("examine", "examine", 0),
        ("outcome", "outcome", 0),
        ("rollback 1795703777", "rollback", 1_795_703_777),
        ("drafts 2", "other", 0),
        ("draft " + "9" * 30, "other", 0),
        ("draft two", "other", 0),
        ("draft -1", "other", 0),
        ("draft 1 2", "other", 0),
        ("draft ²", "other", 0),
        ("Draft 1", "other", 0),
        ("attempted", "other", 0),
        ("begun anew", "other", 0),
        ("", "other", 0),
        (" 2", "other", 0),
    ],
)
def test_a_label_is_taken_apart_or_is_another(label: str, kind: EntryKind, number: int) -> None:
    assert kind_and_number(label) == (kind, number)


@given(st.text())
def test_any_label_at_all_has_a_kind_and_a_number(label: str) -> None:
    kind, number = kind_and_number(label)
    assert number >= 0
    assert kind != "other" or number == 0


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("", ""), ("healed", "healed"), ("reverted", "reverted"), ("salvaged", "unjudged")],
)
def test_an_outcome_of_another_version_says_nothing_good(text: str, outcome: str) -> None:
    assert read_outcome(text) == outcome


@pytest.mark.parametrize("text", ["{}", '{"repair": 1}', "[]", '{"outcome": "healed"}'])
def test_a_result_that_is_none_is_none(text: str) -> None:
    assert read_result(text) is None


def test_a_result_with_a_key_of_another_version_is_read_without_it() -> None:
    result = result_of(request_of())
    assert read_result(json.dumps(result.model_dump(mode="json") | {"mood": "good"})) == result


@pytest.mark.parametrize("text", ["{}", '{"repair": "r1"}', "not json", "[1]"])
def test_a_request_that_cannot_be_read_is_none(text: str) -> None:
    assert read_request(text) is None


def test_a_request_that_asks_for_more_than_is_known_is_none_and_not_done_by_halves() -> None:
    request = request_of()
    assert read_request(request.model_dump_json()) == request
    more = request.model_dump(mode="json") | {"only_on_sundays": True}
    assert read_request(json.dumps(more)) is None


def test_a_dossier_reads_back_as_it_was_written(old: Ledger) -> None:
    for repair in ENDS.values():
        dossier = old.dossier(repair)
        assert dossier is not None
        assert read_dossier(dossier.model_dump_json()) == dossier
