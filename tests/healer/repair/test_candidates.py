"""From drafts to attempts: each proved, those of one question side by side, the strongest shown."""

from dataclasses import replace
from typing import Any

import pytest

from healer.facts.draft import (
    Case,
    Draft,
    Drafts,
    PackageMove,
    ReplaceText,
    Source,
    WriteFile,
)
from healer.facts.suspect import Suspect
from healer.repair.candidates import CANDIDATES
from healer.repair.propose import commit_message
from healer.repair.request import build_request, find_or_open
from healer.repair.run import run_repair
from quarantine.candidate import quarantine_branch, write_candidate
from quarantine.git import NOBODY
from sandbox import Job, ProcessEnd, Report
from sandbox.fake import ScriptedSandbox
from tests.healer.repair.test_workflow import NONE, OTHER_BAD, OTHER_GOOD, Asked, priced
from tests.support.bench import (
    ALWAYS,
    BAD,
    GOOD,
    NEVER,
    SCRIPT,
    UNREADABLE,
    WITH_FIX,
    Bench,
    drafted_test,
)
from tests.support.endpoint import Body, Reply, answer
from tests.support.git import commit_files, git
from tests.support.shop import BROKEN, FIXED, Shop, look, shop
from tests.support.shop import SCRIPT as PRICES


def test_of_candidates_side_by_side_the_one_that_holds_is_merged(bench: Bench) -> None:
    result = bench.fix(BAD, GOOD, OTHER_BAD, candidates=3)
    assert result.outcome == "healed", result.reason
    assert sorted(attempt.verdict for attempt in result.attempts) == [
        "fixed", "unchanged", "unchanged",
    ]  # fmt: skip
    assert git(bench.folder, "show", f"main:{SCRIPT}").count('row["total"]') == 1


def test_candidates_that_hold_and_differ_are_a_persons_choice(bench: Bench) -> None:
    result = bench.fix(GOOD, OTHER_GOOD, candidates=2)
    assert result.outcome == "review"
    assert "behave differently: for [{}] the result is KeyError or 0" in result.reason


def test_candidates_of_which_one_says_it_is_no_fault_are_a_persons_choice(bench: Bench) -> None:
    out = answer(decision="not_code_fault", cause="The export is empty.")
    result = bench.fix(GOOD, out, candidates=2)
    assert result.outcome == "review"
    assert "another reply to the same question was not code fault" in result.reason


@pytest.mark.parametrize(
    ("how", "said", "outcome"),
    [
        (ALWAYS, "dropped: it passes on the unfixed commit, too", "healed"),
        (UNREADABLE, "dropped: it cannot be run", "healed"),
        (NEVER, "dropped: it fails with the fix, too", "review"),
    ],
)
def test_a_drafted_test_that_tells_nothing_is_dropped_and_that_is_evidence(
    bench: Bench, how: str, said: str, outcome: str
) -> None:
    result = bench.fix(GOOD | drafted_test(how))
    assert result.outcome == outcome, result.reason
    (check,) = [check for check in result.checks if check.name == "regression"]
    assert (check.status, check.detail) == ("skipped", f"the draft's own test was {said}")
    assert git(bench.folder, "ls-tree", "--name-only", str(result.commit), "tests/") == (
        "tests/test_job.py"
    )


def test_a_drafted_test_that_fails_before_and_passes_after_is_merged_with_the_fix(
    bench: Bench,
) -> None:
    result = bench.fix(GOOD | drafted_test(WITH_FIX))
    assert result.outcome == "healed", result.reason
    assert WITH_FIX in git(bench.folder, "show", "main:tests/test_new.py")


def test_a_draft_that_fails_is_not_reviewed_and_a_review_is_paid(bench: Bench) -> None:
    asked = Asked()
    replies: list[Body | Reply] = [
        BAD, GOOD, Reply(NONE, usage=(999_980, 10)),
    ]  # fmt: skip
    result = bench.fix(*replies, reviewer=priced("second"), asked=asked, budget_usd_per_repair=9.0)
    assert asked.models == ["small", "small", "second"]
    assert result.cost_usd == pytest.approx(1.0)
    calls = bench.evidence(result).attempts[-1].exchanges
    assert [call.model for call in calls] == ["small", "second"]


class Many:
    """Drafts as many useless changes as it is told to, and the right one at the end."""

    name = "scripted"

    def __init__(self, count: int, *, side_by_side: bool) -> None:
        self._count, self._side_by_side = count, side_by_side
        self.cases: list[Case] = []

    def draft(self, case: Case, source: Source) -> Drafts:
        del source
        if case.attempts:
            return Drafts(reason="all of them were tried")
        texts = [f"{BROKEN}# {number}\n" for number in range(self._count)]
        drafts = [
            Draft(drafter="scripted", edits=(WriteFile(path=PRICES, content=text, replaces=True),))
            for text in [*texts, FIXED]
        ]
        return Drafts(candidates=tuple(drafts), side_by_side=self._side_by_side)


def fix(here: Shop, count: int, *, side_by_side: bool) -> list[str]:
    here.drafter = Many(count, side_by_side=side_by_side)
    return [attempt.verdict for attempt in here.fix().attempts]


class Measuring(Many):
    """It has measured where the fault may be, and drafts the right change the second time."""

    def draft(self, case: Case, source: Source) -> Drafts:
        self.cases.append(case)
        if case.attempts:
            return super().draft(case.model_copy(update={"attempts": ()}), source)
        text = WriteFile(path=PRICES, content=f"{BROKEN}# 0\n", replaces=True)
        suspects = (Suspect(path=PRICES, line=1, weight=0.5),)
        return Drafts(candidates=(Draft(drafter="scripted", edits=(text,)),), suspects=suspects)


def test_what_one_round_measures_is_told_in_the_next(tmp_path: Any) -> None:
    with shop(tmp_path / "shop") as here:
        here.drafter = drafter = Measuring(0, side_by_side=False)
        assert here.fix().attempts[-1].verdict == "fixed"
    assert [[each.path for each in case.suspects] for case in drafter.cases] == [[], [PRICES]]


@pytest.mark.parametrize("side_by_side", [True, False])
def test_of_one_round_only_so_many_are_proved(tmp_path: Any, side_by_side: bool) -> None:
    with shop(tmp_path / "shop") as here:
        verdicts = fix(here, 2 * CANDIDATES, side_by_side=side_by_side)
    assert len(verdicts) == CANDIDATES


def test_one_after_the_other_ends_with_the_first_that_holds(tmp_path: Any) -> None:
    with shop(tmp_path / "shop") as here:
        verdicts = fix(here, 2, side_by_side=False)
        assert verdicts[-1] == "fixed"
        branch = git(here.folder, "branch", "--list", "quarantine/*").strip()
        assert git(here.folder, "show", f"{branch}:{PRICES}") == FIXED.strip()


def test_side_by_side_the_branch_points_to_the_one_that_is_shown(tmp_path: Any) -> None:
    with shop(tmp_path / "shop") as here:
        here.drafter = Many(3, side_by_side=True)
        result = here.fix()
        assert result.attempts[-1].verdict == "fixed"
        assert git(here.folder, "rev-parse", str(result.branch)) == result.commit
        assert git(here.folder, "show", f"{result.branch}:{PRICES}") == FIXED.strip()


class Inapplicable(Many):
    """Its first draft quotes what is not there."""

    def draft(self, case: Case, source: Source) -> Drafts:
        if case.attempts:
            self.cases.append(case)
            return super().draft(case.model_copy(update={"attempts": ()}), source)
        edit = ReplaceText(path=PRICES, find="no such text", replace="x")
        return Drafts(candidates=(Draft(drafter="scripted", edits=(edit,)),))


@pytest.mark.parametrize("side_by_side", [True, False])
def test_a_draft_that_applies_nowhere_is_an_attempt_that_nobody_has_to_prove(
    tmp_path: Any, side_by_side: bool
) -> None:
    with shop(tmp_path / "shop") as here:
        here.drafter = Inapplicable(0, side_by_side=side_by_side)
        result = here.fix()
        assert [attempt.verdict for attempt in result.attempts] == ["forbidden", "fixed"]
        first, second = result.attempts
        assert (first.commit, first.diff) == (None, "")
        assert second.commit == result.commit
        assert "the quoted text is not in the file" in here.drafter.cases[0].attempts[0].evidence


@pytest.mark.parametrize("by_a_person", [False, True])
def test_what_a_run_that_was_cut_short_left_on_the_branch_gives_way(
    tmp_path: Any, by_a_person: bool
) -> None:
    """Its repair is begun anew on today's tip, so its first commit is another one."""
    with shop(tmp_path / "shop") as here:
        repository = here.services.repository
        command = ("python", PRICES)
        wish = build_request(repository, here.services.config, PRICES, command=command)
        find_or_open(here.services.ledger, wish)
        left = write_candidate(
            repository,
            base=wish.base,
            changes={PRICES: b"x = 1\n"},
            branch=quarantine_branch(PRICES, wish.repair),
            message=commit_message(wish, Draft(drafter="scripted")),
            when=wish.opened_at,
            author="Ada <ada@example.com>" if by_a_person else NOBODY,
        )
        commit_files(here.folder, {"other.py": "x = 1\n"}, "Something else")
        result = run_repair(here.services, here.state, wish)
        if by_a_person:
            assert result.outcome == "gave_up"
            assert f"somebody has committed to {left.branch}" in result.reason
            assert repository.tip(left.branch) == left.commit
        else:
            assert result.outcome == "review"
            assert repository.tip(left.branch) == result.commit


class CodeAndPin:
    """A change of the code, and beside it the pin of what moved."""

    name = "rules"

    def draft(self, case: Case, source: Source) -> Drafts:
        del source
        if case.attempts:
            return Drafts(reason="both were tried")
        pin = Draft(
            drafter="rules",
            edits=(WriteFile(path="requirements.txt", content="pandas==2.2.3\n", replaces=True),),
            packages=("pandas==2.2.3",),
            pins=(PackageMove(name="pandas", old="2.2.3", new="3.0.0"),),
            doubt="which release is for a person to say",
        )
        edit = WriteFile(path=PRICES, content=FIXED, replaces=True)
        return Drafts(candidates=(Draft(drafter="rules", edits=(edit,)), pin))


@pytest.mark.parametrize("can_be_proved", [True, False])
def test_a_change_of_code_that_waits_has_the_pin_beside_it(
    tmp_path: Any, can_be_proved: bool
) -> None:
    with shop(tmp_path / "shop") as here:
        commit_files(here.folder, {"requirements.txt": "pandas\n"})
        here.drafter = CodeAndPin()
        heals = here.services.runner.on(lambda: ScriptedSandbox([see_it_heal]))
        if can_be_proved:
            here.services = replace(here.services, with_packages=lambda *_: heals)
        result = here.fix()
        assert result.outcome == "review"
        verdicts = ["fixed" if can_be_proved else "unchanged", "fixed"]
        assert [each.verdict for each in result.attempts] == verdicts
        pin, code = result.attempts
        assert "+pandas==2.2.3" in pin.diff
        assert code.commit == result.commit
        assert git(here.folder, "rev-parse", str(result.branch)) == result.commit
        assert git(here.folder, "show", f"{result.branch}:{PRICES}") == FIXED.strip()


def see_it_heal(job: Job) -> Report:
    """What a sandbox sees where the pin is installed."""
    report = look(job)
    assert isinstance(report, Report)
    return report.model_copy(update={"command": ProcessEnd(exit_code=0)})
