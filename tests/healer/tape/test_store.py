"""Tapes lie for their owner alone, whole or not at all, and can be forgotten."""

from pathlib import Path

import pytest

from healer.tape.store import KEPT, keep_tape, read_tape, tape_path
from tests.support.tapes import tape


def test_a_kept_tape_is_read_back(tmp_path: Path) -> None:
    keep_tape(tmp_path, "abc1", tape())
    path = tape_path(tmp_path, "abc1")
    assert read_tape(path) == tape()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("data", [b"", b"x\x9c", b"not a tape", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_file_that_is_no_tape_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.tape").write_bytes(data)
    assert read_tape(tmp_path / "x.tape") is None


def test_the_oldest_give_way(tmp_path: Path) -> None:
    for number in range(KEPT + 2):
        keep_tape(tmp_path, f"{number:05d}", tape())
    names = sorted(path.stem for path in (tmp_path / "tapes").iterdir())
    assert (len(names), names[0]) == (KEPT, "00002")
