"""The search: which candidates are tried on one tree, in which order, and what survives.

Belongs here: rounds, budgets, single and double edits. Does not belong here: where candidates run
(`sandbox.Screening`) and which survivor is believed (`behaviour`).
"""

import itertools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.candidates import Candidate, stream
from healer.draft.search.localise import Place, suspicion
from healer.draft.search.probes import probes
from healer.draft.search.without_tests import keeps_intent
from sandbox import Fault, Seen, TestResult
from sandbox.job import ScreenPlan
from sandbox.screen import Screening

ROUNDS = (120, 400, 1000, 2000)
"""Candidates by round: the first are so likely that a small container run often ends the search."""
LOOK_AHEAD = 800
"""Candidates that are at hand for one round: those that do something of their own come first, and
those that change nothing in the failing test are dropped."""
MOST_BYTES = 4 << 20
"""Of all candidates of one round together."""
CANDIDATE_S = 0.002
ROUND_S = 0.3
"""Processor time beside the tests themselves, of a candidate and of a container: measured on one
core, with small programs."""
AFTER_FIRST = 400
"""How many more are tried once one survived, to see whether others behave differently."""
MIN_LIMIT_S = 0.03
"""Processor time; a test that only computes needs a tenth of it."""
MAX_LIMIT_S = 4.0
PATIENCE = 10
"""How much longer than at first those may take that were cut off, once nothing else passes."""
MOST_AGAIN = 40
"""Of those that were cut off before a less likely one passed."""
WALL_FACTOR = 4
"""The budget is processor time of all cores; on a busy machine it may take this much longer."""
SPECTRUM_LIMIT_S = 0.4
_SLACK = 1.5
"""On top of the traced run's processor time, which is itself two to ten times the plain one."""


@dataclass
class Search:
    """What a search did."""

    survivors: list[Candidate] = field(default_factory=list)
    tried: int = 0
    seen: tuple[Seen, ...] = ()
    seconds: float = 0.0
    first_after: int = 0
    """How many candidates were tried up to the first survivor; 0: none survived."""
    complete: bool = False
    """Nothing was left out for lack of time: also the edits after the first survivor were tried."""
    untested: bool = False
    """Only a failing command speaks for the survivors: no test fails."""
    fault: Fault | None = None
    plan: ScreenPlan | None = None
    """With the failing and passing tests filled in."""


class Engine:
    """Searches one tree for edits that make the failing tests pass and break none."""

    def __init__(self, screening: Screening, budget_s: float = 60.0) -> None:
        self._screening = screening
        self._budget_s = budget_s

    def run(
        self,
        tree: bytes,
        plan: ScreenPlan,
        codes: dict[str, SourceFile],
        first: Callable[[tuple[Seen, ...]], Iterable[Candidate]] = lambda _: (),
        *,
        traced: tuple[str, int] = ("", 0),
        changed: frozenset[Place] = frozenset(),
        usual: Mapping[str, TestResult] = MappingProxyType({}),
    ) -> Search:
        """`codes`: the files that may be changed. `first` gives what is tried before
        all else, such as candidates of rules, from what the tests said. `changed`: the lines that
        the last commit touched. `usual`: the baseline's tests that came to an end, by node id.
        """
        started = time.monotonic()
        done = Search()
        plan = plan.model_copy(update={"watched": tuple(codes), "limit_s": SPECTRUM_LIMIT_S})
        seen = self._screening.spectrum(tree, plan)
        if isinstance(seen, Fault):
            done.fault = seen
            return done
        done.seen = seen
        plan = plan_from(plan, seen, usual)
        done.plan = plan
        done.untested = not (plan.use_tests and plan.failing)
        if plan.failing or plan.command:
            if done.untested and plan.use_tests:
                seen = (*seen, *self._command_seen(tree, plan))
            weights = suspicion(seen, codes, changed)
            every: Iterator[Candidate]
            every = itertools.chain(first(seen), stream(codes, weights, traced))
            if done.untested:
                every = filter(keeps_intent, every)
            rounds = _Rounds(
                self._screening,
                tree,
                plan,
                done,
                budget_s=self._budget_s,
                codes=codes,
                times_unknown=any(t.outcome == "timeout" and t.node not in usual for t in seen),
            )
            rounds.run(every)
        done.seconds = time.monotonic() - started
        return done

    def _command_seen(self, tree: bytes, plan: ScreenPlan) -> tuple[Seen, ...]:
        """The lines that the failing command runs, where no test fails."""
        alone = plan.model_copy(update={"use_tests": False, "limit_s": SPECTRUM_LIMIT_S})
        seen = self._screening.spectrum(tree, alone)
        return () if isinstance(seen, Fault) else seen


class _Rounds:
    """Screens a stream of candidates in growing batches until the budget is spent."""

    def __init__(
        self,
        screening: Screening,
        tree: bytes,
        plan: ScreenPlan,
        done: Search,
        *,
        budget_s: float,
        codes: dict[str, SourceFile],
        times_unknown: bool,
    ) -> None:
        """`times_unknown`: some test never came to an end, so nobody knows what it needs."""
        self._codes = codes
        self._times_unknown = times_unknown
        self._screening, self._tree, self._plan = screening, tree, plan
        self._done = done
        self._budget_s = budget_s
        self._end = time.monotonic() + WALL_FACTOR * budget_s
        self._begun_s = time.thread_time()
        self._screened_s = 0.0
        self._waiting: list[Candidate] = []
        self._late: list[Candidate] = []
        self._after_first = 0
        """How many were tried after the first that passed."""

    def run(self, every: Iterator[Candidate]) -> None:
        """Fills in `done`. Ends some hundred candidates after the first that passes."""
        done = self._done
        for size in itertools.chain(ROUNDS, itertools.repeat(ROUNDS[-1])):
            count = min(size, AFTER_FIRST - self._after_first) if done.survivors else size
            if count > 0:
                self._look_ahead(every, count)
            rules_wait = any(c.is_of_a_rule for c in self._waiting)
            if not rules_wait and any(c.is_of_a_rule for c in done.survivors):
                done.complete = True  # a rule's fix goes before any edit that the search finds
                return
            if count <= 0 or not self._waiting:
                done.complete = self._second_look()
                return
            left = len(self._waiting)
            if not self._screen(self._waiting, self._plan, count):
                return
            if len(self._waiting) == left:
                return  # not one came to its end in the time that is left
            if not done.survivors and self._used_s > self._budget_s / 2:
                self._patiently()

    @property
    def _used_s(self) -> float:
        """What the search has cost up to now: its own processor time and the container's share."""
        return self._screened_s + time.thread_time() - self._begun_s

    def _look_ahead(self, every: Iterator[Candidate], count: int) -> None:
        most = max(count, LOOK_AHEAD)
        room = MOST_BYTES - sum(len(c.content) for c in self._waiting)
        while len(self._waiting) < most and (room > 0 or len(self._waiting) < count):
            candidate = next(every, None)
            if candidate is None:
                return
            self._waiting.append(candidate)
            room -= len(candidate.content)

    def _second_look(self) -> bool:
        """Whether also what was cut off has had its time, as far as it is likelier than the first
        that passed, and how long the tests take is not known."""
        survivors = self._done.survivors
        if not survivors:
            self._patiently()
            return True
        self._late = [c for c in self._late if c.score > survivors[0].score]
        if not (self._late and self._times_unknown):
            return True
        return len(self._late) <= MOST_AGAIN and self._patiently()

    def _patiently(self) -> bool:
        """What was cut off may only be slow: tests that hang do not say how long a fix takes."""
        if not self._late:
            return True
        limit_s = min(PATIENCE * self._plan.limit_s, MAX_LIMIT_S)
        batch, self._late = self._late, []
        patient = self._plan.model_copy(update={"limit_s": limit_s})
        return self._screen(batch, patient, len(batch), again=True)

    def _screen(
        self, batch: list[Candidate], plan: ScreenPlan, most: int, *, again: bool = False
    ) -> bool:
        """Tries `most` of them, and takes what is known from `_waiting`. False: nothing more may
        be screened."""
        left_s = min(self._end - time.monotonic(), WALL_FACTOR * (self._budget_s - self._used_s))
        if left_s < 1.0:
            return False
        done = self._done
        contents = tuple({c.path: c.content} for c in batch)
        trees = [(c.path, c.pair) for c in batch]
        asked = {
            "candidates": contents, "probes": tuple(probes(self._codes, trees)), "most": most,
        }  # fmt: skip
        answered = self._screening.screen(self._tree, plan.model_copy(update=asked), left_s)
        if isinstance(answered, Fault):
            done.fault = answered
            return False
        results = [r for r in answered if r.outcome != "alike"]
        if not again:
            known = {r.index for r in answered}
            self._waiting = [c for i, c in enumerate(batch) if i not in known]
        passed = sorted((r for r in results if r.outcome == "passed"), key=lambda r: r.turn)
        if done.survivors:
            self._after_first += len(results)
        elif passed:
            done.first_after = done.tried + passed[0].turn + 1
            self._after_first = sum(r.turn > passed[0].turn for r in results)
        self._late += [batch[r.index] for r in results if r.outcome == "timeout"]
        taken = sum(r.seconds + CANDIDATE_S for r in results)
        self._screened_s += ROUND_S + taken / (os.cpu_count() or 1)
        done.tried += 0 if again else len(results)
        done.survivors += [batch[r.index] for r in passed]
        return True


def plan_from(
    plan: ScreenPlan, seen: Iterable[Seen], usual: Mapping[str, TestResult] = MappingProxyType({})
) -> ScreenPlan:
    """Which tests must turn green and which must stay so, and how long they may take.

    A test that the spectrum cut off, but that came to an end in the baseline, is only slow.
    `plan.failing` may already name what cannot be collected (a module that does not import).
    Quick tests come first: most wrong edits already fail there.
    """
    every = list(seen)
    cut_off = [t.node for t in every if t.outcome == "timeout"]
    slow = {node for node in cut_off if node in usual and usual[node].outcome == "passed"}
    failing = [t.node for t in every if t.outcome in ("failed", "crashed", "timeout")]
    failing = [node for node in failing if node not in slow]
    failing += [node for node in plan.failing if node not in {t.node for t in every}]
    took = {t.node: t.seconds for t in every if t.outcome == "passed"}
    took |= {node: usual[node].seconds for node in slow}
    used = sum(t.seconds for t in every if t.outcome != "timeout")
    used += sum(usual[node].seconds for node in cut_off if node in usual)
    limit_s = min(max(MIN_LIMIT_S, used * _SLACK), MAX_LIMIT_S)
    return plan.model_copy(
        update={
            "failing": tuple(_fast_first(failing, every)),
            "passing": tuple(sorted(took, key=lambda node: round(took[node], 3))),
            "limit_s": limit_s,
        }
    )


def _fast_first(failing: list[str], every: list[Seen]) -> list[str]:
    slow = {t.node for t in every if t.outcome == "timeout"}
    return sorted(failing, key=lambda node: node in slow)
