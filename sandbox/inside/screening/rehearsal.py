"""What is found out before candidates are tried: how long tests take, and what forms would give.

Belongs here: runs of tests on the tree as it is, in forks, whose findings order and bound a
screening. Does not belong here: the spectrum, which is an answer of its own (`spectrum`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from . import forks, pytest_session
from .candidate_order import order_candidates
from .value_probes import ProbeRun, Probes
from .work_queue import Order

if TYPE_CHECKING:
    from .project import Project

_PROBE_S = 0.5
_MEASURE_S = 1.0
_LEAST_S = 0.02
_LEAST_SHARE = 1 / 15
_SLACK = 2.0
"""Limits of one test: in seconds, and as shares of the limit of a candidate."""


def measure_limits(project: Project) -> dict[str, float]:
    """Processor time for each passing test, by how much of all their time it needs: most
    candidates that hang do so in a quick one, too. Empty where that cannot be told."""
    times_s: dict[str, float] = {}

    def attempt() -> tuple[str, str]:
        for name in [*project.plan["passing"]] * 2:  # what comes first also warms things up
            before_s = time.process_time()
            pytest_session.run_item(project.items[name])
            times_s[name] = min(times_s.get(name, _MEASURE_S), time.process_time() - before_s)
        return "passed", ""

    whole_s = float(project.plan["limit_s"])
    answer = forks.run_in_fork(attempt, _MEASURE_S + 2 * whole_s, extra=lambda: times_s)
    if answer.outcome != "passed" or not isinstance(answer.extra, dict):
        return {}
    total_s = sum(answer.extra.values()) or 1.0
    least_s = max(_LEAST_S, whole_s * _LEAST_SHARE)
    return {
        name: max(least_s, _SLACK * whole_s * seconds / total_s)
        for name, seconds in answer.extra.items()
    }


def order_by_values(project: Project) -> Order:
    """All candidates, those first that do something of their own in the first failing test."""
    plan = project.plan
    count = len(plan["candidates"])
    if not (plan["probes"] and plan["use_tests"]):
        return Order(list(range(count)), {}, [], [])
    return order_candidates(count, plan["probes"], _probe_values(project))


def _probe_values(project: Project) -> ProbeRun:
    """What the sites' forms gave in the first failing test; nothing where they cannot be put in
    place without importing again."""
    sites = project.plan["probes"]
    nothing = ProbeRun([[] for _ in sites])
    if not project.order or project.order[0] not in project.items:
        return nothing
    probes = Probes(sites)

    def attempt() -> tuple[str, str]:
        codes = {}
        for path in {site["path"] for site in sites}:
            original = project.copy.read_original(path)
            code = probes.instrument(path, original, f"{project.home}/{path}")
            if code is not None:
                codes[path] = code
        if project.copy.replace_functions(codes) is None:
            return "skipped", ""
        probes.install()
        return project.run_one(project.order[0])

    answer = forks.run_in_fork(
        attempt, _PROBE_S, extra=lambda: [probes.visits, sorted(probes.sure)]
    )
    if not isinstance(answer.extra, list):
        return nothing
    visits, sure = answer.extra
    return ProbeRun(visits, frozenset(sure if answer.outcome == "failed" else ()))
