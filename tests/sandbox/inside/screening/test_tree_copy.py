"""Candidates come into a copy of the tree, on disk and in loaded modules, and go out again."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from sandbox.inside.screening.live_functions import put_back
from sandbox.inside.screening.tree_copy import TreeCopy

SOURCE = "def f():\n    return 1\n"


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module of the copy that this process has imported."""
    (tmp_path / "loaded_module.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("loaded_module")
    del sys.modules["loaded_module"]


def test_files_are_written_and_put_back(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("old\n")
    copy = TreeCopy(str(tmp_path))
    candidate = {"a.py": "new\n", "deep/er/b.py": "more\n"}
    copy.write(candidate)
    assert (tmp_path / "a.py").read_text() == "new\n"
    assert (tmp_path / "deep/er/b.py").read_text() == "more\n"
    copy.restore(candidate)
    assert (tmp_path / "a.py").read_text() == "old\n"
    assert (tmp_path / "deep/er/b.py").read_text() == ""


def test_the_original_is_what_was_there_before_any_candidate(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xff\r\n")
    copy = TreeCopy(str(tmp_path))
    copy.write({"a.py": "new\n"})
    assert copy.read_original("a.py") == b"\xff\r\n"
    assert copy.read_original("absent.py") == b""


def test_only_files_of_loaded_modules_can_be_replaced(tmp_path: Path, loaded: ModuleType) -> None:
    (tmp_path / "other.py").write_text(SOURCE)
    copy = TreeCopy(str(tmp_path))
    assert copy.is_loaded({"loaded_module.py": ""})
    assert not copy.is_loaded({"other.py": ""})
    assert not copy.is_loaded({"loaded_module.py": "", "other.py": ""})
    assert copy.is_loaded({})


def test_functions_are_replaced_and_put_back(tmp_path: Path, loaded: ModuleType) -> None:
    copy = TreeCopy(str(tmp_path))
    copy.find_functions(["loaded_module.py"])
    codes = copy.compile({"loaded_module.py": SOURCE.replace("1", "2")})
    assert codes is not None
    undo = copy.replace_functions(codes)
    assert loaded.f() == 2
    assert undo is not None
    put_back(undo)
    assert loaded.f() == 1


def test_a_candidate_that_only_half_can_be_replaced_is_not_at_all(
    tmp_path: Path, loaded: ModuleType
) -> None:
    (tmp_path / "other.py").write_text(SOURCE)
    copy = TreeCopy(str(tmp_path))
    copy.find_functions(["loaded_module.py", "other.py"])
    changed = SOURCE.replace("1", "2")
    codes = copy.compile({"loaded_module.py": changed, "other.py": changed})
    assert codes is not None
    assert copy.replace_functions(codes) is None
    assert loaded.f() == 1


@pytest.mark.parametrize("source", ["def f(:\n", "\0", "x = " + "(" * 400])
def test_what_is_no_python_has_no_code(tmp_path: Path, source: str) -> None:
    assert TreeCopy(str(tmp_path)).compile({"a.py": SOURCE, "b.py": source}) is None


def test_code_knows_the_file_in_the_copy(tmp_path: Path) -> None:
    codes = TreeCopy(str(tmp_path)).compile({"a.py": SOURCE})
    assert codes is not None
    assert codes["a.py"].co_filename == f"{tmp_path}/a.py"
