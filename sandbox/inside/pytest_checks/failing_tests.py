"""What failing tests execute: each is run once more and traced, alone where pytest runs it.

Belongs here: which tests are run together, and what is made of their reports. Does not belong here:
noticing calls (`tracing.calls`), and what follows from them (the host's).
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from . import command_run, run
from .reports import FAILURES, Reports
from .sentinel_names import SentinelNames

if TYPE_CHECKING:
    from ..messages import FailingTests, Lines, TestRun, TestsPlan
    from ..supervisor.box import Box
    from ..supervisor.outcome import Outcome

MOST_ALONE = 3
"""More failing tests than this are run file by file, so that all of a file are taken to execute
what any of them does: that can hold a fix back, and lets none through. A run costs about 0.4 s."""
MOST_FILES = 8


def trace(box: Box, plan: TestsPlan, runs: list[TestRun]) -> list[FailingTests]:
    """What the tests that fail in every run execute. A test whose traced run does not fail as
    before, or does not come to its end, is left out."""
    failing = find_failing(runs)
    if plan["command"]:
        return command_run.trace(box, plan["command"], failing) if failing else []
    traces: list[FailingTests] = []
    for nodes in group(failing):
        outcome = run.run_traced(box, {**plan, "select": nodes, "sentinels": False})
        if _fails_again(outcome, nodes):
            traces.append(read(outcome.channel.bytes(), nodes))
    return traces


def find_failing(runs: list[TestRun]) -> list[str]:
    """Node ids, in the first run's order."""
    failing = [
        {each["node"] for each in run["results"] if each["outcome"] in FAILURES} for run in runs
    ]
    first = runs[0]["results"] if runs else []
    return [each["node"] for each in first if all(each["node"] in nodes for nodes in failing)]


def group(nodes: list[str]) -> list[list[str]]:
    """Those that share one traced run."""
    if len(nodes) <= MOST_ALONE:
        return [[node] for node in nodes]
    by_file: dict[str, list[str]] = {}
    for node in nodes:
        by_file.setdefault(node.partition("::")[0], []).append(node)
    return list(by_file.values())[:MOST_FILES]


def _fails_again(outcome: Outcome, nodes: list[str]) -> bool:
    if outcome.timed_out or outcome.exit_code is None or outcome.channel.cut_bytes:
        return False
    results = Reports(outcome.channel.bytes().splitlines(), SentinelNames()).results
    failing = {each["node"] for each in results if each["outcome"] in FAILURES}
    return failing.issuperset(nodes)


def read(channel: bytes, nodes: list[str]) -> FailingTests:
    """The calls reported on the channel; all else on it is ignored."""
    imports: dict[str, set[int]] = {}
    calls: dict[str, set[int]] = {}
    places = imports
    for message in channel.splitlines():
        with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError, AttributeError):
            value = json.loads(message)
            if "begin" in value:
                places = calls
            elif "call" in value:
                path, line = value["call"]
                if isinstance(path, str) and isinstance(line, int):
                    places.setdefault(path, set()).add(line)
    return {"nodes": nodes, "loaded": _sort(imports), "executed": _sort(calls)}


def _sort(places: dict[str, set[int]]) -> Lines:
    return {path: sorted(lines) for path, lines in sorted(places.items())}
