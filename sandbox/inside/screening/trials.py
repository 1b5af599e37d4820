"""Tries candidates: the failing tests and then the passing ones, up to the first failure.

Belongs here: many candidates in one fork while none leaves anything changed behind, and whatever
passes once more in a fork of its own. Does not belong here: the order of all of them
(`candidate_order`, `work_queue`), and running tests (`project`).
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING

from . import forks, live_functions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..messages import Candidate
    from .forks import Answer
    from .project import Project
    from .shared_state import SharedState
    from .work_queue import WorkQueue

    Numbered = tuple[int, Candidate]
    """A candidate with its place in the plan."""

FRESH_IMPORT_S = 1.0
"""A candidate that needs a fresh import pays for the import too."""
_ANEW = "anew"
"""The outcome of a quick try that needs a fresh import."""
_IN_ONE_FORK = 20
_LAST_S = 1.0
"""Before the deadline: no new candidate is begun."""


class Trials:
    """One worker's part of a screening."""

    def __init__(self, project: Project, queue: WorkQueue, deadline: float) -> None:
        """`deadline` is on the monotonic clock."""
        self._project = project
        self._queue = queue
        self._deadline = deadline
        self._limit_s = float(project.plan["limit_s"])
        self._state = project.shared_state()

    def run(self) -> Iterator[tuple[int, Answer]]:
        """Answers by candidate; those that the deadline cuts off are missing."""
        candidates = self._project.plan["candidates"]
        while time.monotonic() < self._deadline - _LAST_S:
            batch = self._queue.take(_IN_ONE_FORK if self._state is not None else 1)
            if not batch:
                return
            for index, answer in self._try_all([(index, candidates[index]) for index in batch]):
                self._queue.learn(index, further=self._came_further(answer))
                yield index, answer

    def _try_all(self, batch: list[Numbered]) -> Iterator[tuple[int, Answer]]:
        quick: list[Numbered] = []
        if self._state is not None:
            quick = [each for each in batch if self._project.copy.is_loaded(each[1])]
        needs_import = [each for each in batch if each not in quick]
        again: list[Numbered] = []
        for one, answer in self._try_in_turn(quick):
            if answer.outcome == "passed":
                again.append(one)
            elif answer.outcome == _ANEW:
                needs_import.append(one)
            else:
                yield one[0], answer
        for index, candidate in again:
            yield index, self._try_alone(index, candidate, self._limit_s)
        for index, candidate in needs_import:
            yield index, self._try_alone(index, candidate, self._limit_s + FRESH_IMPORT_S)

    def _try_in_turn(self, quick: Sequence[Numbered]) -> Iterator[tuple[Numbered, Answer]]:
        state = self._state
        if state is None or not quick:
            return
        attempts = [functools.partial(self._replace_and_run, c, state) for _, c in quick]
        limits_s = [self._limit_s] * len(quick)
        yield from zip(quick, forks.run_in_turn(attempts, limits_s, state.is_unchanged))

    def _replace_and_run(self, candidate: Candidate, state: SharedState) -> tuple[str, str]:
        copy = self._project.copy
        codes = copy.compile(candidate)
        if codes is None:
            return "failed", "SyntaxError"
        undo = copy.replace_functions(codes)
        if undo is None:
            return _ANEW, ""
        state.reset_parameters()
        try:
            return self._project.run_tests()
        finally:
            live_functions.put_back(undo)

    def _try_alone(self, index: int, candidate: Candidate, limit_s: float) -> Answer:
        plan = self._project.plan
        with_command = index < len(plan["candidates"]) - plan["tests_only"]

        def attempt() -> tuple[str, str]:
            return self._project.run_everything(candidate, with_command=with_command)

        self._project.copy.write(candidate)
        try:
            return forks.run_in_fork(attempt, limit_s)
        finally:
            self._project.copy.restore(candidate)

    def _came_further(self, answer: Answer) -> bool:
        """The first failing test passed."""
        name = answer.detail.partition("\n")[0]
        return answer.outcome == "passed" or (bool(name) and name in self._project.order[1:])
