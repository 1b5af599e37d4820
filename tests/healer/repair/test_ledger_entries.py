"""Every decision of a repair is a row: what it was made from, what came of it, what it cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.facts.draft import Drafts
from healer.facts.repair import Baseline, FinishedRepair, Outcome
from healer.ledger.rows import Entry
from healer.redact import Redactor
from healer.repair.ledger_entries import (
    LONGEST_DETAIL,
    describe_call,
    describe_repair,
    digest,
    redact_entry,
)
from tests.support.ledger_rows import request_of, result_of
from tests.support.repair_facts import (
    attempt_of,
    candidate_of,
    crash_of,
    draft_of,
    drafts_of,
    exchange_of,
    finished_of,
)


def entries(finished: FinishedRepair) -> list[Entry]:
    result = result_of(
        finished.request, finished.outcome.kind, reason=finished.outcome.reason,
        stopped_by_budget=finished.outcome.stopped_by_budget,
    )  # fmt: skip
    return list(describe_repair(finished, result))


def outcome_of(finished: FinishedRepair, kind: str) -> str:
    (entry,) = (entry for entry in entries(finished) if entry.kind == kind)
    return entry.outcome


def test_a_repair_is_told_from_its_baseline_to_its_outcome() -> None:
    exchange = exchange_of(0.5)
    finished = finished_of(
        "healed",
        attempts=(
            attempt_of("unchanged", "it still fails", spent=exchange.spent, exchanges=(exchange,)),
            attempt_of("fixed", candidate=candidate_of(2)),
        ),
        rounds=(drafts_of(draft_of(), draft_of()),),
    )
    rows = entries(finished)
    assert [row.label for row in rows] == [
        "examine", "draft 1", "call 1", "attempt 1", "attempt 2", "outcome",
    ]  # fmt: skip
    assert {row.repair for row in rows} == {"r1"}
    assert [row.outcome for row in rows] == [
        "reproduced", "2 drafts", "answered", "unchanged", "fixed", "healed",
    ]  # fmt: skip
    assert rows[4].inputs == candidate_of(2).tree


def test_the_money_stands_in_the_rows_of_calls_and_nowhere_else() -> None:
    paid, useless = exchange_of(0.5), exchange_of(0.25, problem="no JSON")
    finished = finished_of(
        attempts=(attempt_of(spent=paid.spent, exchanges=(paid,)),),
        rounds=(drafts_of(draft_of(), spent=paid.spent, exchanges=(paid,)),
                drafts_of(spent=useless.spent, exchanges=(useless,))),
    )  # fmt: skip
    rows = entries(finished)
    assert [(row.label, row.cost_usd) for row in rows if row.cost_usd] == [
        ("call 1", 0.5), ("call 2", 0.25),
    ]  # fmt: skip
    assert sum(row.cost_usd for row in rows) == finished.cost.cost_usd


@pytest.mark.parametrize(
    ("baseline", "outcome"),
    [
        (Baseline(healthy=True), "healthy"),
        (Baseline(reproduced=True), "reproduced"),
        (Baseline(), "not seen"),
        (Baseline(stop="escalated", reproduced=True), "escalated"),
        (Baseline(stop="unjudged"), "unjudged"),
    ],
)
def test_a_baseline_says_what_was_seen(baseline: Baseline, outcome: str) -> None:
    assert outcome_of(finished_of(baseline=baseline), "examine") == outcome


@pytest.mark.parametrize(
    ("drafts", "outcome"),
    [
        (drafts_of(draft_of()), "1 draft"),
        (drafts_of(*[draft_of()] * 3), "3 drafts"),
        (drafts_of(reason="no rule knows it"), "none"),
        (drafts_of(stopped_by_budget=True), "budget"),
        (drafts_of(refusal="needs_person"), "needs_person"),
        (drafts_of(refusal="not_code_fault"), "not_code_fault"),
    ],
)
def test_a_round_says_what_it_brought(drafts: Drafts, outcome: str) -> None:
    assert outcome_of(finished_of(rounds=(drafts,)), "draft") == outcome


def test_a_repair_that_lacked_money_ended_for_want_of_it() -> None:
    finished = finished_of(Outcome(kind="gave_up", reason="no money", stopped_by_budget=True))
    assert outcome_of(finished, "outcome") == "budget"
    assert outcome_of(finished_of("gave_up"), "outcome") == "gave_up"


def test_a_round_names_each_of_its_drafters_once() -> None:
    drafts = drafts_of(draft_of("small"), draft_of("rules"), draft_of("small"))
    (row,) = (row for row in entries(finished_of(rounds=(drafts,))) if row.kind == "draft")
    assert row.drafter == "small, rules"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (request_of(base="a" * 40), request_of(base="b" * 40)),
        (request_of(script="a.py"), request_of(script="b.py")),
        (request_of(command=("python", "a.py")), request_of(command=("python", "a.py", "-v"))),
    ],
)
def test_a_baseline_of_something_else_has_other_inputs(one: object, other: object) -> None:
    (first, *_), (second, *_) = (entries(finished_of(request=r)) for r in (one, other))  # type: ignore[arg-type]  # both are requests
    assert first.inputs != second.inputs


def test_the_failure_is_an_input_too() -> None:
    baselines = (Baseline(failure=crash_of()), Baseline(failure=crash_of(fingerprint="f" * 16)))
    inputs = {entries(finished_of(baseline=baseline))[0].inputs for baseline in baselines}
    assert len(inputs) == 2


def test_a_call_that_was_useless_says_why_and_is_paid() -> None:
    row = describe_call("r1", 3, exchange_of(0.5, problem="no JSON"))
    assert (row.label, row.outcome, row.detail) == ("call 3", "useless", "no JSON")
    assert (row.tokens_in, row.tokens_out, row.cost_usd) == (100, 10, 0.5)
    assert row.inputs == digest("what?")


def test_a_detail_is_kept_without_secrets_and_of_bounded_length() -> None:
    secret = "sk-" + "a1B2c3D4" * 5
    redactor = Redactor.from_environment({"OPENAI_API_KEY": secret}, names=("OPENAI_API_KEY",))
    detail = f"401 for {secret} " + "x" * 2 * LONGEST_DETAIL
    row = redact_entry(Entry(repair="r1", kind="call", outcome="useless", detail=detail), redactor)
    assert secret not in row.detail
    assert len(row.detail) == LONGEST_DETAIL


@given(st.lists(st.text()), st.lists(st.text()))
def test_a_digest_tells_inputs_apart_and_is_the_same_for_the_same(
    one: list[str], other: list[str]
) -> None:
    assert len(digest(*one)) == 16
    if "\0" not in "".join(one + other) and one != other:
        assert (digest(*one) == digest(*other)) == ("\0".join(one) == "\0".join(other))
    assert digest(*one) == digest(*one)
