"""Bytes are carried as they come, each stream at its own pace, until the job has ended."""

import os
import threading
import time
from collections.abc import Iterator

import pytest

from healer.watch.runner.relay import MAX_DRAIN, Deadline, Stream, carry, carry_on, new_stream
from healer.watch.runner.tail import Tail


class Pipe:
    """Two ends; what a test has not closed is closed at its end."""

    def __init__(self) -> None:
        self.source, self.sink = os.pipe()
        self._open = {self.source, self.sink}

    def close(self, handle: int) -> None:
        self._open.remove(handle)
        os.close(handle)

    def close_sink(self) -> None:
        self.close(self.sink)

    def close_source(self) -> None:
        self.close(self.source)

    def close_all(self) -> None:
        for handle in list(self._open):
            self.close(handle)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close_all()


@pytest.fixture
def exit_pipe() -> Iterator[Pipe]:
    """Its source becomes readable when the sink is closed, as a pidfd does at the job's end."""
    pipe = Pipe()
    yield pipe
    pipe.close_all()


def test_what_lay_in_the_pipe_at_the_end_is_carried_and_kept(pipe: Pipe, exit_pipe: Pipe) -> None:
    tail = Tail()
    sink, stream = new_stream(pipe.sink, tail)
    os.write(sink, b"last words\n")
    os.close(sink)
    exit_pipe.close_sink()
    with stream:
        carry([stream], exit_pipe.source)
        assert not stream.is_open
    assert os.read(pipe.source, 100) == tail.bytes() == b"last words\n"


def test_it_returns_at_the_jobs_end_though_a_stream_stays_open(pipe: Pipe, exit_pipe: Pipe) -> None:
    sink, stream = new_stream(pipe.sink, Tail())
    exit_pipe.close_sink()
    with stream:
        carry([stream], exit_pipe.source)
        assert stream.is_open
    os.close(sink)


def test_an_endless_writer_does_not_keep_it_after_the_jobs_end(exit_pipe: Pipe) -> None:
    source, sink = os.pipe()
    total = 0

    def keep(data: bytes) -> None:
        nonlocal total
        total += len(data)
        os.write(sink, b"x" * 4096)  # as much as anybody reads is written again

    os.write(sink, b"x" * 4096)
    exit_pipe.close_sink()
    null = os.open(os.devnull, os.O_WRONLY)
    with Stream(source, null, keep, owns_target=True) as stream:
        carry([stream], exit_pipe.source)
        assert stream.is_open
        assert MAX_DRAIN <= total < 2 * MAX_DRAIN
    os.close(sink)


def test_a_reader_that_is_gone_closes_its_stream_alone(pipe: Pipe) -> None:
    other = Tail()
    gone_sink, gone = new_stream(pipe.sink, Tail())
    other_sink, stream = new_stream(-1, other)
    pipe.close_source()
    os.write(gone_sink, b"for nobody")
    os.write(other_sink, b"for us")
    os.close(other_sink)
    with gone, stream:
        carry_on([gone, stream])
        assert not gone.is_open
    with pytest.raises(BrokenPipeError):
        os.write(gone_sink, b"more")
    os.close(gone_sink)
    assert other.bytes() == b"for us"


def test_a_full_pipe_holds_up_its_stream_and_no_other(pipe: Pipe) -> None:
    chunks: list[bytes] = []
    slow_sink, slow = new_stream(pipe.sink, Tail())
    quick_sink, quick = new_stream(-1, Tail())
    os.set_blocking(slow_sink, False)
    with pytest.raises(BlockingIOError):  # more than both pipes hold
        while True:
            os.write(slow_sink, b"x" * 4096)
    carrier = threading.Thread(target=carry_on, args=([slow, quick],))
    carrier.start()
    time.sleep(0.05)
    os.set_blocking(slow_sink, True)
    writer = threading.Thread(target=os.write, args=(slow_sink, b"y" * 200_000))
    writer.start()
    os.write(quick_sink, b"quick\n")
    os.close(quick_sink)
    deadline = time.monotonic() + 60
    while quick.is_open and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not quick.is_open
    assert slow.is_open
    while len(chunks) == 0 or chunks[-1][-1:] != b"y" or sum(map(len, chunks)) < 200_000:
        chunks.append(os.read(pipe.source, 1 << 16))
    writer.join(60)
    os.close(slow_sink)
    pipe.close_source()
    carrier.join(60)
    assert not carrier.is_alive()


def test_the_deadline_asks_and_then_insists(exit_pipe: Pipe) -> None:
    calls: list[float] = []

    def stop() -> float | None:
        calls.append(time.monotonic())
        if len(calls) == 1:
            return time.monotonic() + 0.05
        exit_pipe.close_sink()
        return None

    started = time.monotonic()
    carry([], exit_pipe.source, Deadline(started + 0.05, stop))
    assert len(calls) == 2
    assert calls[0] - started >= 0.05
    assert calls[1] - calls[0] >= 0.05


def test_closing_twice_closes_once() -> None:
    source, sink = os.pipe()
    stream = Stream(source, sink, lambda _: None, owns_target=True)
    stream.close()
    stream.close()
    for handle in (source, sink):
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(handle)
