"""Frames arrive whole or not at all."""

import contextlib
import os
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.inside.frames import (
    LENGTH,
    MAX_FRAME_BYTES,
    BrokenFrameError,
    FrameParser,
    pack,
    read_frame,
    write_all,
)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200)), st.integers(1, 50))
def test_frames_arrive_whole_however_they_are_cut(payloads: list[bytes], step: int) -> None:
    stream = b"".join(map(pack, payloads))
    parser = FrameParser()
    seen: list[bytes] = []
    for start in range(0, len(stream), step):
        seen += parser.feed(stream[start : start + step])
    assert seen == payloads


@settings(deadline=None)
@given(st.binary(max_size=100))
def test_any_stream_gives_frames_or_our_own_error(data: bytes) -> None:
    try:
        list(FrameParser(max_bytes=1000).feed(data))
    except BrokenFrameError as error:
        assert "claims" in str(error)


def send(data: bytes) -> "bytes | bytearray | None":
    """The first frame that a reader gets of these bytes and the end of the stream."""
    reader, writer = os.pipe()
    thread = threading.Thread(target=write_and_close, args=(writer, data))
    thread.start()
    try:
        return read_frame(reader)
    finally:
        os.close(reader)
        thread.join(10)


def write_and_close(fd: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):
        write_all(fd, data)
    os.close(fd)


@pytest.mark.parametrize("payload", [b"", b"x", b"\0" * 70_000, b"y" * 3_000_000])
def test_a_frame_is_read_whole_from_a_pipe_that_takes_a_part_at_a_time(payload: bytes) -> None:
    assert send(pack(payload)) == payload


def test_an_end_between_frames_is_no_error() -> None:
    assert send(b"") is None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\0", "inside a length"),
        (pack(b"abc")[:7], "inside a length"),
        (pack(b"abc")[:-1], "after 2 of 3 bytes"),
        (LENGTH.pack(5), "after 0 of 5 bytes"),
        (LENGTH.pack(MAX_FRAME_BYTES + 1), f"claims {MAX_FRAME_BYTES + 1} bytes"),
        (b"HTTP/1.1 400 Bad Request\r\n", "claims"),
    ],
)
def test_a_stream_that_is_cut_or_is_no_frame_says_how(data: bytes, says: str) -> None:
    with pytest.raises(BrokenFrameError, match=says):
        send(data)


def test_a_length_that_is_claimed_costs_nothing_before_it_is_checked() -> None:
    parser = FrameParser(max_bytes=10)
    with pytest.raises(BrokenFrameError, match="claims 11 bytes"):
        list(parser.feed(LENGTH.pack(11)))


def test_a_frame_of_just_the_greatest_length_is_taken() -> None:
    assert list(FrameParser(max_bytes=10).feed(pack(b"x" * 10))) == [b"x" * 10]


def test_frames_before_the_broken_one_are_given_first() -> None:
    frames = FrameParser(max_bytes=10).feed(pack(b"good") + LENGTH.pack(99))
    assert next(frames) == b"good"
    with pytest.raises(BrokenFrameError):
        next(frames)


def test_a_reader_that_went_away_is_told_to_the_writer() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        write_all(writer, pack(b"x"))
    os.close(writer)
