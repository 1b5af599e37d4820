"""What one repair teaches the next: notes, earlier fixes, similar incidents, rejections."""

import time
from typing import Any

import pytest

from healer.memory.store import Memory
from healer.repair import approve
from healer.repair.learn import catch_up
from healer.watch.runner import run_log
from tests.healer.repair.test_workflow import Asked
from tests.support.bench import BAD, FILES, GOOD, LINE, RIGHT, SCRIPT, SOURCE, Bench
from tests.support.endpoint import answer, fix
from tests.support.git import git

NOTES = "# job\n\nGoal: one number every night.\n\n## Known failure modes\n"
ALL = {"options": {"drafter": "auto"}}


def broken_again(bench: Bench) -> None:
    bench.write(SCRIPT, SOURCE)
    bench.commit("Bring the fault back")


def test_the_notes_gain_the_failure_mode_in_the_commit_that_was_checked(bench: Bench) -> None:
    bench.write("scripts/job.md", NOTES)
    bench.commit("Notes")
    asked = Asked()
    result = bench.fix(GOOD, asked=asked)
    assert result.outcome == "healed", result.reason
    assert "Goal: one number every night." in asked.prompts[0]
    assert git(bench.folder, "diff", "--name-only", "main~1", "main").split() == [
        "scripts/job.md", SCRIPT,
    ]  # fmt: skip
    noted = git(bench.folder, "show", "main:scripts/job.md")
    assert "KeyError: 'totl'. The code did not handle this case." in noted
    assert f"(repair {result.repair})" in noted
    checked = bench.evidence(result).attempts[-1].candidate
    assert checked is not None
    assert git(bench.folder, "rev-parse", "main^{tree}") == checked.tree


@pytest.mark.parametrize("wanted", [True, False])
def test_a_script_without_notes_gets_some_only_where_they_are_wanted(
    bench: Bench, wanted: bool
) -> None:
    result = bench.fix(GOOD, config={"notes": wanted})
    changed = git(bench.folder, "diff", "--name-only", "main~1", "main").split()
    assert result.outcome == "healed", result.reason
    assert ("scripts/job.md" in changed) is wanted


def test_notes_that_only_people_change_stay_as_they_are_and_hold_nothing_up(bench: Bench) -> None:
    bench.write("scripts/job.md", NOTES)
    bench.write("protected.toml", '[[protect]]\npaths = ["**/*.md"]\nreason = "by people"\n')
    bench.commit("Protected notes")
    result = bench.fix(GOOD)
    assert result.outcome == "healed", result.reason
    assert git(bench.folder, "diff", "--name-only", "main~1", "main") == SCRIPT


def test_a_repeated_incident_tries_its_earlier_fix_first_and_asks_no_model(bench: Bench) -> None:
    assert bench.fix(GOOD).outcome == "healed"
    broken_again(bench)
    asked = Asked()
    result = bench.fix(asked=asked, **ALL)
    assert result.outcome == "healed", result.reason
    assert asked.prompts == []
    assert (result.drafter, result.cost_usd) == ("rules", 0)
    assert result.attempts[0].rule.startswith("the fix of repair ")


def test_a_fix_that_was_taken_out_again_is_not_tried_again(bench: Bench) -> None:
    first = bench.fix(GOOD)
    with bench.opened() as services:
        reverted = first.model_copy(update={"reason": "it lost rows", "failure": None})
        services.ledger.settle(first.repair, "reverted", reverted)
    broken_again(bench)
    asked = Asked()
    result = bench.fix(GOOD, asked=asked, **ALL)
    assert len(asked.prompts) == 1
    assert "this fix did NOT work (it lost rows)" in asked.prompts[0]
    assert result.drafter == "small"


def test_a_repair_that_ended_as_another_is_no_lesson(bench: Bench) -> None:
    first = bench.fix(GOOD, config={"autonomy": "review"})
    other = {"command": ("python", SCRIPT, "--all")}
    assert bench.fix(options=other).repair == first.repair
    with Memory(None) as memory, bench.opened() as services:
        catch_up(services.ledger, memory, services.redactor)
        assert memory.read_latest_end() == 0
        services.ledger.settle(first.repair, "rejected", first)
        catch_up(services.ledger, memory, services.redactor)
        assert memory.read_latest_end() > 0


def test_a_similar_failure_shows_the_fix_that_worked(bench: Bench) -> None:
    assert bench.fix(GOOD).outcome == "healed"
    bench.write(SCRIPT, SOURCE.replace('"totl"', '"totl", 1'))
    bench.commit("Break it in another way")
    asked = Asked()
    bench.fix(answer(decision="needs_person", cause="x"), asked=asked)
    assert "Similar failures of earlier" in asked.prompts[0]
    assert "this fix worked" in asked.prompts[0]
    assert f"+    {RIGHT}" in asked.prompts[0]


def test_what_a_person_rejected_is_shown_with_the_reason(bench: Bench) -> None:
    first = bench.fix(GOOD, config={"autonomy": "review"})
    assert first.outcome == "review"
    with bench.opened() as services:
        approve.reject(services, first.repair, "prices are not optional", "Ada")
    asked = Asked()
    again = fix(SCRIPT, LINE, f"{RIGHT}  # the same")
    bench.fix(again, again, asked=asked)
    assert "prices are not optional" in asked.prompts[0]
    assert "tried before" in asked.prompts[1]


def test_vectors_are_asked_for_where_a_model_is_configured_and_are_paid(bench: Bench) -> None:
    embedding = {"model": "vectors", "usd_per_million_in": 1.0, "usd_per_million_out": 0}
    paid = {"tiers": [{"model": "m", "usd_per_million_in": 0, "usd_per_million_out": 0}]}
    result = bench.fix(GOOD, embedding=embedding, **paid)
    calls = bench.evidence(result).attempts[-1].exchanges
    assert [call.model for call in calls] == ["vectors", "m"]
    assert 0 < result.cost_usd < 0.001
    assert result.cost_known


def test_an_endpoint_without_vectors_stops_nothing(bench: Bench) -> None:
    broken = {"model": "v", "base_url": "http://127.0.0.1:9/v1"}
    result = bench.fix(GOOD, embedding=broken)
    assert result.outcome == "healed", result.reason


@pytest.mark.parametrize(("good_run", "shown"), [("before", True), ("after", False)])
def test_a_change_is_shown_where_it_is_newer_than_the_last_good_run(
    bench: Bench, good_run: str, shown: bool
) -> None:
    bench.write(SCRIPT, SOURCE.replace(LINE, RIGHT))
    bench.commit("It works")
    bench.write(SCRIPT, SOURCE)
    bench.commit("Rename the column")
    bench.write("rows.json", FILES["rows.json"] + "\n")
    bench.commit("New data")
    at = time.time() + (-86_400 if good_run == "before" else 86_400)
    run_log.append(bench.state, run_log.LoggedRun(SCRIPT, "", 0, at, 1.0))
    asked = Asked()
    bench.fix(answer(decision="needs_person", cause="x"), asked=asked)
    assert ("Rename the column" in asked.prompts[0]) is shown


def test_attempts_that_failed_are_lessons_too(bench: Bench) -> None:
    more: dict[str, Any] = {"options": {"attempts": 1}}
    assert bench.fix(BAD, **more).outcome == "gave_up"
    asked = Asked()
    bench.fix(GOOD, asked=asked)
    assert "this fix did NOT work" in asked.prompts[0]
