"""What a PostgreSQL server was asked in recorded conversations, and what it answered.

Belongs here: reading both halves of the protocol, version 3, and whose turn an answer is. Does not
belong here: speaking it (`postgres`).
https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import struct
import threading
from typing import TYPE_CHECKING, NamedTuple

from .wire import is_alike

if TYPE_CHECKING:
    from collections.abc import Iterator

    Message = tuple[bytes, bytes]
    """Its letter, and what follows the length."""

STARTUP, TLS, GSS = 196_608, 80_877_103, 80_877_104


class Answer(NamedTuple):
    """To one statement."""

    statement: bytes
    parameters: tuple[bytes, ...]
    messages: tuple[Message, ...]
    """The description of its rows, the rows, its end or its error; of a simple query with several
    statements one after the other."""
    is_spare: bool = False
    """Of another night: given only where this one has no answer."""


def is_postgres(first: bytes) -> bool:
    """Whether a client begins like this."""
    return len(first) >= 8 and int.from_bytes(first[4:8], "big") in (STARTUP, TLS, GSS)  # noqa: PLR2004 - length and code


class Knowledge:
    """What all recorded conversations with one server tell."""

    def __init__(self) -> None:
        self.parameters: list[bytes] = []
        self.has_tls = False
        self._is_spare = False
        self._answers: list[Answer] = []
        self._uses: dict[int, int] = {}
        self._parsed: dict[bytes, list[Message]] = {}
        """By statement: what describing it without a portal gave."""
        self._lock = threading.Lock()

    def learn(self, ours: bytes, theirs: bytes, *, is_spare: bool = False) -> None:
        """One conversation, both halves."""
        self._is_spare = is_spare
        if theirs[:1] in (b"S", b"N") and int.from_bytes(ours[4:8], "big") == TLS:
            self.has_tls |= theirs[:1] == b"S"
            ours, theirs = ours[8:], theirs[1:]
        length = int.from_bytes(ours[:4], "big")
        backend = _split(theirs)
        for kind, data in backend:
            if kind == b"S":
                self.parameters.append(data[:-1])
            if kind == b"Z":
                break
        _Reader(self, backend).read(_split(ours[length:]))

    def add(self, statement: bytes, parameters: tuple[bytes, ...], messages: list[Message]) -> None:
        self._answers.append(Answer(statement, parameters, tuple(messages), self._is_spare))

    def add_description(self, statement: bytes, messages: list[Message]) -> None:
        self._parsed.setdefault(statement, messages)

    def describe(self, statement: bytes) -> list[Message]:
        """Of a statement that is prepared: its parameters and its rows."""
        messages = self._parsed.get(statement)
        if messages is not None:
            return messages
        rows = (m for a in self._answers if a.statement == statement for m in a.messages)
        return [(b"t", b"\0\0"), next((m for m in rows if m[0] == b"T"), (b"n", b""))]

    def find(self, statement: bytes, parameters: tuple[bytes, ...]) -> Answer | None:
        """Whose turn it is; the last one again where there are no more."""
        with self._lock:
            fitting = [
                number
                for number, each in enumerate(self._answers)
                if is_alike(each.statement, statement)
                and len(each.parameters) == len(parameters)
                and all(map(is_alike, each.parameters, parameters))
            ]
            fitting = [n for n in fitting if not self._answers[n].is_spare] or fitting
            if not fitting:
                return None
            number = next((n for n in fitting if not self._uses.get(n)), fitting[-1])
            self._uses[number] = self._uses.get(number, 0) + 1
            return self._answers[number]


class _Reader:
    """Pairs what was asked with what was answered."""

    def __init__(self, knowledge: Knowledge, backend: Iterator[Message]) -> None:
        self._knowledge = knowledge
        self._backend = (m for m in backend if m[0] not in b"SNA")  # what comes by itself
        self._statements: dict[bytes, bytes] = {}
        self._portal = (b"", ())  # type: tuple[bytes, tuple[bytes, ...]]
        self._rows: list[Message] = []

    def read(self, requests: Iterator[Message]) -> None:
        failure: list[Message] = []
        for kind, data in requests:
            if kind == b"Q":
                messages = self._until((b"Z",))[:-1]
                self._knowledge.add(data.rstrip(b"\0"), (), messages)
            elif kind == b"S":
                if failure:
                    self._knowledge.add(*self._portal, failure)
                self._until((b"Z",))
                failure = []
            elif kind in b"PB":
                self._note_statement(kind, data)
                failure = failure or self._read_extended(kind, data)
            elif kind in b"DEC" and not failure:
                failure = self._read_extended(kind, data)

    def _note_statement(self, kind: bytes, data: bytes) -> None:
        """Also of those that are passed over: they have the parameters of what failed before."""
        if kind == b"P":
            name, _, rest = data.partition(b"\0")
            self._statements[name] = rest.partition(b"\0")[0]
            self._portal = (self._statements[name], ())
        else:
            _, name, rest = data.split(b"\0", 2)
            self._portal = (self._statements.get(name, b""), read_parameters(rest))

    def _read_extended(self, kind: bytes, data: bytes) -> list[Message]:
        """The error where it failed: what follows is passed over then, up to the next end."""
        if kind == b"P":
            messages = self._until((b"1", b"E"))
        elif kind == b"B":
            self._rows = []
            messages = self._until((b"2", b"E"))
        elif kind == b"D":
            messages = self._until((b"T", b"n", b"E"))
            if data[:1] == b"S":
                statement = self._statements.get(data[1:].rstrip(b"\0"), b"")
                self._knowledge.add_description(statement, messages)
            else:
                self._rows = [m for m in messages if m[0] == b"T"]
        elif kind == b"E":
            messages = self._until((b"C", b"I", b"s", b"E"))
            if messages[-1:] and messages[-1][0] != b"E":
                self._knowledge.add(*self._portal, [*self._rows, *messages])
        else:
            messages = self._until((b"3", b"E"))
        return messages[-1:] if messages and messages[-1][0] == b"E" else []

    def _until(self, ends: tuple[bytes, ...]) -> list[Message]:
        messages = []
        for message in self._backend:
            messages.append(message)
            if message[0] in ends:
                break
        return messages


def _split(data: bytes) -> Iterator[Message]:
    at = 0
    while at + 5 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 5], "big")
        if size < 4 or at + 1 + size > len(data):  # noqa: PLR2004 - the length counts itself
            return
        yield data[at : at + 1], data[at + 5 : at + 1 + size]
        at += 1 + size


def read_parameters(data: bytes) -> tuple[bytes, ...]:
    """Of a Bind message, after the names; nothing for those that cannot be read."""
    values = []
    try:
        (formats,) = struct.unpack_from("!h", data)
        at = 2 + 2 * formats
        (count,) = struct.unpack_from("!h", data, at)
        at += 2
        for _ in range(count):
            (size,) = struct.unpack_from("!i", data, at)
            values.append(b"NULL" if size < 0 else data[at + 4 : at + 4 + size])
            at += 4 + max(0, size)
    except struct.error:
        return ()
    return tuple(values)
