"""A pytest plugin: the errors and the calls of tests, as the sandbox's own run reports them.

Belongs here: the little that joins the sandbox's parts to a pytest on this machine.
"""

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest

from sandbox.inside.pytest_checks.recorder import format_error
from sandbox.inside.tracing.calls import Calls
from sandbox.inside.tracing.circumstances import find_inner_error, show_values
from sandbox.inside.tree import ROOT

_FD = os.open(os.environ["REAL_BUGS_CHANNEL"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
_HERE = str(Path.cwd())
_CALLS = Calls(_FD, _HERE)
_LONGEST = 8_000


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    _CALLS.start()


def pytest_runtest_logstart() -> None:
    _CALLS.begin_test()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and call.excinfo is not None:
        error = call.excinfo.value
        around = {
            "values": show_values(error, f"{_HERE}/"),
            "inner_error": find_inner_error(error, f"{_HERE}/", report.capstderr),
        }
        _send(item.nodeid, "failed", error, report.longreprtext, **around)
    return report


def pytest_exception_interact(
    node: pytest.Collector | pytest.Item,
    call: "pytest.CallInfo[object]",
    report: pytest.CollectReport | pytest.TestReport,
) -> None:
    if isinstance(report, pytest.CollectReport) and call.excinfo is not None:
        _send(report.nodeid, "error", call.excinfo.value, report.longreprtext)
    del node


def _send(node: str, outcome: str, error: BaseException, text: str, **around: str) -> None:
    detail = (format_error(error, _HERE) or text).replace(_HERE, ROOT)[-_LONGEST:]
    around = {name: text.replace(_HERE, ROOT) for name, text in around.items()}
    result = {"node": node, "outcome": outcome, "detail": detail, **around}
    os.write(_FD, json.dumps({"result": result}).encode() + b"\n")
