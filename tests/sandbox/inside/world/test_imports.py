"""A module is changed as it is loaded, and looks as if nobody had."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from sandbox.inside.world.imports import await_imports


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One with a module that nobody else has."""
    (tmp_path / "awaited_of_tests.py").write_text("value = 1\n")
    return tmp_path


def run(folder: Path, program: str) -> str:
    import subprocess

    start = (
        f"import sys; sys.path[:0] = [{str(folder)!r}, {str(Path.cwd())!r}]\n"
        "from sandbox.inside.world.imports import await_imports\n"
    )
    return subprocess.check_output([sys.executable, "-c", start + program], text=True)


def test_it_is_changed_before_anybody_has_it(folder: Path) -> None:
    program = (
        "await_imports({'awaited_of_tests': lambda module: setattr(module, 'value', 2)})\n"
        "from awaited_of_tests import value\nimport awaited_of_tests as m\n"
        "print(value, type(m.__loader__).__name__, m.__spec__.loader is m.__loader__)"
    )
    assert run(folder, program) == "2 SourceFileLoader True\n"


def test_one_that_is_loaded_is_changed_at_once() -> None:
    seen: list[ModuleType] = []
    try:
        await_imports({"sys": seen.append})
    finally:
        sys.meta_path.pop(0)
    assert seen == [sys]


def test_all_others_are_found_as_ever(folder: Path) -> None:
    program = (
        "await_imports({'no_such_module': print})\nimport awaited_of_tests\n"
        "try:\n    import no_such_module\nexcept ModuleNotFoundError as error:\n    print(error)"
    )
    assert run(folder, program) == "No module named 'no_such_module'\n"
