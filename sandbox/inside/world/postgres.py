"""A PostgreSQL server that knows what was asked that night, and what was answered.

Belongs here: the server's half of the protocol, version 3. Does not belong here: connections
(`peers`), what is known (`postgres_answers`), and what was said (the host looks at that). A
statement is found by its text and its parameters, then by order; one that nobody asked gets an
error that says so. Whoever asks is let in: passwords are not on the tape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .postgres_answers import GSS, STARTUP, TLS, read_parameters

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from .postgres_answers import Knowledge, Message

    Tell = Callable[[bytes], None]
    Secure = Callable[[socket.socket], socket.socket]

_PARAMETERS = (
    b"server_version\00015.0", b"server_encoding\0UTF8", b"client_encoding\0UTF8",
    b"DateStyle\0ISO, MDY", b"IntervalStyle\0postgres", b"TimeZone\0UTC",
    b"integer_datetimes\0on", b"standard_conforming_strings\0on",
)  # fmt: skip
"""Where the server's own are not on the tape."""
_CONTROL = {
    b"BEGIN": (b"BEGIN", b"T"), b"START": (b"BEGIN", b"T"), b"COMMIT": (b"COMMIT", b"I"),
    b"END": (b"COMMIT", b"I"), b"ROLLBACK": (b"ROLLBACK", b"I"), b"ABORT": (b"ROLLBACK", b"I"),
    b"SET": (b"SET", b""), b"RESET": (b"RESET", b""), b"DISCARD": (b"DISCARD ALL", b""),
    b"SAVEPOINT": (b"SAVEPOINT", b""), b"RELEASE": (b"RELEASE", b""),
    b"DEALLOCATE": (b"DEALLOCATE", b""), b"UNLISTEN": (b"UNLISTEN", b""),
    b"CLOSE": (b"CLOSE CURSOR", b""),
}  # fmt: skip
"""By first word: the tag of its end, and the state of the transaction after it. Answered though
nobody asked it: nothing is invented by it."""
_NOT_RECORDED = b"58000"
"""The SQLSTATE of what is not on the tape: system_error."""


class Session:
    """One connection of the job."""

    def __init__(self, knowledge: Knowledge, tell: Tell, secure: Secure) -> None:
        self._knowledge, self._tell, self._secure = knowledge, tell, secure
        self._statements: dict[bytes, bytes] = {}
        self._portals: dict[bytes, tuple[bytes, tuple[bytes, ...]]] = {}
        self._open: dict[bytes, list[Message]] = {}
        """By portal: what is still to be said of it."""
        self._state = b"I"
        self._is_failed = False
        self.misses: list[str] = []
        self.is_borrowing = False

    def serve(self, connection: socket.socket) -> None:
        """Until the job leaves."""
        link = self._let_in(connection)
        if link is None:
            return
        while head := _receive(link, 5):
            body = _receive(link, int.from_bytes(head[1:], "big") - 4)
            kind = head[:1]
            if kind == b"X":
                return
            self._tell(head + body)
            answer = b"".join(_pack(*message) for message in self._answer(kind, body))
            if answer:
                link.sendall(answer)

    def _let_in(self, connection: socket.socket) -> socket.socket | None:
        while head := _receive(connection, 8):
            code = int.from_bytes(head[4:], "big")
            if code == TLS and self._knowledge.has_tls:
                connection.sendall(b"S")
                connection = self._secure(connection)
            elif code in (TLS, GSS):
                connection.sendall(b"N")
            elif code == STARTUP:
                body = _receive(connection, int.from_bytes(head[:4], "big") - 8)
                self._tell(head + body)
                parameters = {
                    each.partition(b"\0")[0]: each + b"\0"
                    for each in (*_PARAMETERS, *self._knowledge.parameters)
                }
                messages = [(b"R", b"\0\0\0\0"), *((b"S", each) for each in parameters.values())]
                messages += [(b"K", b"\0\0\0\1\0\0\0\1"), (b"Z", b"I")]
                connection.sendall(b"".join(_pack(*message) for message in messages))
                return connection
            else:
                return None
        return None

    def _answer(self, kind: bytes, body: bytes) -> Iterator[Message]:
        if kind == b"Q":
            yield from self._run(body.rstrip(b"\0"), ())
            yield b"Z", self._state
        elif kind == b"S":
            self._is_failed = False
            yield b"Z", self._state
        elif kind in b"PBDEC" and not self._is_failed:
            yield from self._answer_extended(kind, body)

    def _answer_extended(self, kind: bytes, body: bytes) -> Iterator[Message]:
        if kind == b"P":
            name, _, rest = body.partition(b"\0")
            self._statements[name] = rest.partition(b"\0")[0]
            yield b"1", b""
        elif kind == b"B":
            portal, name, rest = body.split(b"\0", 2)
            statement, parameters = self._statements.get(name, b""), read_parameters(rest)
            self._portals[portal] = (statement, parameters)
            self._open.pop(portal, None)
            yield b"2", b""
        elif kind == b"D" and body[:1] == b"S":
            yield from self._knowledge.describe(self._statements.get(body[1:-1], b""))
        elif kind == b"D":
            messages = self._begin(body[1:-1])
            yield messages.pop(0) if messages and messages[0][0] == b"T" else (b"n", b"")
        elif kind == b"E":
            messages = self._begin(body.partition(b"\0")[0])
            yield from (message for message in messages if message[0] != b"T")
            self._open.pop(body.partition(b"\0")[0], None)
            self._is_failed = any(message[0] == b"E" for message in messages)
        else:
            yield b"3", b""

    def _begin(self, portal: bytes) -> list[Message]:
        if portal not in self._open:
            self._open[portal] = list(self._run(*self._portals.get(portal, (b"", ()))))
        return self._open[portal]

    def _run(self, statement: bytes, parameters: tuple[bytes, ...]) -> Iterator[Message]:
        word = statement.split(None, 1)[0].upper().rstrip(b";") if statement.strip() else b""
        answer = self._knowledge.find(statement, parameters)
        tag, state = _CONTROL.get(word, (b"", b""))
        if word == b"ROLLBACK" and b" TO " in statement.upper():
            state = b"T"
        if answer is not None:
            messages = answer.messages
            self.is_borrowing |= answer.is_spare
        elif tag:
            messages = ((b"C", tag + b"\0"),)
        elif not word:
            messages = ((b"I", b""),)
        else:
            text = statement.decode("utf-8", "replace")
            self.misses.append(text[:60])
            fields = (b"SERROR", b"VERROR", b"C" + _NOT_RECORDED,
                      b"M" + f"{text[:60]}: not on the tape of this run".encode())  # fmt: skip
            messages = ((b"E", b"\0".join(fields) + b"\0\0"),)
        self._state = state or self._state
        if any(kind == b"E" for kind, _ in messages) and self._state == b"T":
            self._state = b"E"
        yield from messages


def _pack(kind: bytes, data: bytes) -> bytes:
    return kind + (len(data) + 4).to_bytes(4, "big") + data


def _receive(connection: socket.socket, size: int) -> bytes:
    """Exactly so many bytes; none where the job has left."""
    data = b""
    while len(data) < size:
        piece = connection.recv(min(size - len(data), 1 << 16))
        if not piece:
            return b""
        data += piece
    return data
