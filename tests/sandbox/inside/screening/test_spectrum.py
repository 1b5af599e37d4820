"""A spectrum tells of each test how it ended and which watched lines it executed."""

from functools import partial
from pathlib import Path
from typing import Any

from sandbox.inside.screening import spectrum
from sandbox.inside.screening.project import COMMAND
from tests.sandbox.inside.screening.projects import DOUBLE, LIBRARY, PROJECT, SAME, with_project


def run(folder: Path, name: str, **fields: Any) -> Any:
    return with_project(folder, partial(spectrum.run_test, name=name), **fields)


def test_a_test_is_told_with_its_lines(tmp_path: Path) -> None:
    record = run(tmp_path, SAME)
    assert record.pop("seconds") < 2.0
    assert record == {"node": SAME, "outcome": "passed", "detail": "", "lines": {"lib.py": [6]}}


def test_a_failure_has_its_traceback_and_the_lines_up_to_it(tmp_path: Path) -> None:
    record = run(tmp_path, DOUBLE)
    assert (record["outcome"], record["lines"]) == ("failed", {"lib.py": [2]})
    assert "assert double(2) == 4" in record["detail"]


def test_files_that_are_not_watched_are_not_told_of(tmp_path: Path) -> None:
    assert run(tmp_path, SAME, watched=[])["lines"] == {}
    assert run(tmp_path, SAME, watched=["other.py"])["lines"] == {}


def test_a_test_that_never_ends_is_told_with_the_lines_it_came_to(tmp_path: Path) -> None:
    files = PROJECT | {"lib.py": LIBRARY.replace("    return x\n", "    while x: pass\n", 1)}
    record = run(tmp_path, DOUBLE, files=files, limit_s=0.3)
    assert (record["outcome"], record["lines"]) == ("timeout", {"lib.py": [2]})
    assert record["detail"].startswith(DOUBLE)


def test_the_command_is_told_like_a_test(tmp_path: Path) -> None:
    command = {"argv": ["python", "main.py"], "stdin": b"", "cwd": "", "files": {}, "env": {}}
    files = PROJECT | {"main.py": "import lib\nlib.same(1)\nraise SystemExit(4)\n"}
    record = run(tmp_path, COMMAND, files=files, command=command)
    assert (record["outcome"], record["detail"]) == ("failed", "SystemExit: 4")
    assert record["lines"] == {"lib.py": [6]}


def test_the_command_s_own_lines_are_told_too(tmp_path: Path) -> None:
    command = {"argv": ["python", "main.py"], "stdin": b"", "cwd": "", "files": {}, "env": {}}
    files = PROJECT | {"main.py": "if not []:\n    print(1)\nelse:\n    print(2)\n"}
    record = run(tmp_path, COMMAND, files=files, command=command, watched=["main.py"])
    assert record["lines"] == {"main.py": [1, 2]}
