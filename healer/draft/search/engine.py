"""The search: from a tree and what is known of its fault to the edits that survive its tests.

Belongs here: the order of a search. Does not belong here: which edits there are (`variants`), how
they are tried (`rounds`), and which survivor is believed (`survivors`).
"""

import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from healer.draft.search.localise import weigh_lines
from healer.draft.search.rounds import Rounds
from healer.draft.search.screen_plan import add_tests, leave_out_unsteady, list_failing
from healer.draft.search.search_facts import SearchResult, SearchTask
from healer.draft.search.search_time import SearchTime
from healer.draft.search.variant_maker import Variant
from healer.draft.search.variants import stream_variants
from healer.draft.search.without_tests import keeps_intent
from sandbox import FaultKind, SandboxError, SpectrumTest
from sandbox.job import ScreenPlan
from sandbox.screen import Screening

BUDGET_S = 60.0
SPECTRUM_LIMIT_S = 0.4
"""Processor time of one test on the tree itself."""

Seed = Callable[[tuple[SpectrumTest, ...]], Iterable[Variant]]
"""What is tried before all else, such as drafts of rules, by what the tests said."""


class SearchEngine:
    """Searches one tree for edits that make the failing tests pass and break none."""

    def __init__(self, screening: Screening, budget_s: float = BUDGET_S) -> None:
        self._screening = screening
        self._budget_s = budget_s

    def run(self, task: SearchTask, seed: Seed = lambda _: ()) -> SearchResult:
        """What survives. The budget begins when it is known how the tests end on the tree."""
        start_s, result = time.monotonic(), SearchResult()
        update = {"watched": tuple(task.codes), "limit_s": SPECTRUM_LIMIT_S}
        plan = task.plan.model_copy(update=update)
        try:
            plan, spectrum = self._measure(task.tree, plan, list_failing(task.finished))
        except SandboxError as error:
            result.fault = error.fault
            return result
        result.spectrum = spectrum = leave_out_unsteady(spectrum, task.finished)
        result.plan = plan = add_tests(plan, spectrum, task.finished)
        result.untested = not (plan.use_tests and plan.failing)
        if plan.failing or plan.command:
            self._search(replace(task, plan=plan), seed, result)
        result.seconds = time.monotonic() - start_s
        return result

    def _measure(
        self, tree: bytes, plan: ScreenPlan, failing: set[str]
    ) -> tuple[ScreenPlan, tuple[SpectrumTest, ...]]:
        """The spectrum, and the plan that it is of: where there are too many tests for the time to
        see the failing ones, those beside them tell the most."""
        spectrum: tuple[SpectrumTest, ...] = ()
        try:
            spectrum = self._screening.measure_spectrum(tree, plan)
        except SandboxError as error:
            if not failing or error.kind is not FaultKind.DEADLINE:
                raise
        if failing <= {test.node for test in spectrum}:
            return plan, spectrum
        modules = sorted({node.partition("::")[0] for node in failing})
        plan = plan.model_copy(update={"select": tuple(modules)})
        return plan, self._screening.measure_spectrum(tree, plan)

    def _search(self, task: SearchTask, seed: Seed, result: SearchResult) -> None:
        budget, spectrum = SearchTime(self._budget_s), result.spectrum
        if result.untested and task.plan.use_tests:
            spectrum = (*spectrum, *self._run_command(task))
        suspicion = weigh_lines(spectrum, task.codes, task.changed, budget)
        seeds = seed(spectrum)
        stream = stream_variants(
            task.codes,
            suspicion,
            trace=task.trace,
            accepts=keeps_intent if result.untested else None,
            with_pairs=not result.untested,
            literals=task.literals,
            time=budget,
        )
        if result.untested:
            seeds = (variant for variant in seeds if keeps_intent(variant.shape))
        endless = (t.node for t in spectrum if t.outcome == "timeout")
        times_unknown = any(node not in task.finished for node in endless)
        rounds = Rounds(self._screening, task, result, budget, times_unknown=times_unknown)
        rounds.run(itertools.chain(seeds, stream))

    def _run_command(self, task: SearchTask) -> tuple[SpectrumTest, ...]:
        """The failing command alone: the tests pass, so only it says which lines are suspected."""
        alone = task.plan.model_copy(update={"use_tests": False, "limit_s": SPECTRUM_LIMIT_S})
        try:
            return self._screening.measure_spectrum(task.tree, alone)
        except SandboxError:
            return ()
