"""Which shared libraries programs need, as this machine's loader says."""

import sys
from pathlib import Path

import pytest

from sandbox.libraries import is_shared_object, needed_by
from tests.support.own_libc import make_program_with_own_libc


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
    libraries = needed_by([Path(sys.executable).resolve()])
    names = {each.name for each in libraries}
    assert "libc.so.6" in names
    assert any("ld-linux" in name for name in names)
    assert all(each.path.is_absolute() and each.path.exists() for each in libraries)


def test_what_threads_need_at_their_end_goes_along() -> None:
    paths = {each.name: each.path for each in needed_by([Path(sys.executable).resolve()])}
    beside = paths["libc.so.6"].parent / "libgcc_s.so.1"
    assert ("libgcc_s.so.1" in paths) == beside.exists()


def test_a_file_that_is_no_program_needs_nothing(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no program")
    assert needed_by([text, tmp_path / "missing"]) == ()


def test_programs_together_need_what_each_needs() -> None:
    shell = Path("/bin/sh").resolve()
    both = needed_by([shell, Path(sys.executable).resolve()])
    assert set(needed_by([shell])) <= set(both)
    assert set(needed_by([shell] * 150)) == set(needed_by([shell]))


def test_a_program_with_a_c_library_of_its_own_has_that_and_others_the_machines(
    tmp_path: Path,
) -> None:
    """As Pythons of other distributions bring it; here the machine's own at another place."""
    program = make_program_with_own_libc(tmp_path / "own")
    shell = Path("/bin/sh").resolve()
    own = {each for each in needed_by([program]) if each.path.is_relative_to(tmp_path / "own")}
    assert {each.name for each in own} >= {"libc.so.6", "ld.so"}
    assert set(needed_by([program, shell])) >= {*own, *needed_by([shell])}
