"""The attached stream of one container: a job goes in, frames come out, and nothing can block.

Docker Engine stops answering about a container whose attached stream is full and unread, so this
reads whenever there is something to read, throws away what is beyond its caps, and is closed
before anything else is asked about the container. Belongs here: bytes and deadlines. Does not
belong here: what a frame says (`container`).
"""

import contextlib
import select
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from typing import Protocol

from sandbox.errors import DeadlineError, ProtocolError
from sandbox.inside.frames import BrokenFrameError, FrameParser
from sandbox.resource import Resource

_HEADER = struct.Struct(">BxxxL")
_STDOUT = 1
_READ_BYTES = 1 << 18
MAX_ANSWER_BYTES = 128 << 20
_NOTE_BYTES = 4_000


class Closeable(Protocol):
    def close(self) -> object: ...


class Demultiplexer:
    """Splits Docker's stream into the answer's frames and what the supervisor printed as errors."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._frames = FrameParser(MAX_ANSWER_BYTES)
        self.note = b""
        """The end of the supervisor's standard error, for a fault's message."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._pending += data
        while len(self._pending) >= _HEADER.size:
            kind, size = _HEADER.unpack_from(self._pending)
            end = _HEADER.size + size
            if len(self._pending) < end:
                return
            body = bytes(self._pending[_HEADER.size : end])
            del self._pending[:end]
            if kind == _STDOUT:
                yield from self._frames.feed(body)
            else:
                self.note = (self.note + body)[-_NOTE_BYTES:]


class Channel(Resource):
    """Owns the socket. Every method ends by its deadline (monotonic) or raises."""

    def __init__(self, sock: socket.socket, owners: tuple[Closeable, ...] = ()) -> None:
        """`owners` are objects of the docker library that hold the socket and end with it."""
        self._socket: socket.socket | None = sock
        self._owners = owners
        sock.setblocking(False)
        self._demultiplexer = Demultiplexer()
        self._frames: list[bytes] = []

    def exchange(self, data: bytes, deadline: float) -> bytes:
        """Sends all of `data` and returns the next frame.

        A frame may come before all is sent: a container that has only just started says first
        that it is ready. Raises DeadlineError, or ProtocolError when the stream ends or breaks
        before a frame.
        """
        view = memoryview(data)
        while view or not self._frames:
            sock = self._socket
            if sock is None:
                raise ProtocolError("The sandbox was closed while a job ran; run it again.")
            readable, writable = self._wait(sock, bool(view), deadline)
            if writable:
                view = view[self._send(sock, view) :]
            if readable:
                self._receive(sock)
        return self._frames.pop(0)

    def is_quiet(self) -> bool:
        """Nothing has come and nobody hung up: the supervisor is waiting."""
        if self._socket is None or self._frames:
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """May be called from another thread and twice."""
        sock, self._socket = self._socket, None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
            for owner in self._owners:
                with contextlib.suppress(OSError, ValueError):
                    owner.close()

    def _wait(self, sock: socket.socket, sending: bool, deadline: float) -> tuple[bool, bool]:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise DeadlineError(self._with_note("The sandbox did not answer in time"))
        poll = select.poll()
        poll.register(sock, select.POLLIN | (select.POLLOUT if sending else 0))
        events = 0
        for _fd, event in poll.poll(left_s * 1000 + 1):
            events |= event
        trouble = select.POLLHUP | select.POLLERR | select.POLLNVAL
        return bool(events & (select.POLLIN | trouble)), bool(events & select.POLLOUT)

    def _send(self, sock: socket.socket, view: memoryview) -> int:
        try:
            return sock.send(view[:_READ_BYTES])
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        except OSError as error:
            self._receive(sock)  # what the container said before it went tells more
            raise ProtocolError(self._with_note(f"The sandbox took no job ({error})")) from error

    def _receive(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(_READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as error:
            raise ProtocolError(self._with_note(f"The sandbox was cut off ({error})")) from error
        if not data:
            raise ProtocolError(self._with_note("The sandbox ended without an answer"))
        try:
            self._frames.extend(self._demultiplexer.feed(data))
        except BrokenFrameError as error:
            raise ProtocolError(f"The sandbox answered with a broken frame ({error}).") from error

    def _with_note(self, sentence: str) -> str:
        note = self._demultiplexer.note.decode("utf-8", "replace").strip().splitlines()
        return f"{sentence}: {note[-1]}." if note else f"{sentence}; it is tried again in another."
