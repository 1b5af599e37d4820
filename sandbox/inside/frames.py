"""The bytes on the wire: a length, then that many bytes. Both sides of the wall use this file.

Belongs here: packing and unpacking. Does not belong here: what the bytes mean.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH = struct.Struct(">Q")
MAX_FRAME_BYTES = 512 * 1024 * 1024
"""A frame that claims to be longer is a broken stream, not a large job."""
_CHUNK_BYTES = 1 << 20


class BrokenFrameError(Exception):
    """The stream ended inside a frame, or a frame claims an impossible length."""


def pack(payload: bytes) -> bytes:
    """One frame."""
    return LENGTH.pack(len(payload)) + payload


def read_frame(fd: int) -> bytes | bytearray | None:
    """The next frame from a blocking descriptor, or None at a clean end.

    Raises BrokenFrameError when the stream ends in the middle.
    """
    head = _read_exactly(fd, LENGTH.size)
    if not head:
        return None
    if len(head) < LENGTH.size:
        raise BrokenFrameError("the stream ended inside a length")
    (size,) = LENGTH.unpack(head)
    if size > MAX_FRAME_BYTES:
        raise BrokenFrameError(f"a frame claims {size} bytes")
    body = _read_exactly(fd, size)
    if len(body) < size:
        raise BrokenFrameError(f"the stream ended after {len(body)} of {size} bytes")
    return body


def write_all(fd: int, data: bytes) -> None:
    """Writes all of it, however often the kernel takes only a part."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _read_exactly(fd: int, size: int) -> bytearray:
    """Up to `size` bytes, fewer at the end of the stream; held once, however large."""
    whole = bytearray(size)
    view = memoryview(whole)
    count = 0
    while count < size:
        part = os.readv(fd, [view[count : count + _CHUNK_BYTES]])
        if not part:
            break
        count += part
    view.release()
    del whole[count:]
    return whole


class FrameParser:
    """Frames out of bytes that arrive in pieces; nothing is kept beyond the one in progress."""

    def __init__(self, max_bytes: int = MAX_FRAME_BYTES) -> None:
        self._pending = bytearray()
        self._max_bytes = max_bytes

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yields each frame that `data` completes; raises BrokenFrameError for a bad length."""
        self._pending += data
        while len(self._pending) >= LENGTH.size:
            (size,) = LENGTH.unpack_from(self._pending)
            if size > self._max_bytes:
                raise BrokenFrameError(f"a frame claims {size} bytes")
            end = LENGTH.size + size
            if len(self._pending) < end:
                return
            frame = bytes(self._pending[LENGTH.size : end])
            del self._pending[:end]
            yield frame
