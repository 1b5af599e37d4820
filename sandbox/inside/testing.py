"""Runs pytest in a forked child, and decides how far its reports can be believed.

Belongs here: what the supervisor does before and after a test run. The part that lives inside
pytest is `plugin`. Nothing that the child says is proof: the exit status must agree with the
reports, every report must come once, and the sentinels must have failed.
"""

import atexit
import functools
import importlib.util
import json
import os
import random
import secrets
import sys
import threading
import time
import types
from typing import Any

from . import child, shield, steps, tracing, tree

_TOOLS = "/opt/healer/site"
_CHANNEL_BYTES = 32 << 20
_SETTINGS = "pytest.ini"
_EVERYTHING = "*"
SENTINELS = 4
TWINS = 8
_DETAIL_CHARS = 8_000
_OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
_QUIETERS = {
    "xdist": ("-n0",),
    "pytest_cov": ("--no-cov",),
    "randomly": ("-p", "no:randomly"),
}
"""Plugins that would move tests to other processes, trace them, or reorder them after us."""
_COMMON_MODULES = (
    "asyncio",
    "concurrent.futures",
    "csv",
    "decimal",
    "difflib",
    "doctest",
    "http.client",
    "logging.handlers",
    "sqlite3",
    "subprocess",
    "tempfile",
    "unittest.mock",
    "urllib.request",
    "uuid",
    "zoneinfo",
)


def preload() -> None:
    """Imports pytest, its own plugins and common standard modules, before the tree is known."""
    if importlib.util.find_spec("pytest") is None:
        sys.path.append(_TOOLS)
    import _pytest.config

    for name in _pytest.config.default_plugins:
        importlib.import_module(f"_pytest.{name}")
    for name in _COMMON_MODULES:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    from . import hanging, plugin, twins  # noqa: F401


def run(
    box: steps.Box, plan: dict[str, Any], seed: int | None, trace: dict[str, list[int]]
) -> dict[str, object]:
    """One run in one fresh child. Returns the fields of `TestRun`."""
    if plan["command"]:
        outcome = box.run(functools.partial(steps.exec_body, plan["command"], {}, trace))
        executed = tracing.parse(outcome.channel, trace)
        return {"results": [], "ended": {**outcome.ended(), "executed": executed}}
    preload()
    names = Names.fresh() if plan["sentinels"] else Names((), ())
    outcome = box.run(
        functools.partial(_body, box, plan, seed, trace, names),
        files={_SETTINGS: (plan["config"] or "[pytest]\n").encode()},
        channel_bytes=_CHANNEL_BYTES,
    )
    return _judge(outcome, names, trace)


class Names:
    """Names for sentinels that nothing outside this run can know."""

    def __init__(self, sentinels: tuple[str, ...], twins: tuple[str, ...]) -> None:
        self.sentinels = sentinels
        self.twins = twins

    @classmethod
    def fresh(cls) -> "Names":
        made = [f"test_{secrets.token_hex(secrets.choice((3, 4, 5)))}" for _ in range(64)]
        unique = list(dict.fromkeys(made))
        return cls(tuple(unique[:SENTINELS]), tuple(unique[SENTINELS : SENTINELS + TWINS]))


def _body(
    box: steps.Box,
    plan: dict[str, Any],
    seed: int | None,
    trace: dict[str, list[int]],
    names: Names,
) -> int:
    """In the child: what `python -m pytest` does, with our plugin and without autoload."""
    import pytest

    from . import hanging, plugin

    plugins = _plugins(plan["plugins"])
    _look_like_pytest(_arguments(plan, plugins))
    shield.protect_trusted_modules()
    sys.path.insert(0, tree.ROOT)
    recorder = plugin.Recorder(
        child.CHANNEL_FD,
        order=None if seed is None else random.Random(seed),
        weaver=plugin.Weaver(names.sentinels, names.twins, plan.get("twins", ()), box.content),
    )
    limit = hanging.Limit(box.deadline - time.monotonic())
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    if trace:
        tracing.start(trace)
    code = int(pytest.main(sys.argv[1:], plugins=[recorder, limit]))
    sys.settrace(None)
    threading._shutdown()  # type: ignore[attr-defined]  # what the interpreter does at its end
    atexit._run_exitfuncs()
    return code


def _plugins(wanted: list[str]) -> list[str]:
    """The plugins to load; `*` stands for all that are installed in the image."""
    if _EVERYTHING not in wanted:
        return wanted
    from importlib.metadata import entry_points

    installed = [entry.name for entry in entry_points(group="pytest11")]
    return list(dict.fromkeys([name for name in wanted if name != _EVERYTHING] + installed))


def _arguments(plan: dict[str, Any], plugins: list[str]) -> list[str]:
    loaded = [argument for name in plugins for argument in ("-p", name)]
    quiet = [argument for name in plugins for argument in _QUIETERS.get(name, ())]
    return [
        *("-c", f"{tree.ROOT}/{_SETTINGS}", "--rootdir", tree.ROOT),
        *("-o", "cache_dir=/tmp/pytest_cache"),
        *loaded,
        *plan["args"],
        # Last, so that no setting stops the run at the first sentinel that fails.
        *quiet,
        *("--maxfail=0", "--continue-on-collection-errors", "--color=no"),
        *plan["select"],
    ]


def _look_like_pytest(arguments: list[str]) -> None:
    """Makes this process look as `python -m pytest` would: other code reads argv and __main__."""
    spec = importlib.util.find_spec("pytest.__main__")
    main = types.ModuleType("__main__")
    main.__spec__ = spec
    main.__file__ = spec.origin if spec else None
    sys.modules["__main__"] = main
    sys.argv = [str(main.__file__), *arguments]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    for name in [name for name in sys.modules if name == "healer_inside.supervisor"]:
        del sys.modules[name]


def _judge(outcome: child.Outcome, names: Names, trace: dict[str, list[int]]) -> dict[str, object]:
    messages = outcome.channel.bytes().splitlines()
    story = _Story(messages, names)
    if outcome.channel.cut_bytes:
        story.doubts.append("more was reported than a run can report")
    story.compare(outcome)
    ended = outcome.ended()
    ended["executed"] = tracing.collect(messages, trace)
    if story.doubts:
        ended["stderr"] = f"{ended['stderr']}\n[sandbox] not believed: {'; '.join(story.doubts)}\n"
    return {
        "results": [] if story.doubts and not names.sentinels else story.results,
        "ended": ended,
        "collected": story.collected,
        "sentinels": len(story.sentinels),
        "sentinels_failed": 0 if story.doubts else story.sentinels_failed,
        "consistent": not story.doubts,
    }


class _Story:
    """What the reports say, taken together. `doubts` holds every contradiction, in words."""

    def __init__(self, messages: list[bytes], names: Names) -> None:
        self.doubts: list[str] = []
        self.collected: list[str] = []
        self.results: list[dict[str, object]] = []
        self._outcomes: dict[str, str] = {}
        self._hosts: dict[str, str] = {}
        self._finish: int | None = None
        self._once: set[str] = set()
        for message in messages:
            self._take(message)
        self._split(names)

    def _take(self, message: bytes) -> None:
        try:
            record = json.loads(message)
            (kind, value) = next(iter(record.items()))
            if kind == "result":
                self._take_result(value)
            elif kind != "ran":
                self._take_single(kind, value)
        except (ValueError, TypeError, KeyError, AttributeError, StopIteration, RecursionError):
            self.doubts.append("a report could not be read")

    def _take_single(self, kind: str, value: Any) -> None:
        if kind in self._once:
            self.doubts.append(f"{kind!r} was reported twice")
        self._once.add(kind)
        if kind == "collected":
            self.collected = [clean(str(node)) for node in value]
        elif kind == "woven":
            self._hosts = {str(name): str(host) for name, host in value.items()}
        elif kind == "finish":
            self._finish = int(value)
        else:
            self.doubts.append("a report of an unknown kind")

    def _take_result(self, value: dict[str, Any]) -> None:
        if self._finish is not None:
            self.doubts.append("a result came after the end")
        node, outcome = clean(str(value["node"])), value["outcome"]
        if outcome not in _OUTCOMES:
            raise ValueError(outcome)
        if node in self._outcomes:
            self.doubts.append(f"{node} was reported twice")
        self._outcomes[node] = outcome
        self.results.append(
            {
                "node": node,
                "outcome": outcome,
                "detail": clean(str(value.get("detail", "")))[-_DETAIL_CHARS:],
                "seconds": float(value.get("seconds", 0.0)),
            }
        )

    def _split(self, names: Names) -> None:
        """Takes the sentinels out of the results, and counts those whose outcome means something.

        A twin counts when the test that it copies passed: a copy of a skipped test is skipped.
        """
        self.sentinels: list[str] = []
        by_name = {_function_of(node): node for node in self._outcomes}
        for name in names.sentinels:
            host = self._hosts.get(name, "")
            own = self._outcomes.get(by_name.get(name, ""))
            if own == "skipped" == self._outcomes.get(host):
                continue
            self.sentinels.append(by_name.get(name, name))
        for name in names.twins:
            if name in self._hosts and self._outcomes.get(self._hosts[name]) == "passed":
                self.sentinels.append(by_name.get(name, name))
        ours = {by_name[name] for name in (*names.sentinels, *names.twins) if name in by_name}
        self._ours_failed = any(self._outcomes[node] in ("failed", "error") for node in ours)
        self.results = [result for result in self.results if result["node"] not in ours]
        self.sentinels_failed = sum(
            self._outcomes.get(node) in ("failed", "error") for node in self.sentinels
        )

    def compare(self, outcome: child.Outcome) -> None:
        """Holds the reports against what the kernel saw."""
        if outcome.exit_code is None:
            return  # a signal ended it: nothing was claimed
        if self._finish != outcome.exit_code:
            self.doubts.append(
                f"the process ended with {outcome.exit_code}, the test run with {self._finish}"
            )
        if outcome.exit_code == 0 and (self._any_failed() or self._ours_failed):
            self.doubts.append("failures were reported by a run that ended with 0")

    def _any_failed(self) -> bool:
        return any(result["outcome"] in ("failed", "error") for result in self.results)


def _function_of(node: str) -> str:
    return node.rpartition("::")[2].partition("[")[0]


def clean(text: str) -> str:
    """Without lone surrogates, which JSON can carry and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")
