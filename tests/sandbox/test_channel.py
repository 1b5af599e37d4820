"""A job goes into a container whole, whatever comes out meanwhile."""

import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from sandbox.channel import MAX_ANSWER_BYTES, Channel
from sandbox.errors import DeadlineError, ProtocolError
from sandbox.inside.frames import LENGTH, pack

STDOUT = 1
JOB = bytes(8 << 20)


def out(frame: bytes) -> bytes:
    """A frame as Docker Engine passes it on."""
    body = pack(frame)
    return struct.pack(">BxxxL", STDOUT, len(body)) + body


def test_a_container_that_gets_ready_in_the_middle_of_a_job_still_gets_all_of_it() -> None:
    ours, theirs = socket.socketpair()
    taken = []

    def container() -> None:
        taken.append(len(theirs.recv(1)))
        theirs.sendall(out(b"ready"))  # said before anything of the job is read
        while sum(taken) < len(JOB):
            taken.append(len(theirs.recv(1 << 20)))
        theirs.sendall(out(b"answer"))

    thread = threading.Thread(target=container)
    thread.start()
    channel = Channel(ours)
    deadline = time.monotonic() + 20
    assert channel.exchange(JOB, deadline) == b"ready"
    assert channel.exchange(b"", deadline) == b"answer"
    thread.join(5)
    assert sum(taken) == len(JOB)
    channel.close()
    theirs.close()


def test_a_container_that_takes_no_more_is_given_up_at_the_deadline() -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(out(b"ready"))
    channel = Channel(ours)
    with pytest.raises(DeadlineError):
        channel.exchange(JOB, time.monotonic() + 0.2)
    channel.close()
    theirs.close()


def test_a_container_that_ends_in_the_middle_of_a_job_is_noticed_at_once() -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(out(b"ready"))
    theirs.close()
    channel = Channel(ours)
    with pytest.raises(ProtocolError):
        channel.exchange(JOB, time.monotonic() + 20)
    channel.close()


STDERR = 2
SOON_S = 20.0


def told(text: bytes) -> bytes:
    """What the supervisor printed as an error, as Docker Engine passes it on."""
    return struct.pack(">BxxxL", STDERR, len(text)) + text


@pytest.fixture
def pair() -> Iterator[tuple[Channel, socket.socket]]:
    """A channel, and the other end of its stream."""
    ours, theirs = socket.socketpair()
    with Channel(ours) as channel, theirs:
        yield channel, theirs


def ask(channel: Channel, data: bytes = b"", limit_s: float = SOON_S) -> bytes:
    return channel.exchange(data, time.monotonic() + limit_s)


@pytest.mark.parametrize("size", [1, 3, 7, 64])
def test_an_answer_arrives_whole_however_the_stream_is_cut(
    pair: tuple[Channel, socket.socket], size: int
) -> None:
    channel, theirs = pair
    stream = told(b"a warning\n") + out(b"ready") + out(b"\0" * 300)

    def send() -> None:
        for start in range(0, len(stream), size):
            theirs.sendall(stream[start : start + size])

    thread = threading.Thread(target=send)
    thread.start()
    assert ask(channel) == b"ready"
    assert ask(channel) == b"\0" * 300
    thread.join(5)


def test_answers_that_came_together_are_given_one_after_the_other(
    pair: tuple[Channel, socket.socket],
) -> None:
    channel, theirs = pair
    theirs.sendall(out(b"1") + out(b"2") + out(b"3"))
    assert [ask(channel) for _ in range(3)] == [b"1", b"2", b"3"]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b"", "ended without an answer; it is tried again in another"),
        (out(b"answer")[:-1], "ended without an answer"),
        (told(b"Traceback\nMemoryError\n"), "ended without an answer: MemoryError."),
        (told(b"  \n"), "ended without an answer; it is tried again"),
        (told(b"\xff\n"), "ended without an answer: \ufffd."),
        (struct.pack(">BxxxL", STDOUT, 8) + b"\xff" * 8, "broken frame"),
    ],
)
def test_a_stream_that_is_cut_or_broken_says_the_last_that_was_heard(
    pair: tuple[Channel, socket.socket], sent: bytes, says: str
) -> None:
    channel, theirs = pair
    theirs.sendall(sent)
    theirs.shutdown(socket.SHUT_WR)
    with pytest.raises(ProtocolError) as caught:
        ask(channel)
    assert says in str(caught.value)
    assert caught.value.fault.retryable


def test_silence_ends_at_the_deadline_with_what_was_heard(
    pair: tuple[Channel, socket.socket],
) -> None:
    channel, theirs = pair
    theirs.sendall(told(b"first\nthe last line\n"))
    with pytest.raises(DeadlineError, match=r"did not answer in time: the last line\."):
        ask(channel, limit_s=0.3)


def test_a_flood_of_errors_keeps_its_end_alone(pair: tuple[Channel, socket.socket]) -> None:
    channel, theirs = pair
    thread = threading.Thread(
        target=lambda: theirs.sendall(told(b"x" * 500_000 + b"\nthe end") + out(b"answer"))
    )
    thread.start()
    assert ask(channel) == b"answer"
    thread.join(5)
    assert len(channel._demultiplexer.note) <= 4_000
    assert channel._demultiplexer.note.endswith(b"\nthe end")


def test_an_answer_that_claims_too_much_is_refused_before_it_is_read(
    pair: tuple[Channel, socket.socket],
) -> None:
    channel, theirs = pair
    length = LENGTH.pack(MAX_ANSWER_BYTES + 1)
    theirs.sendall(struct.pack(">BxxxL", STDOUT, len(length)) + length)
    with pytest.raises(ProtocolError, match="broken frame"):
        ask(channel)


def test_a_container_that_waits_is_quiet_and_one_that_speaks_or_is_gone_is_not(
    pair: tuple[Channel, socket.socket],
) -> None:
    channel, theirs = pair
    assert channel.is_quiet()
    theirs.sendall(out(b"1") + out(b"2"))
    assert not channel.is_quiet()
    ask(channel)
    assert not channel.is_quiet(), "an answer is still there"
    ask(channel)
    assert channel.is_quiet()
    theirs.close()
    assert not channel.is_quiet()


def test_a_closed_channel_says_so_and_is_closed_twice_without_harm() -> None:
    ours, theirs = socket.socketpair()
    ends: list[str] = []

    class Owner:
        def close(self) -> None:
            ends.append("closed")
            raise OSError("it is gone already")

    with Channel(ours, (Owner(), Owner())) as channel:
        channel.close()
        assert not channel.is_quiet()
        with pytest.raises(ProtocolError, match="closed while a job ran"):
            ask(channel)
    assert ends == ["closed", "closed"]
    assert theirs.recv(1) == b""
    theirs.close()


def test_closing_from_another_thread_ends_an_exchange(
    pair: tuple[Channel, socket.socket],
) -> None:
    channel, _ = pair
    timer = threading.Timer(0.2, channel.close)
    timer.start()
    with pytest.raises(ProtocolError):
        ask(channel)
    timer.join()
