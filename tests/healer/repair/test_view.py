"""One repair as people see it: what it came to, what to look at, and what was done with it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from healer.facts.repair import Attempt, Baseline, Dossier
from healer.ledger.rows import Entry, RepairRow
from healer.repair.view import check_row, list_objections, view_repair
from tests.support.ledger_rows import SCRIPT, request_of, result_of
from tests.support.old_version import ENDS
from tests.support.repair_facts import (
    attempt_of,
    candidate_of,
    crash_of,
    exchange_of,
    finding_of,
    verdict_of,
)

REQUEST = request_of("r1")
OPENED, ENDED = datetime(2026, 5, 4, 3, tzinfo=UTC), datetime(2026, 5, 4, 4, tzinfo=UTC)


def row(state: str = "waiting", outcome: str = "review", **fields: Any) -> RepairRow:
    known: dict[str, Any] = {
        "id": "r1", "key": "k", "script": SCRIPT, "fingerprint": "", "state": state,
        "outcome": outcome, "created_at": OPENED.timestamp(), "updated_at": ENDED.timestamp(),
        "request": REQUEST, "result": result_of(REQUEST) if outcome else None,
    }  # fmt: skip
    return RepairRow.model_validate(known | fields)


def dossier(*attempts: Attempt) -> Dossier:
    baseline = Baseline(failure=crash_of(), reproduced=True)
    return Dossier(request=REQUEST, baseline=baseline, attempts=attempts)


@pytest.mark.parametrize(
    ("state", "outcome", "shown"),
    [
        ("open", "", "running"),
        ("waiting", "review", "review"),
        ("waiting", "escalated", "review"),
        ("merged", "healed", "healed"),
        ("rejected", "rejected", "rejected"),
        ("reverted", "reverted", "reverted"),
        ("ended", "healthy", "healthy"),
        ("ended", "gave_up", "gave_up"),
        ("ended", "unjudged", "unjudged"),
    ],
)
def test_a_state_is_shown_by_its_word(state: str, outcome: str, shown: str) -> None:
    assert view_repair(row(state, outcome), None, ()).state == shown


def test_what_runs_has_begun_and_not_ended() -> None:
    shown = view_repair(row("open", ""), None, ())
    assert (shown.opened_at, shown.ended_at) == (OPENED, None)
    assert (shown.reason, shown.branch, shown.merged, shown.cost_usd) == ("", "", "", 0.0)


def test_the_result_gives_reason_branch_commits_and_cost() -> None:
    result = result_of(
        REQUEST, "healed", branch="quarantine/a-r1", commit="c" * 40, merged="m" * 40,
        cost_usd=0.25, cost_known=False,
    )  # fmt: skip
    shown = view_repair(row("merged", "healed", result=result), None, (), probation="2 of 3 runs")
    assert (shown.branch, shown.commit, shown.merged) == ("quarantine/a-r1", "c" * 40, "m" * 40)
    assert (shown.reason, shown.cost_usd, shown.cost_known) == ("it was healed", 0.25, False)
    assert (shown.ended_at, shown.watched) == (ENDED, "2 of 3 runs")


def test_without_evidence_only_what_the_ledger_keeps_is_shown() -> None:
    shown = view_repair(row(), None, ())
    assert (shown.failure, shown.attempts, shown.marks, shown.missing) == (None, (), (), ())
    assert (shown.strength, shown.base) == ("", REQUEST.base)


def test_a_request_that_cannot_be_read_hides_only_its_base() -> None:
    assert view_repair(row(request=None), None, ()).base == ""


@pytest.mark.parametrize(
    ("attempts", "strength", "missing"),
    [
        ((), "", ()),
        ((attempt_of("fixed"),), "strong", ()),
        ((attempt_of("fixed", "no test pins it"),), "weak", ("no test pins it",)),
        ((attempt_of("unchanged", "it still fails"),), "", ("it still fails",)),
        ((attempt_of("fixed"), attempt_of("forbidden", "no", candidate=None)), "strong", ()),
    ],
)
def test_the_strength_is_that_of_the_last_candidate(
    attempts: Any, strength: str, missing: Any
) -> None:
    shown = view_repair(row(), dossier(*attempts), ())
    assert (shown.strength, shown.missing) == (strength, missing)


def test_every_attempt_is_shown_with_its_sentence_checks_and_cost() -> None:
    exchange = exchange_of(0.5)
    attempts = (
        attempt_of("unchanged", "it still fails", candidate=None, spent=exchange.spent),
        attempt_of("fixed"),
    )
    first, second = view_repair(row(), dossier(*attempts), ()).attempts
    assert (first.verdict, first.diff, first.cost_usd) == ("unchanged: it still fails", "", 0.5)
    assert second.verdict == "fixed: every check passed"
    assert second.diff == candidate_of().diff
    assert [(check.name, check.seconds) for check in second.checks] == [("tests", 0.5)]


def test_what_to_look_at_are_findings_and_protected_paths() -> None:
    attempt = attempt_of(
        findings=(finding_of("person", 3), finding_of("reject", 9, "starts a process")),
        protected="core/money.py is protected: by people",
        protected_paths=("core/money.py",),
    )
    shown = view_repair(row(), dossier(attempt), ())
    assert [(mark.path, mark.line, mark.reason) for mark in shown.marks] == [
        (SCRIPT, 3, "reads the clock"),
        (SCRIPT, 9, "starts a process"),
        ("core/money.py", 0, "protected"),
    ]
    assert shown.against == (f"{SCRIPT}:9: starts a process",)


def test_a_sentence_about_protection_alone_marks_no_path() -> None:
    attempt = attempt_of(protected=f"{SCRIPT} is protected: it was, once")
    assert view_repair(row(), dossier(attempt), ()).marks == ()


@pytest.mark.parametrize(
    ("findings", "objections"),
    [
        ((), ()),
        ((finding_of("person"),), ()),
        ((finding_of("reject", 7),), (f"{SCRIPT}:7: reads the clock",)),
    ],
)
def test_only_rules_that_say_reject_object(findings: Any, objections: Any) -> None:
    assert list_objections(attempt_of(findings=findings)) == objections


def test_no_attempt_has_no_objection() -> None:
    assert list_objections(None) == ()


def test_the_history_is_what_people_and_probation_did_and_not_how_it_was_drafted() -> None:
    steps: list[Any] = [
        ("examine", 0, "reproduced", ""), ("draft", 1, "1 draft", ""), ("call", 1, "answered", ""),
        ("attempt", 1, "fixed", ""), ("outcome", 0, "review", "the evidence is weak"),
        ("approval", 0, "approved", "by Ada"), ("restart", 1, "restarted", "another version"),
        ("probation", 0, "resolved", "3 runs\nended well"), ("other", 0, "done", "of tomorrow"),
    ]  # fmt: skip
    entries = [
        Entry(repair="r1", kind=kind, number=number, outcome=outcome, detail=detail, at=60.0)
        for kind, number, outcome, detail in steps
    ]
    assert view_repair(row(), None, entries).history == (
        "1970-01-01 00:01 UTC review: the evidence is weak",
        "1970-01-01 00:01 UTC approved: by Ada",
        "1970-01-01 00:01 UTC restarted: another version",
        "1970-01-01 00:01 UTC resolved: 3 runs ended well",
        "1970-01-01 00:01 UTC done: of tomorrow",
    )


def test_a_long_detail_of_the_history_is_cut() -> None:
    entry = Entry(repair="r1", kind="rejection", outcome="rejected", detail="x" * 500, at=0.0)
    (line,) = view_repair(row(), None, [entry]).history
    assert len(line) < 160


def test_a_check_is_shown_as_it_was_made() -> None:
    (check,) = verdict_of().checks
    shown = check_row(check)
    assert (shown.name, shown.status, shown.detail, shown.seconds) == (
        "tests", "pass", "3 passed", 0.5,
    )  # fmt: skip


def test_the_repairs_of_an_old_version_can_be_shown(old_ledger: Any) -> None:
    for repair in ENDS.values():
        shown = view_repair(
            old_ledger.repair(repair), old_ledger.dossier(repair), old_ledger.entries(repair)
        )
        assert shown.reason
        assert shown.history
    protected = view_repair(
        old_ledger.repair(ENDS["protected"]), old_ledger.dossier(ENDS["protected"]), ()
    )
    assert [mark.path for mark in protected.marks if mark.reason == "protected"] == [
        "core/money.py"
    ]
