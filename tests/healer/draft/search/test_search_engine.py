"""The engine's own decisions, with a screening that only answers from a table."""

from collections.abc import Callable

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.candidates import Candidate
from healer.draft.search.engine import AFTER_FIRST, Engine, Search, plan_from
from healer.draft.search.without_tests import keeps_intent
from sandbox import Seen, TestResult
from sandbox.job import Behaved, Command, Screened, ScreenPlan

TEXT = "def f(a, b, c):\n    if a < b:\n        return a + c\n    return b - c\n"


class Table:
    """Says of each candidate what a function says of its text; keeps what it was asked."""

    def __init__(self, outcome: Callable[[str, ScreenPlan], str], *failing: str) -> None:
        self._outcome, self._failing = outcome, failing or ("t",)
        self.plans: list[ScreenPlan] = []

    def spectrum(self, _tree: bytes, _plan: ScreenPlan) -> tuple[Seen, ...]:
        lines = {"job.py": (2, 3, 4)}
        return tuple(Seen(node=n, outcome="failed", lines=lines) for n in self._failing)

    def screen(self, _tree: bytes, plan: ScreenPlan, _budget_s: float) -> tuple[Screened, ...]:
        self.plans.append(plan)
        texts = [candidate["job.py"] for candidate in plan.candidates]
        return tuple(
            Screened.model_validate({"index": i, "turn": i, "outcome": self._outcome(text, plan)})
            for i, text in enumerate(texts)
        )

    def compare(self, _tree: bytes, _plan: ScreenPlan) -> tuple[Behaved, ...]:
        return ()


def searched(table: Table) -> Search:
    return Engine(table).run(b"", ScreenPlan(), {"job.py": SourceFile("job.py", TEXT)})


def test_some_hundred_more_are_tried_after_the_first_that_passes() -> None:
    table = Table(lambda text, _: "passed" if "a > b" in text else "failed")
    done = searched(table)
    assert done.survivors
    assert done.complete
    assert done.first_after <= done.tried - AFTER_FIRST


def test_a_rule_s_fix_that_passes_ends_the_search() -> None:
    fixed = TEXT.replace("a < b", "a > b")
    rule = Candidate("job.py", fixed, "rule/some-rule", 2, 0.0)

    def run(passing: str) -> tuple[Search, Table]:
        table = Table(lambda text, _: "passed" if text == passing else "failed")
        codes = {"job.py": SourceFile("job.py", TEXT)}
        return Engine(table).run(b"", ScreenPlan(), codes, lambda _: [rule]), table

    done, table = run(fixed)
    assert done.complete
    assert done.survivors[0].shape == "rule/some-rule"
    assert len(table.plans) == 1
    failed, more = run("nothing like it")
    assert failed.survivors == []
    assert len(more.plans) > 1


def test_what_was_cut_off_is_tried_again_with_more_time_when_nothing_passes() -> None:
    def slow(text: str, plan: ScreenPlan) -> str:
        if "a > b" not in text:
            return "failed"
        return "passed" if plan.limit_s > 0.2 else "timeout"

    table = Table(slow)
    done = searched(table)
    assert [survivor.content for survivor in done.survivors] != []
    assert all("a > b" in survivor.content for survivor in done.survivors)
    assert max(plan.limit_s for plan in table.plans) > min(plan.limit_s for plan in table.plans)


@pytest.mark.parametrize(
    ("ended", "looked"),
    [
        pytest.param("failed", False, id="how long the test takes is known"),
        pytest.param("timeout", True, id="it was never seen to end"),
    ],
)
def test_a_likelier_edit_that_was_cut_off_is_tried_again_where_no_time_is_known(
    ended: str, looked: bool
) -> None:
    first: list[str] = []

    def slow(text: str, plan: ScreenPlan) -> str:
        first[:] = first or [text]
        if text == first[0]:
            return "passed" if plan.limit_s > 0.2 else "timeout"
        return "passed" if "a + b" in text else "failed"

    class Ended(Table):
        def spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[Seen, ...]:
            every = super().spectrum(tree, plan)
            return tuple(t.model_copy(update={"outcome": ended}) for t in every)

    done = searched(Ended(slow))
    assert done.complete
    assert (first[0] in [survivor.content for survivor in done.survivors]) == looked


def test_expressions_with_several_forms_are_sent_as_probes() -> None:
    table = Table(lambda *_: "passed")
    searched(table)
    probes = {probe.forms for probe in table.plans[0].probes}
    assert any("a <= b" in forms or "a > b" in forms for forms in probes)


def test_what_changes_nothing_in_the_failing_test_is_dropped_and_not_counted() -> None:
    class Alike(Table):
        def screen(self, tree: bytes, plan: ScreenPlan, budget_s: float) -> tuple[Screened, ...]:
            every = super().screen(tree, plan, budget_s)
            pairs = zip(every, plan.candidates, strict=True)
            return tuple(
                r.model_copy(update=ALIKE) if "a + c" in c["job.py"] else r for r, c in pairs
            )

    table = Alike(lambda *_: "failed")
    done = searched(table)
    texts = [c["job.py"] for plan in table.plans for c in plan.candidates]
    assert len(texts) == len(set(texts))
    assert done.complete
    assert done.tried == sum("a + c" not in text for text in texts)


ALIKE = {"outcome": "alike"}


def test_a_round_tries_some_of_those_at_hand_and_the_rest_waits_for_the_next() -> None:
    class Some(Table):
        def screen(self, tree: bytes, plan: ScreenPlan, budget_s: float) -> tuple[Screened, ...]:
            return super().screen(tree, plan, budget_s)[: plan.most]

    table = Some(lambda *_: "failed")
    done = searched(table)
    everything = searched(Table(lambda *_: "failed"))
    assert len(table.plans[0].candidates) > table.plans[0].most
    assert (done.tried, done.complete) == (everything.tried, True)


def test_a_sandbox_that_answers_nothing_ends_the_search() -> None:
    class Silent(Table):
        def screen(self, tree: bytes, plan: ScreenPlan, budget_s: float) -> tuple[Screened, ...]:
            super().screen(tree, plan, budget_s)
            return ()

    table = Silent(lambda *_: "failed")
    done = searched(table)
    assert (len(table.plans), done.tried, done.complete) == (1, 0, False)


@pytest.mark.parametrize(
    ("outcome", "failing", "passing"),
    [("passed", (), ("fine", "slow")), ("failed", ("slow",), ("fine",))],
)
def test_a_test_that_is_only_slow_gets_the_time_that_it_took_before(
    outcome: str, failing: tuple[str, ...], passing: tuple[str, ...]
) -> None:
    seen = [Seen(node="slow", outcome="timeout"), Seen(node="fine", outcome="passed", seconds=0.01)]
    before = TestResult.model_validate({"node": "slow", "outcome": outcome, "seconds": 1.0})
    usual = plan_from(ScreenPlan(), seen, {"slow": before})
    assert usual.limit_s > 1.0
    assert (usual.failing, usual.passing) == (failing, passing)
    unknown = plan_from(ScreenPlan(), seen)
    assert unknown.limit_s < 0.1
    assert (unknown.failing, unknown.passing) == (("slow",), ("fine",))


def test_quick_tests_come_first() -> None:
    seen = [Seen(node=n, outcome="passed", seconds=s) for n, s in (("a", 0.2), ("b", 0.01))]
    assert plan_from(ScreenPlan(), seen).passing == ("b", "a")


class PassingTests(Table):
    """Every test passes; the command alone fails."""

    def spectrum(self, _tree: bytes, plan: ScreenPlan) -> tuple[Seen, ...]:
        if plan.use_tests:
            return (Seen(node="t", outcome="passed", lines={"job.py": (2,)}),)
        return (Seen(node="(command)", outcome="failed", lines={"job.py": (2, 3)}),)


def test_where_no_test_fails_only_edits_that_keep_the_intent_are_tried() -> None:
    """Without a test that fails, leaving the failing call out would pass as well."""
    table = PassingTests(lambda *_: "failed")
    plan = ScreenPlan(command=Command(argv=("python", "job.py")))
    done = Engine(table).run(b"", plan, {"job.py": SourceFile("job.py", TEXT)})
    tried = {candidate["job.py"] for plan in table.plans for candidate in plan.candidates}
    assert done.untested
    assert TEXT.replace("a < b", "a <= b") in tried
    assert TEXT.replace("a + c", "c + a") in tried
    assert TEXT.replace("a + c", "a") not in tried
    assert TEXT.replace("        return a + c\n", "        pass\n") not in tried


@pytest.mark.parametrize(
    ("shape", "kept"),
    [
        ("binary// to //", True),
        ("binary// to *", False),
        ("compare/< to <=", True),
        ("boolean/or to and", True),
        ("boolean/drop or", False),
        ("compare/< to <= and off-by-one/index+", False),
    ],
)
def test_an_edit_that_only_a_command_speaks_for_keeps_the_intent(shape: str, kept: bool) -> None:
    assert keeps_intent(Candidate("job.py", "", shape, 1, 0.0)) is kept


def test_where_a_test_fails_every_edit_is_tried() -> None:
    table = Table(lambda *_: "failed")
    done = searched(table)
    tried = {candidate["job.py"] for plan in table.plans for candidate in plan.candidates}
    assert not done.untested
    assert TEXT.replace("a + c", "a") in tried
