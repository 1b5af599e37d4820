"""Tries hundreds of candidates a second: pytest collects once, then a fork for each candidate.

Belongs here: what one screening step does inside its unprivileged child. All of this runs in the
reach of the code under test, so its answers only order the search; survivors go through the gate.

Two kinds of work share it. A *spectrum* runs every test once on the tree as it is and tells which
watched lines each executed. A *screening* runs the failing tests and then the passing ones on each
candidate, and stops at the first failure.
"""

import contextlib
import fcntl
import functools
import gc
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

import pytest

from . import behaviour, child, steps, swap, tree

_CHANNEL_BYTES = 64 << 20
_DETAIL_CHARS = 1_500
_WALL_FACTOR = 20
"""A try ends by its processor time; the wall clock is only for tests that sleep."""
_SLOW_FLOOR_S = 1.0
"""A candidate that needs a fresh import pays for the import too."""
_FRAMES = 12
_BEHAVIOUR_S = 20.0
COMMAND = "(command)"


def run(box: steps.Box, plan: dict[str, Any]) -> list[dict[str, object]]:
    """The lines that the step reported: fields of `Screened` or of `Seen`."""
    outcome = box.run(
        functools.partial(body, plan, box.deadline),
        files={
            **((plan["command"] or {}).get("files") or {}),
            ".healer-pytest.ini": (plan["tests"]["config"] or "[pytest]\n").encode(),
        },
        channel_bytes=_CHANNEL_BYTES,
    )
    found = []
    for line in outcome.channel.bytes().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue  # cut by the deadline
        if isinstance(record, dict):
            found.append(record)
    return found


def body(plan: dict[str, Any], deadline: float, root: str = tree.ROOT) -> int:
    """In the child: one worker for each core, each with its own copy of the tree."""
    count = max(1, int(plan["workers"]))
    homes = [root]
    for number in range(1, count):
        home = f"{root}-{number}"
        shutil.copytree(root, home)
        homes.append(home)
    pids = []
    for number, home in enumerate(homes):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                _Worker(plan, home, number, count, deadline).run()
                code = 0
            except BaseException as error:
                os.write(2, f"{type(error).__name__}: {error}\n".encode())
            finally:
                os._exit(code)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    return 0


class _Worker:
    """Has collected the tests of its own copy of the tree; does its share of the work."""

    def __init__(
        self, plan: dict[str, Any], home: str, number: int, count: int, deadline: float
    ) -> None:
        self.plan = plan
        self.home = home
        self.number, self.count = number, count
        self.deadline = deadline
        self.items: dict[str, Any] = {}
        self.original: dict[str, bytes] = {}
        self.ran_at_import: set[tuple[str, str, int]] = set()
        self._compiled: dict[str, CodeType | None] = {}
        self._lock = os.open(f"/tmp/healer-screen-{os.getppid()}", os.O_CREAT | os.O_RDWR, 0o600)

    def run(self) -> None:
        os.chdir(self.home)
        sys.path[:] = [self.home, *(p for p in sys.path if not p.startswith(tree.ROOT))]
        quiet = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1):
            os.dup2(quiet, fd)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        if not self.plan["use_tests"]:
            self._warm_command()
            self.serve()
            return
        sys.setprofile(self._note_call)
        run_pytest(self.plan, self.home, [_Takeover(self)], list(self.plan["select"]))

    def _note_call(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(self.home):
            self.ran_at_import.add((code.co_filename, code.co_name, code.co_firstlineno))

    def _warm_command(self) -> None:
        """Imports what the program imports from outside the tree, as seen in one run of it."""
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            _limit(self.plan["limit_s"] + _SLOW_FLOOR_S, lambda: _names_to(write, self.home))
            _run_command(self.plan["command"])
            _names_to(write, self.home)
            os._exit(0)
        os.close(write)
        for name in _read_all(read).decode().split():
            try:
                __import__(name)
            except BaseException:
                continue
        os.waitpid(pid, 0)

    def serve(self) -> None:
        sys.setprofile(None)
        files = {f"{self.home}/{path}" for path in self.plan["watched"]}
        self.functions = swap.Functions(files)
        if self.plan["spectrum"]:
            names = list(self.items) if self.plan["use_tests"] else [COMMAND]
            for name in names[self.number :: self.count]:
                self._tell({**self._see(name), "kind": "seen"})
            return
        # Forks share what is there now; without this, their first collection would copy it all.
        gc.collect()
        gc.freeze()
        gc.disable()
        candidates = self.plan["candidates"]
        if self.plan["compare"]:
            for index in range(self.number, len(candidates), self.count):
                self._tell({**self._behave(candidates[index]), "kind": "behaved", "index": index})
            return
        for index in range(self.number, len(candidates), self.count):
            if time.monotonic() > self.deadline - 1.0:
                return
            self._tell({**self._try(candidates[index]), "kind": "screened", "index": index})

    def _tell(self, record: dict[str, object]) -> None:
        fcntl.lockf(self._lock, fcntl.LOCK_EX)
        try:
            view = memoryview(json.dumps(record).encode() + b"\n")
            while view:
                view = view[os.write(child.CHANNEL_FD, view) :]
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN)

    def _see(self, name: str) -> dict[str, object]:
        """One test on the tree as it is, with the watched lines that it executed."""
        prefix = f"{self.home}/"
        watched = {prefix + path: path for path in self.plan["watched"]}
        lines: dict[str, set[int]] = {path: set() for path in self.plan["watched"]}

        def on_line(frame: FrameType, event: str, _argument: object) -> Any:
            if event == "line":
                lines[watched[frame.f_code.co_filename]].add(frame.f_lineno)
            return on_line

        def on_call(frame: FrameType, _event: str, _argument: object) -> Any:
            return on_line if frame.f_code.co_filename in watched else None

        def attempt() -> tuple[str, str]:
            sys.settrace(on_call)
            try:
                return self._one(name)
            finally:
                sys.settrace(None)

        shown: dict[str, Callable[[], object]] = {
            "lines": lambda: {p: sorted(found) for p, found in lines.items() if found}
        }
        result = _forked(attempt, self.plan["limit_s"], name, shown)
        return {"node": name, **result}

    def _one(self, name: str) -> tuple[str, str]:
        if name == COMMAND:
            return _run_command(self.plan["command"])
        return _run_item(self.items[name])

    def _try(self, candidate: dict[str, str]) -> dict[str, object]:
        for path, content in candidate.items():
            self._lay(path, content)
        try:
            return _forked(lambda: self._run_all(candidate), self._limit(candidate), "", {})
        finally:
            for path in candidate:
                _write(f"{self.home}/{path}", self.original[path])

    def _behave(self, candidate: dict[str, str]) -> dict[str, object]:
        """What the candidate's function does on inputs like those that the tests gave it."""
        for path, content in candidate.items():
            self._lay(path, content)
        pairs: list[tuple[str, str]] = []

        def attempt() -> tuple[str, str]:
            codes = {p: _compiled(c.encode(), f"{self.home}/{p}") for p, c in candidate.items()}
            if not self._swap(codes):
                return "skipped", "it cannot be called without importing again"
            path, name = self.plan["compare"]
            tests = [self.items[n] for n in self._wanted() if n in self.items]
            runs = [functools.partial(_run_item, item) for item in tests]
            behaviour.observe(f"{self.home}/{path}", name, runs, pairs)
            return "passed", ""

        try:
            return _forked(attempt, _BEHAVIOUR_S, "", {"pairs": lambda: pairs})
        finally:
            for path in candidate:
                _write(f"{self.home}/{path}", self.original[path])

    def _wanted(self) -> list[str]:
        return [*self.plan["failing"], *self.plan["passing"]]

    def _limit(self, candidate: dict[str, str]) -> float:
        limit_s = float(self.plan["limit_s"])
        return limit_s if self._swappable(candidate) else limit_s + _SLOW_FLOOR_S

    def _lay(self, path: str, content: str) -> None:
        full = f"{self.home}/{path}"
        if path not in self.original:
            try:
                with open(full, "rb") as file:
                    self.original[path] = file.read()
            except FileNotFoundError:
                self.original[path] = b""
                os.makedirs(os.path.dirname(full), exist_ok=True)
        _write(full, content.encode())

    def _swappable(self, candidate: dict[str, str]) -> bool:
        return self.plan["use_tests"] and all(self._old_code(path) for path in candidate)

    def _old_code(self, path: str) -> CodeType | None:
        if path not in self._compiled:
            full = f"{self.home}/{path}"
            loaded = any(getattr(m, "__file__", None) == full for m in list(sys.modules.values()))
            code = _compiled(self.original[path], full) if loaded else None
            self._compiled[path] = code
        return self._compiled[path]

    def _run_all(self, candidate: dict[str, str]) -> tuple[str, str]:
        if not self.plan["use_tests"]:
            return _run_command(self.plan["command"])
        codes = {}
        for path, content in candidate.items():
            codes[path] = _compiled(content.encode(), f"{self.home}/{path}")
            if codes[path] is None:
                return "failed", "SyntaxError"
        order = [*self.plan["failing"], *self.plan["passing"]]
        if self._swap(codes) and all(name in self.items for name in order):
            for name in order:
                outcome, detail = _run_item(self.items[name])
                if outcome != "passed":
                    return outcome, f"{name}\n{detail}"
            result = ("passed", "")
        else:
            result = self._run_fresh(order)
        if result[0] == "passed" and self.plan["command"]:
            return _run_command(self.plan["command"])
        return result

    def _swap(self, codes: dict[str, CodeType | None]) -> bool:
        for path, new in codes.items():
            old = self._old_code(path)
            if old is None or new is None:
                return False
            if not self.functions.swap(old, new, self.ran_at_import):
                return False
        return True

    def _run_fresh(self, order: list[str]) -> tuple[str, str]:
        """Imports everything of the tree anew, and runs the named tests in a second session."""
        for name, module in list(sys.modules.items()):
            if _lies_in(module, self.home):
                del sys.modules[name]
        importlib.invalidate_caches()
        watcher = _Watcher()
        select_ = [f"{self.home}/{name}" for name in order]
        code = run_pytest(self.plan, self.home, [watcher], ["-x", *select_])
        if code == 0 and watcher.passed >= len(order):
            return "passed", ""
        return "failed", watcher.detail or f"pytest ended with {code}"


class _Takeover:
    """A pytest plugin: once the tests are collected, the worker's loop runs instead of pytest's."""

    def __init__(self, worker: _Worker) -> None:
        self._worker = worker

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        self._worker.items = {item.nodeid: item for item in session.items}
        self._worker.serve()
        return True


class _Watcher:
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


def _lies_in(module: object, home: str) -> bool:
    """Whether a module comes from the tree. A folder without `__init__.py` has no file, but keeps
    the modules imported from it as its attributes."""
    places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
    return any(place == home or place.startswith(home + "/") for place in places)


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


def _run_item(item: Any) -> tuple[str, str]:
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
    return "failed", _short(raised.value)


def _short(error: BaseException) -> str:
    text = "".join(traceback.format_exception(error, limit=-_FRAMES, chain=False))
    return text[-_DETAIL_CHARS:]


def _run_command(command: dict[str, Any]) -> tuple[str, str]:
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
        return "failed", _short(error)
    return "passed", ""


def _forked(
    attempt: Callable[[], tuple[str, str]],
    limit_s: float,
    name: str,
    extra: dict[str, Callable[[], object]],
) -> dict[str, object]:
    """Runs an attempt in a fork of this process. Ended by processor time: `timeout`."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        try:
            os.setpgid(0, 0)

            def late() -> None:
                _report(write, ("timeout", name), extra)
                os._exit(0)

            _limit(limit_s, late)
            outcome = attempt()
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            _report(write, outcome, extra)
        finally:
            os._exit(0)
    os.close(write)
    data, late_ = _read_until(read, time.monotonic() + limit_s * _WALL_FACTOR)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    try:
        found: dict[str, object] = json.loads(data)
    except ValueError:
        return {"outcome": "timeout" if late_ else "crashed", "detail": name}
    return found


def _limit(limit_s: float, late: Callable[[], None]) -> None:
    def on_alarm(_signal: int, _frame: object) -> None:
        sys.settrace(None)
        late()

    signal.signal(signal.SIGVTALRM, on_alarm)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit_s)


def _report(fd: int, outcome: tuple[str, str], extra: dict[str, Callable[[], object]]) -> None:
    record: dict[str, object] = {"outcome": outcome[0], "detail": outcome[1][-_DETAIL_CHARS:]}
    record["seconds"] = round(time.process_time(), 6)
    data = json.dumps({**record, **{name: made() for name, made in extra.items()}})
    view = memoryview(data.encode())
    while view:
        view = view[os.write(fd, view) :]


def _read_until(fd: int, deadline: float) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    try:
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                return b"".join(parts), True
            part = os.read(fd, 1 << 16)
            if not part:
                return b"".join(parts), False
            parts.append(part)
    finally:
        os.close(fd)


def _read_all(fd: int) -> bytes:
    with os.fdopen(fd, "rb") as file:
        return file.read()


def _names_to(fd: int, home: str) -> None:
    outside = [n for n, m in list(sys.modules.items()) if not _inside(m, home) and n != "__main__"]
    with os.fdopen(fd, "wb") as file:
        file.write(" ".join(outside).encode())
    os._exit(0)


def _inside(module: object, home: str) -> bool:
    return (getattr(module, "__file__", None) or "").startswith(home)


def _compiled(source: bytes, name: str) -> CodeType | None:
    try:
        return compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
