"""What calls and commands change outside of themselves is seen and put back."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import ModuleType

from sandbox.inside.screening.kept_state import (
    MOST_FILE_BYTES,
    MOST_HELD,
    NamedFiles,
    find_changes,
    hold_variables,
    put_back_files,
    put_back_variables,
    read_files,
)


def test_variables_are_what_they_were_and_the_same_objects() -> None:
    module = ModuleType("job")
    rows, names, seen = [[1]], {"a": 1}, {1}
    module.rows, module.names, module.seen = rows, names, seen  # type: ignore[attr-defined]  # made here
    module.many = list(range(MOST_HELD + 1))  # type: ignore[attr-defined]  # made here
    held = hold_variables([module])
    assert sorted(name for name, _, _ in held) == ["names", "os.environ", "rows", "seen"]
    rows[0].append(2)
    names.clear()
    seen.add(2)
    put_back_variables(held)
    assert (rows, names, seen) == ([[1]], {"a": 1}, {1})
    rows.append([3])
    put_back_variables(held)
    assert rows == [[1]]


def test_of_the_environment_only_what_changed_is_told() -> None:
    held = hold_variables([])
    assert list(find_changes(held)) == []
    os.environ["HEALER_TEST_A"] = "1"
    assert list(find_changes(held)) == [("os.environ", {"HEALER_TEST_A": "1"})]
    put_back_variables(held)
    assert "HEALER_TEST_A" not in os.environ
    assert list(find_changes(held)) == []


def test_files_are_what_they_were(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("old")
    (tmp_path / "large").write_bytes(bytes(MOST_FILE_BYTES + 1))
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "job.pyc").write_text("x")
    files = dict(read_files(str(tmp_path)))
    assert files == {"kept.txt": b"old"}
    (tmp_path / "kept.txt").write_text("new")
    (tmp_path / "more.txt").write_text("more")
    put_back_files(str(tmp_path), files)
    assert dict(read_files(str(tmp_path))) == files


def test_files_that_arguments_name_are_told_and_put_back(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (tmp_path / "a.txt").write_text("old")
    (folder / "b.txt").write_text("old")
    values = [str(tmp_path / "a.txt"), folder, tmp_path / "new.txt", 5, None, "", "a\0b", "x" * 999]
    files = NamedFiles(values)
    assert files.put_back() == {}
    (tmp_path / "a.txt").write_text("more")
    (tmp_path / "new.txt").write_text("new")
    (folder / "b.txt").unlink()
    assert files.put_back() == {"a.txt": b"more", "new.txt": b"new", "b.txt": None}
    assert files.put_back() == {}
    assert {path.name for path in tmp_path.rglob("*.txt")} == {"a.txt", "b.txt"}


def test_files_elsewhere_are_not_looked_at() -> None:
    with NamedTemporaryFile(dir=Path.home(), suffix=".txt") as file:
        files = NamedFiles([file.name])
        file.write(b"new")
        file.flush()
        assert files.put_back() == {}
