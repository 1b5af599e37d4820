"""Notes on the tape what goes through Python's sockets and TLS objects, in plain text.

Runs inside the job, under Python 3.8 and later; loaded when the job first asks for a name or a
socket, so that jobs without network pay nothing. It only looks on: every call goes to the method
that was there, with its arguments, result and exception. Belongs here: which connection, in which
direction, how much. Does not belong here: what a record looks like (`healer_hook_tape`), protocols
and secrets (`healer.tape`).

An exception that passes through one of these functions does not show it in its traceback: before
the bare `raise`, which adds no entry of its own, the entry of this frame is taken out (Python 3.11
and later; before, `healer_hook_listen` takes it out of what Python prints at the end).
"""

from __future__ import annotations

import os
import sys
from _thread import RLock
from itertools import count

TYPE_CHECKING = False  # as typing has it: nothing is loaded into the job
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAX_BYTES = 4 << 20
"""Of one direction of one connection; what comes after is only said to have come."""

TLS_HELLO = b"\x16\x03"
CIPHER = 1 << 62
PEEK = 2  # MSG_PEEK: the same bytes come again


class Conversation:
    """One connection, or the plain side of one TLS object."""

    __slots__ = ("number", "received_bytes", "sent_bytes", "what")

    def __init__(self, number: int) -> None:
        self.number = number
        self.what = None  # type: Any
        self.sent_bytes = 0
        self.received_bytes = 0


class Network:
    """Who talks to whom in this process."""

    def __init__(self, tape: Any) -> None:
        self.tape = tape
        self.most_bytes = MAX_BYTES
        self.numbers = count(1)
        self.by_socket = {}  # type: dict[int, Conversation | None]
        """By identity; None: not to be noted."""
        self.by_handle = {}  # type: dict[int, tuple[Conversation, object]]
        """Of connected sockets, with the address: TLS takes the handle over into a new object."""
        self.are_wrapped = set()  # type: set[str]
        self.take_turns()
        os.register_at_fork(after_in_child=self.take_turns)

    def take_turns(self) -> None:
        """Of threads one wraps, and the others wait for it; not those of a forked child."""
        self.turn = RLock()

    def acts(self) -> dict[str, Callable[[tuple[Any, ...]], None]]:
        """What is to be called at which audit event."""
        return {
            "socket.__new__": self.hear_new,
            "socket.connect": self.hear_connect,
            "socket.getaddrinfo": self.hear_name,
            "socket.gethostbyname": self.hear_name,
        }

    def hear_new(self, args: tuple[Any, ...]) -> None:
        self.wrap()
        self.by_socket.pop(id(args[0]), None)

    def hear_name(self, args: tuple[Any, ...]) -> None:
        self.wrap()
        host = args[0]
        if isinstance(host, bytes):
            host = host.decode("utf-8", "replace")
        self.tape.note(b"n", (host, args[1] if len(args) > 1 else None))

    def hear_connect(self, args: tuple[Any, ...]) -> None:
        self.wrap()
        sock, address = args
        conversation = Conversation(next(self.numbers))
        self.by_socket[id(sock)] = conversation
        self.by_handle[sock.fileno()] = (conversation, address)
        if isinstance(address, bytes):
            address = address.decode("utf-8", "replace")
        fact = {"address": address, "family": int(sock.family), "kind": int(sock.type)}
        if hasattr(sock, "server_hostname"):
            fact["name"] = sock.server_hostname
        self.tape.note(b"o", fact, number=conversation.number)

    def find(self, sock: Any) -> Conversation | None:
        """The conversation that a socket carries; None where the job did not begin it."""
        try:
            return self.by_socket[id(sock)]
        except KeyError:
            talk = None  # type: Conversation | None
        before = self.by_handle.get(sock.fileno())
        if before is not None and self._is_same(sock, before[1]):
            talk = before[0]
            if hasattr(sock, "server_hostname"):  # TLS begins on a connection that stands
                talk = Conversation(next(self.numbers))
                name = sock.server_hostname
                fact = {"on": before[0].number, "name": name, "address": before[1]}
                self.tape.note(b"t", fact, number=talk.number)
        self.by_socket[id(sock)] = talk
        return talk

    @staticmethod
    def _is_same(sock: Any, address: object) -> bool:
        try:
            peer = sock.getpeername()
        except OSError:
            return False
        if isinstance(address, tuple) and isinstance(peer, tuple):
            return bool(peer[1] == address[1])
        return bool(peer == address)

    def find_object(self, tls: Any) -> Conversation:
        """The conversation of a TLS object over memory, as asyncio has them."""
        talk = self.by_socket.get(id(tls))
        if talk is None or talk.what is None or talk.what() is not tls:
            from _weakref import ref

            talk = Conversation(next(self.numbers))
            talk.what = ref(tls)
            self.by_socket[id(tls)] = talk
            self.tape.note(b"m", {"name": tls.server_hostname}, number=talk.number)
        return talk

    def note_sent(self, conversation: Conversation, data: Any) -> None:
        size = len(data) if type(data) in (bytes, bytearray) else memoryview(data).nbytes
        if not conversation.sent_bytes and bytes(data[:2]) == TLS_HELLO:
            # What follows cannot be read; the TLS object over it is noted by itself.
            self.tape.write(b"s", bytes(data), conversation.number)
            conversation.sent_bytes = conversation.received_bytes = CIPHER
        conversation.sent_bytes += size
        if conversation.sent_bytes <= MAX_BYTES:
            self.tape.write(b"s", bytes(data), conversation.number)
        elif conversation.sent_bytes - size <= MAX_BYTES:
            self.tape.write(b"k", b"s", conversation.number)

    def note_received(self, conversation: Conversation, data: Any) -> None:
        conversation.received_bytes += len(data)
        if conversation.received_bytes <= MAX_BYTES:
            self.tape.write(b"r", bytes(data), conversation.number)
        elif conversation.received_bytes - len(data) <= MAX_BYTES:
            self.tape.write(b"k", b"r", conversation.number)

    def note_error(self, conversation: Conversation, error: BaseException) -> None:
        if isinstance(error, (BlockingIOError, InterruptedError)):
            return
        name = type(error).__name__
        if name in ("SSLWantReadError", "SSLWantWriteError"):
            return
        if isinstance(error, OSError):
            fact = (name, error.errno, str(error.strerror))
            self.tape.note(b"e", fact, number=conversation.number)

    def wrap(self) -> None:
        """Looks on at what is loaded by now and was not looked on at before."""
        if len(self.are_wrapped) == 2:
            return
        with self.turn:
            socket, ssl = (sys.modules.get(name) for name in ("socket", "ssl"))
            if "socket" not in self.are_wrapped and hasattr(socket, "socket"):
                self._wrap_sockets(socket.socket, self.find)  # type: ignore[union-attr]  # it is
                self.are_wrapped.add("socket")
            if "ssl" not in self.are_wrapped and hasattr(ssl, "SSLSocket"):
                self._wrap_tls(ssl)
                self.are_wrapped.add("ssl")

    def _wrap_sockets(self, kind: Any, find: Callable[[Any], Conversation | None]) -> None:
        kind.connect = self._look_on(kind.connect, find, self._note_connection)
        for name in ("send", "sendall"):
            setattr(kind, name, self._look_on(getattr(kind, name), find, self._note_send))
        kind.sendmsg = self._look_on(kind.sendmsg, find, self._note_pieces, double_pieces)
        kind.recv = self._look_on(kind.recv, find, self._note_recv)
        kind.recv_into = self._look_on(kind.recv_into, find, self._note_recv_into)

    def _wrap_tls(self, ssl: Any) -> None:
        plain, memory = ssl.SSLSocket, ssl.SSLObject
        plain.read = self._look_on(plain.read, self.find, self._read)
        for name in ("send", "write"):
            if name in plain.__dict__:
                look = self._look_on(getattr(plain, name), self.find, self._note_send)
                setattr(plain, name, look)
        memory.read = self._look_on(memory.read, self.find_object, self._read)
        memory.write = self._look_on(memory.write, self.find_object, self._note_send)

    def _look_on(
        self,
        call: Any,
        find: Callable[[Any], Any],
        look: Callable[[Conversation, tuple[Any, ...], Any], None],
        double: Callable[[tuple[Any, ...]], tuple[tuple[Any, ...], tuple[Any, ...]]] | None = None,
    ) -> Any:
        act, stumble = self.note_error, self.tape.stumble
        guard = self.guard

        def method(self: Any, *args: Any, **options: Any) -> Any:
            look_at = args
            if double is not None:
                args, look_at = double(args)
            try:
                answer = call(self, *args, **options)
            except BaseException as error:
                guard(find, self, act, error)
                trace = error.__traceback__  # of this frame, then of what the call itself ran
                error.__traceback__ = trace.tb_next if trace is not None else None
                raise
            try:
                conversation = find(self)
                if conversation is not None:
                    look(conversation, look_at, answer)
            except Exception as error:
                if not is_ours(error):
                    raise
                stumble()
            return answer

        method.__name__, method.__qualname__ = call.__name__, call.__qualname__
        method.__doc__ = call.__doc__
        return method

    def guard(self, find: Any, sock: Any, act: Any, error: BaseException) -> None:
        try:
            conversation = find(sock)
            if conversation is not None:
                act(conversation, error)
        except Exception as trouble:
            if not is_ours(trouble):
                raise
            self.tape.stumble()

    def _note_connection(
        self, conversation: Conversation, _args: tuple[Any, ...], _answer: Any
    ) -> None:
        self.tape.write(b"C", b"", conversation.number)

    def _note_send(self, conversation: Conversation, args: tuple[Any, ...], answer: Any) -> None:
        data = args[0]
        if type(answer) is int:
            size = len(data) if type(data) in (bytes, bytearray) else memoryview(data).nbytes
            if answer < size:
                data = memoryview(data).cast("B")[:answer]
        self.note_sent(conversation, data)

    def _note_pieces(self, conversation: Conversation, args: tuple[Any, ...], answer: int) -> None:
        self.note_sent(conversation, b"".join(bytes(piece) for piece in args[0])[:answer])

    def _note_recv(self, conversation: Conversation, args: tuple[Any, ...], answer: bytes) -> None:
        if len(args) > 1 and args[1] & PEEK:
            return
        if answer:
            self.note_received(conversation, answer)
        elif not args or args[0]:
            self.tape.write(b"c", b"", conversation.number)

    def _note_recv_into(
        self, conversation: Conversation, args: tuple[Any, ...], answer: int
    ) -> None:
        if answer:
            self.note_received(conversation, memoryview(args[0]).cast("B")[:answer])
        else:
            self.tape.write(b"c", b"", conversation.number)

    def _read(self, conversation: Conversation, args: tuple[Any, ...], answer: Any) -> None:
        """`SSLSocket.read` and `SSLObject.read` give bytes, or a count with a buffer."""
        if type(answer) is int:
            self._note_recv_into(conversation, args[1:], answer)
        else:
            self._note_recv(conversation, args[:1], answer)


def double_pieces(args: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Arguments of `sendmsg`, and the same to look at: of an iterator, which asyncio hands over
    from Python 3.12 on, the call leaves nothing."""
    if args and hasattr(args[0], "__next__"):
        from itertools import tee

        first, second = tee(args[0])
        return (first, *args[1:]), (second, *args[1:])
    return args, args


def is_ours(error: BaseException) -> bool:
    """Whether an exception began in the hook's own code: one that a signal's handler of the job
    raised just now goes on to the job."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    own = __file__.rpartition("/")[0]
    return trace is not None and trace.tb_frame.f_code.co_filename.startswith(own)
