"""The first process of a container: waits for one job, runs its steps, answers once, ends.

Runs as root with only SETUID, SETGID and KILL, so no step can trace it, read it, or write to its
answer; and it touches nothing that a step has made. The container is used for one job only.
"""

import json
import os
import select
import sys
import time
import traceback
from typing import Any

from . import child, frames, steps, tree

ANSWER_FD = 1


def main() -> int:
    """Serves one job. Returns 0 after an answer, and when the host goes away before a job."""
    if os.getpid() != 1:
        sys.stderr.write("The supervisor runs only as the first process of a container.\n")
        return 2
    answer = _take_over_stdout()
    if not _input_is_waiting():
        _preload()
        _send(answer, {"kind": "ready"})
    try:
        head = frames.read_frame(0)
        body = frames.read_frame(0) if head is not None else None
        if head is None or body is None:
            return 0
        started = time.monotonic()
        report = _serve(json.loads(head), body)
        report["inside_seconds"] = round(time.monotonic() - started, 6)
        _send(answer, {"kind": "report", "report": report})
    except (child.HostGoneError, BrokenPipeError, frames.BrokenFrameError):
        return 0
    return 0


def _take_over_stdout() -> int:
    """Keeps the answer's descriptor away from number 1, where any library may print."""
    answer = os.dup(ANSWER_FD)
    os.dup2(2, ANSWER_FD)
    return answer


def _input_is_waiting() -> bool:
    return bool(select.select([0], [], [], 0)[0])


def _preload() -> None:
    """Imports what tests need while nobody waits. A broken pytest shows when tests are run."""
    import tarfile  # noqa: F401

    try:
        from . import testing

        testing.preload()
    except Exception:
        traceback.print_exc()


def _send(fd: int, message: dict[str, object]) -> None:
    frames.write_all(fd, frames.pack(json.dumps(message).encode("ascii")))


def _serve(head: dict[str, Any], tar: bytes | bytearray) -> dict[str, Any]:
    """The fields of `Report`. With `fault` set, the sandbox could not do its part."""
    report: dict[str, Any] = {"step_seconds": {}}
    try:
        deadline = time.monotonic() + float(head["timeout_s"])
        box = steps.Box(tree.parse(tar), deadline)
        _run_plan(box, _decoded(head["plan"]), report)
    except tree.BadTreeError as error:
        report["fault"] = _fault("protocol", f"The tree cannot be used: {error}.")
    except steps.UncleanError as error:
        report["fault"] = _fault("container", f"The sandbox stopped early: {error}.")
    except child.CouldNotStartError as error:
        report["fault"] = _fault("container", f"A step could not be started: {error}.")
    return report


def _fault(kind: str, message: str) -> dict[str, object]:
    return {"kind": kind, "message": message, "retryable": False}


def _decoded(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan with its byte fields as bytes (JSON carries them as base64)."""
    from base64 import urlsafe_b64decode

    screened = plan["screen"] or {}
    for command in filter(None, (plan["command"], screened.get("command"))):
        command["stdin"] = urlsafe_b64decode(command["stdin"])
        command["files"] = {
            path: urlsafe_b64decode(data) for path, data in command["files"].items()
        }
    return plan


def _run_plan(box: steps.Box, plan: dict[str, Any], report: dict[str, Any]) -> None:
    trace = plan["trace"]
    if plan["compile"]:
        with _clock(report, "compile"):
            report["syntax"] = steps.compile_files(box, plan["compile"])
    if plan["lint"]:
        with _clock(report, "lint"):
            report["lint"] = steps.lint(box, plan)
    if plan["command"]:
        with _clock(report, "command"):
            report["command"] = steps.command(box, plan["command"], trace)
    if plan["tests"]:
        from . import testing, tracing

        with _clock(report, "tests"):
            if plan["command"]:
                trace = tracing.left(trace, report["command"]["executed"])
            report["tests"] = []
            for seed in plan["tests"]["seeds"]:
                run: dict[str, Any] = testing.run(box, plan["tests"], seed, trace)
                report["tests"].append(run)
                trace = tracing.left(trace, run["ended"]["executed"])

    if plan["screen"]:
        from . import screen

        with _clock(report, "screen"):
            records = screen.run(box, plan["screen"])
        for kind in ("seen", "screened", "behaved"):
            report[kind] = [_fields(r) for r in records if r.get("kind") == kind]


def _fields(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != "kind"}


class _clock:  # noqa: N801 - reads as a statement
    def __init__(self, report: dict[str, Any], name: str) -> None:
        self._report, self._name = report, name

    def __enter__(self) -> None:
        self._started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._report["step_seconds"][self._name] = round(time.monotonic() - self._started, 6)
