"""Why a repair ends without a fix that was judged; one incident has one thing that waits."""

from typing import Any

import pytest

from healer.facts.draft import Draft, Drafts, ReplaceText
from healer.facts.progress import Progress
from healer.facts.repair import Baseline
from healer.ledger.rows import RepairRow
from healer.ledger.store import Ledger
from healer.repair.ends import NO_ENDPOINT, end_before_drafting, end_without_candidates
from healer.repair.request import build_request
from healer.repair.run import run_repair
from healer.watch.incidents import Incidents
from tests.support.bench import BAD, GOOD, LINE, RIGHT, SCRIPT, Bench
from tests.support.git import git
from tests.support.ledger_rows import add_repair, request_of
from tests.support.repair_facts import crash_of

OTHER_ARGUMENTS: dict[str, Any] = {"command": ("python", SCRIPT, "--all")}
WAITS = {"autonomy": "review"}


def repairs_of(bench: Bench) -> dict[str, RepairRow]:
    with Ledger.in_folder(bench.state) as ledger:
        return {row.id: row for row in ledger.repairs()}


def state_of_incident(bench: Bench, fingerprint: str) -> tuple[str, str]:
    with Incidents(bench.state / "incidents.sqlite") as incidents:
        incident = incidents.find(fingerprint)
    assert incident is not None
    return incident.state, incident.repair


def test_a_command_whose_incident_waits_ends_as_what_waits(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[Progress] = []
    first = bench.fix(GOOD, config=WAITS)
    assert first.failure is not None
    monkeypatch.setattr(bench, "progress", notes.append)
    second = bench.fix(config=WAITS, options=OTHER_ARGUMENTS)  # no model is asked
    assert (second.repair, second.outcome) == (first.repair, "review")
    assert any(first.repair in note.detail for note in notes if note.step == "waits")
    assert state_of_incident(bench, first.failure.fingerprint) == ("waiting", first.repair)
    (other,) = (row for name, row in repairs_of(bench).items() if name != first.repair)
    assert (other.state, other.outcome) == ("ended", "gave_up")
    assert f"repair {first.repair} of the same incident waits" in other.reason
    assert other.result is not None
    assert f"healer approve {first.repair}" in other.result.next_step
    assert other.result.mail == ""


def test_what_came_to_wait_while_it_was_drafted_is_the_one_thing_that_waits(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def let_another_wait(progress: Progress) -> None:
        if (progress.step, progress.state) == ("draft", "pass"):
            with Ledger.in_folder(bench.state) as ledger:
                request = request_of("feed0001", SCRIPT)
                add_repair(ledger, "escalated", request=request, failure=first.failure)

    first = bench.fix(BAD, options={"attempts": 1})
    assert first.outcome == "gave_up"
    monkeypatch.setattr(bench, "progress", let_another_wait)
    second = bench.fix(GOOD, config=WAITS, options=OTHER_ARGUMENTS)
    assert (second.repair, second.outcome) == ("feed0001", "escalated")
    assert [row.id for row in repairs_of(bench).values() if row.state == "waiting"] == ["feed0001"]


def test_once_it_is_rejected_the_same_command_begins_anew(bench: Bench) -> None:
    first = bench.fix(GOOD, config=WAITS)
    with bench.opened() as services:
        services.ledger.settle(first.repair, "rejected", first)
    assert bench.fix(GOOD, options=OTHER_ARGUMENTS).repair != first.repair


def test_another_incident_and_another_branch_are_in_nobodys_way(bench: Bench) -> None:
    first = bench.fix(GOOD, config=WAITS)
    with bench.opened() as services:
        services.ledger.settle(first.repair, "rejected", first)
        other = crash_of(fingerprint="b" * 16)
        add_repair(services.ledger, "review", request=request_of("w1", SCRIPT, failure=other))
        elsewhere = request_of("w2", SCRIPT, target="trial/1")
        add_repair(services.ledger, "review", request=elsewhere, failure=first.failure)
    assert bench.fix(GOOD, options=OTHER_ARGUMENTS).repair not in (first.repair, "w1", "w2")


def test_a_proposal_is_judged_and_merges_where_a_repair_waits(bench: Bench) -> None:
    first = bench.fix(GOOD, config=WAITS)
    edit = ReplaceText(path=SCRIPT, find=LINE, replace=RIGHT)
    draft = Draft(drafter="agent", edits=(edit,), cause="A typo.")
    with bench.opened() as services:
        asked = build_request(services.repository, services.config, SCRIPT, **OTHER_ARGUMENTS)
        result = run_repair(services, bench.state, asked.model_copy(update={"proposal": draft}))
    assert (result.outcome, result.repair != first.repair) == ("healed", True)
    assert git(bench.folder, "rev-parse", "main") == result.merged


@pytest.mark.parametrize(
    ("baseline", "kind"),
    [
        (Baseline(healthy=True, reason="nothing is broken"), "healthy"),
        (Baseline(stop="escalated", reason="protected", protected=True), "escalated"),
        (Baseline(stop="unjudged", reason="no Docker"), "unjudged"),
        (Baseline(), None),
    ],
)
def test_the_baseline_alone_may_end_it(baseline: Baseline, kind: str | None) -> None:
    outcome = end_before_drafting(baseline)
    assert (outcome.kind if outcome else None) == kind
    assert outcome is None or outcome.reason == baseline.reason


@pytest.mark.parametrize(
    ("drafts", "kind", "reason", "next_step"),
    [
        (Drafts(reason="nothing fits"), "gave_up", "tried; nothing fits", ""),
        (Drafts(reason="away", unavailable=True), "gave_up", "tried; away", NO_ENDPOINT),
        (
            Drafts(reason="no file", refusal="needs_person"),
            "escalated",
            "needs person: no file",
            "",
        ),
        (
            Drafts(reason="$1 is spent", stopped_by_budget=True),
            "gave_up",
            "stopped by budget: $1 is spent",
            "",
        ),
    ],
)
def test_a_round_without_drafts_ends_it_with_what_it_lacked(
    drafts: Drafts, kind: str, reason: str, next_step: str
) -> None:
    outcome = end_without_candidates(drafts, "tried; ")
    assert (outcome.kind, outcome.reason, outcome.next_step) == (kind, reason, next_step)
