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
from .tracebacks import cut, format_error

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ..messages import TestsPlan

SETTINGS = "pytest.ini"
"""Where the project's pytest settings lie in a worker's copy of the tree."""


_ERRORS_OF_SUBTESTS: pytest.StashKey[list[BaseException]] = pytest.StashKey()
"""Of the test that runs."""


class TakeOver:
    """A pytest plugin: once the tests are collected, `serve` runs instead of pytest's loop."""

    def __init__(self, serve: Callable[[dict[str, pytest.Item]], None]) -> None:
        """`serve` is given the collected tests by node id."""
        self._serve = serve

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        self._serve({item.nodeid: item for item in session.items})
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Generator[None, Any, Any]:
        """Asked for by subtests alone (`run_item` makes no reports), whose errors end there."""
        if call.excinfo is not None and not isinstance(call.excinfo.value, Skipped):
            item.stash[_ERRORS_OF_SUBTESTS].append(call.excinfo.value)
        try:
            return (yield)
        except Exception:  # of another plugin, which the whole run of a test would have prepared
            return pytest.TestReport.from_item_and_call(item, call)


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

    pytest's own reports are not made: drawing the failure costs more than the whole try. Where a
    plugin of the project's decides with the report, as those of soft assertions do, it is asked.
    """

    def call(name: Any) -> Any:
        hook = getattr(item.ihook, f"pytest_runtest_{name}")
        extra = {"nextitem": None} if name == "teardown" else {}
        info = CallInfo.from_call(lambda: hook(item=item, **extra), when=name)
        # `unittest` keeps its failures to itself; pytest's own report would ask for the first.
        kept_errors = item.__dict__.pop("_excinfo", None)
        if name == "call" and (detail := _ask_plugins(item, info)):
            details.append(detail)
        return kept_errors[0] if kept_errors else info.excinfo

    # `tmp_path` looks at its teardown for the results that only pytest's own reports would leave.
    item.stash[tmppath_result_key] = {}
    errors_of_subtests: list[BaseException] = []
    details: list[str] = []
    item.stash[_ERRORS_OF_SUBTESTS] = errors_of_subtests
    if hasattr(item, "_initrequest"):
        item._initrequest()
    error = call("setup") or call("call")
    error = call("teardown") or error
    first = errors_of_subtests[0] if errors_of_subtests else error and error.value
    if isinstance(first, Skipped):
        return "skipped", ""
    if (first is None and not details) or any(True for _ in item.iter_markers("xfail")):
        return "passed", ""
    return "failed", format_error(first) if first is not None else details[0]


def _ask_plugins(item: Any, info: Any) -> str:
    """What the report says of a test that raised nothing and failed; empty for any other, and
    where nobody but pytest itself has a say in it."""
    hook = item.ihook.pytest_runtest_makereport
    modules = {implementation.function.__module__ for implementation in hook.get_hookimpls()}
    own = __name__.partition(".")[0]
    if info.excinfo is not None or all(m.partition(".")[0] in ("_pytest", own) for m in modules):
        return ""
    report = hook(item=item, call=info)
    return cut(report.longreprtext) if report.failed else ""
