"""The end of a stream is kept, from the beginning of a line on where it was cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.watch.runner.tail import TAIL_BYTES, Tail


@pytest.mark.parametrize(
    ("pieces", "tail"),
    [
        ([], b""),
        ([b"short"], b"short"),
        ([b"0123456789"], b"0123456789"),
        ([b"aaaaa\nbbbbb"], b"bbbbb"),
        ([b"aaaa\n", b"bbbb\n", b"cccc\n"], b"cccc\n"),
        ([b"x" * 50], b"x" * 10),
        ([b"x" * 50, b"\n"], b"x" * 9 + b"\n"),
        ([b"\n" * 30], b"\n" * 9),
    ],
)
def test_the_last_ten_bytes_from_a_line_start_on(pieces: list[bytes], tail: bytes) -> None:
    kept = Tail(limit=10)
    for piece in pieces:
        kept.add(piece)
    assert kept.bytes() == tail
    assert kept.bytes() == tail  # asking changes nothing


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    tail = Tail()
    tail.add(b"caf\xc3\xa9 \xff\n")
    assert tail.text() == "café \ufffd\n"


def test_memory_is_bounded_however_much_passes_by() -> None:
    tail = Tail()
    for _ in range(200):
        tail.add(b"y" * TAIL_BYTES)
        assert len(tail._data) <= 5 * TAIL_BYTES


@given(st.lists(st.binary(max_size=30), max_size=20), st.integers(1, 40))
def test_it_is_always_an_end_of_the_stream_and_never_too_long(
    pieces: list[bytes], limit: int
) -> None:
    tail = Tail(limit)
    for piece in pieces:
        tail.add(piece)
    stream = b"".join(pieces)
    assert stream.endswith(tail.bytes())
    assert len(tail.bytes()) <= limit
    if len(stream) <= limit:
        assert tail.bytes() == stream
