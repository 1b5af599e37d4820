"""A job goes into a container whole, whatever comes out meanwhile."""

import socket
import struct
import threading
import time

import pytest

from sandbox.channel import Channel
from sandbox.errors import DeadlineError, ProtocolError
from sandbox.inside.frames import pack

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
