"""Attempts in forks of this process, ended by processor time.

Belongs here: the fork and the way back of its answer: one attempt in one fork, or many in one as
long as each leaves everything as it was. Does not belong here: what an attempt does, and the
limits themselves (`limits`).
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from ..older_pythons import open_pidfd
from . import limits, tracebacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Attempt = Callable[[], tuple[str, str]]
    """Gives an outcome and its detail: for a failure, a node id on the first line, then a
    traceback."""
    Extra = Callable[[], object]
    """What an attempt has to say beside its outcome, as far as it came; plain data for JSON."""


WALL_FACTOR = 20
"""A try ends by its processor time; the clock is only for tests that sleep, and stands still while
a try waits for a processor: a busy machine changes no answer."""
_LOOKS = 20
"""At a try that says nothing, in the time that it may sleep."""
_BOARD_BYTES = 1 << 20
_LENGTH_BYTES = 8
_PIPE_BYTES = 1 << 20
"""No pipe holds more (`/proc/sys/fs/pipe-max-size`)."""
_SIGNAL_FRAMES = 2
"""Of the signal's handler: `on_alarm` and `on_late`."""


class Answer(NamedTuple):
    """How one attempt ended."""

    outcome: str
    """As the attempt says; or `timeout`, or `crashed`."""
    detail: str = ""
    """At most 1,500 characters."""
    seconds: float = 0.0
    """Processor time."""
    extra: Any = None
    """What `Extra` gave; None where the fork ended by itself. Code under test could forge it."""


class _Board:
    """Memory that a fork writes answers into, one writer at a time, without waking its parent.

    A pipe would wake it for each answer, which costs more than a try does.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _BOARD_BYTES)

    def __len__(self) -> int:
        return int.from_bytes(self._memory[:_LENGTH_BYTES], "little")

    def clear(self) -> None:
        self._memory[:_LENGTH_BYTES] = bytes(_LENGTH_BYTES)

    def add(self, data: bytes) -> bool:
        """Whether there was room."""
        start = _LENGTH_BYTES + len(self)
        if start + len(data) > _BOARD_BYTES:
            return False
        self._memory[start : start + len(data)] = data
        length = start + len(data) - _LENGTH_BYTES
        self._memory[:_LENGTH_BYTES] = length.to_bytes(_LENGTH_BYTES, "little")
        return True

    def read(self) -> bytes:
        return self._memory[_LENGTH_BYTES : _LENGTH_BYTES + len(self)]


def _say_nothing() -> object:
    return None


def run_in_fork(
    attempt: Attempt, limit_s: float, name: str = "", extra: Extra = _say_nothing
) -> Answer:
    """Runs an attempt in a fork of this process. Ended by processor time: `timeout`.

    `name` comes before where a try was that took too long.
    """
    data, is_late = _fork(lambda write: _run_one(attempt, limit_s, name, extra, write), limit_s)
    for answer in _read_answers(data):
        return answer
    return Answer("timeout" if is_late else "crashed", name)


def _run_one(attempt: Attempt, limit_s: float, name: str, extra: Extra, write: int) -> None:
    def on_late() -> None:
        where = tracebacks.format_endless(callers=_SIGNAL_FRAMES)
        _write_answer(write, ("timeout", f"{name}\n{where}"), extra)
        os._exit(0)

    limits.limit_time(limit_s, on_late)
    outcome = attempt()
    limits.stop_timer()
    _write_answer(write, outcome, extra)


def run_in_turn(
    attempts: Sequence[Attempt], limits_s: Sequence[float], is_unchanged: Callable[[], bool]
) -> Iterator[Answer]:
    """Runs attempts one after another in as few forks as possible; an answer for each, in order.

    A fork ends early when an attempt ran too long, or left something changed behind that the next
    would see (`is_unchanged` says); the rest is then run in a new one.
    """
    count = 0
    board = _Board()
    while count < len(attempts):
        body = _sequence(attempts[count:], limits_s[count:], is_unchanged, board)
        board.clear()
        _, is_late = _fork(body, max(limits_s[count:]), board)
        answers = list(_read_answers(board.read()))
        yield from answers
        count += len(answers)
        if not answers:
            yield Answer("timeout" if is_late else "crashed")
            count += 1


def _sequence(
    attempts: Sequence[Attempt],
    limits_s: Sequence[float],
    is_unchanged: Callable[[], bool],
    board: _Board,
) -> Callable[[int], None]:
    def body(_write: int) -> None:
        def on_late() -> None:
            board.add(_pack(("timeout", ""), None))
            os._exit(0)

        for attempt, limit_s in zip(attempts, limits_s):
            before_s = time.process_time()
            limits.limit_time(limit_s, on_late)
            outcome = attempt()
            limits.stop_timer()
            if not board.add(_pack(outcome, None, before_s)) or not is_unchanged():
                return

    return body


def _fork(
    body: Callable[[int], None], limit_s: float, board: _Board | None = None
) -> tuple[bytes, bool]:
    """What a fork wrote, and whether it stayed silent for too long, on its `board` too."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        try:
            os.setpgid(0, 0)
            limits.limit_memory()
            body(write)
        finally:
            os._exit(0)
    os.close(write)
    data, is_late = _read_until_silent(pid, read, limit_s * WALL_FACTOR, board)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return data, is_late


def _pack(outcome: tuple[str, str], extra: object, since_s: float = 0.0) -> bytes:
    seconds = round(time.process_time() - since_s, 6)
    return json.dumps([outcome[0], tracebacks.cut(outcome[1]), seconds, extra]).encode() + b"\n"


def _write_answer(fd: int, outcome: tuple[str, str], extra: Extra) -> None:
    view = memoryview(_pack(outcome, extra()))
    while view:
        view = view[os.write(fd, view) :]


def _read_answers(data: bytes) -> Iterator[Answer]:
    for line in data.splitlines():
        try:
            outcome, detail, seconds, extra = json.loads(line)
            answer = Answer(str(outcome), str(detail), float(seconds), extra)
        except (ValueError, TypeError):
            return  # cut off in the middle
        yield answer


def _read_until_silent(
    pid: int, fd: int, patience_s: float, board: _Board | None
) -> tuple[bytes, bool]:
    """Up to the end of the fork, whose children may hold the pipe open for longer."""
    parts: list[bytes] = []
    length, since_s, wait_s = 0, read_sleep_clock(pid), patience_s
    end = open_pidfd(pid)
    try:
        while True:
            ready, _, _ = select.select([fd, end], [], [], wait_s)
            if fd in ready:
                part = os.read(fd, _PIPE_BYTES)
                parts.append(part)
                if not part or end in ready:
                    return b"".join(parts), False
            elif end in ready:
                return b"".join(parts), False
            elif board is not None and len(board) > length:
                length = len(board)
            else:
                asleep_s = read_sleep_clock(pid) - since_s
                if asleep_s >= patience_s and not _is_runnable(pid):
                    return b"".join(parts), True
                wait_s = max(patience_s - asleep_s, patience_s / _LOOKS)
                continue
            since_s, wait_s = read_sleep_clock(pid), patience_s
    finally:
        os.close(fd)
        os.close(end)


def read_sleep_clock(pid: int) -> float:
    """A clock in seconds that stands still while the process runs, and moves back by how long it
    waited for a processor once it has one. Where the kernel counts neither, it always runs."""
    counts = [b"0", b"0"]
    with contextlib.suppress(OSError), open(f"/proc/{pid}/schedstat", "rb") as file:
        counts = file.read().split()[:2]
    return time.monotonic() - sum(map(int, counts)) / 1e9


def _is_runnable(pid: int) -> bool:
    """The process runs, or waits for a processor."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0] == b"R"
