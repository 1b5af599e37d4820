"""The part that lives inside pytest: reports what happens, and sets the order of the tests.

Runs in the same process as the code under test, so nothing here is secret or safe from it; the
supervisor (`reports`) treats all of it as claims. Belongs here: what is told, and the order. Does
not belong here: the sentinels (`weaver`).
"""

from __future__ import annotations

import json
import os
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from ..tracing.circumstances import find_inner_error, show_values

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from .weaver import Weaver

_DETAIL_CHARS = 8_000
PART_CHARS = 1_500
"""A message longer than this is sent in parts: what is written on a pipe with other writers stays
in one piece up to 4,096 bytes, and quoting doubles a text at most."""
_SEVERITY = {"passed": 0, "xfailed": 1, "xpassed": 1, "skipped": 1, "failed": 3, "error": 2}


class Recorder:
    """A pytest plugin that tells the supervisor everything, one JSON line each."""

    def __init__(
        self,
        fd: int,
        order: random.Random | None,
        weaver: Weaver,
        begin_test: Callable[[], None] | None = None,
    ) -> None:
        """`order`: None keeps the tests as they were collected; `begin_test` is called before
        each test."""
        self._begin_test = begin_test
        self._fd = fd
        self._order = order
        self._weaver = weaver
        self._open: dict[str, dict[str, Any]] = {}
        self._collect_errors: dict[str, str] = {}
        self._pid = os.getpid()

    def _send(self, **message: object) -> None:
        if os.getpid() != self._pid:
            return  # a forked copy of the run is not the run
        text = json.dumps(message)
        for start in range(0, len(text) - PART_CHARS, PART_CHARS):
            self._write({"part": text[start : start + PART_CHARS]})
        rest = len(text) - ((len(text) - 1) % PART_CHARS + 1)
        self._write({"last": text[rest:]} if rest else message)

    def _write(self, message: dict[str, Any]) -> None:
        """At once and whole: children of the tests write on the same pipe."""
        os.write(self._fd, json.dumps(message).encode() + b"\n")

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        # Set for our own start only; tests that run pytest themselves choose for themselves.
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        if self._order is not None:
            items[:] = shuffle(items, self._order)
        self._send(collected=[item.nodeid for item in items])
        self._send(hosts=self._weaver.weave(session, items))

    def pytest_exception_interact(
        self,
        node: pytest.Collector | pytest.Item,
        call: pytest.CallInfo[object],
        report: pytest.CollectReport | pytest.TestReport,
    ) -> None:
        if call.excinfo is None:
            return
        text = format_error(call.excinfo.value, str(node.config.rootpath))
        if isinstance(report, pytest.CollectReport):
            self._collect_errors[report.nodeid] = text
            return
        entry = self._open.get(report.nodeid)
        if entry is None or entry["detail"] != report.longreprtext:
            return
        tree = os.path.join(str(node.config.rootpath), "")
        entry["values"] = show_values(call.excinfo.value, tree)
        entry["inner_error"] = find_inner_error(call.excinfo.value, tree, report.capstderr)
        if text:
            entry["detail"] = text  # the report came before, in pytest's own words

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            text = self._collect_errors.pop(report.nodeid, "") or str(report.longrepr)
            self._send_result(report.nodeid, "error", text, 0.0)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if self._begin_test is not None:
            self._begin_test()
        self._open[nodeid] = {"outcome": None, "detail": "", "seconds": 0.0}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        entry = self._open.get(report.nodeid)
        if entry is None:
            return
        entry["seconds"] += report.duration
        outcome = outcome_of(report)
        if outcome is None:
            return
        if entry["outcome"] is None or _SEVERITY[outcome] > _SEVERITY[entry["outcome"]]:
            entry["outcome"] = outcome
            entry["detail"] = report.longreprtext if outcome != "passed" else ""

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        entry = self._open.pop(nodeid, None)
        if entry and entry["outcome"]:
            more = {name: entry[name] for name in ("values", "inner_error") if entry.get(name)}
            self._send_result(nodeid, entry["outcome"], entry["detail"], entry["seconds"], **more)

    def _send_result(
        self, node: str, outcome: str, detail: str, seconds: float, **more: str
    ) -> None:
        text = detail[-_DETAIL_CHARS:]
        fields = {"node": node, "outcome": outcome, "detail": text, "seconds": seconds}
        self._send(result={**fields, **more})

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Keeps sentinels out of what a person or a model reads."""
        return ("", "", "") if self._weaver.is_sentinel(report.nodeid) else None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Any:
        result = yield
        self._send(finish=int(session.exitstatus))
        return result


def format_error(error: BaseException, root: str) -> str:
    """As the interpreter prints it, from the first frame below `root` on: pytest's own frames come
    before that, and of what failed in collecting it shows no traceback. Empty where no frame lies
    below `root`."""
    if isinstance(error, pytest.Collector.CollectError):
        error = error.__cause__ or error.__context__ or error
    if isinstance(error, pytest.Collector.CollectError):
        return ""  # pytest's own complaint: its words say more
    if isinstance(error, pytest.fail.Exception) and not error.pytrace:
        return ""  # it is to be told without a traceback
    trace = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith(root):
        trace = trace.tb_next
    if trace is None and not isinstance(error, (SyntaxError, ImportError)):
        return ""
    return "".join(traceback.format_exception(type(error), error, trace))


def outcome_of(report: pytest.TestReport) -> str | None:
    """What one phase says about its test; None when it says nothing."""
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "xfailed" if hasattr(report, "wasxfail") else "skipped"
    if report.when == "call" and report.outcome == "passed":  # plugins have more: "rerun"
        return "xpassed" if hasattr(report, "wasxfail") else "passed"
    return None


def shuffle(items: Sequence[pytest.Item], order: random.Random) -> list[pytest.Item]:
    """The items in random order, modules and classes kept together for their shared fixtures."""
    groups: dict[tuple[str, ...], list[pytest.Item]] = {}
    for item in items:
        parts = item.nodeid.partition("[")[0].split("::")
        groups.setdefault(tuple(parts[:-1]), []).append(item)
    keys = list(groups)
    order.shuffle(keys)
    files = list(dict.fromkeys(key[:1] for key in keys))
    keys.sort(key=lambda key: files.index(key[:1]))
    for group in groups.values():
        order.shuffle(group)
    return [item for key in keys for item in groups[key]]
