"""The first process of a container: waits for one job, runs its steps, answers once, ends.

Runs as root with only SETUID, SETGID and KILL, so no step can trace it, read it, or write to its
answer; and it touches nothing that a step has made. The container is used for one job only.
Belongs here: the order of the steps. Does not belong here: what a step does.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import time
import traceback
from typing import TYPE_CHECKING, TypedDict

from .. import frames, tree
from . import child, command, lint, syntax
from .box import Box, UncleanError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import NotRequired

    from ..messages import Fault, Plan, Report, ScreenRecord, TestsPlan

ANSWER_FD = 1


class Head(TypedDict):
    """The first frame of a job; the second is its tree."""

    timeout_s: float
    plan: Plan
    paths: NotRequired[list[str]]


def main() -> int:
    """Serves one job. Returns 0 after an answer, and when the host goes away before a job."""
    if os.getpid() != 1:
        sys.stderr.write("The supervisor runs only as the first process of a container.\n")
        return 2
    answer_fd = _take_over_stdout()
    if not _input_is_waiting():
        _preload()
        _send(answer_fd, {"kind": "ready"})
    try:
        head = frames.read_frame(0)
        body = frames.read_frame(0) if head is not None else None
        if head is None or body is None:
            return 0
        began = time.monotonic()
        report = serve(json.loads(head), body)
        report["inside_seconds"] = round(time.monotonic() - began, 6)
        _send(answer_fd, {"kind": "report", "report": report})
    except (child.HostGoneError, BrokenPipeError, frames.BrokenFrameError):
        return 0
    return 0


def _take_over_stdout() -> int:
    """Keeps the answer's descriptor away from number 1, where any library may print."""
    answer_fd = os.dup(ANSWER_FD)
    os.dup2(2, ANSWER_FD)
    return answer_fd


def _input_is_waiting() -> bool:
    return bool(select.select([0], [], [], 0)[0])


def _preload() -> None:
    """Imports what tests need while nobody waits. A broken pytest shows when tests are run."""
    import tarfile  # noqa: F401 - for its effect: `tree` imports it then at once

    try:
        from ..pytest_checks import run

        run.preload()
    except Exception:
        traceback.print_exc()


def _send(fd: int, message: Mapping[str, object]) -> None:
    frames.write_all(fd, frames.pack(json.dumps(message).encode("ascii")))


def serve(head: Head, tar: bytes | bytearray) -> Report:
    """What one job gave. With `fault` set, the sandbox could not do its part."""
    report: Report = {"step_seconds": {}}
    try:
        deadline = time.monotonic() + float(head["timeout_s"])
        child.put_on_path(head.get("paths", []))
        box = Box(tree.parse(tar), deadline)
        _run_plan(box, decode_bytes(head["plan"]), report)
    except tree.BadTreeError as error:
        report["fault"] = _fault("protocol", f"The tree cannot be used: {error}.")
    except UncleanError as error:
        report["fault"] = _fault("container", f"The sandbox stopped early: {error}.")
    except child.CouldNotStartError as error:
        report["fault"] = _fault("container", f"A step could not be started: {error}.")
    return report


def _fault(kind: str, message: str) -> Fault:
    return {"kind": kind, "message": message, "retryable": False}


def decode_bytes(plan: Plan) -> Plan:
    """The same plan with its byte fields as bytes (JSON carries them as base64)."""
    from base64 import urlsafe_b64decode

    screen = plan["screen"]
    for each in (plan["command"], screen["command"] if screen else None):
        if each is not None:
            each["stdin"] = urlsafe_b64decode(each["stdin"])
            each["files"] = {path: urlsafe_b64decode(data) for path, data in each["files"].items()}
    return plan


def _run_plan(box: Box, plan: Plan, report: Report) -> None:
    if plan["compile"]:
        with _measure(report, "compile"):
            report["syntax"] = syntax.find_problems(box, plan["compile"])
    if plan["lint"]:
        with _measure(report, "lint"):
            report["lint"] = lint.find_problems(box, plan)
    if plan["command"]:
        with _measure(report, "command"):
            report["command"] = command.run(box, plan["command"], plan["trace"])
    if plan["tests"]:
        with _measure(report, "tests"):
            _run_tests(box, plan, report)
        if plan["tests"].get("trace_failing"):
            with _measure(report, "trace"):
                _trace_failing_tests(box, plan["tests"], report)
    if plan["screen"]:
        with _measure(report, "screen"):
            _screen(box, plan, report)


def _run_tests(box: Box, plan: Plan, report: Report) -> None:
    from ..pytest_checks import run
    from ..tracing import request

    tests, trace = plan["tests"], plan["trace"]
    assert tests is not None
    if "command" in report:
        trace = request.subtract(trace, report["command"]["executed"])
    report["tests"] = []
    for seed in tests["seeds"]:
        report["tests"].append(run.run(box, tests, seed, trace))
        trace = request.subtract(trace, report["tests"][-1]["ended"]["executed"])


def _trace_failing_tests(box: Box, tests: TestsPlan, report: Report) -> None:
    from ..pytest_checks import failing_tests

    report["failing"] = failing_tests.trace(box, tests, report["tests"])


def _screen(box: Box, plan: Plan, report: Report) -> None:
    from ..pytest_checks.run import find_pytest

    find_pytest()
    from ..screening import run

    assert plan["screen"] is not None
    records = run.run(box, plan["screen"])
    report["seen"], report["screened"], report["behaved"] = (
        [_without_kind(record) for record in records if record.get("kind") == kind]
        for kind in ("seen", "screened", "behaved")
    )


def _without_kind(record: ScreenRecord) -> ScreenRecord:
    del record["kind"]
    return record


@contextlib.contextmanager
def _measure(report: Report, step: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    report["step_seconds"][step] = round(time.monotonic() - began, 6)
