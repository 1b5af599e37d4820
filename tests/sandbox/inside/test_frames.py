"""Frames arrive whole or not at all."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.inside.frames import BrokenFrameError, FrameParser, pack


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
