"""A plugin for a pytest that a project's own command starts: it tells how each test ends.

Belongs here: from pytest's reports to names and outcomes. Does not belong here: how that is told
(`results`), and our own run of pytest (`pytest_checks.recorder`).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .results import Results


class PytestWatch:
    """A pytest plugin. It is made without pytest's decorators: they would load it."""

    def __init__(self, results: Results, worst: Sequence[str]) -> None:
        """`worst`: outcomes, the worst first."""
        self._results = results
        self._worst = worst
        self._config: Any = None
        self._reports: list[Any] = []
        self._detail = ""
        self._error: BaseException | None = None

    def pytest_configure(self, config: Any) -> None:
        self._config = config

    def _is_told_by_others(self) -> bool:
        """By the processes that pytest-xdist spreads the tests over."""
        return bool(self._config.pluginmanager.has_plugin("dsession"))

    def _name(self, nodeid: str) -> str:
        path, colons, rest = nodeid.partition("::")
        whole = os.path.join(str(self._config.rootdir), path)
        return f"{self._results.locate(whole)}{colons}{rest}"

    def pytest_collectreport(self, report: Any) -> None:
        if report.outcome == "failed" and not self._is_told_by_others():
            text = self._detail or str(report.longrepr)
            self._results.end(self._name(report.nodeid), "error", text, 0.0)
        self._detail = ""

    def pytest_exception_interact(self, node: Any, call: Any, report: Any) -> None:
        del node, report
        error = call.excinfo
        if error is not None:
            self._detail = self._results.describe((error.type, error.value, error.tb))
            self._error = error.value

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._reports.clear()
        self._detail, self._error = "", None
        if not self._is_told_by_others():
            self._results.begin(self._name(nodeid))

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.outcome == "rerun":
            self._reports.clear()
        else:
            self._reports.append(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        if not self._reports or self._is_told_by_others():
            return
        outcomes = [_outcome_of(report) for report in self._reports]
        outcome = next(word for word in self._worst if word in outcomes)
        seconds = sum(getattr(report, "duration", 0.0) for report in self._reports)
        has_failed = outcome in ("failed", "error")
        detail = self._detail or str(getattr(self._reports[-1], "longrepr", None) or "")
        detail, error = (detail, self._error) if has_failed else ("", None)
        self._results.end(self._name(nodeid), outcome, detail, seconds, error)
        self._error = None  # it holds all that the test held

    def pytest_sessionfinish(self, session: Any) -> None:
        """After all tests one that must fail, of which no report is made."""
        if self._is_told_by_others() or not session.testscollected:
            return
        pytest: Any = sys.modules["pytest"]

        def compare(_item: object) -> None:
            assert object() == object()

        kind: Any = type("Sentinel", (pytest.Item,), {"runtest": compare})
        runner: Any = sys.modules["_pytest.runner"]
        reports = runner.runtestprotocol(
            kind.from_parent(session, name="sentinel"), log=False, nextitem=None
        )
        self._results.tell_sentinel(has_failed=any(r.outcome == "failed" for r in reports))


def _outcome_of(report: Any) -> str:
    if report.outcome == "failed":
        return "failed" if report.when == "call" else "error"
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.outcome == "skipped" else "xpassed"
    return str(report.outcome)
