"""Requests and answers are told apart in the bytes of a connection, whatever their framing."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.tape.http import find_header, is_http, is_opaque, read_exchanges

GET = b"GET /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n"


def answers(received: bytes, sent: bytes = GET) -> list[tuple[int, bytes, bool]]:
    return [(each.status, each.answer, each.is_cut) for each in read_exchanges(sent, received)]


@pytest.mark.parametrize(
    ("received", "answer"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", (200, b"hi", False)),
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", (200, b"to the end", False)),
        (b"HTTP/1.1 204 No\r\n\r\n", (204, b"", False)),
        (b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n", (500, b"", False)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", (200, b"hi", True)),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2\r\nhi\r\n1;x=y\r\n!\r\n0\r\n\r\n",
            (200, b"hi!", False),
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n5\r\nx",
            (200, b"hi", True),
        ),
        (b"", (0, b"", True)),
    ],
)
def test_an_answer_ends_where_it_says(received: bytes, answer: tuple[int, bytes, bool]) -> None:
    assert answers(received) == [answer]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda d: zlib.compress(d)[2:-4]),
    ],
)
def test_a_compressed_body_is_plain_on_the_tape(encoding: str, pack: object) -> None:
    data = pack(b"plain text")  # type: ignore[operator]  # it is called
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(data)}\r\n\r\n"
    assert answers(head.encode() + data) == [(200, b"plain text", False)]


def test_requests_of_one_connection_have_their_answers_in_order() -> None:
    sent = b"POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcHEAD /2 HTTP/1.1\r\n\r\n" + GET
    received = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
        b"HTTP/1.1 404 Not here\r\nContent-Length: 0\r\n\r\n"
    )
    first, second, third = read_exchanges(sent, received)
    assert (first.method, first.body, first.answer) == ("POST", b"abc", b"1")
    assert (second.method, second.answer) == ("HEAD", b"")
    assert (third.target, third.status, third.reason) == ("/a?b=1", 404, "Not here")


def test_the_last_answer_is_cut_where_more_came_than_is_kept() -> None:
    (each,) = read_exchanges(GET, b"HTTP/1.1 200 OK\r\n\r\nrows", is_cut=True)
    assert each.is_cut


def test_what_is_no_request_is_not_taken_for_one() -> None:
    assert is_http(GET)
    assert not is_http(b"EHLO x\r\n")
    assert not is_http(b"GET / SIP/2.0\r\n")
    assert read_exchanges(b"\x00\x01", b"HTTP/1.1 200 OK\r\n\r\n") == ()


def test_headers_are_found_without_regard_to_case() -> None:
    headers = (("Content-Encoding", "br"), ("X", "1"))
    assert find_header(headers, "content-encoding") == "br"
    assert is_opaque(headers)
    assert not is_opaque((("Content-Encoding", "gzip"),))


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_give_exchanges_or_none(sent: bytes, received: bytes) -> None:
    read_exchanges(GET + sent, b"HTTP/1.1 200 OK\r\n" + received)
    read_exchanges(sent, received)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_version_of_an_answer_is_kept(version: str) -> None:
    received = f"HTTP/{version} 200 OK\r\nContent-Length: 2\r\n\r\nhi".encode()
    assert [each.version for each in read_exchanges(GET, received)] == [version]
