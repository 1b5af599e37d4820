"""What is installed is read from the names of folders, and what moved between nights is said."""

import os
import sys
from pathlib import Path

import pytest

from healer.tape.facts import Process
from healer.tape.packages import MOST_NAMED, explain_packages, list_packages
from tests.support.tapes import tape


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


OLD = ("numpy==1.26.4", "pandas==2.2.3", "six==1.17.0")


@pytest.mark.parametrize(
    ("now", "words", "sentence"),
    [
        (("numpy==1.26.4", "pandas==3.0.0", "six==1.17.0"), "", "pandas went from 2.2.3 to 3.0.0."),
        (OLD[:2], "", "six 1.17.0 is gone."),
        ((*OLD, "attrs==25.1"), "", "attrs 25.1 is new."),
        (
            ("numpy==2.4", "pandas==3.0.0", "six==1.17.0"),
            "'DataFrame' /site-packages/pandas/core/generic.py",
            "pandas went from 2.2.3 to 3.0.0, numpy went from 1.26.4 to 2.4.",
        ),
    ],
)
def test_what_moved_is_said_and_first_what_the_failure_names(
    now: tuple[str, ...], words: str, sentence: str
) -> None:
    said = list(explain_packages(tape(packages=OLD), tape(packages=now), words))
    assert said == [f"Since the last good night {sentence}"]


@pytest.mark.parametrize(("before", "now"), [(OLD, OLD), ((), OLD), (OLD, ())])
def test_what_did_not_move_or_is_not_known_is_not_said(
    before: tuple[str, ...], now: tuple[str, ...]
) -> None:
    assert list(explain_packages(tape(packages=before), tape(packages=now), "")) == []


def test_another_python_is_said_and_many_are_counted() -> None:
    good = tape(packages=[f"a{n}==1" for n in range(9)], processes=(process("/v", (3, 11, 7)),))
    bad = tape(packages=[f"a{n}==2" for n in range(9)], processes=(process("/v"),))
    (said,) = explain_packages(good, bad, "")
    assert said.startswith("Since the last good night Python went from 3.11.7 to 3.12.1, a0 went ")
    assert said.endswith(f" and {10 - MOST_NAMED} more.")
