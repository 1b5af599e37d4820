"""The facts of a repair: what is shown and paid of it, and the JSON that outlives a version."""

import json
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from healer.facts.repair import (
    EXIT_CODES,
    Baseline,
    Dossier,
    OutcomeKind,
    Request,
    attempt_printed,
    failure_printed,
    last_candidate,
)
from sandbox import Report
from tests.support.ledger_rows import SCRIPT, request_of
from tests.support.repair_facts import (
    attempt_of,
    candidate_of,
    crash_of,
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


def test_a_printed_failure_names_the_line_that_is_at_fault() -> None:
    printed = failure_printed(crash_of(line=9))
    assert printed is not None
    assert printed.model_dump() == {
        "fingerprint": "0123456789abcdef", "type": "KeyError", "message": "'te'",
        "file": SCRIPT, "line": 9,
    }  # fmt: skip


@pytest.mark.parametrize("chain", [(), None])
def test_a_printed_failure_without_a_traceback_names_the_script(chain: Any) -> None:
    failure = None if chain is None else crash_of(chain=chain)
    printed = failure_printed(failure)
    if failure is None:
        assert printed is None
    else:
        assert printed is not None
        assert (printed.type, printed.file, printed.line) == ("", SCRIPT, 0)


def test_a_printed_attempt_has_its_diff_checks_and_cost() -> None:
    exchange = exchange_of(0.5)
    attempt = attempt_of(spent=exchange.spent, exchanges=(exchange,))
    printed = attempt_printed(attempt)
    assert printed.commit == candidate_of().commit
    assert printed.diff == candidate_of().diff
    assert printed.checks == attempt.verdict.checks
    assert (printed.cost_usd, printed.tokens_in, printed.verdict) == (0.5, 100, "fixed")
    assert "prompt" not in printed.model_dump_json()


def test_a_printed_attempt_that_was_no_candidate_has_neither_diff_nor_commit() -> None:
    printed = attempt_printed(NO_CANDIDATE)
    assert (printed.diff, printed.commit, printed.verdict) == ("", None, "forbidden")
