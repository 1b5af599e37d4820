"""A repair by models from failure to outcome: what is tried, in which order, and what ends it."""

from typing import Any

import pytest

from healer.facts.errors import PostponedError
from healer.facts.progress import Progress
from healer.ledger.store import Ledger
from healer.repair import propose
from healer.repair.run import run_decision
from sandbox import ProcessEnd, Report
from sandbox.fake import ScriptedSandbox
from tests.healer.evidence.reports import failure
from tests.support.bench import (
    ALSO_RIGHT,
    BAD,
    GOOD,
    LINE,
    SCRIPT,
    Bench,
)
from tests.support.endpoint import Body, Reply, ScriptedEndpoint, answer, error, fix, rate_limited
from tests.support.git import git
from tests.support.ledger_rows import add_ends

OTHER_BAD = fix(SCRIPT, LINE, "return 0")
OTHER_GOOD = fix(SCRIPT, LINE, ALSO_RIGHT, confidence=0.5)
NONE = {"objection": "none", "reason": "It removes the cause."}
WEAKER = {"objection": "weaker", "reason": "It hides a missing column."}
REJECT = {"objection": "reject", "reason": "It invents data."}


class Asked:
    """Keeps what an endpoint was asked."""

    def __init__(self) -> None:
        self.prompts: list[str] = []
        self.models: list[str] = []

    def __call__(self, endpoint: ScriptedEndpoint) -> None:
        self.prompts += [request.prompt for request in endpoint.requests]
        self.models += [request.body["model"] for request in endpoint.requests]


def priced(model: str) -> dict[str, Any]:
    return {"model": model, "usd_per_million_in": 1.0, "usd_per_million_out": 2.0}


def test_a_good_draft_is_merged(bench: Bench) -> None:
    result = bench.fix(GOOD)
    assert result.outcome == "healed", result.reason
    assert git(bench.folder, "rev-parse", "main") == result.merged


def test_a_good_draft_waits_for_the_checks_of_its_pull_request_alone(bench: Bench) -> None:
    before = git(bench.folder, "rev-parse", "main")
    result = bench.fix(GOOD, config={"push": "pr"})
    assert (result.outcome, result.is_proved) == ("review", True)
    assert "merges when those of its pull request have" in result.reason
    assert git(bench.folder, "rev-parse", "main") == before


def test_where_a_person_decides_the_checks_of_its_pull_request_are_not_all(bench: Bench) -> None:
    weak = bench.fix(GOOD, config={"push": "pr", "autonomy": "review"})
    assert (weak.outcome, weak.is_proved) == ("review", False)


def test_where_too_many_merges_were_taken_out_again_a_proved_fix_waits_for_a_person(
    bench: Bench,
) -> None:
    before = git(bench.folder, "rev-parse", "main")
    with Ledger.in_folder(bench.state) as ledger:
        add_ends(ledger, "reverted", "reverted", "healed")
    result = bench.fix(GOOD)
    assert (result.outcome, result.is_proved) == ("review", False)
    assert "2 of the 3 fixes that were merged in 30 days were taken out again" in result.reason
    assert git(bench.folder, "rev-parse", "main") == before
    with bench.opened() as services:
        decision = run_decision(services, bench.state, "approve", result.repair, by="Ada", why="")
    assert (decision.done, git(bench.folder, "rev-parse", "main")) == (True, decision.merged)


def test_a_take_out_while_a_fix_is_checked_keeps_it_for_a_person(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = git(bench.folder, "rev-parse", "main")

    def take_out_two(progress: Progress) -> None:
        if (progress.step, progress.state) == ("draft", "pass"):  # after the baseline
            with Ledger.in_folder(bench.state) as ledger:
                add_ends(ledger, "reverted", "reverted")

    monkeypatch.setattr(bench, "progress", take_out_two)
    result = bench.fix(GOOD)
    assert (result.outcome, git(bench.folder, "rev-parse", "main")) == ("review", before)
    assert "2 of the 2 fixes that were merged in 30 days were taken out again" in result.reason
    with bench.opened() as services:
        decision = run_decision(services, bench.state, "approve", result.repair, by="Ada", why="")
    assert (decision.done, git(bench.folder, "rev-parse", "main")) == (True, decision.merged)


def test_rejected_drafts_go_up_a_tier_and_each_sees_the_evidence(bench: Bench) -> None:
    asked = Asked()
    result = bench.fix(BAD, OTHER_BAD, GOOD, tiers=["small", "large"], asked=asked)
    assert result.outcome == "healed", result.reason
    assert asked.models == ["small", "small", "large"]
    assert "the command still fails" in asked.prompts[1]
    assert asked.prompts[2].count("verdict: unchanged") == 2


def test_a_providers_failure_falls_over_to_the_next_tier(bench: Bench) -> None:
    asked = Asked()
    gone = error(404, "the model does not exist")
    result = bench.fix(gone, GOOD, tiers=["small", "large"], asked=asked)
    assert (result.outcome, result.drafter) == ("healed", "large")


def test_the_same_change_in_other_words_is_not_checked_twice(bench: Bench) -> None:
    same = fix(SCRIPT, LINE, f"{BAD['edits'][0]['text']}  # now it works")
    asked = Asked()
    result = bench.fix(BAD, same, same, GOOD, tiers=["small", "large"], asked=asked)
    assert result.outcome == "healed"
    assert asked.models == ["small", "small", "small", "large"]
    assert [attempt.verdict for attempt in result.attempts] == ["unchanged", "fixed"]
    assert "tried before" in asked.prompts[2]


def test_without_an_endpoint_the_repair_stays_open_and_goes_on_later(bench: Bench) -> None:
    for _ in range(2):
        with pytest.raises(PostponedError, match=r"no model gives a draft now: .*stays open"):
            bench.fix(base_url="http://127.0.0.1:9/v1", options={"drafter": "auto"})
    ledger = Ledger.in_folder(bench.state)
    (row,) = ledger.repairs("open")
    ledger.close()
    result = bench.fix(GOOD)
    assert (result.outcome, result.repair) == ("healed", row.id)


def test_an_endpoint_that_limits_how_often_it_is_asked_is_not_called_silent(bench: Bench) -> None:
    with pytest.raises(PostponedError) as stop:
        bench.fix(rate_limited("3600"))
    assert "limits how often" in str(stop.value)
    assert "lower [model] calls_per_minute" in str(stop.value)


def test_a_draft_that_was_judged_is_kept_when_the_endpoint_goes_away_after_it(
    bench: Bench,
) -> None:
    with pytest.raises(PostponedError):
        bench.fix(BAD, Reply(status=503, keep=True))
    asked = Asked()
    result = bench.fix(GOOD, asked=asked)
    assert [attempt.verdict for attempt in result.attempts] == ["unchanged", "fixed"]
    assert len(asked.prompts) == 1


def test_after_a_day_without_an_endpoint_a_person_is_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(propose, "PATIENCE_S", -1)
    result = bench.fix(base_url="http://127.0.0.1:9/v1")
    assert result.outcome == "gave_up"
    assert "Connection error" in result.reason
    assert result.next_step.startswith("healer doctor")


def test_a_failure_that_is_not_seen_is_left_to_people_with_what_differed(bench: Bench) -> None:
    bench.box = ScriptedSandbox([lambda _: Report(command=ProcessEnd(exit_code=0))])
    recorded = failure(argv=("python", SCRIPT))
    result = bench.fix(options={"failure": recorded, "command": (), "drafter": "rules"})
    assert result.outcome == "escalated"
    assert result.reason.startswith(
        "not reproduced: in the sandbox it ended well; there is no tape"
    )
    assert not bench.evidence(result).baseline.reproduced


@pytest.mark.parametrize("decision", ["not_code_fault", "test_is_wrong", "needs_person"])
def test_a_way_out_ends_the_repair_with_an_escalation(bench: Bench, decision: str) -> None:
    result = bench.fix(answer(decision=decision, cause="The export is empty today."))
    assert (result.outcome, result.attempts) == ("escalated", ())
    assert result.reason == f"{decision.replace('_', ' ')}: The export is empty today."


@pytest.mark.parametrize(
    ("says", "outcome", "verdicts"),
    [
        ([NONE], "healed", ["fixed"]),
        ([WEAKER], "review", ["fixed"]),
        (["I like it."], "review", ["fixed"]),
        ([error(404, "no such model")], "review", ["fixed"]),
        ([REJECT, OTHER_GOOD, NONE], "healed", ["forbidden", "fixed"]),
    ],
)
def test_the_reviewer_can_only_make_the_verdict_stricter(
    bench: Bench, says: list[Any], outcome: str, verdicts: list[str]
) -> None:
    asked = Asked()
    result = bench.fix(GOOD, *says, reviewer=priced("second"), asked=asked)
    assert result.outcome == outcome, result.reason
    assert [attempt.verdict for attempt in result.attempts] == verdicts
    assert "reproduce passed" in asked.prompts[1]
    if says[0] == REJECT:
        assert "the reviewer objects: It invents data." in asked.prompts[2]


def test_the_last_tier_investigates_and_tries_in_the_sandbox(bench: Bench) -> None:
    def act(action: str, **more: Any) -> Body:
        step = {"thought": "", "path": "", "text": "", "first_line": 0, "last_line": 0}
        return {**step, "answer": answer(), "action": action, **more}

    asked = Asked()
    look = act("read_file", path=SCRIPT)
    result = bench.fix(
        BAD,
        OTHER_BAD,
        look,
        look,
        act("try_patch", answer=fix(SCRIPT, LINE, "return -1")),
        act("try_patch", answer=GOOD),
        act("finish", answer=GOOD),
        investigator="clever",
        asked=asked,
    )
    assert result.outcome == "healed", result.reason
    assert result.drafter == "clever (investigating)"
    assert "you have this already, from step 1" in asked.prompts[4]
    assert "the command fails: exit status 1" in asked.prompts[5]
    assert "tests: 0 passed, 1 failed" in asked.prompts[5]
    assert "the command succeeds" in asked.prompts[6]


def test_a_drafter_that_has_nothing_is_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    notes: list[Progress] = []
    monkeypatch.setattr(bench, "progress", notes.append)
    bench.fix(GOOD, options={"drafter": "auto"})
    details = [note.detail for note in notes if note.step == "draft"]
    assert "memory: nothing for this failure" in details
    assert all(details)
