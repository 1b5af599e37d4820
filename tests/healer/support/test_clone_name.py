"""A clone keeps its name as long as its folder is there, and no other has it."""

import shutil
from pathlib import Path

import pytest

from healer.support.clone_name import FILE, name_clone


def folder_of(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    return folder


def test_a_folder_keeps_its_name_and_no_other_has_it(tmp_path: Path) -> None:
    one, two = folder_of(tmp_path, "one"), folder_of(tmp_path, "two")
    name = name_clone(one)
    assert name.isidentifier()
    assert name_clone(one) == name != name_clone(two)
    one.rename(tmp_path / "moved")
    assert name_clone(tmp_path / "moved") == name


def test_a_copy_of_a_folder_gets_a_name_of_its_own(tmp_path: Path) -> None:
    one = folder_of(tmp_path, "one")
    name = name_clone(one)
    shutil.copytree(one, tmp_path / "copy")
    copied = name_clone(tmp_path / "copy")
    assert copied != name
    assert name_clone(tmp_path / "copy") == copied
    assert name_clone(one) == name


@pytest.mark.parametrize("text", ["", "healer_x", "healer_0123abcd", "public 7\n", "\xff"])
def test_a_damaged_name_is_made_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, "latin-1")
    name = name_clone(tmp_path)
    assert name.startswith("healer_")
    assert name_clone(tmp_path) == name
