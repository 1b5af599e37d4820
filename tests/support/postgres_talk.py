"""Both halves of small conversations with PostgreSQL, as bytes."""

import struct

STARTUP = struct.pack("!ii", 18, 196_608) + b"user\0job\0\0"


def pack(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("!i", len(data) + 4) + data


def hello() -> bytes:
    """What the server says before the first statement."""
    return pack(b"R", b"\0\0\0\0") + pack(b"S", b"TimeZone\0UTC\0") + pack(b"Z", b"I")


def ask(statement: bytes) -> bytes:
    """A simple query."""
    return pack(b"Q", statement + b"\0")


def bind(statement: bytes, *values: bytes) -> bytes:
    """An extended one, from Parse to Sync."""
    texts = b"".join(struct.pack("!i", len(value)) + value for value in values)
    parameters = b"\0\0" + struct.pack("!h", len(values)) + texts + b"\0\0"
    return (
        pack(b"P", b"\0" + statement + b"\0\0\0")
        + pack(b"B", b"\0\0" + parameters)
        + pack(b"D", b"P\0")
        + pack(b"E", b"\0\0\0\0\0")
        + pack(b"S", b"")
    )


def rows(*values: bytes) -> bytes:
    """One column of text, and the end of a simple query."""
    return _table(*values) + pack(b"Z", b"I")


def told(*values: bytes) -> bytes:
    """The same as the answer to an extended one."""
    return pack(b"1", b"") + pack(b"2", b"") + _table(*values) + pack(b"Z", b"I")


def _table(*values: bytes) -> bytes:
    head = pack(b"T", b"\0\1n\0" + struct.pack("!IhIhih", 0, 0, 25, -1, -1, 0))
    lines = (pack(b"D", b"\0\1" + struct.pack("!i", len(v)) + v) for v in values)
    return head + b"".join(lines) + pack(b"C", b"SELECT\0")
