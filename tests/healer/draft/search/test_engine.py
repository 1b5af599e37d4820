"""The course of a search, with a screening that only answers from a table."""

import time

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.engine import SPECTRUM_LIMIT_S, SearchEngine
from healer.draft.search.search_facts import SearchResult, SearchTask
from healer.draft.search.variant_maker import Variant
from sandbox import Fault, FaultKind, SandboxError, SpectrumTest, TestResult
from sandbox.job import Command, ScreenPlan
from tests.support.table_screening import TableScreening

TEXT = "def f(a, b, c):\n    if a < b:\n        return a + c\n    return b - c\n"
COMMAND = ScreenPlan(command=Command(argv=("python", "job.py")))


def search(
    screening: TableScreening,
    *seeds: Variant,
    text: str = TEXT,
    plan: ScreenPlan | None = None,
    budget_s: float = 60.0,
) -> SearchResult:
    codes = {"job.py": SourceFile("job.py", text)}
    task = SearchTask(b"", plan or ScreenPlan(), codes)
    return SearchEngine(screening, budget_s).run(task, lambda _: seeds)


def test_a_survivor_is_what_makes_the_failing_tests_pass() -> None:
    table = TableScreening(lambda text, _: "passed" if "a > b" in text else "failed")
    result = search(table)
    assert result.survivors
    assert all("a > b" in survivor.content for survivor in result.survivors)
    assert result.plan is not None
    assert result.plan.failing == ("t",)
    assert not result.untested


def test_seeds_are_tried_before_all_edits_and_given_what_the_tests_said() -> None:
    told: list[tuple[SpectrumTest, ...]] = []
    seed = Variant("job.py", f"{TEXT}#\n", "rule/some-rule", 2, 0.0)

    def make(spectrum: tuple[SpectrumTest, ...]) -> list[Variant]:
        told.append(spectrum)
        return [seed]

    table = TableScreening(lambda *_: "passed")
    task = SearchTask(b"", ScreenPlan(), {"job.py": SourceFile("job.py", TEXT)})
    result = SearchEngine(table).run(task, make)
    assert table.texts[0] == seed.content
    assert told == [table.tests]
    assert result.survivors[0] is seed


def test_the_files_that_may_be_changed_are_watched_under_a_limit() -> None:
    plans: list[ScreenPlan] = []

    class Watching(TableScreening):
        def measure_spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[SpectrumTest, ...]:
            plans.append(plan)
            return self.tests

    search(Watching(), text="def f(a):\n    return a\n")
    assert plans[0].watched == ("job.py",)
    assert plans[0].limit_s == SPECTRUM_LIMIT_S


@pytest.mark.parametrize("is_late", [True, False], ids=["no answer", "half of the tests"])
def test_where_all_tests_take_too_long_those_beside_the_failing_ones_are_run(
    is_late: bool,
) -> None:
    selections: list[tuple[str, ...]] = []
    others = (SpectrumTest(node="tests/test_a.py::test_a", outcome="passed"),)
    failing = SpectrumTest(node="tests/test_job.py::test_it", outcome="failed")

    class Late(TableScreening):
        def measure_spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[SpectrumTest, ...]:
            selections.append(plan.select)
            if plan.select:
                return (failing,)
            if is_late:
                raise SandboxError("no answer", kind=FaultKind.DEADLINE)
            return others

    finished = {failing.node: TestResult(node=failing.node, outcome="failed")}
    codes = {"job.py": SourceFile("job.py", TEXT)}
    task = SearchTask(b"", ScreenPlan(), codes, finished=finished)
    result = SearchEngine(Late(lambda *_: "passed")).run(task)
    assert selections == [(), ("tests/test_job.py",)]
    assert result.plan is not None
    assert (result.plan.failing, result.plan.select) == ((failing.node,), ("tests/test_job.py",))
    assert result.survivors


def test_a_test_that_needs_others_before_it_is_not_to_be_mended() -> None:
    unsteady = SpectrumTest(node="test_a.py::test_a", outcome="failed", detail="AttributeError")
    failing = SpectrumTest(node="test_job.py::test_it", outcome="failed")
    told: list[tuple[SpectrumTest, ...]] = []

    def make(spectrum: tuple[SpectrumTest, ...]) -> list[Variant]:
        told.append(spectrum)
        return []

    finished = {
        unsteady.node: TestResult(node=unsteady.node, outcome="passed"),
        failing.node: TestResult(node=failing.node, outcome="failed"),
    }
    codes = {"job.py": SourceFile("job.py", TEXT)}
    table = TableScreening(lambda *_: "passed")
    table.tests = (unsteady, failing)
    result = SearchEngine(table).run(SearchTask(b"", ScreenPlan(), codes, finished=finished), make)
    assert told == [(failing,)]
    assert result.plan is not None
    assert (result.plan.failing, result.plan.passing) == ((failing.node,), ())


def test_a_sandbox_that_cannot_run_ends_the_search_before_it_begins() -> None:
    fault = Fault(kind=FaultKind.ENGINE, message="away")

    class Away(TableScreening):
        def measure_spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[SpectrumTest, ...]:
            raise SandboxError.of(fault)

    table = Away()
    result = search(table)
    assert (result.fault, result.plan, table.plans) == (fault, None, [])


def test_where_nothing_fails_nothing_is_searched() -> None:
    table = TableScreening()
    table.tests = (SpectrumTest(node="t", outcome="passed", lines={"job.py": (2,)}),)
    result = search(table)
    assert table.plans == []
    assert (result.tried, result.complete) == (0, False)


class PassingTests(TableScreening):
    """Every test passes; the command alone fails."""

    def measure_spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[SpectrumTest, ...]:
        if plan.use_tests:
            return (SpectrumTest(node="t", outcome="passed", lines={"job.py": (2,)}),)
        return (SpectrumTest(node="(command)", outcome="failed", lines={"job.py": (2, 3)}),)


def test_where_no_test_fails_only_edits_that_keep_the_intent_are_tried() -> None:
    """Without a test that fails, leaving the failing call out would pass as well."""
    table = PassingTests()
    result = search(table, plan=COMMAND)
    assert result.untested
    assert TEXT.replace("a < b", "a <= b") in table.texts
    assert TEXT.replace("a + c", "c + a") in table.texts
    assert TEXT.replace("a + c", "a") not in table.texts
    assert TEXT.replace("        return a + c\n", "        pass\n") not in table.texts


def test_where_no_test_fails_no_pair_is_even_made() -> None:
    """Two edits never keep the intent; a script with many lines would have tens of thousands."""
    table = PassingTests()
    long = TEXT + "".join(
        f"\n\ndef g{n}(a, b, c):\n    return a + b * c - {n}\n" for n in range(60)
    )
    begun = time.process_time()
    result = search(table, plan=COMMAND, text=long)
    assert result.complete
    assert result.tried == len(table.texts) < 6_000
    assert time.process_time() - begun < 20


def test_seeds_without_the_intent_are_left_out_where_no_test_fails() -> None:
    rule = Variant("job.py", f"{TEXT}#\n", "rule/some-rule", 2, 0.0)
    deletion = Variant("job.py", f"{TEXT}##\n", "delete/Return", 2, 0.0)
    table = PassingTests()
    search(table, deletion, rule, plan=COMMAND)
    assert rule.content in table.texts
    assert deletion.content not in table.texts


def test_where_a_test_fails_every_edit_is_tried() -> None:
    table = TableScreening()
    result = search(table, text=TEXT.replace("    return b - c\n", ""))
    assert not result.untested
    assert TEXT.replace("a + c", "a").replace("    return b - c\n", "") in table.texts


@pytest.mark.parametrize("budget_s", [0.5, 1.0])
def test_a_search_ends_with_its_budget_however_many_edits_there_are(budget_s: float) -> None:
    """The clock is asked while edits are listed, made and paired, not only between containers."""
    body = "".join(f"    x{n} = a[{n}] + b[c] * x{n - 1 if n else 0}\n" for n in range(400))
    table = TableScreening(lines=tuple(range(2, 402)))
    begun = time.thread_time()
    result = search(table, text=f"def f(a, b, c):\n{body}    return x1\n", budget_s=budget_s)
    assert time.thread_time() - begun < budget_s + 2.0
    assert not result.complete


def test_what_a_search_may_take_by_the_clock_is_bounded_too() -> None:
    table = TableScreening(lambda *_: "timeout")
    search(table, budget_s=2.0)
    assert table.budgets_s
    assert all(seconds <= 8.0 for seconds in table.budgets_s)
