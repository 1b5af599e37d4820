"""Attempts in forks of this process, ended by processor time.

Belongs here: the fork, its limits, and the way back of its answer: one attempt in one fork, or many
in one as long as each leaves everything as it was. Does not belong here: what an attempt does.
"""

import contextlib
import json
import math
import mmap
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence

from .session import DETAIL_CHARS

Attempt = Callable[[], tuple[str, str]]
Record = dict[str, object]

WALL_FACTOR = 20
"""A try ends by its processor time; the wall clock is only for tests that sleep."""
_LAST_S = 0.001
_GRACE_S = 1
_FRAMES = 8
_MORE_BYTES = 400 << 20
"""What a try may add to the address space: one that eats memory ends alone."""
_BOARD_BYTES = 1 << 20
_LENGTH_BYTES = 8


class _Board:
    """Memory that a fork writes records into, one writer at a time, without waking its parent.

    A pipe would wake it for each record, which costs more than a try does.
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

    def data(self) -> bytes:
        return self._memory[_LENGTH_BYTES : _LENGTH_BYTES + len(self)]


def forked(
    attempt: Attempt, limit_s: float, name: str, extra: dict[str, Callable[[], object]]
) -> Record:
    """Runs an attempt in a fork of this process. Ended by processor time: `timeout`."""
    data, late = _in_fork(lambda write: _single(attempt, limit_s, name, extra, write), limit_s)
    found = list(_records(data))
    if found:
        return found[0]
    return {"outcome": "timeout" if late else "crashed", "detail": name}


def _single(
    attempt: Attempt,
    limit_s: float,
    name: str,
    extra: dict[str, Callable[[], object]],
    write: int,
) -> None:
    def late() -> None:
        report(write, ("timeout", f"{name}\n{_stack()}"), extra)
        os._exit(0)

    limit(limit_s, late)
    outcome = attempt()
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    report(write, outcome, extra)


def in_turn(
    attempts: Sequence[Attempt], limits_s: Sequence[float], unchanged: Callable[[], bool]
) -> Iterator[Record]:
    """Runs attempts one after another in as few forks as possible; a record for each, in order.

    A fork ends early when an attempt ran too long, or left something changed behind that the next
    would see (`unchanged` says); the rest is then run in a new one.
    """
    done = 0
    board = _Board()
    while done < len(attempts):
        rest, limits = attempts[done:], limits_s[done:]
        board.clear()
        body = _sequence(rest, limits, unchanged, board)
        _, late = _in_fork(body, max(limits), board)
        found = list(_records(board.data()))
        yield from found
        done += len(found)
        if not found:
            yield {"outcome": "timeout" if late else "crashed", "detail": ""}
            done += 1


def _stack() -> str:
    """Where this process is, written as the traceback of an error would be."""
    lines = traceback.format_stack(sys._getframe(3), limit=_FRAMES)
    return f"Traceback (most recent call last):\n{''.join(lines)}EndlessTestError: too slow"


def _sequence(
    attempts: Sequence[Attempt],
    limits_s: Sequence[float],
    unchanged: Callable[[], bool],
    board: _Board,
) -> Callable[[int], None]:
    def body(_write: int) -> None:
        def late() -> None:
            board.add(_record(("timeout", ""), {}))
            os._exit(0)

        for attempt, limit_s in zip(attempts, limits_s, strict=True):
            before = time.process_time()
            limit(limit_s, late)
            outcome = attempt()
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            if not board.add(_record(outcome, {}, before)) or not unchanged():
                return

    return body


def _in_fork(
    body: Callable[[int], None], limit_s: float, board: _Board | None = None
) -> tuple[bytes, bool]:
    """What a fork wrote, and whether it stayed silent for too long, on its `board` too."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        try:
            os.setpgid(0, 0)
            _limit_memory()
            body(write)
        finally:
            os._exit(0)
    os.close(write)
    data, late = _read_until_silent(read, limit_s * WALL_FACTOR, board)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return data, late


def _records(data: bytes) -> Iterator[Record]:
    for line in data.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            return  # cut off in the middle
        if isinstance(found, dict):
            yield found


def _limit_memory() -> None:
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/statm", "rb") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = now + _MORE_BYTES
        if hard == resource.RLIM_INFINITY or wanted < hard:
            resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def limit(limit_s: float, late: Callable[[], None]) -> None:
    """Calls `late` once this process has used that much processor time. Where one long operation
    of the interpreter keeps it from being called, the kernel ends the process soon after."""

    def on_alarm(_signal: int, _frame: object) -> None:
        sys.settrace(None)
        late()

    signal.signal(signal.SIGVTALRM, on_alarm)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit_s)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    last_s = math.ceil(time.process_time() + limit_s) + _GRACE_S
    if hard == resource.RLIM_INFINITY or last_s < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (last_s, hard))


def within(limit_s: float, attempt: Attempt) -> tuple[str, str]:
    """An attempt that is a part of the one under limit, and has a limit of its own."""
    left_s = signal.getitimer(signal.ITIMER_VIRTUAL)[0]
    mine_s = min(left_s, limit_s) or limit_s
    signal.setitimer(signal.ITIMER_VIRTUAL, mine_s)
    outcome = attempt()
    used_s = mine_s - signal.getitimer(signal.ITIMER_VIRTUAL)[0]
    signal.setitimer(signal.ITIMER_VIRTUAL, max(left_s - used_s, _LAST_S))
    return outcome


def report(fd: int, outcome: tuple[str, str], extra: dict[str, Callable[[], object]]) -> None:
    """Writes one record."""
    view = memoryview(_record(outcome, extra))
    while view:
        view = view[os.write(fd, view) :]


def _record(
    outcome: tuple[str, str], extra: dict[str, Callable[[], object]], since_s: float = 0.0
) -> bytes:
    """A line of JSON."""
    record: Record = {"outcome": outcome[0], "detail": _cut(outcome[1])}
    record["seconds"] = round(time.process_time() - since_s, 6)
    data = json.dumps({**record, **{name: made() for name, made in extra.items()}})
    return data.encode() + b"\n"


def _cut(detail: str) -> str:
    """The first line, which names the test, and as much of the end as there is room for."""
    if len(detail) <= DETAIL_CHARS:
        return detail
    first, _, rest = detail.partition("\n")
    first = first[: DETAIL_CHARS // 2]
    return f"{first}\n{rest[len(first) + 1 - DETAIL_CHARS :]}"


def _read_until_silent(fd: int, patience_s: float, board: _Board | None) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    heard = 0
    try:
        while True:
            if not select.select([fd], [], [], patience_s)[0]:
                if board is None or len(board) == heard:
                    return b"".join(parts), True
                heard = len(board)
                continue
            part = os.read(fd, 1 << 16)
            if not part:
                return b"".join(parts), False
            parts.append(part)
    finally:
        os.close(fd)


def read_all(fd: int) -> bytes:
    """Everything that comes through a pipe until its other end is closed."""
    with os.fdopen(fd, "rb") as file:
        return file.read()
