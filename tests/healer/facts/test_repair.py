"""The facts of a repair: what is shown and paid of it, and the JSON that outlives a version."""

import json
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from healer.facts.printed import attempt_printed
from healer.facts.repair import (
    EXIT_CODES,
    Baseline,
    Dossier,
    OutcomeKind,
    Request,
    Result,
    last_candidate,
)
from sandbox import Report
from tests.support.ledger_rows import SCRIPT, request_of
from tests.support.repair_facts import (
    attempt_of,
    candidate_of,
    draft_of,
    drafts_of,
    exchange_of,
    finished_of,
)

NO_CANDIDATE = attempt_of("forbidden", "it does not apply", candidate=None)
FIRST, SECOND = (attempt_of(candidate=candidate_of(number)) for number in (1, 2))


@pytest.mark.parametrize(
    ("attempts", "shown", "candidate"),
    [
        ((), None, None),
        ((NO_CANDIDATE,), NO_CANDIDATE, None),
        ((FIRST, NO_CANDIDATE), FIRST, FIRST),
        ((FIRST, SECOND), SECOND, SECOND),
        ((NO_CANDIDATE, SECOND, NO_CANDIDATE), SECOND, SECOND),
    ],
)
def test_the_last_candidate_is_shown_and_without_one_the_last_attempt(
    attempts: Any, shown: Any, candidate: Any
) -> None:
    assert finished_of(attempts=attempts).shown_attempt == shown
    assert last_candidate(attempts) == candidate
    dossier = Dossier(request=request_of(), baseline=Baseline(), attempts=attempts)
    assert dossier.last_candidate == candidate


def test_rounds_without_a_candidate_cost_and_others_are_counted_by_their_attempt() -> None:
    useless, paid = exchange_of(0.25, problem="no JSON"), exchange_of(1.0)
    repair = finished_of(
        attempts=(attempt_of(spent=paid.spent, exchanges=(paid,)),),
        rounds=(
            drafts_of(reason="nothing", spent=useless.spent, exchanges=(useless,)),
            drafts_of(draft_of(), spent=paid.spent, exchanges=(paid,)),
        ),
    )
    assert [drafts.reason for drafts in repair.fruitless_rounds] == ["nothing"]
    assert repair.exchanges == (paid, useless)
    assert (repair.cost.cost_usd, repair.cost.tokens_in) == (1.25, 200)


def test_a_repair_without_calls_cost_nothing_for_certain() -> None:
    cost = finished_of(attempts=()).cost
    assert (cost.cost_usd, cost.cost_known) == (0.0, True)


def test_every_outcome_has_an_exit_code() -> None:
    assert set(EXIT_CODES) == set(get_args(OutcomeKind))
    good = {outcome for outcome, code in EXIT_CODES.items() if code == 0}
    assert good == {"healthy", "healed"}


def test_checkpoints_and_evidence_keep_the_names_that_every_version_reads() -> None:
    baseline = Baseline(reproduced=True, report=Report(seconds=1.5))
    dossier = Dossier(request=request_of(), baseline=baseline)
    whole = json.loads(dossier.model_dump_json())
    assert whole["examined"]["baseline"]["seconds"] == 1.5
    assert "report" not in whole["examined"]
    assert Dossier.model_validate(whole) == dossier
    assert dossier.model_dump(mode="json") == whole


@pytest.mark.parametrize("name", ["baseline", "report"])
def test_a_baseline_is_read_under_either_name_of_its_report(name: str) -> None:
    assert Baseline.model_validate({name: {"seconds": 2.0}}).report.seconds == 2.0


@pytest.mark.parametrize(
    "values",
    [
        {"repair": "r1"},
        {"repair": "r1", "script": SCRIPT, "target": "main", "base": "b", "sudo": True},
        {"repair": "r1", "script": SCRIPT, "target": "main", "base": "b", "drafter": "magic"},
    ],
)
def test_a_request_that_is_not_whole_or_asks_for_more_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Request.model_validate(values)


def test_a_request_cannot_be_changed_once_it_is_made() -> None:
    request = request_of()
    with pytest.raises(ValidationError):
        request.merge = False  # type: ignore[misc]  # that is what must not be possible


@pytest.mark.parametrize(
    ("attempts", "has_draft"),
    [
        ((), False),
        ((attempt_of("unchanged", "it fails still"),), False),
        ((attempt_of("forbidden", "it opens a socket"),), False),
        ((attempt_of(),), True),
        ((attempt_of("unchanged", "no", candidate=candidate_of(2)), attempt_of()), True),
        ((attempt_of(), NO_CANDIDATE), True),
    ],
)
def test_there_is_a_draft_to_approve_where_the_last_candidate_passed(
    attempts: tuple[Any, ...], has_draft: bool
) -> None:
    last = last_candidate(attempts)
    candidate = last.candidate if last else None
    result = Result(
        repair="r1", script=SCRIPT, outcome="review", reason="it waits",
        branch=candidate.branch if candidate else None,
        commit=candidate.commit if candidate else None,
        attempts=tuple(map(attempt_printed, attempts)),
    )  # fmt: skip
    assert result.has_draft == has_draft
