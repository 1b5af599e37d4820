"""A failure finds what it ran on elsewhere, as long as that is kept."""

import os
from pathlib import Path

import pytest

from healer.watch.environment_files import (
    FOLDER,
    KEPT,
    PackedEnvironment,
    file_of,
    find_environment,
    keep_environment,
)

ONE = PackedEnvironment("1" * 64, "/opt/python")


def test_what_is_kept_is_found(tmp_path: Path) -> None:
    keep_environment(tmp_path, "a", ONE, b"layer")
    keep_environment(tmp_path, "b", ONE, b"is there already")
    assert find_environment(tmp_path, "a") == find_environment(tmp_path, "b") == ONE
    assert file_of(tmp_path, ONE.digest).read_bytes() == b"layer"
    assert find_environment(tmp_path, "c") is None


def test_the_oldest_give_way(tmp_path: Path) -> None:
    for n in range(KEPT + 1):
        environment = PackedEnvironment(str(n) * 64, "/opt/python")
        keep_environment(tmp_path, f"f{n}", environment, b"layer")
        os.utime(file_of(tmp_path, environment.digest), (n + 1, n + 1))
    keep_environment(tmp_path, "last", PackedEnvironment("9" * 64, "/opt/python"), b"layer")
    assert find_environment(tmp_path, "f0") is None
    assert find_environment(tmp_path, "last") is not None
    assert len(list((tmp_path / FOLDER).glob("*.tar.gz"))) == KEPT


@pytest.mark.parametrize("note", [b"", b"[]", b"{}", b'{"digest": "x"}', b"\xff"])
def test_a_note_that_cannot_be_read_says_nothing(tmp_path: Path, note: bytes) -> None:
    keep_environment(tmp_path, "a", ONE, b"layer")
    (tmp_path / FOLDER / "a.json").write_bytes(note)
    assert find_environment(tmp_path, "a") is None
