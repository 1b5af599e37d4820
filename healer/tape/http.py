"""HTTP/1 from the bytes of one connection: requests, and their answers.

Belongs here: where a message ends, chunks and compression. Does not belong here: secrets
(`secrets`), and answering (`sandbox.inside.world`). Any bytes give exchanges, or none.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from healer.tape.facts import Exchange

Headers = tuple[tuple[str, str], ...]
_REQUEST = re.compile(rb"([A-Z]{2,20}) (\S{1,16000}) HTTP/1\.[01]\r?\n")
_STATUS = re.compile(rb"HTTP/(1\.[01]) (\d{3}) ?([^\r\n]*)\r?\n")
_NO_BODY = (204, 304)
_MAX_PLAIN_BYTES = 16 << 20


@dataclass(frozen=True)
class _Message:
    headers: Headers
    body: bytes
    end: int
    is_cut: bool = False


def is_http(outgoing: bytes) -> bool:
    """Whether what the job said first is a request."""
    return _REQUEST.match(outgoing) is not None


def read_exchanges(
    outgoing: bytes, incoming: bytes, *, is_cut: bool = False
) -> tuple[Exchange, ...]:
    """All requests of a connection, each with its answer. `is_cut`: more came than is kept."""
    exchanges = []
    at = answer_at = 0
    while request := _REQUEST.match(outgoing, at):
        message = _read_message(outgoing, request.end(), has_body=None)
        method, target = request[1].decode("ascii"), request[2].decode("latin-1")
        at = message.end
        version, status, reason, answer = _read_answer(incoming, answer_at, method)
        answer_at = answer.end
        exchanges.append(
            Exchange(
                method=method,
                target=target,
                headers=message.headers,
                body=message.body,
                status=status,
                reason=reason,
                answer_headers=answer.headers,
                answer=answer.body,
                is_cut=answer.is_cut or (is_cut and answer_at >= len(incoming)),
                version=version,
            )
        )
    return tuple(exchanges)


def _read_answer(incoming: bytes, at: int, method: str) -> tuple[str, int, str, _Message]:
    while status := _STATUS.match(incoming, at):
        code = int(status[2])
        has_no_body = method == "HEAD" or code in _NO_BODY or code < 200  # noqa: PLR2004 - 1xx
        message = _read_message(incoming, status.end(), has_body=not has_no_body)
        if code >= 200 or code == 101:  # noqa: PLR2004 - what comes before is only "go on"
            return status[1].decode("ascii"), code, status[3].decode("latin-1"), message
        at = message.end
    return "1.1", 0, "", _Message((), b"", len(incoming), is_cut=True)


def _read_message(data: bytes, at: int, has_body: bool | None) -> _Message:
    """`has_body` None: a request, which has one only where it says so."""
    headers, at = _read_headers(data, at)
    if has_body is False:
        return _Message(headers, b"", at)
    coding = find_header(headers, "transfer-encoding").lower()
    length = find_header(headers, "content-length")
    if "chunked" in coding:
        body, end, is_cut = _read_chunks(data, at)
    elif length.isdigit():
        end = at + int(length)
        body, is_cut = data[at:end], end > len(data)
    elif has_body:
        body, end, is_cut = data[at:], len(data), False
    else:
        return _Message(headers, b"", at)
    return _Message(headers, _decompress(headers, body), min(end, len(data)), is_cut)


def _read_headers(data: bytes, at: int) -> tuple[Headers, int]:
    end = data.find(b"\r\n\r\n", at - 2)
    if end < 0:
        return (), len(data)
    lines = data[at:end].decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return tuple((name.strip(), value.strip()) for name, _, value in pairs), end + 4


def find_header(headers: Sequence[tuple[str, str]], name: str) -> str:
    """The first value of a header; empty where there is none."""
    return next((value for key, value in headers if key.lower() == name), "")


def _read_chunks(data: bytes, at: int) -> tuple[bytes, int, bool]:
    parts: list[bytes] = []
    while True:
        line_end = data.find(b"\r\n", at)
        try:
            size = int(data[at:line_end].partition(b";")[0], 16) if line_end >= 0 else -1
        except ValueError:
            size = -1
        if size < 0 or line_end + 2 + size > len(data):
            return b"".join(parts), len(data), True
        if size == 0:
            end = data.find(b"\r\n\r\n", line_end)
            return b"".join(parts), len(data) if end < 0 else end + 4, False
        parts.append(data[line_end + 2 : line_end + 2 + size])
        at = line_end + 2 + size + 2


def _decompress(headers: Headers, body: bytes) -> bytes:
    """The body in plain; as it is where that cannot be had (`is_opaque` then says so)."""
    encoding = find_header(headers, "content-encoding").lower()
    bits = {"gzip": 31, "x-gzip": 31, "deflate": 15}.get(encoding)
    if bits is None:
        return body
    for window in (bits, -15):
        try:
            return zlib.decompressobj(window).decompress(body, _MAX_PLAIN_BYTES)
        except zlib.error:
            continue
    return body


def is_opaque(headers: Headers) -> bool:
    """Whether a body is compressed in a way that cannot be read here."""
    encoding = find_header(headers, "content-encoding").lower()
    return encoding not in ("", "identity", "gzip", "x-gzip", "deflate")
