"""Which survivors are drafted, under whose name, with what reason and what doubt."""

from typing import Any

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.rules.source_files import SourceFiles
from healer.draft.rules.syntax.rule import DOES_NOT_PARSE
from healer.draft.search.comparison import Comparison
from healer.draft.search.search_facts import SearchResult
from healer.draft.search.survivors import (
    MAX_COMPARED,
    SEARCH,
    choose_survivors,
    draft_nothing,
    draft_survivors,
)
from healer.draft.search.variant_maker import REVERT, RULE, Variant
from healer.facts.draft import Difference, Draft, Drafts, EarlierAttempt, WriteFile
from sandbox import Fault, FaultKind
from sandbox.job import ScreenPlan
from tests.support.memory_tree import MemoryTree
from tests.support.search_cases import content_of, make_case

TEXT = "def f(a):\n    return a\n"
CODES = {"job.py": SourceFile("job.py", TEXT)}


def variant(content: str, shape: str = "compare/< to <=", line: int = 2) -> Variant:
    return Variant("job.py", content, shape, line, 0.0)


def draft_of(content: str, **more: Any) -> Draft:
    edit = WriteFile(path="job.py", content=content, replaces=True)
    return Draft(drafter="rules", edits=(edit,), rule="some-rule", **more)


def choose(*survivors: Variant, text: str = TEXT, tried: tuple[str, ...] = ()) -> list[str]:
    attempts = tuple(
        EarlierAttempt(draft=draft_of(content), diff="", verdict="", evidence="")
        for content in tried
    )
    files = SourceFiles(MemoryTree({"job.py": text}))
    chosen = choose_survivors(make_case("t", attempts=attempts), survivors, files)
    return [survivor.content for survivor in chosen]


def test_what_was_tried_before_is_left_out_and_what_is_said_twice_counts_once() -> None:
    assert choose(variant("a"), variant("b"), variant("a"), tried=("b",)) == ["a"]


def test_where_a_rules_fix_survives_no_other_is_compared_with_it() -> None:
    assert choose(variant("a"), variant("b", f"{RULE}/some-rule"), variant("c")) == ["b"]


def test_a_destructive_edit_gives_way() -> None:
    assert choose(variant("a", "delete/Expr"), variant("b")) == ["b"]
    assert choose(variant("a", "delete/Expr")) == ["a"]


def test_so_many_are_compared_and_no_more() -> None:
    assert len(choose(*(variant(str(n)) for n in range(99)))) == MAX_COMPARED


def test_of_texts_that_parse_again_those_that_only_add_are_likelier() -> None:
    broken = "x = [3, 4\nprint(x)\n"
    added, removed = "x = [3, 4]\nprint(x)\n", "x = 3, 4\nprint(x)\n"
    shape = f"{RULE}/{DOES_NOT_PARSE}"
    both = (variant(removed, shape, 1), variant(added, shape, 1))
    assert choose(*both, text=broken) == [added]
    assert choose(both[0], text=broken) == [removed]


def test_nothing_that_survives_is_nothing_to_choose() -> None:
    assert choose() == []


def result(**more: object) -> SearchResult:
    plan = ScreenPlan(failing=("t1", "t2"))
    return SearchResult(tried=7, complete=True, plan=plan, **more)


def draft(
    *survivors: Variant,
    comparison: Comparison | None = None,
    of: SearchResult | None = None,
    known: tuple[Draft, ...] = (),
) -> Drafts:
    groups = comparison or Comparison([[n] for n in range(len(survivors))])
    return draft_survivors(survivors, groups, of or result(), CODES, known)


@pytest.mark.parametrize(
    ("failing", "gain"),
    [
        ((), "keeps the command from failing and breaks none"),
        (("t1",), "makes 1 failing test pass and breaks none"),
    ],
)
def test_what_a_draft_gains_is_said_in_its_number(failing: tuple[str, ...], gain: str) -> None:
    of = SearchResult(tried=7, complete=True, plan=ScreenPlan(failing=failing))
    (only,) = draft(variant("a"), of=of).candidates
    assert gain in only.cause


def test_a_draft_of_the_search_goes_by_its_name_and_says_why() -> None:
    drafts = draft(variant("a"))
    (only,) = drafts.candidates
    assert (only.drafter, only.rule, content_of(drafts)) == (SEARCH, "compare/< to <=", "a")
    assert only.cause == (
        "Line 2 of `f` is wrong (compare: < to <=). Of 7 edits tried, this is the likeliest that "
        "makes 2 failing tests pass and breaks none."
    )
    assert only.doubt == ""


def test_outside_a_function_the_file_is_named() -> None:
    assert "Line 9 of `job.py`" in draft(variant("a", line=9)).candidates[0].cause


def test_a_rules_fix_is_drafted_as_the_rule_made_it() -> None:
    rule = draft_of("a", cause="Because.")
    (only,) = draft(variant("a", f"{RULE}/some-rule"), known=(rule,)).candidates
    assert only == rule


def test_a_reverted_commit_is_named() -> None:
    cause = draft(variant("a", f"{REVERT}/0123456789ab")).candidates[0].cause
    assert cause == "The failure began with commit 0123456789ab; its change is taken back."


def test_the_first_of_each_group_is_drafted() -> None:
    drafts = draft(variant("a"), variant("b"), variant("c"), comparison=Comparison([[2, 0], [1]]))
    assert [content_of(drafts, n) for n in range(2)] == ["c", "b"]


def test_groups_that_differ_are_shown_and_doubted() -> None:
    rows = tuple(Difference(given=f"({n})", results=("1", "2")) for n in range(4))
    drafts = draft(variant("a"), variant("b"), comparison=Comparison([[0], [1]], rows))
    assert drafts.ambiguity == rows
    doubts = {candidate.doubt for candidate in drafts.candidates}
    assert doubts == {
        "Several edits pass every test and still differ: (0) gives 1 or 2; (1) gives 1 or 2; "
        "(2) gives 1 or 2."
    }


def test_survivors_that_could_not_be_compared_are_doubted() -> None:
    comparison = Comparison([[0], [1]], complete=False)
    assert (
        "could not be compared"
        in draft(variant("a"), variant("b"), comparison=comparison).candidates[0].doubt
    )


def test_what_several_rules_say_without_tests_is_left_to_the_nights_and_not_forced() -> None:
    comparison = Comparison([[0], [1]], complete=False)
    known = (draft_of("a", forced="Because."), draft_of("b"))
    of_rules = [variant(text, f"{RULE}/some-rule") for text in "ab"]
    untested = result(untested=True)
    drafts = draft(*of_rules, comparison=comparison, of=untested, known=known).candidates
    assert [(each.doubt, each.forced) for each in drafts] == [("", ""), ("", "")]
    tested = draft(*of_rules, comparison=comparison, known=known).candidates
    assert all("could not be compared" in each.doubt for each in tested)


@pytest.mark.parametrize(
    ("first", "of", "doubt"),
    [
        (variant("a"), result(), ""),
        (variant("a"), result(untested=True), "Only the failing command"),
        (variant("a"), SearchResult(tried=7), "The time ran out"),
        (variant("a", "delete/Expr"), result(), "takes functionality away"),
        (variant("a", f"{RULE}/some-rule"), SearchResult(tried=7, untested=True), ""),
        (variant("a", "delete/Expr"), SearchResult(untested=True), "Only the failing command"),
    ],
)
def test_the_gravest_doubt_is_said(first: Variant, of: SearchResult, doubt: str) -> None:
    said = draft(first, of=of).candidates[0].doubt
    assert said.startswith(doubt) if doubt != "takes functionality away" else doubt in said
    assert bool(said) == bool(doubt)


def test_where_nothing_survives_the_rules_drafts_stay_or_the_count_is_said() -> None:
    from_rules = Drafts(candidates=(draft_of("a"),))
    none = Drafts(reason="No rule knows it.")
    assert draft_nothing(from_rules, SearchResult(tried=3)) == from_rules
    assert draft_nothing(none, SearchResult()) == none
    assert "3 small edits" in draft_nothing(none, SearchResult(tried=3)).reason


def test_a_search_that_could_not_run_says_so() -> None:
    none = Drafts(reason="no rule knows it.")
    away = Fault(kind=FaultKind.ENGINE, message="Docker is away.", retryable=True)
    reason = draft_nothing(none, SearchResult(fault=away)).reason
    assert reason == "no rule knows it. The search could not run: Docker is away."
    reason = draft_nothing(none, SearchResult(plan=ScreenPlan())).reason
    assert reason.endswith("The search could not run: none of its tests fails in the screening.")
    plan = ScreenPlan(failing=("t",))
    assert draft_nothing(none, SearchResult(plan=plan)) == none, "there was nothing to try"
