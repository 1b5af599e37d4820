"""What is found out before candidates are tried: which tests they can affect, how long those take,
and what forms would give.

Belongs here: runs of tests on the tree as it is, in forks, whose findings order and bound a
screening. Does not belong here: the spectrum, which is an answer of its own (`spectrum`), and what
a test enters (`affected_tests`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from . import forks, pytest_session
from .affected_tests import Change, EntryWatcher
from .candidate_order import order_candidates
from .value_probes import ProbeRun, Probes
from .work_queue import Order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .affected_tests import Entry
    from .project import Project

_PROBE_S = 0.5
_MEASURE_S = 1.0
_LEAST_S = 0.02
_LEAST_SHARE = 1 / 15
_SLACK = 2.0
_LEAST_WHOLE_S = 1.0
"""Limits of one test: in seconds, and as shares of the limit of a candidate."""


class Rehearsal(NamedTuple):
    """What the tests showed on the tree as it is."""

    limits_s: dict[str, float]
    """Processor time for each test that passes, by how much of all their time it needs: most
    candidates that hang do so in a quick one, too. Empty where that cannot be told."""
    affected: frozenset[str] | None
    """The tests that may say otherwise of a candidate whose functions are replaced. None: all."""


class _Run(NamedTuple):
    """One test on the tree as it is."""

    passes: bool
    seconds: float
    """Of processor time, while what it enters is noted."""
    entries: list[Entry] | None
    """None where what it enters cannot be known."""


def rehearse(project: Project) -> Rehearsal:
    """Runs all tests, and those that may be affected once more by themselves."""
    runs = _watch_tests(project)
    if any(name not in runs for name in project.plan["passing"]):
        return Rehearsal({}, None)
    tests = _find_affected(project, runs)
    passes = {name: run.seconds for name, run in runs.items() if run.passes}
    times_s = _time_tests(project, [n for n in project.order if n in tests and n in passes])
    if times_s is None:  # one of them needs what another test leaves behind, or too much time
        tests, times_s = frozenset(project.order), passes
    share = sum(passes[name] for name in times_s) / (sum(passes.values()) or 1.0)
    whole_s = max(_LEAST_WHOLE_S, float(project.plan["limit_s"]) * share)
    affected_tests = tests if len(tests) < len(project.order) else None
    return Rehearsal(_share_out(times_s, whole_s), affected_tests)


def _watch_tests(project: Project) -> dict[str, _Run]:
    """Those that fail with little time, in a process of their own: one may not come to its end."""
    failing = project.plan["failing"]
    passing = [name for name in project.order if name not in failing]
    runs = _run_watched(project, passing, _find_limit(project))
    limit_s = _PROBE_S + 2 * sum(run.seconds for run in runs.values())
    return {**runs, **_run_watched(project, failing, limit_s)}


def _run_watched(project: Project, names: Sequence[str], limit_s: float) -> dict[str, _Run]:
    files = {f"{project.home}/{path}": path for each in project.plan["candidates"] for path in each}
    runs: dict[str, _Run] = {}

    def attempt() -> tuple[str, str]:
        watcher = EntryWatcher(files)
        for name in filter(project.items.get, names):
            before_s = time.process_time()
            with watcher.watch():
                outcome, _ = pytest_session.run_item(project.items[name])
            seconds = time.process_time() - before_s
            entries = watcher.read()
            own = None if entries is None else [(files[file], line) for file, line in entries]
            runs[name] = _Run(outcome == "passed", seconds, own)
        return "passed", ""

    answer = forks.run_in_fork(attempt, limit_s, extra=lambda: runs)
    rows = answer.extra if isinstance(answer.extra, dict) else {}
    return {name: _Run(*fields) for name, fields in rows.items()}


def _find_affected(project: Project, runs: Mapping[str, _Run]) -> frozenset[str]:
    """The failing ones are: what they enter on the way to their end says nothing."""
    candidates = project.plan["candidates"]
    paths = dict.fromkeys(path for each in candidates for path in each)
    originals = {path: project.copy.read_original(path).decode(errors="replace") for path in paths}
    change = Change(originals, candidates)
    names = (n for n, r in runs.items() if r.entries is None or change.is_entered(r.entries))
    return frozenset((*project.plan["failing"], *names))


def _time_tests(project: Project, names: Sequence[str]) -> dict[str, float] | None:
    """Processor time of tests that are run in this order. None where not all pass in time."""
    times_s: dict[str, float] = {}

    def attempt() -> tuple[str, str]:
        for name in names:
            before_s = time.process_time()
            outcome, detail = pytest_session.run_item(project.items[name])
            if outcome != "passed":
                return outcome, detail
            times_s[name] = time.process_time() - before_s
        return "passed", ""

    answer = forks.run_in_fork(attempt, _find_limit(project), extra=lambda: times_s)
    is_whole = answer.outcome == "passed" and isinstance(answer.extra, dict)
    return answer.extra if is_whole else None


def _find_limit(project: Project) -> float:
    return _MEASURE_S + 2 * float(project.plan["limit_s"])


def _share_out(times_s: Mapping[str, float], whole_s: float) -> dict[str, float]:
    """The limit of each test by its share of the time of all."""
    total_s = sum(times_s.values()) or 1.0
    least_s = max(_LEAST_S, whole_s * _LEAST_SHARE)
    return {
        name: max(least_s, _SLACK * whole_s * seconds / total_s)
        for name, seconds in times_s.items()
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
