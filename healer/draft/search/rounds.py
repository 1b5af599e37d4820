"""Variants tried in rounds: each a container with as many as its turn allows.

Belongs here: how many are at hand and how many are tried, what is dropped, what gets a second
look, and when it is enough. Does not belong here: which variants there are (`variants`).
"""

import itertools
import os
from collections.abc import Iterator

from healer.draft.search.probes import find_probes
from healer.draft.search.screen_plan import MAX_LIMIT_S
from healer.draft.search.search_facts import SearchResult, SearchTask
from healer.draft.search.search_time import SearchTime
from healer.draft.search.variant_maker import Variant
from healer.support.work_count import show_count
from sandbox import SandboxError, ScreenResult
from sandbox.job import ScreenPlan
from sandbox.screen import Screening

SIZES = (120, 400, 1000, 2000)
"""Variants by round: the first are so likely that a small container run often ends the search."""
LOOK_AHEAD = 800
"""Variants that are at hand for one round: those that do something of their own come first, and
those that change nothing in the failing test are dropped."""
LOOK_AHEAD_SHARE = 0.25
"""Of the time that is left, so much may go into making the variants of one round."""
MOST_BYTES = 4 << 20
"""Of all variants of one round together."""
VARIANT_S = 0.002
ROUND_S = 0.3
"""Processor time beside the tests themselves, of a variant and of a container: measured on one
core, with small programs."""
SHORTEST_ROUND_S = 1.0
"""With less time by the clock no container is started."""
AFTER_FIRST = 400
"""How many more are tried once one survived, to see whether others behave differently."""
PATIENCE = 10
"""How much longer than at first those may take that were cut off, once nothing else passes."""
MOST_AGAIN = 40
"""Of those that were cut off before a less likely one passed."""


class Rounds:
    """The rounds of one search; they fill in its result."""

    def __init__(
        self,
        screening: Screening,
        task: SearchTask,
        result: SearchResult,
        time: SearchTime,
        *,
        times_unknown: bool,
    ) -> None:
        """`task.plan` has its tests filled in. `times_unknown`: some test never came to an end, so
        nobody knows what it needs."""
        self._screening, self._task, self._result, self._time = screening, task, result, time
        self._times_unknown = times_unknown
        self._waiting: list[Variant] = []
        self._late: list[Variant] = []
        """Those that were cut off."""
        self._after_first = 0
        """How many were tried after the first that passed."""

    def run(self, variants: Iterator[Variant]) -> None:
        """Tries variants until some hundred more than the first that passes are tried, a rule's
        fix passes, none is left, or the time is over."""
        result = self._result
        for size in itertools.chain(SIZES, itertools.repeat(SIZES[-1])):
            count = min(size, AFTER_FIRST - self._after_first) if result.survivors else size
            if count > 0:
                self._look_ahead(variants, count)
            if self._rule_has_passed():
                result.complete = True  # a rule's fix goes before any edit that the search finds
                return
            if count <= 0 or not self._waiting:
                result.complete = self._look_again() and not self._time.was_cut_off
                return
            before = len(self._waiting)
            if not self._try_waiting(count) or len(self._waiting) == before:
                return  # the time is over, or not one came to its end in what is left of it
            if not result.survivors and self._time.used_s > self._time.budget_s / 2:
                self._try_late()

    def _rule_has_passed(self) -> bool:
        rules_wait = any(v.is_from_rule for v in self._waiting)
        return not rules_wait and any(v.is_from_rule for v in self._result.survivors)

    def _look_ahead(self, variants: Iterator[Variant], count: int) -> None:
        """Makes the variants of one round: as many as do it some good, and the time allows."""
        most = max(count, LOOK_AHEAD)
        room = MOST_BYTES - sum(len(v.content) for v in self._waiting)
        limit_s = self._time.portion(LOOK_AHEAD_SHARE)
        while len(self._waiting) < most and (room > 0 or len(self._waiting) < count):
            if self._waiting and self._time.is_past(limit_s):
                return
            variant = next(variants, None)
            if variant is None:
                return
            self._waiting.append(variant)
            room -= len(variant.content)

    def _look_again(self) -> bool:
        """Whether also what was cut off has had its time, as far as it is likelier than the first
        that passed, and how long the tests take is not known."""
        survivors = self._result.survivors
        if not survivors:
            self._try_late()
            return True
        self._late = [v for v in self._late if v.score > survivors[0].score]
        if not (self._late and self._times_unknown):
            return True
        return len(self._late) <= MOST_AGAIN and self._try_late()

    def _try_late(self) -> bool:
        """What was cut off may only be slow: tests that hang do not say how long a fix takes."""
        if not self._late:
            return True
        limit_s = min(PATIENCE * self._task.plan.limit_s, MAX_LIMIT_S)
        batch, self._late = self._late, []
        patient = self._task.plan.model_copy(update={"limit_s": limit_s})
        answers = self._screen(batch, patient, len(batch))
        if answers is not None:
            self._record(batch, answers, again=True)
        return answers is not None

    def _try_waiting(self, most: int) -> bool:
        """Tries `most` of those at hand; what is known then waits no longer. False: nothing more
        may be screened."""
        batch = self._waiting
        answers = self._screen(batch, self._task.plan, most)
        if answers is None:
            return False
        answer_indices = {answer.index for answer in answers}
        self._waiting = [variant for i, variant in enumerate(batch) if i not in answer_indices]
        self._record(batch, answers)
        return True

    def _screen(
        self, batch: list[Variant], plan: ScreenPlan, most: int
    ) -> tuple[ScreenResult, ...] | None:
        """The answers of one container; None where there is no time, or no container."""
        trees = [(v.path, v.pair) for v in batch]
        update = {
            "candidates": tuple({v.path: v.content} for v in batch),
            "probes": tuple(find_probes(self._task.codes, trees, self._time)),
            "most": most,
        }
        left_s = self._time.wall_left_s
        if left_s < SHORTEST_ROUND_S:
            return None
        try:
            return self._screening.screen(self._task.tree, plan.model_copy(update=update), left_s)
        except SandboxError as error:
            self._result.fault = error.fault
            return None

    def _record(
        self, batch: list[Variant], answers: tuple[ScreenResult, ...], *, again: bool = False
    ) -> None:
        """Counts what was tried and keeps what passed. `again`: it was counted before."""
        result = self._result
        trials = [answer for answer in answers if answer.outcome != "alike"]
        passes = sorted((t for t in trials if t.outcome == "passed"), key=lambda t: t.turn)
        if result.survivors:
            self._after_first += len(trials)
        elif passes:
            self._after_first = sum(t.turn > passes[0].turn for t in trials)
        self._late += [batch[t.index] for t in trials if t.outcome == "timeout"]
        seconds = sum(t.seconds + VARIANT_S for t in trials)
        self._time.charge(ROUND_S + seconds / (os.cpu_count() or 1))
        result.tried += 0 if again else len(trials)
        result.survivors += [batch[t.index] for t in passes]
        time = self._time
        show_count("edits tried", result.tried, used_s=time.used_s, limit_s=time.budget_s)
