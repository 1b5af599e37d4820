"""What the peers say has the framing that it had, and what is said to them is compared."""

import base64
import gzip
from typing import Any

import pytest

from sandbox.inside.world.wire import is_alike, make_answer


def answer(method: str = "GET", **changes: Any) -> tuple[bytes, bool]:
    body = base64.urlsafe_b64encode(changes.pop("body", b"rows")).decode()
    exchange: Any = {
        "status": 200,
        "reason": "OK",
        "answer_headers": [["Content-Length", "99"]],
        "answer": body,
        "is_cut": False,
        "version": "1.1",
        **changes,
    }
    return make_answer(exchange, method)


@pytest.mark.parametrize(
    ("headers", "data", "keeps"),
    [
        ([["Content-Length", "99"]], b"Content-Length: 4\r\n\r\nrows", True),
        ([["Transfer-Encoding", "chunked"]], b"chunked\r\n\r\n4\r\nrows\r\n0\r\n\r\n", True),
        ([["X", "y"]], b"X: y\r\n\r\nrows", False),
        (
            [["Connection", "close"], ["Content-Length", "9"]],
            b"Content-Length: 4\r\n\r\nrows",
            False,
        ),
    ],
)
def test_an_answer_ends_as_it_did(headers: list[list[str]], data: bytes, keeps: bool) -> None:
    said, goes_on = answer(answer_headers=headers)
    assert said.endswith(data)
    assert goes_on is keeps


@pytest.mark.parametrize(("words", "keeps"), [([], False), ([["Connection", "keep-alive"]], True)])
def test_an_answer_of_http_1_0_ends_its_connection(words: list[list[str]], keeps: bool) -> None:
    said, goes_on = answer(answer_headers=[["Content-Length", "9"], *words], version="1.0")
    assert said.startswith(b"HTTP/1.0 200 OK")
    assert goes_on is keeps


def test_a_compressed_answer_is_compressed_again() -> None:
    headers = [["Content-Encoding", "gzip"], ["Content-Length", "9"]]
    said, _ = answer(answer_headers=headers)
    assert gzip.decompress(said.partition(b"\r\n\r\n")[2]) == b"rows"


def test_an_answer_that_broke_off_breaks_off() -> None:
    said, keeps = answer(is_cut=True)
    assert said.endswith(b"Content-Length: 99\r\n\r\nrows")
    assert not keeps


def test_to_head_there_is_no_body() -> None:
    assert answer("HEAD")[0].endswith(b"Content-Length: 99\r\n\r\n")


@pytest.mark.parametrize(
    ("recorded", "said", "alike"),
    [
        (b"EHLO me\r\n", b"EHLO me\r\n", True),
        (b"SELECT 1", b"SELECT 2", False),
        (b"AUTH <REDACTED:token:1>\r\n", b"AUTH xxxx\r\n", True),
        (b"SET at 1700000000", b"SET at 1700000009", True),
        (b"at 2026-11-26 01:00:00", b"at 2026-11-26 01:00:07", True),
    ],
)
def test_a_turn_is_the_same_but_for_times_and_secrets(
    recorded: bytes, said: bytes, alike: bool
) -> None:
    assert is_alike(recorded, said) is alike
