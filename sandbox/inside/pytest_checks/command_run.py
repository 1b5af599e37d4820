"""Tests that a command of the project runs, by whatever runner it starts.

Belongs here: running it, and what is made of its exit status and of what its tests report. The exit
status always counts: it is a test of the command's name, unless tests that fail explain it. Does
not belong here: noticing tests (`tracing.results`), and our own run of pytest (`run`).
"""

from __future__ import annotations

import contextlib
import functools
import json
import shlex
from typing import TYPE_CHECKING

from ..supervisor import command
from ..tracing import request
from ..tracing.circumstances import INNER_CHARS, VALUES_CHARS
from .imports import find_files_imported
from .reports import DETAIL_CHARS, FAILURES, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..messages import FailingTests, Lines, TestResult, TestRun
    from ..supervisor.box import Box
    from ..supervisor.outcome import Outcome

_CHANNEL_BYTES = 32 << 20
_OUTCOMES = ("failed", "error", "xpassed", "xfailed", "skipped", "passed")
"""The worse one counts, where a test is told of twice."""
_CIRCUMSTANCES = 2
"""What is told of a failure beside its text: values, and an error behind it."""


def run(box: Box, words: list[str], trace: Lines) -> TestRun:
    """One run in one fresh child."""
    return read_run(words, _start(box, words, trace), trace)


def _start(box: Box, words: list[str], trace: Lines | None) -> Outcome:
    return box.run(
        functools.partial(command.become, words, {}, trace, with_results=True),
        channel_bytes=_CHANNEL_BYTES,
        shares_channel=True,
    )


def read_run(words: list[str], outcome: Outcome, trace: Lines) -> TestRun:
    """The fields of `TestRun`. Where no test reports, or where the command calls tests good that
    say that they failed, its exit status is all that is known."""
    messages = outcome.channel.bytes().splitlines()
    tests = CommandTests(messages)
    if outcome.exit_code == 0 and tests.failures:
        tests = CommandTests(())
    end = outcome.fields()
    end["executed"] = request.collect(messages, trace) if trace else {}
    own = [] if tests.failures else [_read_status(words, outcome)]
    return {
        "results": [*tests.results.values(), *own],
        "ended": end,
        "collected": list(tests.results),
        "sentinels": len(tests.sentinels),
        "sentinels_failed": sum(tests.sentinels),
        "is_of_command": True,
        "by_status": not (tests.results and tests.sentinels),
    }


def _read_status(words: list[str], outcome: Outcome) -> TestResult:
    is_good = outcome.exit_code == 0
    text = "" if is_good else f"{outcome.stdout.text()}\n{outcome.stderr.text()}".strip()
    return {
        "node": clean(shlex.join(words)),
        "outcome": "passed" if is_good else "failed",
        "detail": clean(text)[-DETAIL_CHARS:],
        "seconds": outcome.seconds,
    }


class CommandTests:
    """What the tests of one command say. Untrusted: the code under test can write it, too."""

    def __init__(self, messages: Iterable[bytes]) -> None:
        self.results: dict[str, TestResult] = {}
        """By name, in the order in which they began."""
        self.sentinels: list[bool] = []
        """Of each test that must fail, whether it did."""
        self.loaded: dict[str, set[int]] = {}
        """What ran outside of all tests, where calls were noticed."""
        self.executed: dict[str, dict[str, set[int]]] = {}
        """What ran in each test, by its name."""
        self._open: list[str] = []
        for kind, *rest in _join_messages(messages):
            with contextlib.suppress(ValueError, IndexError, TypeError):
                self._take(kind, rest)

    @property
    def failures(self) -> list[str]:
        return [node for node, each in self.results.items() if each["outcome"] in FAILURES]

    def _take(self, kind: str, words: list[str]) -> None:
        if kind == "call":
            self._take_call(words[0], int(words[1]))
        elif kind == "sentinel":
            self.sentinels.append(words[0] == "failed")
        elif kind == "begin":
            self._open.append(words[0])
            text = "it began and did not come to its end"
            new: TestResult = {"node": words[0], "outcome": "error", "detail": text, "seconds": 0.0}
            self.results.setdefault(words[0], new)
        elif kind == "result":
            self._take_result(*words[:6])

    def _take_call(self, path: str, line: int) -> None:
        """What several processes run at a time counts for each test that is being run."""
        for node in self._open:
            self.executed.setdefault(node, {}).setdefault(path, set()).add(line)
        if not self._open:
            self.loaded.setdefault(path, set()).add(line)

    def _take_result(
        self, node: str, outcome: str, seconds: str, detail: str, *around: str
    ) -> None:
        severity = _OUTCOMES.index(outcome)
        new: TestResult = {
            "node": node,
            "outcome": outcome,
            "detail": detail[-DETAIL_CHARS:],
            "seconds": float(seconds),
        }
        if len(around) == _CIRCUMSTANCES:
            new["values"], new["inner_error"] = around[0][:VALUES_CHARS], around[1][-INNER_CHARS:]
        before = self.results.get(node)
        is_first = before is None or node in self._open
        if is_first or severity < _OUTCOMES.index(before["outcome"] if before else "passed"):
            self.results[node] = new
        if node in self._open:
            self._open.remove(node)


def _join_messages(messages: Iterable[bytes]) -> Iterator[list[str]]:
    """Each as its words, those whole again that came in pieces; all else on the channel is left
    out."""
    pieces: dict[str, str] = {}
    for message in messages:
        with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError, AttributeError):
            value = json.loads(message)
            if "call" in value:
                path, line = value["call"]
                yield ["call", str(path), str(int(line))]
            elif "test" in value:
                name, piece, is_last = value["test"]
                pieces[name] = pieces.get(name, "") + piece
                if is_last:
                    text = bytes.fromhex(pieces.pop(name)).decode("utf-8", "replace")
                    yield clean(text).split("\0", 6)


def trace(box: Box, words: list[str], failing: list[str]) -> list[FailingTests]:
    """What the failing tests execute, in one more run of the command. One that does not fail again
    in that run is left out."""
    outcome = _start(box, words, None)
    if outcome.timed_out or not outcome.exit_code or outcome.channel.cut_bytes:
        return []
    return read_traces(words, outcome, failing, box)


def read_traces(
    words: list[str], outcome: Outcome, failing: list[str], box: Box
) -> list[FailingTests]:
    """Of a run that failed. What ran outside of all tests counts for those whose file imports it,
    and for the command itself everything."""
    tests = CommandTests(outcome.channel.bytes().splitlines())
    own = clean(shlex.join(words))
    traces: list[FailingTests] = []
    for node in failing:
        if node in tests.failures:
            files = find_files_imported(node.partition("::")[0], tests.loaded, box.read)
            imports = {path: lines for path, lines in tests.loaded.items() if path in files}
            traces.append(_make_trace(node, imports, tests.executed.get(node, {})))
        elif node == own and not tests.failures:
            places = {path: set(lines) for path, lines in tests.loaded.items()}
            for more in tests.executed.values():
                for path, lines in more.items():
                    places.setdefault(path, set()).update(lines)
            traces.append(_make_trace(node, places, {}))
    return traces


def _make_trace(
    node: str, imports: dict[str, set[int]], calls: dict[str, set[int]]
) -> FailingTests:
    return {"nodes": [node], "loaded": _sort(imports), "executed": _sort(calls)}


def _sort(places: dict[str, set[int]]) -> Lines:
    return {path: sorted(lines) for path, lines in sorted(places.items())}
