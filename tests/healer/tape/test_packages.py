"""What is installed is read from the names of folders."""

import os
import sys
from pathlib import Path

import pytest

from healer.tape.facts import Process
from healer.tape.packages import list_packages


def process(prefix: str, version: tuple[int, ...] = (3, 12, 1)) -> Process:
    return Process(("job.py",), f"{prefix}/bin/python", prefix, "/usr", version, "/srv")


def test_the_packages_of_the_first_python_are_listed(tmp_path: Path) -> None:
    folder = tmp_path / "lib" / "python3.12" / "site-packages"
    for name in ("pandas-3.0.0.dist-info", "typing_extensions-4.12.2.dist-info", "pandas", "x.pth"):
        (folder / name).mkdir(parents=True)
    assert list_packages([process(str(tmp_path)), process("/other")]) == (
        "pandas==3.0.0",
        "typing-extensions==4.12.2",
    )


@pytest.mark.parametrize("processes", [[], [process("/nowhere")]])
def test_where_nothing_can_be_listed_nothing_is_known(processes: list[Process]) -> None:
    assert list_packages(processes) == ()


def test_this_python_lists_pytest() -> None:
    here = Process((), sys.executable, sys.prefix, sys.base_prefix, sys.version_info[:3], os.sep)
    assert f"pytest=={pytest.__version__}" in list_packages([here])
