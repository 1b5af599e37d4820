"""How the supervisor is started: as a file, under a name of its own, and off the path.

What it does once it is started, a container's first process, is tested in `supervisor`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sandbox.inside

FOLDER = Path(sandbox.inside.__file__).parent


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The folder under the name that it has in an image."""
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt" / "healer_inside").symlink_to(FOLDER)
    return tmp_path / "opt" / "healer_inside" / "__main__.py"


def run(*argv: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-s", *map(str, argv)], cwd=cwd, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_it_serves_only_as_the_first_process_of_a_container(program: Path) -> None:
    """Ending a step kills every process that it sees: on a machine that would be all of them."""
    ended = run(program, cwd=program.parent)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == ("The supervisor runs only as the first process of a container.\n")


def test_modules_of_the_code_under_test_are_not_loaded_in_the_place_of_its_own(
    program: Path, tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    for name in ("frames", "tree", "messages", "supervisor", "healer_inside"):
        (repository / f"{name}.py").write_text("raise SystemExit('a foreign module was loaded')")
    ended = run(program, cwd=repository)
    assert "foreign" not in ended.stderr
    assert ended.returncode == 2


def test_neither_its_folder_nor_the_one_above_stays_on_the_path(
    program: Path, tmp_path: Path
) -> None:
    """A module of the code under test may be called `tree` or `frames` too."""
    look = tmp_path / "look.py"
    look.write_text(
        "import runpy, sys\n"
        f"sys.path.insert(0, {os.fspath(program.parent)!r})\n"
        f"start = runpy.run_path({os.fspath(program)!r}, run_name='looked_at')['_start']\n"
        "print(start(), *sys.path, sep='\\n')\n"
    )
    code, *path = run(look, cwd=tmp_path).stdout.splitlines()
    assert code == "2"
    assert os.fspath(program.parent) not in path
    assert os.fspath(program.parent.parent) not in path
