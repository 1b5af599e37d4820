"""How many variants are tried, in which order, and when it is enough; a table says what passes."""

import ast
from collections.abc import Iterator

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.rounds import (
    AFTER_FIRST,
    LOOK_AHEAD,
    MOST_AGAIN,
    MOST_BYTES,
    PATIENCE,
    SIZES,
    Rounds,
)
from healer.draft.search.search_facts import SearchResult, SearchTask
from healer.draft.search.search_time import SearchTime
from healer.draft.search.variant_maker import Variant
from sandbox import Fault, FaultKind, SandboxError, ScreenResult
from sandbox.job import ScreenPlan
from tests.support.table_screening import TableScreening

LIMIT_S = 0.1


def variant(number: int, shape: str = "constant/int+1") -> Variant:
    """Later ones are less likely."""
    return Variant("job.py", f"x = {number}\n", shape, 1, -float(number))


def variants(count: int) -> list[Variant]:
    return [variant(number) for number in range(count)]


def try_all(
    table: TableScreening,
    stream: list[Variant],
    *,
    budget_s: float = 60.0,
    times_unknown: bool = False,
    text: str = "x = -1\n",
) -> SearchResult:
    task = SearchTask(b"", ScreenPlan(limit_s=LIMIT_S), {"job.py": SourceFile("job.py", text)})
    result = SearchResult()
    budget = SearchTime(budget_s)
    rounds = Rounds(table, task, result, budget, times_unknown=times_unknown)
    rounds.run(iter(stream))
    return result


def passing(*numbers: int) -> TableScreening:
    texts = {f"x = {number}\n" for number in numbers}
    return TableScreening(lambda text, _: "passed" if text in texts else "failed")


class Some(TableScreening):
    """Tries as many as it is asked to, as the real one does."""

    def screen(self, tree: bytes, plan: ScreenPlan, budget_s: float) -> tuple[ScreenResult, ...]:
        answers = super().screen(tree, plan, budget_s)
        return answers[: plan.most]


def test_everything_is_tried_once_where_nothing_passes() -> None:
    table = Some()
    result = try_all(table, variants(3_000))
    tried = [text for plan in table.plans for text in plan.candidates[: plan.most]]
    assert [each["job.py"] for each in tried] == [v.content for v in variants(3_000)]
    assert (result.tried, result.complete, result.survivors) == (3_000, True, [])


def test_rounds_grow_and_what_a_round_does_not_try_waits_for_the_next() -> None:
    table = Some()
    try_all(table, variants(3_000))
    assert tuple(plan.most for plan in table.plans[:3]) == SIZES[:3]
    assert len(table.plans[0].candidates) == LOOK_AHEAD
    assert table.plans[1].candidates[0] == {"job.py": f"x = {SIZES[0]}\n"}


def test_some_hundred_more_are_tried_after_the_first_that_passes() -> None:
    result = try_all(passing(5), variants(3_000))
    assert [survivor.content for survivor in result.survivors] == ["x = 5\n"]
    assert result.complete
    assert AFTER_FIRST <= result.tried - 6 < 3_000


def test_of_those_that_pass_the_first_tried_is_the_first_survivor() -> None:
    class Backwards(TableScreening):
        def screen(
            self, tree: bytes, plan: ScreenPlan, budget_s: float
        ) -> tuple[ScreenResult, ...]:
            answers = super().screen(tree, plan, budget_s)
            last = len(answers) - 1
            return tuple(a.model_copy(update={"turn": last - a.index}) for a in answers)

    table = Backwards(lambda text, _: "passed" if text in ("x = 1\n", "x = 2\n") else "failed")
    result = try_all(table, variants(4))
    assert [survivor.content for survivor in result.survivors] == ["x = 2\n", "x = 1\n"]


def test_a_rules_fix_that_passes_ends_the_search() -> None:
    table = passing(0)
    result = try_all(table, [variant(0, "rule/some-rule"), *variants(3_000)[1:]])
    assert len(table.plans) == 1
    assert (result.complete, result.survivors[0].is_from_rule) == (True, True)


def test_a_rules_fix_that_fails_does_not() -> None:
    table = passing()
    try_all(table, [variant(0, "rule/some-rule"), *variants(3_000)[1:]])
    assert len(table.plans) > 1


def test_an_edit_that_passes_does_not_end_it_while_a_rules_fix_waits() -> None:
    table = Some(lambda text, _: "passed" if text in ("x = 0\n", "x = 200\n") else "failed")
    stream = variants(700)
    stream[200] = variant(200, "rule/some-rule")
    result = try_all(table, stream)
    assert [v.content for v in result.survivors] == ["x = 0\n", "x = 200\n"]


def slow(*numbers: int) -> TableScreening:
    """What passes only with more time than at first."""
    texts = {f"x = {number}\n" for number in numbers}

    def end(text: str, plan: ScreenPlan) -> str:
        if text not in texts:
            return "failed"
        return "passed" if plan.limit_s > LIMIT_S else "timeout"

    return TableScreening(end)


def test_what_was_cut_off_is_tried_again_with_more_time_when_nothing_passes() -> None:
    table = slow(7)
    result = try_all(table, variants(50))
    assert [v.content for v in result.survivors] == ["x = 7\n"]
    assert max(plan.limit_s for plan in table.plans) == pytest.approx(PATIENCE * LIMIT_S)
    assert result.tried == 50


def late_and_passing(late: int, first: int) -> TableScreening:
    """Some are slow, and a less likely one passes at once."""

    def end(text: str, plan: ScreenPlan) -> str:
        number = int(text.removeprefix("x = "))
        if number < late:
            return "passed" if plan.limit_s > LIMIT_S else "timeout"
        return "passed" if number == first else "failed"

    return TableScreening(end)


@pytest.mark.parametrize(
    ("late", "times_unknown", "survivors", "complete"),
    [
        pytest.param(3, True, 4, True, id="it was never seen to end"),
        pytest.param(3, False, 1, True, id="how long the test takes is known"),
        pytest.param(MOST_AGAIN, True, MOST_AGAIN + 1, True, id="as many as there is time for"),
        pytest.param(MOST_AGAIN + 1, True, 1, False, id="more than there is time for"),
    ],
)
def test_a_likelier_edit_that_was_cut_off_is_tried_again_where_no_time_is_known(
    late: int, times_unknown: bool, survivors: int, complete: bool
) -> None:
    table = late_and_passing(late, 60)
    result = try_all(table, variants(100), times_unknown=times_unknown)
    assert (len(result.survivors), result.complete) == (survivors, complete)


def test_a_less_likely_edit_that_was_cut_off_is_not() -> None:
    table = TableScreening(lambda text, _: "passed" if text == "x = 0\n" else "timeout")
    assert len(try_all(table, variants(50), times_unknown=True).survivors) == 1
    assert len(table.plans) == 1


def test_what_changes_nothing_in_the_failing_test_is_dropped_and_not_counted() -> None:
    table = TableScreening(lambda text, _: "alike" if text.endswith("5\n") else "failed")
    result = try_all(table, variants(2_000))
    assert len(table.texts) == len(set(table.texts)) == 2_000
    assert (result.tried, result.complete) == (1_800, True)


def test_a_sandbox_that_answers_nothing_ends_the_search() -> None:
    class Silent(TableScreening):
        def screen(
            self, tree: bytes, plan: ScreenPlan, budget_s: float
        ) -> tuple[ScreenResult, ...]:
            super().screen(tree, plan, budget_s)
            return ()

    table = Silent()
    result = try_all(table, variants(10))
    assert (len(table.plans), result.tried, result.complete) == (1, 0, False)


def test_a_fault_of_the_sandbox_ends_the_search_and_is_told() -> None:
    fault = Fault(kind=FaultKind.CONTAINER, message="vanished")

    class Broken(TableScreening):
        def screen(
            self, tree: bytes, plan: ScreenPlan, budget_s: float
        ) -> tuple[ScreenResult, ...]:
            super().screen(tree, plan, budget_s)
            raise SandboxError.of(fault)

    table = Broken()
    result = try_all(table, variants(10))
    assert (result.fault, result.complete, len(table.plans)) == (fault, False, 1)


@pytest.mark.parametrize("budget_s", [0.0, 0.2])
def test_without_a_second_left_no_container_is_started(budget_s: float) -> None:
    table = TableScreening()
    result = try_all(table, variants(10), budget_s=budget_s)
    assert (table.plans, result.complete) == ([], False)


def test_time_that_containers_use_is_charged_to_the_budget() -> None:
    class Dear(TableScreening):
        def screen(
            self, tree: bytes, plan: ScreenPlan, budget_s: float
        ) -> tuple[ScreenResult, ...]:
            answers = super().screen(tree, plan, budget_s)
            return tuple(a.model_copy(update={"seconds": 10.0}) for a in answers)

    table = Dear()
    result = try_all(table, variants(5_000))
    assert (len(table.plans), result.complete) == (1, False)


def test_one_round_makes_no_more_than_its_share_of_the_time() -> None:
    """A stream that is slow does not keep what is already made from being tried."""
    table = TableScreening(lambda text, _: "passed" if text == "x = 0\n" else "failed")
    spun = []

    def stream() -> Iterator[Variant]:
        budget = SearchTime(60.0)
        for made in variants(200):
            yield made
            start_s = budget.used_s
            while budget.used_s - start_s < 0.02:
                spun.append(1)

    task = SearchTask(b"", ScreenPlan(), {"job.py": SourceFile("job.py", "x = -1\n")})
    result = SearchResult()
    Rounds(table, task, result, SearchTime(2.0), times_unknown=False).run(stream())
    assert len(table.plans[0].candidates) < 60
    assert result.survivors[0].content == "x = 0\n"
    assert not result.complete


def test_the_variants_of_one_round_are_bounded_by_their_size() -> None:
    wide = "#" * (MOST_BYTES // 200)
    stream = [Variant("job.py", f"x = {n}  {wide}\n", "s", 1, 0.0) for n in range(500)]
    table = TableScreening()
    try_all(table, stream)
    assert len(table.plans[0].candidates) == 200


def test_expressions_with_several_forms_are_sent_as_probes() -> None:
    text = "def f(a, b):\n    return a < b\n"
    function = ast.parse(text).body[0]
    stream = []
    for sign in ("<=", ">"):
        other = text.replace("<", sign)
        pair = (function, ast.parse(other).body[0])
        stream.append(Variant("job.py", other, "compare", 2, 0.0, pair=pair))
    table = TableScreening()
    task = SearchTask(b"", ScreenPlan(), {"job.py": SourceFile("job.py", text)})
    rounds = Rounds(table, task, SearchResult(), SearchTime(60.0), times_unknown=False)
    rounds.run(iter(stream))
    (probe,) = table.plans[0].probes
    assert probe.forms == ("a <= b", "a > b")
