"""A tree with other files reads, lists and packs as if they had been written."""

import io
import tarfile

from healer.evidence.overlay import Overlay
from tests.support.memory_tree import MemoryTree

TREE = MemoryTree({"a.py": "1", "b.py": "2"})


def packed(tar: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        members = {m.name: archive.extractfile(m) for m in archive.getmembers()}
        return {name: file.read() for name, file in members.items() if file}


def test_files_laid_over_a_tree_hide_its_own_and_join_them() -> None:
    laid = Overlay(TREE, {"b.py": b"3", "c.py": b"4"})
    assert laid.paths() == ("a.py", "b.py", "c.py")
    assert [laid.read(path) for path in ("a.py", "b.py", "c.py", "d.py")] == [
        b"1",
        b"3",
        b"4",
        None,
    ]
    assert packed(laid.tar()) == {"a.py": b"1", "b.py": b"3", "c.py": b"4"}
    assert TREE.read("b.py") == b"2"


def test_what_is_packed_on_top_hides_the_overlay() -> None:
    laid = Overlay(TREE, {"b.py": b"3"})
    assert packed(laid.tar({"b.py": b"5"}))["b.py"] == b"5"


def test_overlays_can_lie_on_overlays() -> None:
    laid = Overlay(Overlay(TREE, {"c.py": b"4"}), {"d.py": b"5"})
    assert laid.paths() == ("a.py", "b.py", "c.py", "d.py")
    assert packed(laid.tar())["c.py"] == b"4"
