"""pytest inside a screening worker: collects once, then runs single tests without its reports.

Belongs here: sessions and single items. Does not belong here: programs run as commands
(`program`), forks and time limits (`forks`), or which candidate is tried (`trials`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.outcomes import Skipped
from _pytest.runner import CallInfo
from _pytest.tmpdir import tmppath_result_key

from ..pytest_checks.plugins import InstalledPlugins
from .tracebacks import format_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..messages import TestsPlan

SETTINGS = "pytest.ini"
"""Where the project's pytest settings lie in a worker's copy of the tree."""


class TakeOver:
    """A pytest plugin: once the tests are collected, `serve` runs instead of pytest's loop."""

    def __init__(self, serve: Callable[[dict[str, pytest.Item]], None]) -> None:
        """`serve` is given the collected tests by node id."""
        self._serve = serve

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        self._serve({item.nodeid: item for item in session.items})
        return True


class ResultWatcher:
    """A pytest plugin that counts passes and keeps the first failure's text."""

    def __init__(self) -> None:
        self.passes = 0
        self.detail = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call" and report.passed:
            self.passes += 1
        elif report.failed and not self.detail:
            self.detail = f"{report.nodeid}\n{report.longreprtext}"

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.detail:
            self.detail = str(report.longrepr)


def run_pytest(plan: TestsPlan, home: str, plugins: list[object], arguments: list[str]) -> int:
    """One session in this process, with the project's settings and without its output."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    settings = ["-c", f"{home}/{SETTINGS}", "--rootdir", home, "-p", "no:cacheprovider"]
    output = [
        "--capture=sys",
        "--assert=plain",
        "--color=no",
        "--tb=short",
        "--continue-on-collection-errors",
    ]
    words = [*settings, *plan["args"], *output, *arguments]
    return int(pytest.main(words, plugins=[InstalledPlugins(), *plugins]))


def run_item(item: Any) -> tuple[str, str]:
    """One collected test with its fixtures: outcome and a short traceback.

    pytest's own reports are not made: drawing the failure costs more than the whole try.
    """

    def call(name: Any) -> Any:
        hook = getattr(item.ihook, f"pytest_runtest_{name}")
        extra = {"nextitem": None} if name == "teardown" else {}
        error = CallInfo.from_call(lambda: hook(item=item, **extra), when=name).excinfo
        # `unittest` keeps its failures to itself; pytest's own report would ask for the first.
        kept_errors = item.__dict__.pop("_excinfo", None)
        return kept_errors[0] if kept_errors else error

    # `tmp_path` looks at its teardown for the results that only pytest's own reports would leave.
    item.stash[tmppath_result_key] = {}
    if hasattr(item, "_initrequest"):
        item._initrequest()
    error = call("setup") or call("call")
    error = call("teardown") or error
    if error is None:
        return "passed", ""
    if isinstance(error.value, Skipped):
        return "skipped", ""
    if any(True for _ in item.iter_markers("xfail")):
        return "passed", ""
    return "failed", format_error(error.value)
