"""A comparison: what candidates make one function do on many inputs.

Belongs here: putting a candidate in place for it. Does not belong here: the inputs and the results
(`observation`).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from . import forks, pytest_session
from .observation import Observation, observe

if TYPE_CHECKING:
    from ..messages import Candidate, ScreenRecord
    from .project import Project

_LIMIT_S = 20.0


def run_candidate(project: Project, candidate: Candidate) -> ScreenRecord:
    """Fields of `Behaviour`: what the candidate's function does on inputs like those that the tests
    gave it; of no candidate, what the program does on those that the tests gave the first one's."""
    as_it_is = not candidate
    candidate = candidate or project.plan["candidates"][0]
    project.copy.write(candidate)
    observation = Observation()

    def attempt() -> tuple[str, str]:
        codes = project.copy.compile(candidate)
        undo = project.copy.replace_functions(codes) if codes is not None else None
        if undo is None:
            return "skipped", "it cannot be called without importing again"
        path, name = project.plan["compare"]
        tests = [project.items[node] for node in project.order if node in project.items]
        runs = [functools.partial(pytest_session.run_item, item) for item in tests]
        observe(f"{project.home}/{path}", name, runs, observation, undo if as_it_is else ())
        return "passed", ""

    try:
        answer = forks.run_in_fork(
            attempt, _LIMIT_S, extra=lambda: [observation.pairs, observation.work_s]
        )
    finally:
        project.copy.restore(candidate)
    pairs, work_s = answer.extra or ([], 0.0)
    return {
        "outcome": answer.outcome,
        "detail": answer.detail,
        "seconds": answer.seconds,
        "pairs": pairs,
        "work_s": work_s,
    }
