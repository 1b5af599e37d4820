"""Of this machine's interpreters one that fits what is declared is chosen; ours where it fits."""

import sys
from pathlib import Path

import pytest

from healer.app.machine_pythons import choose_python, list_pythons
from healer.survey.python_wish import PythonWish
from sandbox import ImageError
from tests.support.interpreters import interpreter, require_interpreter

OURS = ".".join(map(str, sys.version_info[:2]))


def wish(specifier: str) -> PythonWish:
    return PythonWish(specifier, "pyproject.toml")


@pytest.mark.parametrize("specifier", [">=3.8", f"=={OURS}.*"])
def test_ours_comes_first_where_it_fits(specifier: str) -> None:
    assert choose_python(wish(specifier)) == Path(sys.executable)


@pytest.mark.parametrize("version", ["3.9", "3.13"])
def test_another_one_is_chosen_where_ours_does_not_fit(version: str) -> None:
    oracle = require_interpreter(version)
    python = choose_python(wish(f"=={version}.*"))
    assert python.resolve().name == Path(oracle).resolve().name == f"python{version}"


def test_the_newest_of_several_that_fit_is_chosen() -> None:
    older = [version for version in ("3.8", "3.9", "3.10") if interpreter(version)]
    if len(older) < 2:
        pytest.skip("one older Python at most")
    assert choose_python(wish("<3.11")).name == f"python{older[-1]}"


def test_where_none_fits_it_is_said_with_what_is_here_and_the_next_step() -> None:
    with pytest.raises(ImageError, match=r"asks for Python >=3\.99, and this machine") as error:
        choose_python(wish(">=3.99"))
    assert OURS in str(error.value)
    assert "[sandbox] python" in str(error.value)


def test_an_environment_of_somebody_is_no_interpreter_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / f"python{OURS}"
    program.parent.mkdir()
    base = Path(sys.executable).resolve()
    program.symlink_to(base)
    (tmp_path / "pyvenv.cfg").write_text(f"home = {base.parent}\nversion = {OURS}.0\n")
    monkeypatch.setenv("PATH", str(program.parent))
    assert program not in [each.executable for each in list_pythons()]
    broken = tmp_path / "bin" / "python3.8"
    broken.write_text("#!/bin/sh\n")
    assert broken not in [each.executable for each in list_pythons()]
