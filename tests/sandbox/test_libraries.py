"""Which shared libraries programs need, as this machine's loader says."""

import sys
from pathlib import Path

import pytest

from sandbox.libraries import is_shared_object, needed_by


@pytest.mark.parametrize(
    "path",
    ["/lib/libc.so", "/lib/libc.so.6", "x.cpython-311-x86_64-linux-gnu.so", "a/b.so.1.2.3"],
)
def test_a_library_is_known_by_its_name(path: str) -> None:
    assert is_shared_object(path)


@pytest.mark.parametrize(
    "path", ["a.py", "a.so.d/module.py", "so", "libso", "a.sock", "x.also", "a.so/b.txt", ""]
)
def test_what_only_looks_like_one_is_none(path: str) -> None:
    assert not is_shared_object(path)


def test_an_interpreter_needs_the_c_library_and_its_loader() -> None:
    paths = needed_by([Path(sys.executable).resolve()])
    assert "libc.so.6" in paths
    assert any(name.startswith(("ld-", "/lib")) or "ld-linux" in name for name in paths)
    assert all(path.is_absolute() and path.exists() for path in paths.values())


def test_what_threads_need_at_their_end_goes_along() -> None:
    paths = needed_by([Path(sys.executable).resolve()])
    beside = paths["libc.so.6"].parent / "libgcc_s.so.1"
    assert ("libgcc_s.so.1" in paths) == beside.exists()


def test_a_file_that_is_no_program_needs_nothing(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no program")
    assert needed_by([text, tmp_path / "missing"]) == {}


def test_programs_together_need_what_each_needs() -> None:
    shell = Path("/bin/sh").resolve()
    both = needed_by([shell, Path(sys.executable).resolve()])
    assert needed_by([shell]).keys() <= both.keys()
    assert needed_by([shell] * 150).keys() == needed_by([shell]).keys()
