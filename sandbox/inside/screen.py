"""Tries a thousand candidates a second: pytest collects once, and candidates run in forks of that.

Belongs here: what one screening step does inside its unprivileged child. All of this runs in the
reach of the code under test, so its answers only order the search; survivors go through the gate.

Three kinds of work share it. A *spectrum* runs every test once on the tree as it is and tells which
watched lines each executed. A *screening* runs the failing tests and then the passing ones on each
candidate, and stops at the first failure: many candidates in one fork while none leaves anything
changed behind, and whatever passes once more in a fork of its own. A *comparison* tells what
candidates do on many inputs.
"""

import fcntl
import functools
import gc
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any

from . import behaviour, child, copies, probing, session, spectrum, state, steps, tree, tries
from .turns import Order, Turns

_CHANNEL_BYTES = 64 << 20
_SLOW_FLOOR_S = 1.0
"""A candidate that needs a fresh import pays for the import too."""
_BEHAVIOUR_S = 20.0
_PROBED_S = 0.5
_IN_ONE_FORK = 20
_TOGETHER_S = 0.1
_MANY = 20
"""Candidates for which it pays to see first how long each test takes."""
_MEASURING_S = 1.0
_LEAST_S = 0.02
_LEAST_SHARE = 1 / 15
_SLACK = 2.0
"""Limits of one test: in seconds, and as shares of the limit of a candidate."""
COMMAND = "(command)"

Candidate = copies.Candidate


def run(box: steps.Box, plan: dict[str, Any]) -> list[dict[str, object]]:
    """The lines that the step reported: fields of `Screened`, `Seen` or `Behaved`."""
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
    turns = tempfile.TemporaryFile()  # noqa: SIM115 - nameless: closed with the last worker
    pids = []
    for number, home in enumerate(homes):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                _Worker(plan, home, (number, count), deadline, turns.fileno()).run()
                code = 0
            except BaseException as error:
                os.write(2, f"{type(error).__name__}: {error}\n".encode())
            finally:
                os._exit(code)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    turns.close()
    return 0


class _Worker:
    """Has collected the tests of its own copy of the tree; does its share of the work."""

    def __init__(
        self, plan: dict[str, Any], home: str, share: tuple[int, int], deadline: float, lock: int
    ) -> None:
        """`share`: which of how many workers this is; `lock`: a file that all of them have open."""
        self.plan = plan
        self.home = home
        self.number, self.count = share
        self.deadline = deadline
        self.items: dict[str, Any] = {}
        self.order = [*plan["failing"], *plan["passing"]]
        self.copy = copies.Copy(home)
        self._lock = lock
        self._limits_s: dict[str, float] = {}
        self._told: list[bytes] = []
        self._sent_at = 0.0

    def run(self) -> None:
        os.chdir(self.home)
        sys.path[:] = [self.home, *(p for p in sys.path if not p.startswith(tree.ROOT))]
        quiet = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1):
            os.dup2(quiet, fd)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        if not self.plan["use_tests"]:
            self._warm_command()
            self._serve({})
            return
        sys.setprofile(self._note_call)
        takeover = session.Takeover(self._serve)
        session.run_pytest(self.plan, self.home, [takeover], list(self.plan["select"]))

    def _note_call(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(self.home):
            self.copy.ran_at_import.add((code.co_filename, code.co_name, code.co_firstlineno))

    def _warm_command(self) -> None:
        """Imports what the program imports from outside the tree, as seen in one run of it."""
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            late = functools.partial(_names_to, write, self.home)
            tries.limit(self.plan["limit_s"] + _SLOW_FLOOR_S, late)
            session.run_command(self.plan["command"])
            _names_to(write, self.home)
        os.close(write)
        for name in tries.read_all(read).decode().split():
            try:
                __import__(name)
            except BaseException:
                continue
        os.waitpid(pid, 0)

    def _serve(self, items: dict[str, Any]) -> None:
        sys.setprofile(None)
        self.items = items
        late = [name for name in self.order if name not in self.plan["failing"]]
        self.order = [*self.plan["failing"], *in_order(late, list(items))]
        self.copy.find_functions(self.plan["watched"])
        # Forks share what is there now; without this, their first collection would copy it all.
        gc.collect()
        gc.freeze()
        gc.disable()
        if self.plan["spectrum"]:
            names = list(self.items) if self.plan["use_tests"] else [COMMAND]
            for name in names[self.number :: self.count]:
                self._tell({**self._see(name), "kind": "seen"})
        elif self.plan["compare"]:
            for index, candidate in self._share():
                self._tell({**self._behave(candidate), "kind": "behaved", "index": index})
        else:
            candidates = self.plan["candidates"]
            if self.plan["use_tests"] and len(candidates) >= _MANY:
                self._limits_s = self._limits()
            turns = Turns(self._ordered(), self.number, self.count, self.plan["most"])
            for index, record in self._screened(turns, candidates):
                turn = turns.turns[index]
                self._tell({**record, "kind": "screened", "index": index, "turn": turn})
        self._send()

    def _limits(self) -> dict[str, float]:
        """Processor time for each passing test, by how much of all their time it needs: most
        candidates that hang do so in a quick one, too."""
        used: dict[str, float] = {}

        def attempt() -> tuple[str, str]:
            for name in [*self.plan["passing"]] * 2:  # what comes first also warms things up
                before = time.process_time()
                session.run_item(self.items[name])
                used[name] = min(used.get(name, _MEASURING_S), time.process_time() - before)
            return "passed", ""

        whole_s = float(self.plan["limit_s"])
        record = tries.forked(attempt, _MEASURING_S + 2 * whole_s, "", {"used": lambda: used})
        found = record.get("used")
        if record["outcome"] != "passed" or not isinstance(found, dict):
            return {}
        total = sum(found.values()) or 1.0
        least_s = max(_LEAST_S, whole_s * _LEAST_SHARE)
        return {name: max(least_s, _SLACK * whole_s * s / total) for name, s in found.items()}

    def _share(self) -> list[tuple[int, Candidate]]:
        return list(enumerate(self.plan["candidates"]))[self.number :: self.count]

    def _ordered(self) -> Order:
        """All candidates, those first that do something of their own."""
        count = len(self.plan["candidates"])
        if not (self.plan["probes"] and self.plan["use_tests"]):
            return Order(list(range(count)), {}, [], [])
        seen = probing.Probes(self.plan["probes"])
        order = seen.order(count, self._probed(seen))
        for index in order.alike[self.number :: self.count]:
            self._tell({"kind": "screened", "index": index, "outcome": "alike"})
        return order

    def _probed(self, seen: probing.Probes) -> probing.Found:
        """What the sites' forms gave in the first failing test; nothing where they cannot be put
        in place without importing again."""
        nothing = probing.Found([[] for _ in self.plan["probes"]])
        if not self.order or self.order[0] not in self.items:
            return nothing

        def attempt() -> tuple[str, str]:
            codes = {}
            for path in {site["path"] for site in self.plan["probes"]}:
                code = seen.instrumented(path, self.copy.original(path), f"{self.home}/{path}")
                if code is not None:
                    codes[path] = code
            if self.copy.swap(codes) is None:
                return "skipped", ""
            seen.install()
            return session.run_item(self.items[self.order[0]])

        shown = {"keys": lambda: seen.keys, "sure": lambda: sorted(seen.sure)}
        record = tries.forked(attempt, _PROBED_S, "", dict(shown))
        keys, sure = record.get("keys"), record.get("sure")
        if not isinstance(keys, list) or not isinstance(sure, list):
            return nothing
        return probing.Found(keys, frozenset(sure if record["outcome"] == "failed" else ()))

    def _tell(self, record: dict[str, object]) -> None:
        """Sends a record together with others: each sending wakes the supervisor."""
        self._told.append(json.dumps(record).encode() + b"\n")
        if time.monotonic() - self._sent_at > _TOGETHER_S:
            self._send()

    def _send(self) -> None:
        data, self._told = b"".join(self._told), []
        fcntl.lockf(self._lock, fcntl.LOCK_EX)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(child.CHANNEL_FD, view) :]
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN)
        self._sent_at = time.monotonic()

    def _see(self, name: str) -> tries.Record:
        """One test on the tree as it is, with the watched lines that it executed."""
        watched = {f"{self.home}/{path}": path for path in self.plan["watched"]}
        lines: dict[str, set[int]] = {path: set() for path in self.plan["watched"]}

        def attempt() -> tuple[str, str]:
            with spectrum.noticed(watched, lines):
                return self._one(name)

        shown = {"lines": lambda: {p: sorted(found) for p, found in lines.items() if found}}
        result = tries.forked(attempt, self.plan["limit_s"], name, dict(shown))
        return {"node": name, **result}

    def _one(self, name: str) -> tuple[str, str]:
        if name == COMMAND:
            return session.run_command(self.plan["command"])
        return session.run_item(self.items[name])

    def _screened(
        self, turns: Turns, candidates: list[Candidate]
    ) -> Iterator[tuple[int, tries.Record]]:
        """Results of this worker's candidates; those that the deadline cuts off are missing."""
        shared = self._shared()
        while time.monotonic() < self.deadline - 1.0:
            taken = turns.take(_IN_ONE_FORK if shared is not None else 1)
            if not taken:
                return
            part = [(index, candidates[index]) for index in taken]
            for index, record in self._results(part, shared):
                turns.learn(index, further=self._further(record))
                yield index, record

    def _results(
        self, part: list[tuple[int, Candidate]], shared: "state.Shared | None"
    ) -> Iterator[tuple[int, tries.Record]]:
        quick = [pair for pair in part if shared is not None and self.copy.swappable(pair[1])]
        passed = []
        for (index, candidate), record in self._in_turn(quick, shared):
            if record["outcome"] == "passed":
                passed.append((index, candidate))
            else:
                yield index, record
        slow = [pair for pair in part if pair not in quick]
        for index, candidate in [*passed, *slow]:
            yield index, self._alone(candidate)

    def _further(self, record: tries.Record) -> bool:
        """The first failing test passed."""
        failed = str(record.get("detail", "")).partition("\n")[0]
        return record["outcome"] == "passed" or (bool(failed) and failed in self.order[1:])

    def _shared(self) -> "state.Shared | None":
        """What tests share, or None where candidates cannot follow each other in one process."""
        missing = [name for name in self.order if name not in self.items]
        if not self.plan["use_tests"] or missing:
            return None
        found = state.Shared(self._own_modules(), [self.items[name] for name in self.order])
        return found if found.known else None

    def _own_modules(self) -> list[ModuleType]:
        loaded = list(sys.modules.values())
        return [m for m in loaded if isinstance(m, ModuleType) and session.lies_in(m, self.home)]

    def _in_turn(
        self, quick: list[tuple[int, Candidate]], shared: "state.Shared | None"
    ) -> Iterator[tuple[tuple[int, Candidate], tries.Record]]:
        if shared is None or not quick:
            return
        attempts = [functools.partial(self._swapped_run, c, shared) for _, c in quick]
        limits = [float(self.plan["limit_s"])] * len(quick)
        yield from zip(quick, tries.in_turn(attempts, limits, shared.unchanged), strict=True)

    def _swapped_run(self, candidate: Candidate, shared: "state.Shared") -> tuple[str, str]:
        codes = self.copy.codes(candidate)
        if codes is None:
            return "failed", "SyntaxError"
        undo = self.copy.swap(codes)
        if undo is None:
            return "passed", ""  # not known: it is tried alone, with a fresh import
        shared.refresh()
        try:
            return self._run_items()
        finally:
            for function, code in undo:
                function.__code__ = code

    def _alone(self, candidate: Candidate) -> tries.Record:
        self.copy.lay(candidate)
        limit_s = float(self.plan["limit_s"])
        if not (self.plan["use_tests"] and self.copy.swappable(candidate)):
            limit_s += _SLOW_FLOOR_S
        try:
            return tries.forked(lambda: self._run_all(candidate), limit_s, "", {})
        finally:
            self.copy.restore(candidate)

    def _behave(self, candidate: Candidate) -> tries.Record:
        """What the candidate's function does on inputs like those that the tests gave it; of no
        candidate, what the program does on those that the tests gave the first candidate's."""
        as_it_is = not candidate
        candidate = candidate or self.plan["candidates"][0]
        self.copy.lay(candidate)
        seen = behaviour.Observed()

        def attempt() -> tuple[str, str]:
            codes = self.copy.codes(candidate)
            undo = self.copy.swap(codes) if codes is not None else None
            if undo is None:
                return "skipped", "it cannot be called without importing again"
            path, name = self.plan["compare"]
            tests = [self.items[n] for n in self.order if n in self.items]
            runs = [functools.partial(session.run_item, item) for item in tests]
            file = f"{self.home}/{path}"
            behaviour.observe(file, name, runs, seen, undo if as_it_is else ())
            return "passed", ""

        shown = {"pairs": lambda: seen.pairs, "work_s": lambda: seen.work_s}
        try:
            return tries.forked(attempt, _BEHAVIOUR_S, "", dict(shown))
        finally:
            self.copy.restore(candidate)

    def _run_all(self, candidate: Candidate) -> tuple[str, str]:
        if not self.plan["use_tests"]:
            return session.run_command(self.plan["command"])
        codes = self.copy.codes(candidate)
        if codes is None:
            return "failed", "SyntaxError"
        collected = all(name in self.items for name in self.order)
        swapped = collected and self.copy.swap(codes) is not None
        result = self._run_items() if swapped else self._run_fresh()
        if result[0] == "passed" and self.plan["command"]:
            return session.run_command(self.plan["command"])
        return result

    def _run_items(self) -> tuple[str, str]:
        for name in self.order:
            run = functools.partial(session.run_item, self.items[name])
            limit_s = self._limits_s.get(name)
            outcome, detail = run() if limit_s is None else tries.within(limit_s, run)
            if outcome != "passed":
                return outcome, f"{name}\n{detail}"
        return "passed", ""

    def _run_fresh(self) -> tuple[str, str]:
        """Imports everything of the tree anew, and runs the named tests in a second session."""
        for name, module in list(sys.modules.items()):
            if session.lies_in(module, self.home):
                del sys.modules[name]
        importlib.invalidate_caches()
        watcher = session.Watcher()
        select_ = [f"{self.home}/{name}" for name in self.order]
        code = session.run_pytest(self.plan, self.home, [watcher], ["-x", *select_])
        if code == 0 and watcher.passed >= len(self.order):
            return "passed", ""
        return "failed", watcher.detail or f"pytest ended with {code}"


def in_order(names: list[str], collected: list[str]) -> list[str]:
    """Test functions as collected, since those of one module may build on each other; the cases of
    one function as they are given."""
    place: dict[str, int] = {}
    for number, name in enumerate(collected):
        place.setdefault(_function_of(name), number)
    return sorted(names, key=lambda name: place.get(_function_of(name), len(collected)))


def _function_of(name: str) -> str:
    """The node id without the case of a parametrized test."""
    return name.partition("[")[0]


def _names_to(fd: int, home: str) -> None:
    """Ends this process after telling which modules from outside the tree are loaded."""
    loaded = list(sys.modules.items())
    outside = [n for n, m in loaded if not session.lies_in(m, home) and n != "__main__"]
    with os.fdopen(fd, "wb") as file:
        file.write(" ".join(outside).encode())
    os._exit(0)
