"""The first process of a container: waits for one job, runs its steps, answers, ends.

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
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, TypedDict

from .. import frames, tree
from . import child, command, lint, syntax
from .box import Box, UncleanError
from .relay import Relay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import NotRequired

    from ..messages import Fault, Plan, Report, ScreenRecord, TestsPlan

ANSWER_FD = 1


class Head(TypedDict):
    """The first frame of a job; the second is its tree."""

    timeout_s: float
    plan: Plan
    paths: NotRequired[list[str]]
    is_asked_more: NotRequired[bool]
    """The plan's screening alone, and only what its rounds have in common: they are the frames that
    follow, and each has a report."""
    is_dated: NotRequired[bool]


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
        _answer(json.loads(head), body, lambda r: _send(answer_fd, {"kind": "report", "report": r}))
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


def _answer(head: Head, tar: bytes | bytearray, send: Callable[[Report], None]) -> None:
    if head.get("is_asked_more"):
        report = serve_rounds(head, tar, send)
        if "fault" not in report:
            return
    else:
        began = time.monotonic()
        report = serve(head, tar)
        report["inside_seconds"] = round(time.monotonic() - began, 6)
    send(report)


def serve(head: Head, tar: bytes | bytearray) -> Report:
    """What one job gave. With `fault` set, the sandbox could not do its part."""
    report: Report = {"step_seconds": {}}
    with _note_fault(report):
        _run_plan(_open_box(head, tar), decode_bytes(head["plan"]), report)
    return report


def serve_rounds(head: Head, tar: bytes | bytearray, send: Callable[[Report], None]) -> Report:
    """Gives `send` a report for each round up to the host's last. What it returns says nothing but
    a fault: a worker that is gone is none, and what it did not finish is missing in the report."""
    report: Report = {"step_seconds": {}}
    with _note_fault(report):
        box, plan = _open_box(head, tar), decode_bytes(head["plan"])
        from ..pytest_checks.run import find_pytest

        find_pytest()
        from ..screening import run

        assert plan["screen"] is not None

        def tell(lines: bytes) -> None:
            answer: Report = {"step_seconds": {}}
            _sort_records(run.read_records(lines), answer)
            send(answer)

        relay = Relay(tell, float(head["timeout_s"]), run.CHANNEL_BYTES)
        run.run(box, plan["screen"], relay)
        relay.end()
    return report


def _open_box(head: Head, tar: bytes | bytearray) -> Box:
    deadline = time.monotonic() + float(head["timeout_s"])
    child.put_on_path(head.get("paths", []))
    if head.get("is_dated"):
        child.change_date()
    return Box(tree.parse(tar), deadline)


@contextlib.contextmanager
def _note_fault(report: Report) -> Iterator[None]:
    try:
        yield
    except tree.BadTreeError as error:
        report["fault"] = _fault("protocol", f"The tree cannot be used: {error}.")
    except UncleanError as error:
        report["fault"] = _fault("container", f"The sandbox stopped early: {error}.")
    except child.CouldNotStartError as error:
        report["fault"] = _fault("container", f"A step could not be started: {error}.")


def _fault(kind: str, message: str) -> Fault:
    return {"kind": kind, "message": message, "retryable": False}


def decode_bytes(plan: Plan) -> Plan:
    """The same plan with its byte fields as bytes (JSON carries them as base64)."""
    command.decode_command(plan["command"])
    command.decode_command(plan["screen"]["command"] if plan["screen"] else None)
    for contents in plan.get("variants", ()):
        contents.update({path: urlsafe_b64decode(data) for path, data in contents.items()})
    return plan


def _run_plan(box: Box, plan: Plan, report: Report) -> None:
    if plan["compile"]:
        with _measure(report, "compile"):
            report["syntax"] = syntax.find_problems(box, plan["compile"])
    if plan["lint"]:
        with _measure(report, "lint"):
            report["lint"] = lint.find_problems(box, plan)
    variants = plan.get("variants")
    if plan["command"] and not variants:
        with _measure(report, "command"):
            report["command"] = command.run(box, plan["command"], plan["trace"])
    if plan["command"] and variants:
        with _measure(report, "variants"):
            limit_s = plan["variant_s"]
            report["variants"] = command.run_variants(box, plan["command"], variants, limit_s)
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
    _sort_records(run.run(box, plan["screen"]), report)


def _sort_records(records: list[ScreenRecord], report: Report) -> None:
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
