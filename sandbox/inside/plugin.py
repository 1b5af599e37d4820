"""The part that lives inside pytest: reports what happens, orders the tests, weaves sentinels in.

Runs in the same process as the code under test, so nothing here is secret or safe from it; the
supervisor (`testing`) treats all of it as claims.
"""

import json
import os
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from . import twins

_DETAIL_CHARS = 8_000
_SEVERITY = {"passed": 0, "xfailed": 1, "xpassed": 1, "skipped": 1, "failed": 3, "error": 2}


class Recorder:
    """A pytest plugin that tells the supervisor everything, one JSON line each."""

    def __init__(self, fd: int, order: random.Random | None, weaver: "Weaver") -> None:
        self._fd = fd
        self._order = order
        self._weaver = weaver
        self._open: dict[str, dict[str, Any]] = {}
        self._tell_lock = os.getpid()

    def _tell(self, **message: object) -> None:
        if os.getpid() != self._tell_lock:
            return  # a forked copy of the run is not the run
        view = memoryview(json.dumps(message).encode() + b"\n")
        while view:
            view = view[os.write(self._fd, view) :]

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        # Set for our own start only; tests that run pytest themselves choose for themselves.
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        if self._order is not None:
            items[:] = shuffled(items, self._order)
        self._tell(collected=[item.nodeid for item in items])
        self._tell(woven=self._weaver.weave(session, items))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._tell_result(report.nodeid, "error", str(report.longrepr), 0.0)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
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
            self._tell_result(nodeid, entry["outcome"], entry["detail"], entry["seconds"])

    def _tell_result(self, node: str, outcome: str, detail: str, seconds: float) -> None:
        text = detail[-_DETAIL_CHARS:]
        self._tell(result={"node": node, "outcome": outcome, "detail": text, "seconds": seconds})

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Keeps sentinels out of what a person or a model reads."""
        return ("", "", "") if self._weaver.is_ours(report.nodeid) else None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Any:
        result = yield
        self._tell(finish=int(session.exitstatus))
        return result


def outcome_of(report: pytest.TestReport) -> str | None:
    """What one phase says about its test; None when it says nothing."""
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "xfailed" if hasattr(report, "wasxfail") else "skipped"
    if report.when == "call":
        return "xpassed" if hasattr(report, "wasxfail") else "passed"
    return None


def shuffled(items: Sequence[pytest.Item], order: random.Random) -> list[pytest.Item]:
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


class Weaver:
    """Puts tests that must fail among the real ones: plain ones, and twins of real tests."""

    def __init__(
        self,
        sentinel_names: Iterable[str],
        twin_names: Iterable[str],
        wanted: Sequence[str],
        content: Callable[[str], bytes | None],
    ) -> None:
        self._sentinels = list(sentinel_names)
        self._twins = list(twin_names)
        self._wanted = list(wanted)
        self._content = content
        self._names = {*self._sentinels, *self._twins}
        self._random = random.SystemRandom()

    def is_ours(self, node: str) -> bool:
        return node.rpartition("::")[2].partition("[")[0] in self._names

    def weave(self, session: pytest.Session, items: list[pytest.Item]) -> dict[str, str]:
        """Adds to `items`; returns which real test each sentinel was made from."""
        if not self._sentinels:
            return {}
        hosts: dict[str, str] = {}
        originals = list(items)
        made = self._make_twins(originals, hosts)
        for name in self._sentinels[1:]:
            if not self._weave_plain(name, originals, items, hosts):
                self._weave_bare(name, session, items)
        self._weave_bare(self._sentinels[0], session, items)
        # Twins repeat what a test does; after all tests they cannot disturb one.
        items.extend(made)
        return hosts

    def _weave_bare(self, name: str, session: pytest.Session, items: list[pytest.Item]) -> None:
        bare = Bare.from_parent(session, name=name)
        items.insert(self._random.randint(0, len(items)), bare)

    def _weave_plain(
        self,
        name: str,
        originals: list[pytest.Item],
        items: list[pytest.Item],
        hosts: dict[str, str],
    ) -> bool:
        if not originals:
            return False
        host = self._random.choice(originals)
        item = twins.plain(host, name)
        if item is None:
            return False
        hosts[name] = host.nodeid
        items.insert(items.index(host) + self._random.randint(0, 1), item)
        return True

    def _make_twins(self, originals: list[pytest.Item], hosts: dict[str, str]) -> list[pytest.Item]:
        first = [item for item in originals if item.nodeid in self._wanted]
        rest = [item for item in originals if item.nodeid not in self._wanted]
        self._random.shuffle(rest)
        made: list[pytest.Item] = []
        sources = twins.Sources(self._content)
        for host in first + rest:
            if len(made) == len(self._twins):
                break
            name = self._twins[len(made)]
            twin = twins.twin(host, name, sources)
            if twin is not None:
                hosts[name] = host.nodeid
                made.append(twin)
        return made


class Bare(pytest.Item):
    """A sentinel without fixtures, marks or a module, so that no honest project can skip it."""

    def runtest(self) -> None:
        left, right = object(), object()
        assert left == right

    def repr_failure(self, _excinfo: object, style: object = None) -> str:
        del style
        return "a sentinel"

    def reportinfo(self) -> tuple[str, int | None, str]:
        return self.name, None, self.name
