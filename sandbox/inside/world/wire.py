"""The bytes of the peers: HTTP's framing, and which spoken turns are the same.

Belongs here: messages and their ends. Does not belong here: who says what when (`peers`).
"""

from __future__ import annotations

import gzip
import re
import zlib
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    from .messages import WorldExchange

NOT_RECORDED_STATUS = 599
_FRAMING = frozenset({"content-length", "transfer-encoding"})


def read_headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def read_body(
    connection: socket.socket, headers: dict[str, str], buffer: bytes
) -> tuple[bytes, bytes]:
    """(the body, what came after it)."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _read_chunks(connection, buffer)
    length = int(headers.get("content-length") or 0)
    while len(buffer) < length:
        data = connection.recv(1 << 16)
        if not data:
            break
        buffer += data
    return buffer[:length], buffer[length:]


def _read_chunks(connection: socket.socket, buffer: bytes) -> tuple[bytes, bytes]:
    parts: list[bytes] = []
    while True:
        while b"\r\n" not in buffer:
            buffer += connection.recv(1 << 16) or b"0\r\n\r\n"
        line, _, rest = buffer.partition(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        while len(rest) < size + 2:
            rest += connection.recv(1 << 16) or b"\0" * (size + 2)
        parts.append(rest[:size])
        buffer = rest[size + 2 :]
        if not size:
            return b"".join(parts), buffer


def make_answer(exchange: WorldExchange, method: str) -> tuple[bytes, bool]:
    """(the answer's bytes, whether the connection goes on)."""
    headers = exchange["answer_headers"]
    values = {name.lower(): value for name, value in headers}
    body = _compress(urlsafe_b64decode(exchange["answer"]), values.get("content-encoding", ""))
    is_chunked = "chunked" in values.get("transfer-encoding", "").lower()
    others = [pair for pair in headers if pair[0].lower() not in _FRAMING]
    lines = [f"HTTP/{exchange['version']} {exchange['status']} {exchange['reason']}"]
    lines += [f"{name}: {value}" for name, value in others]
    has_length = "content-length" in values
    stays = may_go_on(exchange["version"], values)
    keeps = (is_chunked or has_length) and stays
    if exchange["status"] in (204, 304) or method == "HEAD":
        lines += [f"Content-Length: {values['content-length']}"] if has_length else []
        body, keeps = b"", stays
    elif is_chunked:
        lines.append("Transfer-Encoding: chunked")
        end = b"" if exchange["is_cut"] else b"0\r\n\r\n"
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + end
    elif has_length:
        length = values["content-length"] if exchange["is_cut"] else str(len(body))
        lines.append(f"Content-Length: {length}")
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("latin-1", "replace") + body, keeps and not exchange["is_cut"]


def make_refusal(request: str, method: str) -> bytes:
    """The answer to what is not on the tape."""
    text = f"{request}: not on the tape of this run\n".encode()
    head = f"HTTP/1.1 {NOT_RECORDED_STATUS} Not on the tape\r\n"
    head += f"Content-Type: text/plain\r\nContent-Length: {len(text)}\r\n\r\n"
    return head.encode() + (b"" if method == "HEAD" else text)


def may_go_on(version: str, headers: dict[str, str]) -> bool:
    """Whether the connection outlives a message of this version of HTTP with these headers."""
    word = headers.get("connection", "").lower()
    return word == "keep-alive" if version == "1.0" else word != "close"


def _compress(body: bytes, encoding: str) -> bytes:
    if encoding in ("gzip", "x-gzip"):
        return gzip.compress(body, 1, mtime=0)
    return zlib.compress(body, 1) if encoding == "deflate" else body


def decompress(body: bytes, encoding: str) -> bytes:
    """The body in plain; as it is where that cannot be had."""
    bits = {"gzip": 31, "x-gzip": 31, "deflate": 15}.get(encoding.lower())
    try:
        return body if bits is None else zlib.decompress(body, bits)
    except zlib.error:
        return body


_SHIFTING = re.compile(
    rb"\d{10,19}(\.\d+)?|\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?"
    rb"|\d\d:\d\d:\d\d|boundary=\"?[\w=.-]+"
)


def is_alike(before: bytes, now: bytes) -> bool:
    """Whether it is what was said that night, but for times and secrets."""
    if before == now or b"<REDACTED:" in before:
        return True
    return _SHIFTING.sub(b"", before) == _SHIFTING.sub(b"", now)
