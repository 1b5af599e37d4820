"""What pytest reported of itself, held against each other and against what the kernel saw.

Belongs here: how far a run is believed. Nothing that the child says is proof: the exit status must
agree with the reports, every report must come once, and the sentinels must have failed. Does not
belong here: making the reports (`recorder`), and whether the outcome is good news (the host's).
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from ..tracing import request
from ..tracing.circumstances import INNER_CHARS, VALUES_CHARS
from .sentinel_names import find_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..messages import Lines, TestResult, TestRun
    from ..supervisor.outcome import Outcome
    from .sentinel_names import SentinelNames

DETAIL_CHARS = 8_000
_OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
FAILURES = ("failed", "error")
_TRACES = ("ran", "call", "begin")


def read_run(outcome: Outcome, names: SentinelNames, trace: Lines) -> TestRun:
    """The fields of `TestRun`. A run that contradicts itself has no results, or no sentinels."""
    messages = outcome.channel.bytes().splitlines()
    reports = Reports(messages, names)
    if outcome.channel.cut_bytes:
        reports.doubts.append("more was reported than a run can report")
    reports.compare(outcome)
    doubts = "; ".join(reports.doubts)
    end = outcome.fields()
    end["executed"] = request.collect(messages, trace)
    if doubts:
        end["stderr"] = f"{end['stderr']}\n[sandbox] not believed: {doubts}\n"
    return {
        "results": [] if doubts and not names.plain else reports.results,
        "ended": end,
        "collected": reports.collected,
        "sentinels": len(reports.sentinels),
        "sentinels_failed": 0 if doubts else reports.sentinels_failed,
        "consistent": not doubts,
    }


def join_parts(messages: Iterable[bytes]) -> Iterator[bytes | str]:
    """The messages, those whole again that were sent in parts."""
    parts: list[str] = []
    for message in messages:
        if not message.startswith((b'{"part": ', b'{"last": ')):
            yield message
            continue
        with contextlib.suppress(ValueError, RecursionError):
            ((kind, text),) = json.loads(message).items()
            parts.append(str(text))
            if kind == "last":
                yield "".join(parts)
                parts.clear()


class Reports:
    """What the reports say, taken together."""

    def __init__(self, messages: list[bytes], names: SentinelNames) -> None:
        self.doubts: list[str] = []
        """Every contradiction, in words."""
        self.collected: list[str] = []
        self.results: list[TestResult] = []
        """Of the real tests."""
        self.sentinels: list[str] = []
        """Those whose outcome means something."""
        self._outcomes: dict[str, str] = {}
        self._hosts: dict[str, str] = {}
        self._finish: int | None = None
        self._kinds: set[str] = set()
        for message in join_parts(messages):
            self._take(message)
        self._separate_sentinels(names)

    @property
    def sentinels_failed(self) -> int:
        """How many of them did, as they must."""
        return sum(self._outcomes.get(node) in FAILURES for node in self.sentinels)

    def compare(self, outcome: Outcome) -> None:
        """Holds the reports against what the kernel saw."""
        if outcome.exit_code is None:
            return  # a signal ended it: nothing was claimed
        if self._finish != outcome.exit_code:
            self.doubts.append(
                f"the process ended with {outcome.exit_code}, the test run with {self._finish}"
            )
        has_failures = any(result["outcome"] in FAILURES for result in self.results)
        if outcome.exit_code == 0 and (has_failures or self._has_failed_sentinels):
            self.doubts.append("failures were reported by a run that ended with 0")

    def _take(self, message: bytes | str) -> None:
        try:
            (kind, value) = next(iter(json.loads(message).items()))
            if kind == "result":
                self._take_result(value)
            elif kind not in _TRACES:
                self._take_single(kind, value)
        except (ValueError, TypeError, KeyError, AttributeError, StopIteration, RecursionError):
            self.doubts.append("a report could not be read")

    def _take_single(self, kind: str, value: Any) -> None:
        if kind in self._kinds:
            self.doubts.append(f"{kind!r} was reported twice")
        self._kinds.add(kind)
        if kind == "collected":
            self.collected = [clean(str(node)) for node in value]
        elif kind == "hosts":
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
                "detail": clean(str(value.get("detail", "")))[-DETAIL_CHARS:],
                "seconds": float(value.get("seconds", 0.0)),
                "values": clean(str(value.get("values", "")))[:VALUES_CHARS],
                "inner_error": clean(str(value.get("inner_error", "")))[-INNER_CHARS:],
            }
        )

    def _separate_sentinels(self, names: SentinelNames) -> None:
        """Takes the sentinels out of the results, and keeps those whose outcome means something.

        A copy counts when the test that it copies passed: a copy of a skipped test is skipped.
        """
        nodes = {find_function(node): node for node in self._outcomes}
        for name in names.plain:
            outcome = self._outcomes.get(nodes.get(name, ""))
            if outcome == "skipped" == self._outcomes.get(self._hosts.get(name, "")):
                continue
            self.sentinels.append(nodes.get(name, name))
        for name in names.copies:
            if name in self._hosts and self._outcomes.get(self._hosts[name]) == "passed":
                self.sentinels.append(nodes.get(name, name))
        ours = {nodes[name] for name in (*names.plain, *names.copies) if name in nodes}
        self._has_failed_sentinels = any(self._outcomes[node] in FAILURES for node in ours)
        self.results = [result for result in self.results if result["node"] not in ours]


def clean(text: str) -> str:
    """Without lone surrogates, which JSON can carry and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")
