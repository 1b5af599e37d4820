"""pytest inside a screening worker: collects once, then runs single tests without its reports.

Belongs here: sessions, single items, and programs run as commands. Does not belong here: forks and
time limits (`tries`), or which candidate is tried (`screen`).
"""

import collections
import linecache
import os
import runpy
import sys
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from . import child

DETAIL_CHARS = 1_500
_FRAMES = 12


class Takeover:
    """A pytest plugin: once the tests are collected, `serve` runs instead of pytest's loop."""

    def __init__(self, serve: Callable[[dict[str, Any]], None]) -> None:
        self._serve = serve

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        self._serve({item.nodeid: item for item in session.items})
        return True


class Watcher:
    """A pytest plugin that counts passes and keeps the first failure's text."""

    def __init__(self) -> None:
        self.passed = 0
        self.detail = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call" and report.passed:
            self.passed += 1
        elif report.failed and not self.detail:
            self.detail = f"{report.nodeid}\n{report.longreprtext}"

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.detail:
            self.detail = str(report.longrepr)


def run_pytest(plan: dict[str, Any], home: str, plugins: list[object], arguments: list[str]) -> int:
    """One session in this process, with the project's settings and without its output."""
    tests = plan["tests"]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    loaded = [argument for name in tests["plugins"] if name != "*" for argument in ("-p", name)]
    settings = ["-c", f"{home}/.healer-pytest.ini", "--rootdir", home, "-p", "no:cacheprovider"]
    shown = [
        "--capture=sys",
        "--assert=plain",
        "--color=no",
        "--tb=short",
        "--continue-on-collection-errors",
    ]
    return int(
        pytest.main([*settings, *loaded, *tests["args"], *shown, *arguments], plugins=plugins)
    )


def run_item(item: Any) -> tuple[str, str]:
    """One collected test with its fixtures: outcome and a short traceback.

    pytest's own reports are not made: drawing the failure costs more than the whole try.
    """
    from _pytest.outcomes import Skipped
    from _pytest.runner import CallInfo
    from _pytest.tmpdir import tmppath_result_key

    def call(name: Any) -> Any:
        hook = getattr(item.ihook, f"pytest_runtest_{name}")
        extra = {"nextitem": None} if name == "teardown" else {}
        return CallInfo.from_call(lambda: hook(item=item, **extra), when=name).excinfo

    # `tmp_path` looks at its teardown for the results that only pytest's own reports would leave.
    item.stash[tmppath_result_key] = {}
    if hasattr(item, "_initrequest"):
        item._initrequest()
    raised = call("setup") or call("call")
    raised = call("teardown") or raised
    if raised is None:
        return "passed", ""
    if isinstance(raised.value, Skipped):
        return "skipped", ""
    if any(True for _ in item.iter_markers("xfail")):
        return "passed", ""
    return "failed", short(raised.value)


def short(error: BaseException) -> str:
    """The innermost frames of a traceback, at most 1,500 characters.

    Written here, since `traceback` parses every shown line again to underline a part of it, and
    that takes longer than most tests.
    """
    frames = collections.deque(traceback.walk_tb(error.__traceback__), maxlen=_FRAMES)
    lines = ["Traceback (most recent call last):\n"] if frames else []
    for frame, number in frames:
        code = frame.f_code
        lines.append(f'  File "{code.co_filename}", line {number}, in {code.co_name}\n')
        source = linecache.getline(code.co_filename, number, frame.f_globals).strip()
        if source:
            lines.append(f"    {source}\n")
    return "".join([*lines, *traceback.format_exception_only(error)])[-DETAIL_CHARS:]


def run_command(command: dict[str, Any]) -> tuple[str, str]:
    """A Python script in this process, as `python script arguments` would run it."""
    argv = [word for word in command["argv"][1:] if not word.startswith("-u")]
    os.chdir(command.get("cwd") or ".")
    os.dup2(child.stdin_fd(command.get("stdin", b"")), 0)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = argv
    sys.path.insert(0, os.path.dirname(os.path.abspath(argv[0])))
    try:
        if argv[0] == "-m":
            sys.argv = argv[1:]
            runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(argv[0], run_name="__main__")
    except SystemExit as stop:
        if stop.code in (None, 0):
            return "passed", ""
        return "failed", f"SystemExit: {stop.code}"
    except BaseException as error:
        return "failed", short(error)
    return "passed", ""


def lies_in(module: object, home: str) -> bool:
    """Whether a module comes from the tree. A folder without `__init__.py` has no file, but keeps
    the modules imported from it as its attributes."""
    places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
    return any(place == home or place.startswith(home + "/") for place in places)
