"""PostgreSQL through libpq: notes of statements and results, made into the conversation that they
were on the wire.

Belongs here: the messages of the protocol, version 3, from notes to turns, and secrets in them.
Does not belong here: noting (`healer.watch.hook.healer_hook_databases`), playing it
(`sandbox.inside.world.postgres`), and what of it is an effect (`protocols`).
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from healer.redact.names import is_secret_value, kind_of_name
from healer.tape.facts import Connection, Turn
from healer.tape.raw import Record

_TLS_REQUEST = struct.pack("!ii", 8, 80_877_103)
_STARTUP = struct.pack("!ii", 8 + 10, 196_608) + b"user\0job\0\0"
Columns = Sequence[tuple[bytes, int, int, int, int, int, int]]
"""Name, table, its column, type, size, modifier, format: as RowDescription has them."""
Rows = Sequence[Sequence[bytes | None]]


@dataclass
class _Link:
    """One connection of the job to a server."""

    host: str
    port: int
    tls: bool
    error: str
    turns: list[Turn] = field(default_factory=list)


class Databases:
    """All that a job said to PostgreSQL through libpq."""

    def __init__(self) -> None:
        self._links: dict[tuple[int, int], _Link] = {}
        self.secrets: set[str] = set()
        """Values of columns whose names say that they hold one."""

    def take_begin(self, record: Record) -> None:
        """A connection that stands, or did not come about."""
        fact: Mapping[str, Any] = record.fact()
        link = _Link(str(fact["host"]), int(fact["port"]), bool(fact["tls"]), str(fact["error"]))
        if not link.error:
            hello = [_pack(b"R", b"\0\0\0\0")]
            hello += [_pack(b"S", f"{k}\0{v}\0".encode()) for k, v in fact["parameters"] if v]
            hello += [_pack(b"K", b"\0\0\0\1\0\0\0\1"), _pack(b"Z", b"I")]
            link.turns = [Turn(True, _STARTUP), Turn(False, b"".join(hello))]
        self._links[record.pid, record.number] = link

    def take_statement(self, record: Record) -> None:
        """One statement and what came of it."""
        statement, parameters, columns, rows, tag, fields = record.fact()
        link = self._links.get((record.pid, record.number))
        if link is None:  # of the process that this one was forked from
            link = next(v for (_, n), v in reversed(self._links.items()) if n == record.number)
        self.secrets.update(_list_secrets(columns, rows))
        answer = list(_answer(columns, rows, str(tag or ""), fields))
        if parameters is None:
            link.turns.append(Turn(True, _pack(b"Q", statement + b"\0")))
        else:
            request = [
                _pack(b"P", b"\0" + statement + b"\0\0\0"),
                _pack(b"B", b"\0\0" + _pack_parameters(parameters) + b"\0\0"),
                _pack(b"D", b"P\0"),
                _pack(b"E", b"\0\0\0\0\0"),
                _pack(b"S", b""),
            ]
            link.turns.append(Turn(True, b"".join(request)))
            start = [_pack(b"1", b""), _pack(b"2", b"")]
            answer = [*start, *([] if columns or fields else [_pack(b"n", b"")]), *answer]
        state = b"E" if fields else b"I"
        link.turns.append(Turn(False, b"".join((*answer, _pack(b"Z", state)))))

    def list_connections(self) -> Iterator[Connection]:
        """In the order in which they were begun."""
        for link in self._links.values():
            here = Connection(link.host, link.host, link.port, tls=False, error="")
            if link.tls:
                ask = (Turn(True, _TLS_REQUEST), Turn(False, b"S"))
                yield replace(here, turns=ask)
            yield replace(here, tls=link.tls, error=link.error, turns=tuple(link.turns))


def _list_secrets(columns: Columns, rows: Rows) -> Iterator[str]:
    for number, (name, *_) in enumerate(columns):
        kind = kind_of_name(name.decode("utf-8", "replace"))
        values = (row[number] for row in rows) if kind else ()
        for value in values:
            text = (value or b"").decode("utf-8", "replace")
            if is_secret_value(text, kind):
                yield text


def _answer(columns: Columns, rows: Rows, tag: str, fields: Any) -> Iterator[bytes]:
    if fields:
        yield _pack(b"E", b"".join(letter + value + b"\0" for letter, value in fields) + b"\0")
        return
    if columns:
        texts = (name + b"\0" + struct.pack("!IhIhih", *rest) for name, *rest in columns)
        yield _pack(b"T", struct.pack("!h", len(columns)) + b"".join(texts))
    for row in rows:
        yield _pack(b"D", struct.pack("!h", len(row)) + _pack_values(row))
    yield _pack(b"C", tag.encode() + b"\0")


def _pack_parameters(parameters: Sequence[tuple[bytes | None, int]]) -> bytes:
    formats = b"".join(struct.pack("!h", form) for _, form in parameters)
    count = struct.pack("!h", len(parameters))
    return count + formats + count + _pack_values([value for value, _ in parameters])


def _pack_values(values: Sequence[bytes | None]) -> bytes:
    parts = (b"\xff\xff\xff\xff" if v is None else struct.pack("!i", len(v)) + v for v in values)
    return b"".join(parts)


def _pack(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("!i", len(data) + 4) + data


def is_postgres(first: bytes) -> bool:
    """Whether a client begins like this."""
    return first[4:8] in (_STARTUP[4:8], _TLS_REQUEST[4:])


def clean_messages(data: bytes, *, is_ours: bool, clean: Callable[[bytes], bytes]) -> bytes:
    """The messages of a turn with each text in them cleaned, and their lengths right again; what
    comes before the first message stays."""
    at, parts = 0, []
    while is_ours and is_postgres(data[at:]):
        size = int.from_bytes(data[at : at + 4], "big")
        parts.append(data[at : at + size])
        at += size
    if not is_ours and data[:1] in (b"S", b"N") and len(data) == 1:
        return data
    while at + 5 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 5], "big")
        if size < 4 or at + 1 + size > len(data):  # noqa: PLR2004 - the length counts itself
            break
        kind, body = data[at : at + 1], data[at + 5 : at + 1 + size]
        parts.append(_pack(kind, _clean_body(kind, body, is_ours, clean)))
        at += 1 + size
    return b"".join(parts)


def _clean_body(kind: bytes, body: bytes, is_ours: bool, clean: Callable[[bytes], bytes]) -> bytes:
    if kind == b"D" and not is_ours:
        (count,) = struct.unpack_from("!h", body)
        return body[:2] + _clean_values(body[2:], count, clean)
    if kind == b"B" and is_ours:
        portal, name, rest = body.split(b"\0", 2)
        (formats,) = struct.unpack_from("!h", rest)
        head = 4 + 2 * formats
        (count,) = struct.unpack_from("!h", rest, head - 2)
        values = _clean_values(rest[head:], count, clean)
        return b"\0".join((portal, name, rest[:head] + values))
    if (kind in b"QP" and is_ours) or (kind in b"EN" and not is_ours):
        return b"\0".join(clean(part) for part in body.split(b"\0"))
    return body


def _clean_values(data: bytes, count: int, clean: Callable[[bytes], bytes]) -> bytes:
    """So many values with their lengths, and what follows them."""
    at, values = 0, list[bytes | None]()
    for _ in range(count):
        (size,) = struct.unpack_from("!i", data, at)
        values.append(None if size < 0 else clean(data[at + 4 : at + 4 + size]))
        at += 4 + max(0, size)
    return _pack_values(values) + data[at:]
