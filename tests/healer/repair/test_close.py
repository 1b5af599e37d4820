"""The end of a repair: recorded whole and once, a row for each decision."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.facts.draft import Drafts
from healer.facts.repair import Baseline, FinishedRepair, Outcome, Request
from healer.ledger.rows import Entry
from healer.redact import Redactor
from healer.repair.close import (
    LONGEST_DETAIL,
    close,
    describe_call,
    describe_repair,
    digest,
    redact_entry,
)
from healer.services import Services
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

Make = Callable[..., Services]
FINGERPRINT = crash_of().fingerprint


@pytest.fixture
def services(make: Make) -> Services:
    """Services with one open repair of a recorded failure that is being counted."""
    services = make()
    services.ledger.open_repair(recorded(services), key="k")
    services.incidents.count_failures(FINGERPRINT, now=1.0)
    return services


def recorded(services: Services, **fields: Any) -> Request:
    base = services.repository.tip("main")
    return request_of("r1", base=base, failure=crash_of(), **fields)


@pytest.mark.parametrize(
    ("outcome", "state", "incident"),
    [
        ("healed", "merged", "probation"),
        ("healthy", "ended", "gone"),
        ("gave_up", "ended", "open"),
        ("unjudged", "ended", "open"),
        ("review", "waiting", "waiting"),
        ("escalated", "waiting", "waiting"),
    ],
)
def test_an_incident_ends_with_its_repair_and_stays_open_while_it_waits(
    services: Services, outcome: str, state: str, incident: str
) -> None:
    result = close(finished_of(outcome, recorded(services)), services)
    row = services.ledger.repair("r1")
    assert (row.state, row.outcome, row.result) == (state, outcome, result)
    known = services.incidents.find(FINGERPRINT)
    assert known is not None
    assert known.state == incident


def test_a_repair_that_was_typed_ends_the_incident_of_what_it_saw(services: Services) -> None:
    request = request_of("r2", base=services.repository.tip("main"))
    services.ledger.open_repair(request, key="other")
    close(finished_of("gave_up", request), services)
    known = services.incidents.find(FINGERPRINT)
    assert known is not None
    assert (known.state, known.repair) == ("open", "r2")


@pytest.mark.parametrize("outcome", ["review", "escalated"])
def test_of_two_repairs_that_close_in_the_same_instant_one_waits(
    services: Services, outcome: str
) -> None:
    """Both have looked, by their last steps, when neither waited."""
    typed = request_of("r2", base=services.repository.tip("main"))
    services.ledger.open_repair(typed, key="other")
    ends = finished_of("review", recorded(services)), finished_of(outcome, typed)
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(close, ends, [services, services]))
    assert [row.outcome for row in services.ledger.repairs("waiting")] == [
        each.outcome for each in results if not each.waiting_repair
    ]
    (second,) = (each for each in results if each.waiting_repair)
    assert second.outcome == "gave_up"
    known = services.incidents.find(FINGERPRINT)
    assert known is not None
    assert (known.state, known.repair) == ("waiting", second.waiting_repair)


def test_what_is_proposed_may_wait_beside_what_waits(services: Services) -> None:
    close(finished_of("review", recorded(services)), services)
    request = request_of("r2", base=services.repository.tip("main"), proposal=draft_of())
    services.ledger.open_repair(request, key="other")
    assert close(finished_of("review", request), services).outcome == "review"


def test_the_result_shows_the_last_candidate(services: Services) -> None:
    attempts = (
        attempt_of(candidate=candidate_of(1)),
        attempt_of("fixed", "no test pins it", candidate=candidate_of(2), draft=draft_of("small")),
        attempt_of("forbidden", "it does not apply", candidate=None),
    )
    result = close(finished_of("review", recorded(services), attempts=attempts), services)
    assert (result.commit, result.drafter) == (candidate_of(2).commit, "small")
    assert result.missing == ("no test pins it",)
    assert len(result.attempts) == 3
    assert result.next_step == "healer show r1, then healer approve or reject it"


def test_without_an_attempt_the_result_has_neither_branch_nor_drafter(services: Services) -> None:
    result = close(finished_of("gave_up", recorded(services), attempts=()), services)
    assert (result.branch, result.commit, result.drafter) == (None, None, None)
    assert (result.checks, result.missing) == ((), ())


def test_what_would_make_the_evidence_strong_is_said_only_where_a_person_is_asked(
    services: Services,
) -> None:
    attempts = (attempt_of("unchanged", "it still fails"),)
    result = close(finished_of("gave_up", recorded(services), attempts=attempts), services)
    assert result.missing == ()


@pytest.mark.parametrize(
    ("outcome", "step"),
    [
        (
            Outcome(kind="unjudged", reason="no Docker"),
            "healer doctor, then the same command again",
        ),
        (Outcome(kind="gave_up", reason="no draft"), ""),
        (Outcome(kind="gave_up", reason="no endpoint", next_step="try later"), "try later"),
        (Outcome(kind="healed", reason="merged", merged="c" * 40), ""),
    ],
)
def test_the_next_step_is_the_outcomes_own_or_what_follows_from_it(
    services: Services, outcome: Outcome, step: str
) -> None:
    assert close(finished_of(outcome, recorded(services)), services).next_step == step


def test_every_call_is_paid_also_of_rounds_without_a_draft(services: Services) -> None:
    useless, paid = exchange_of(0.25), exchange_of(1.0)
    finished = finished_of(
        "gave_up",
        recorded(services),
        attempts=(attempt_of(spent=paid.spent, exchanges=(paid,)),),
        rounds=(
            Drafts(candidates=(draft_of(),), spent=paid.spent, exchanges=(paid,)),
            Drafts(reason="nothing", spent=useless.spent, exchanges=(useless,)),
        ),
    )
    assert close(finished, services).cost_usd == 1.25
    dossier = services.ledger.dossier("r1")
    assert dossier is not None
    assert dossier.fruitless == (useless,)
    assert [cost.cost_usd for cost in services.ledger.sums.costs("script")] == [1.25]


def test_which_budget_was_used_up_is_kept(services: Services) -> None:
    outcome = Outcome(
        kind="gave_up", reason="no money", stopped_by_budget=True, exhausted_budget="day"
    )
    close(finished_of(outcome, recorded(services), attempts=()), services)
    result = services.ledger.repair("r1").result
    assert result is not None
    assert (result.stopped_by_budget, result.exhausted_budget) == (True, "day")


def test_the_steps_are_in_the_ledger_and_the_evidence_beside_them(services: Services) -> None:
    finished = finished_of("review", recorded(services))
    close(finished, services)
    labels = [entry.label for entry in services.ledger.entries("r1")]
    assert labels == ["examine", "attempt 1", "outcome"]
    dossier = services.ledger.dossier("r1")
    assert dossier is not None
    assert (dossier.baseline, dossier.attempts) == (finished.baseline, finished.attempts)


def test_an_end_that_was_recorded_before_a_crash_is_the_end(services: Services) -> None:
    first = close(finished_of("review", recorded(services)), services)
    again = close(finished_of("gave_up", recorded(services), attempts=()), services)
    assert again == first
    assert services.ledger.repair("r1").outcome == "review"
    assert len(services.ledger.entries("r1")) == 3


def test_what_a_person_decided_meanwhile_stays_decided(services: Services) -> None:
    close(finished_of("review", recorded(services)), services)
    rejected = result_of(recorded(services)).model_copy(update={"reason": "not so"})
    services.ledger.settle("r1", "rejected", rejected)
    assert close(finished_of("review", recorded(services)), services).reason == "not so"
    assert services.ledger.repair("r1").state == "rejected"


def test_an_incident_that_a_crash_left_open_is_ended_by_the_repeated_step(
    services: Services,
) -> None:
    services.ledger.settle("r1", "healed", result_of(recorded(services), "healed"))
    close(finished_of("healed", recorded(services)), services)
    known = services.incidents.find(FINGERPRINT)
    assert known is not None
    assert known.state == "probation"


def test_a_baseline_that_found_nothing_ends_healthy(services: Services) -> None:
    healthy = Baseline(healthy=True, reason="nothing is broken")
    outcome = Outcome(kind="healthy", reason="nothing is broken")
    finished = finished_of(outcome, recorded(services), baseline=healthy, attempts=())
    result = close(finished, services)
    assert (result.outcome, result.failure, result.seconds > 0) == ("healthy", None, True)


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
