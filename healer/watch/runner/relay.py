"""Carries a job's bytes through, live and unchanged, and keeps the ends of them.

Belongs here: the loop over the job's pipes and its exit. Does not belong here: starting the job
(`child`), or what becomes of the bytes that were kept (`run`).

One loop, no thread for each stream: a stream is read only when its last piece was written, so a
slow reader slows its own stream and no other, just as without healer.
"""

import os
import select
import stat
import time

from healer.watch.runner.tail import Tail

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

CHUNK = 64 * 1024
PIPE_CHUNK = 4096
"""A pipe that poll calls writable takes this much without blocking (PIPE_BUF on Linux)."""
MAX_DRAIN = 1 << 20
"""What is still carried after the job's end before a helper takes over a stream that stays open."""


class Stream:
    """One pipe to read from, and where its bytes go."""

    def __init__(
        self,
        source: int,
        target: int,
        keep: "Callable[[bytes], None]",
        *,
        owns_target: bool = False,
    ) -> None:
        """With `target` -1 the bytes only go to `keep`. A target that is ours alone
        (`owns_target`) is closed when the source ends."""
        self.source = source
        self.target = target
        self.keep = keep
        self.owns_target = owns_target
        self.pending = b""
        self.is_open = True
        mode = os.fstat(target).st_mode if target >= 0 else 0
        self.target_is_pipe = not stat.S_ISREG(mode)

    def interest(self) -> tuple[int, int]:
        """What to wait for next: (file descriptor, event)."""
        if self.pending:
            return self.target, select.POLLOUT
        return self.source, select.POLLIN

    def advance(self) -> None:
        """One step, once poll has said that it will not block."""
        if self.pending:
            self._write()
            return
        try:
            data = os.read(self.source, CHUNK)
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self.keep(data)
        if self.target >= 0:
            self.pending = data

    def _write(self) -> None:
        piece = self.pending[:PIPE_CHUNK] if self.target_is_pipe else self.pending
        try:
            self.pending = self.pending[os.write(self.target, piece) :]
        except BlockingIOError:
            return
        except OSError:
            self.close()  # the reader is gone: the job's next write tells it so, as without healer

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the source; may be called twice."""
        if self.is_open:
            os.close(self.source)
            if self.owns_target:
                os.close(self.target)
        self.is_open, self.pending = False, b""


class Deadline:
    """When to ask the job to stop, and when to insist."""

    def __init__(self, at: float, stop: "Callable[[], float | None]") -> None:
        """`stop` is called when `at` (monotonic) is reached; it gives the next moment, or None."""
        self.at = at
        self.stop = stop


def carry(streams: list[Stream], job_handle: int, deadline: Deadline | None = None) -> None:
    """Carries until the job has exited (`job_handle` is its pidfd) and its streams are drained.

    A stream may still be open then: a process that the job left behind holds it.
    """
    while not _step(streams, job_handle, deadline):
        pass
    for stream in streams:
        _drain(stream)


def _step(streams: list[Stream], job_handle: int, deadline: Deadline | None) -> bool:
    """Waits for one event; True when the job has exited."""
    poll = select.poll()
    poll.register(job_handle, select.POLLIN)
    by_handle: dict[int, list[Stream]] = {}
    for stream in streams:
        if stream.is_open:
            handle, event = stream.interest()
            poll.register(handle, event)
            by_handle.setdefault(handle, []).append(stream)
    ready = poll.poll(_timeout_ms(deadline))
    if deadline and time.monotonic() >= deadline.at:
        deadline.at = deadline.stop() or float("inf")
    for handle, _event in ready:
        for stream in by_handle.get(handle, ()):
            stream.advance()
    return any(handle == job_handle for handle, _event in ready)


def _timeout_ms(deadline: Deadline | None) -> float | None:
    if deadline is None or deadline.at == float("inf"):
        return None
    return max(0.0, (deadline.at - time.monotonic()) * 1000)


def _drain(stream: Stream) -> None:
    """Carries what lay in the pipe when the job exited; finds the end where it has come."""
    rest = MAX_DRAIN
    while stream.is_open and rest > 0:
        handle, event = stream.interest()
        poll = select.poll()
        poll.register(handle, event)
        if not poll.poll(None if stream.pending else 0):
            return
        before = len(stream.pending)
        stream.advance()
        rest -= max(len(stream.pending) - before, 0)


def carry_on(streams: list[Stream]) -> None:
    """Carries until every stream has ended; for processes that outlive their job."""
    while any(stream.is_open for stream in streams):
        poll = select.poll()
        for stream in streams:
            if stream.is_open:
                poll.register(*stream.interest())
        ready = {handle for handle, _event in poll.poll()}
        for stream in streams:
            if stream.is_open and stream.interest()[0] in ready:
                stream.advance()


def new_stream(target: int, tail: Tail) -> tuple[int, Stream]:
    """(the write end for the job, the stream that carries to `target`)."""
    source, sink = os.pipe()
    return sink, Stream(source, target, tail.add)
