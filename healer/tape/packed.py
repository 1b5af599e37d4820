"""What lies packed in bytes: gzip, bzip2, xz, and the members of a zip.

Belongs here: unpacking in order to look, within bounds, and which bytes can be signs. Does not
belong here: what is looked for (`secrets`), and answers of servers, which are kept unpacked
(`http`).
"""

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, cast

MOST_BYTES = 16 << 20
"""Of one body or file, unpacked, however deep it is packed: three seconds of looking."""
_CHUNK = 1 << 16


class _Stream(Protocol):
    """Unpacks as it is read; `read1` hands out what came before a fault, `read` loses that."""

    def read1(self, size: int, /) -> bytes: ...


_STREAMS: dict[bytes, Callable[[io.BytesIO], _Stream]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
_ZIP = b"PK\3\4"
_RUNS = re.compile(rb"(?:[\t\n\r -~]|[\xc2-\xf4][\x80-\xbf]{1,3}){6,}")
"""Signs of ASCII and UTF-8, as many as the shortest value that is looked for has."""
_WIDE_RUNS = re.compile(rb"(?:[\t\n\r -~]\0){6,}.?")
"""The same in UTF-16, whichever byte is first: of the last sign the second may be missing."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    MemoryError,
    RuntimeError,
    NotImplementedError,
)
"""Damaged, locked with a password, or packed in a way that is not known here: nobody reads that."""


class TooMuchError(Exception):
    """Unpacked it is more than `MOST_BYTES`, so that it was not all looked at."""


def list_texts(data: bytes) -> Iterator[str]:
    """Where bytes that are no text may hold a secret: each run of signs in them and in what lies
    packed in them. All else is noise to every pattern. Raises `TooMuchError`."""
    for part in unpack(data):
        if not _CONTROLS.search(part):  # text of an encoding that is not known
            yield _decode(part)
            continue
        yield _join_runs(_RUNS.findall(part), "utf-8")
        yield _join_runs(_WIDE_RUNS.findall(part), "latin-1").replace("\0", "")


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _join_runs(runs: Iterable[bytes], encoding: str) -> str:
    return "\n".join(run.decode(encoding, "replace") for run in runs)


def unpack(data: bytes) -> Iterator[bytes]:
    """`data`, and each thing that lies packed in it, and in that again, as far as it can be read.

    Raises `TooMuchError` after what fits.
    """
    room = MOST_BYTES
    waiting = [data]
    while waiting:
        data = waiting.pop()
        yield data
        for inner in _open(data, room):
            waiting.append(inner)
            room -= len(inner)
            if room < 0:
                raise TooMuchError


def _open(data: bytes, room: int) -> Iterator[bytes]:
    """What lies in it one level down, of all together one byte more than `room` at most."""
    try:
        if data.startswith(_ZIP):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in archive.infolist():
                    inner = _read_member(archive, member, room)
                    room -= len(inner)
                    yield inner
            return
        for start, open_stream in _STREAMS.items():
            if data.startswith(start):
                yield _read(open_stream(io.BytesIO(data)), room)
    except _UNREADABLE:
        return


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int) -> bytes:
    try:
        with archive.open(member) as file:
            return _read(cast("zipfile.ZipExtFile", file), room)
    except _UNREADABLE:
        return b""


def _read(stream: _Stream, room: int) -> bytes:
    """As far as it goes: a damaged one has a readable beginning."""
    result = bytearray()
    try:
        while len(result) <= room and (chunk := stream.read1(min(_CHUNK, room + 1 - len(result)))):
            result += chunk
    except _UNREADABLE:
        pass
    return bytes(result)
