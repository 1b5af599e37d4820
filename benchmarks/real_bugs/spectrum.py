"""A pytest plugin: which functions each test calls, and whether it fails.

Belongs here: what stands in for the search's spectrum, in which a line is what a function is here.
"""

import json
import os
import sys
from collections.abc import Generator
from pathlib import Path
from types import FrameType

import pytest

_TREE = f"{Path.cwd()}/"
_CALLS: set[tuple[str, int]] = set()
_TESTS: dict[str, dict[str, object]] = {}


def _note_call(frame: FrameType, event: str, value: object) -> None:
    del event, value
    code = frame.f_code
    if code.co_filename.startswith(_TREE):
        _CALLS.add((code.co_filename[len(_TREE) :], code.co_firstlineno))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    _CALLS.clear()
    sys.settrace(_note_call)
    try:
        return (yield)
    finally:
        sys.settrace(None)
        _TESTS.setdefault(item.nodeid, {})["calls"] = sorted(_CALLS)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _TESTS.setdefault(report.nodeid, {})["fails"] = True


def pytest_sessionfinish() -> None:
    Path(os.environ["REAL_BUGS_SPECTRUM"]).write_text(json.dumps(_TESTS))
