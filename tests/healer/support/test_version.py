"""What healer says of its version: that of its installation, whatever files it runs from."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from healer.support.version import UNKNOWN, read_version
from tests.support.command_line import run_command

ROOT = Path(__file__).parents[3]


def test_the_version_is_that_of_the_installation(tmp_path: Path) -> None:
    assert read_version() == version("healer") != UNKNOWN
    assert run_command("--version", cwd=tmp_path).out == f"healer, version {version('healer')}\n"


def test_files_that_nobody_installed_have_none(tmp_path: Path) -> None:
    (tmp_path / "healer").symlink_to(ROOT / "healer")
    code = "from healer.support.version import read_version; print(read_version())"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{UNKNOWN}\n"
