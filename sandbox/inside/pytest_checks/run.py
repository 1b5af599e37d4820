"""Runs the tests in a forked child, as `python -m pytest` would, with our plugins.

Belongs here: what happens before pytest starts, and how it is started. Does not belong here: what
lives inside pytest (`recorder`, `weaver`, `time_limit`), and reading what came back (`reports`).
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import os
import random
import sys
import threading
import time
import types
from typing import TYPE_CHECKING

from .. import tree
from ..supervisor import child
from ..tracing import request
from . import command_run, reports, trusted_imports
from .sentinel_names import SentinelNames

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..messages import Lines, TestRun, TestsPlan
    from ..supervisor.box import Box
    from ..supervisor.outcome import Outcome

_TOOLS = "/opt/healer/site"
_CHANNEL_BYTES = 32 << 20
_SETTINGS = "pytest.ini"
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
_SERVER = f"{__package__.partition('.')[0]}.supervisor.serve"


def find_pytest() -> None:
    """Makes pytest importable where the image's interpreter has none of its own."""
    if importlib.util.find_spec("pytest") is None:
        sys.path.append(_TOOLS)


def preload() -> None:
    """Imports pytest, its own plugins and common standard modules, before the tree is known."""
    find_pytest()
    import _pytest.config

    for name in _pytest.config.default_plugins:
        importlib.import_module(f"_pytest.{name}")
    for name in _COMMON_MODULES:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    from . import plugins, recorder, time_limit  # noqa: F401 - for their effect: pytest is there

    plugins.load_installed()


def run(box: Box, plan: TestsPlan, seed: int | None, trace: Lines) -> TestRun:
    """One run in one fresh child, of the project's command where that is not pytest."""
    if plan["command"]:
        return command_run.run(box, plan["command"], trace)
    preload()
    names = SentinelNames.choose() if plan["sentinels"] else SentinelNames()
    body = functools.partial(_run_pytest, box, plan, seed, trace, names)
    outcome = _run_in_box(box, plan, body, shares_channel=bool(trace))
    return reports.read_run(outcome, names, trace)


def run_traced(box: Box, plan: TestsPlan) -> Outcome:
    """One run of pytest in which every process reports the code that it executes."""
    preload()
    body = functools.partial(_run_pytest_traced, box, plan)
    return _run_in_box(box, plan, body, shares_channel=True)


def _run_in_box(
    box: Box, plan: TestsPlan, body: Callable[[], int], *, shares_channel: bool = False
) -> Outcome:
    settings = {_SETTINGS: (plan["config"] or "[pytest]\n").encode()}
    return box.run(
        body, files=settings, channel_bytes=_CHANNEL_BYTES, shares_channel=shares_channel
    )


def _run_pytest_traced(box: Box, plan: TestsPlan) -> int:
    begin_test = request.start_calls().begin_test
    return _run_pytest(box, plan, None, {}, SentinelNames(), begin_test=begin_test)


def _run_pytest(
    box: Box,
    plan: TestsPlan,
    seed: int | None,
    trace: Lines,
    names: SentinelNames,
    *,
    begin_test: Callable[[], None] | None = None,
) -> int:
    """In the child: what `python -m pytest` does, with our plugins besides the installed ones."""
    import pytest

    from . import plugins, recorder, time_limit, weaver

    look_like_pytest(arguments(plan))
    trusted_imports.protect_trusted_modules()
    sys.path.insert(0, tree.ROOT)
    sys.path += child.paths_of_tree()
    own_plugins = [
        plugins.InstalledPlugins(),
        recorder.Recorder(
            child.CHANNEL_FD,
            order=None if seed is None else random.Random(seed),
            weaver=weaver.Weaver(names, plan["sentinel_hosts"], box.read),
            begin_test=begin_test,
        ),
        time_limit.TimeLimit(box.deadline - time.monotonic()),
    ]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    if trace:
        request.start(trace)
    if (shift_s := child.find_shift()) is not None:
        request.start_luck(shift_s)
    code = int(pytest.main(sys.argv[1:], plugins=own_plugins))
    sys.settrace(None)
    threading._shutdown()  # type: ignore[attr-defined]  # what the interpreter does at its end
    atexit._run_exitfuncs()
    return code


def arguments(plan: TestsPlan) -> list[str]:
    """pytest's: the project's own in the middle, so that ours decide where they contradict."""
    return [
        *("-c", f"{tree.ROOT}/{_SETTINGS}", "--rootdir", tree.ROOT),
        *("-o", "cache_dir=/tmp/pytest_cache"),
        *plan["args"],
        # Last, so that no setting stops the run at the first sentinel that fails.
        *("--maxfail=0", "--continue-on-collection-errors", "--color=no"),
        *plan["select"],
    ]


def look_like_pytest(argv: list[str]) -> None:
    """Makes this process look as `python -m pytest` would: other code reads argv and __main__."""
    spec = importlib.util.find_spec("pytest.__main__")
    main = types.ModuleType("__main__")
    main.__spec__ = spec
    main.__file__ = spec.origin if spec else None
    sys.modules["__main__"] = main
    sys.argv = [str(main.__file__), *argv]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - stays open to the end
    sys.modules.pop(_SERVER, None)
