"""What is packed is found as deep as it lies, and never more than there is room for."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from healer.tape.packed import MOST_BYTES, TooMuchError, list_texts, unpack

TEXT = b"name,amount\n" + b"ada,1\n" * 2000


def make_zip(*members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, data in enumerate(members):
            archive.writestr(f"{number}.csv", data)
    return file.getvalue()


def make_tar(data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("rows.csv")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": make_zip,
    "tar.gz": lambda data: gzip.compress(make_tar(data)),
    "zip in gzip": lambda data: gzip.compress(make_zip(data)),
    "gzip in zip": lambda data: make_zip(gzip.compress(data)),
    "two gzip files in one": lambda data: gzip.compress(b"first") + gzip.compress(data),
}


@pytest.mark.parametrize("way", PACK)
def test_what_is_packed_is_found(way: str) -> None:
    data = PACK[way](TEXT)
    first, *others = unpack(data)
    assert first == data
    assert any(TEXT in part for part in others)


def test_each_member_of_a_zip_is_found() -> None:
    data = make_zip(b"one", b"two", b"three")
    assert set(unpack(data)) == {data, b"one", b"two", b"three"}


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b", b"\x1f\x8bnot so", b"PK\3\4", b"BZh", b"abc"])
def test_what_only_begins_like_it_is_left_as_it_is(data: bytes) -> None:
    assert b"".join(unpack(data)) == data


def test_of_a_damaged_one_the_readable_beginning_is_found() -> None:
    parts = list(unpack(gzip.compress(TEXT, 0)[:-100]))
    assert parts[1] == TEXT[: len(parts[1])]
    assert len(parts[1]) > len(TEXT) // 2


def test_a_damaged_member_does_not_hide_the_next_one() -> None:
    data = make_zip(TEXT, b"second")
    start = data.index(b"0.csv") + len("0.csv")
    damaged = data[:start] + b"\xff" * 8 + data[start + 8 :]
    assert b"second" in list(unpack(damaged))


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(bytes(MOST_BYTES + 1)),
        make_zip(bytes(MOST_BYTES // 2), bytes(MOST_BYTES // 2 + 1)),
        make_zip(gzip.compress(bytes(MOST_BYTES))),
    ],
)
def test_more_than_there_is_room_for_is_said(data: bytes) -> None:
    with pytest.raises(TooMuchError):
        list(unpack(data))


def test_a_file_packed_many_times_over_ends() -> None:
    data = bytes(MOST_BYTES)
    for _ in range(3):
        data = make_zip(data, data)
    sizes = []
    with pytest.raises(TooMuchError):
        for part in unpack(data):
            sizes.append(len(part))
    assert sum(sizes) <= len(data) + MOST_BYTES


def test_noise_is_looked_through_by_its_runs_of_signs_alone() -> None:
    noise = random.Random(3).randbytes(1 << 20)
    assert sum(map(len, list_texts(noise))) < len(noise) // 10
