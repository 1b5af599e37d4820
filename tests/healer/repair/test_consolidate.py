"""Patterns over several repairs become a proposal for the notes, which only a person merges."""

import time
from typing import Any

import pytest

from healer.config import Config
from healer.repair.consolidate import consolidate
from healer.repair.run import run_decision
from tests.support.bench import GOOD, SCRIPT, SOURCE, Bench
from tests.support.endpoint import Reply, ScriptedEndpoint
from tests.support.git import git

NOTES = "# job\n\nGoal: one number every night.\n"
SAID = {"sentences": ["The export renames its columns; read them by position.", "x" * 900]}


def healed_twice(bench: Bench, notes: str | None = NOTES) -> None:
    if notes is not None:
        bench.write("scripts/job.md", notes)
        bench.commit("Notes")
    assert bench.fix(GOOD).outcome == "healed"
    bench.write(SCRIPT, SOURCE)
    bench.commit("Bring the fault back")
    assert bench.fix(GOOD).outcome == "healed"


def test_what_came_back_is_proposed_for_the_notes_and_merged_by_a_person_only(
    bench: Bench,
) -> None:
    healed_twice(bench)
    before = git(bench.folder, "rev-parse", "main")
    with bench.opened() as services:
        (found,) = consolidate(services)
        assert found.sentences == ("the same failure (KeyError) came back after 2 fixes",)
        (row,) = services.ledger.repairs("waiting")
        assert (row.id, row.script) == (found.repair, SCRIPT)
        assert git(bench.folder, "rev-parse", "main") == before
        assert consolidate(services)[0].why_not == "an earlier proposal waits for a person"
        decided = run_decision(services, bench.state, "approve", row.id, by="Ada", why="")
        assert decided.done, decided.reason
        assert consolidate(services)[0].why_not == "scripts/job.md says so already"
    assert git(bench.folder, "diff", "--name-only", before, "main") == "scripts/job.md"
    text = git(bench.folder, "show", "main:scripts/job.md")
    assert "Goal: one number every night." in text
    assert f"## Patterns up to {time.strftime('%Y-', time.gmtime())}" in text
    assert "- the same failure (KeyError) came back after 2 fixes (repairs " in text


@pytest.mark.parametrize(
    ("notes", "protected", "says"),
    [
        (None, "", "there is no scripts/job.md"),
        (NOTES, '[[protect]]\npaths = ["**/*.md"]\nreason = "by people"\n', "only people change"),
    ],
)
def test_where_no_notes_are_wanted_nothing_is_proposed_and_the_reason_is_said(
    bench: Bench, notes: str | None, protected: str, says: str
) -> None:
    if protected:
        bench.write("protected.toml", protected)
    healed_twice(bench, notes)
    with bench.opened() as services:
        (found,) = consolidate(services)
        assert says in found.why_not
        assert services.ledger.repairs("waiting") == ()


def test_a_model_adds_sentences_that_are_marked_as_its_own_and_paid(bench: Bench) -> None:
    healed_twice(bench)
    price = {"usd_per_million_in": 1.0, "usd_per_million_out": 1.0}
    with ScriptedEndpoint([Reply(SAID, usage=(100, 10))]) as endpoint:
        model: dict[str, Any] = {
            "tiers": [{"model": "m"} | price], "base_url": endpoint.base_url,
        }  # fmt: skip
        with bench.opened(Config.model_validate({"model": model})) as services:
            (found,) = consolidate(services)
            (row,) = services.ledger.repairs("waiting")
            assert row.result.cost_usd == pytest.approx(0.00011)
    text = git(bench.folder, "show", f"{row.result.commit}:scripts/job.md")
    assert "- The export renames its columns; read them by position. (by m)" in text
    assert max(map(len, text.splitlines())) < 500
    assert "KeyError" in endpoint.requests[0].prompt
    assert found.repair == row.id


def test_a_model_that_does_not_answer_leaves_the_rules_patterns(bench: Bench) -> None:
    healed_twice(bench)
    model = {"tiers": ["m"], "base_url": "http://127.0.0.1:9/v1"}
    with bench.opened(Config.model_validate({"model": model})) as services:
        (found,) = consolidate(services)
    assert found.repair
    assert len(found.sentences) == 1
