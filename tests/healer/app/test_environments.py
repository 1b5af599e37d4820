"""Declared packages are unpacked from wheels, once for each set, and run nothing here."""

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from healer.app.declared import Requirements
from healer.app.environments import (
    KEPT,
    cache_folder,
    find_uv,
    prepare_environment,
    prepare_pytest,
    read_lacking,
)
from healer.support.extras import ExtraName
from sandbox import ImageError
from sandbox.interpreter import describe
from tests.support.interpreters import require_interpreter

LOCK = """
version = 1
requires-python = ">=3.11"
[[package]]
name = "shop"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "pretty" }]
[[package]]
name = "pretty"
version = "1.0"
source = { registry = "https://index.example.com/simple" }
wheels = [{ url = "https://example.com/pretty-1.0-py3-none-any.whl", hash = "sha256:HASH" }]
"""
PROJECT = """
[project]
name = "shop"
version = "1"
requires-python = ">=3.11"
dependencies = ["pretty"]
"""


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels in the place of an index; nothing else can be reached."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    make_wheel(folder, "pretty")
    for name, value in {"UV_FIND_LINKS": str(folder), "UV_OFFLINE": "1", "UV_NO_INDEX": "1",
                        "UV_CACHE_DIR": str(tmp_path / "uv")}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    return folder


def make_wheel(folder: Path, name: str, extra: str = "") -> None:
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "VALUE = 7\n")
        wheel.writestr(
            f"{name}.pth", f"import pathlib; pathlib.Path({str(folder / 'ran')!r}).touch()"
        )
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{extra}"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


def test_an_environment_has_what_is_declared_and_nothing_of_it_ran(
    tmp_path: Path, wheels: Path
) -> None:
    python = prepare_environment(Requirements("requirements.txt", ("pretty==1.0",)), tmp_path / "e")
    facts = describe(python)
    assert (facts.packages[0] / "pretty.py").read_text() == "VALUE = 7\n"
    assert not (wheels / "ran").exists()
    question = [str(python), "-c", "import pretty; print(pretty.VALUE)"]
    assert subprocess.run(question, capture_output=True, check=True).stdout == b"7\n"


def test_an_environment_of_another_python_of_the_machine_is_one_of_that(
    wheels: Path, tmp_path: Path
) -> None:
    assert wheels.is_dir()
    base = Path(require_interpreter("3.9"))
    wish = Requirements("requirements.txt", ("pretty==1.0",), python=base)
    python = prepare_environment(wish, tmp_path / "e")
    facts = describe(python)
    assert facts.version[:2] == (3, 9)
    assert facts.base_executable.resolve() == base.resolve()
    program = [str(python), "-c", "import pretty; print(pretty.__file__)"]
    says = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    assert "/lib/python3.9/site-packages/" in says
    assert prepare_environment(wish._replace(python=None), tmp_path / "e") != python


def test_the_same_requirements_are_installed_once_and_others_anew(
    tmp_path: Path, wheels: Path
) -> None:
    home = tmp_path / "e"
    first = prepare_environment(Requirements("a.txt", ("pretty",)), home)
    assert prepare_environment(Requirements("a.txt", ("pretty",)), home) == first
    assert prepare_environment(Requirements("a.txt", ("pretty>=1",)), home) != first
    for number in range(KEPT + 1):
        prepare_environment(Requirements("a.txt", (f"pretty>=0.{number}",)), home)
    assert len(list(home.iterdir())) == KEPT


@pytest.mark.parametrize("line", ["no-such-project", "pretty==2.0"])
def test_what_cannot_be_installed_is_said_and_leaves_nothing(
    tmp_path: Path, wheels: Path, line: str
) -> None:
    home = tmp_path / "e"
    with pytest.raises(ImageError, match=r"What requirements\.txt declares could not be installed"):
        prepare_environment(Requirements("requirements.txt", (line,)), home)
    assert list(home.iterdir()) == []


def test_what_cannot_be_had_is_named_and_the_others_are_installed(
    tmp_path: Path, wheels: Path
) -> None:
    for name in ("plain", "neat"):
        make_wheel(wheels, name)
    make_wheel(wheels, "fussy", "Requires-Dist: gone>=2\n")
    lines = ("pretty==1.0", "fussy", "plain", "ugly==20.8b1 ; python_version > '3'", "neat", "neat")
    home, wish = tmp_path / "e", Requirements("requirements-dev.txt", lines)
    python = prepare_environment(wish, home, may_lack=True)
    names = {path.stem for path in describe(python).packages[0].glob("*.py")}
    assert names == {"pretty", "plain", "neat"}
    assert read_lacking(wish, home) == ("fussy", "ugly==20.8b1")
    assert prepare_environment(wish, home, may_lack=True) == python
    with pytest.raises(ImageError, match="could not be installed"):  # who needs all has all or none
        prepare_environment(wish, home)
    make_wheel(wheels, "gone")
    assert read_lacking(Requirements("requirements.txt", ("pretty",)), home) == ()


@pytest.mark.parametrize("lines", [("ugly==1",), ("ugly==1", "uglier")])
def test_where_nothing_can_be_had_there_is_no_environment(
    tmp_path: Path, wheels: Path, lines: tuple[str, ...]
) -> None:
    home, wish = tmp_path / "e", Requirements("requirements.txt", lines)
    with pytest.raises(ImageError, match="ugly"):
        prepare_environment(wish, home, may_lack=True)
    assert (list(home.iterdir()), read_lacking(wish, home)) == ([], ())


def test_an_index_that_is_away_is_no_reason_to_leave_anything_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"UV_INDEX_URL": "http://127.0.0.1:9/simple", "UV_HTTP_RETRIES": "0",
                        "UV_CACHE_DIR": str(tmp_path / "uv")}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    wish = Requirements("requirements.txt", ("pretty", "ugly"))
    with pytest.raises(ImageError, match="could not be installed"):
        prepare_environment(wish, tmp_path / "e", may_lack=True)
    assert list((tmp_path / "e").iterdir()) == []


def test_a_wheel_that_is_not_the_locked_one_is_not_left_out_in_silence(
    tmp_path: Path, wheels: Path
) -> None:
    make_wheel(wheels, "plain")
    digest = hashlib.sha256((wheels / "plain-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    lines = (f"plain==1.0 --hash=sha256:{digest}", "pretty==1.0 --hash=sha256:" + "0" * 64)
    with pytest.raises(ImageError, match=r"poetry\.lock declares could not be installed"):
        prepare_environment(Requirements("poetry.lock", lines), tmp_path / "e", may_lack=True)


def test_a_wheel_that_is_not_the_locked_one_is_refused(tmp_path: Path, wheels: Path) -> None:
    line = "pretty==1.0 --hash=sha256:" + "0" * 64
    with pytest.raises(ImageError, match=r"poetry\.lock declares could not be installed"):
        prepare_environment(Requirements("poetry.lock", (line,)), tmp_path / "e")


@pytest.mark.parametrize("is_right", [True, False])
def test_a_lock_of_uv_is_read_by_uv_with_its_hashes(
    tmp_path: Path, wheels: Path, is_right: bool
) -> None:
    (wheel,) = wheels.iterdir()
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest() if is_right else "0" * 64
    lock = (PROJECT.encode(), LOCK.replace("HASH", digest).encode())
    requirements = Requirements("uv.lock", uv_lock=lock)
    if is_right:
        packages = describe(prepare_environment(requirements, tmp_path / "e")).packages[0]
        assert (packages / "pretty.py").exists()
        return
    with pytest.raises(ImageError, match=r"uv\.lock declares could not be installed.*pretty"):
        prepare_environment(requirements, tmp_path / "e")


def test_without_any_uv_the_extra_is_named(
    tmp_path: Path,
    wheels: Path,
    monkeypatch: pytest.MonkeyPatch,
    without_extra: Callable[[ExtraName], None],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "e").mkdir()
    assert Path(find_uv()).is_relative_to(sys.prefix)
    without_extra("build")
    with pytest.raises(ImageError, match=r"only with uv, .* pip install 'healer\[build\]' in /"):
        prepare_environment(Requirements("requirements.txt", ("pretty",)), tmp_path / "e")
    assert list((tmp_path / "e").iterdir()) == []
    older = Path(require_interpreter("3.9"))
    with pytest.raises(ImageError, match=r"healer\[build\]"):  # not: its tests are not run
        prepare_pytest(older, tmp_path / "e")


def test_the_machines_own_uv_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_extra: Callable[[ExtraName], None]
) -> None:
    without_extra("build")
    own = tmp_path / "uv"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_uv() == str(own)


def test_environments_lie_outside_of_any_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/srv/cache")
    assert cache_folder() == Path("/srv/cache/healer/environments")


def test_an_older_python_gets_a_pytest_of_its_age_once(wheels: Path, tmp_path: Path) -> None:
    make_wheel(wheels, "pytest")
    python = Path(require_interpreter("3.9"))
    assert prepare_pytest(python, tmp_path / "home") is None  # there is only one that is too old
    (wheels / "pytest-1.0-py3-none-any.whl").rename(wheels / "pytest-8.0-py3-none-any.whl")
    assert prepare_pytest(python, tmp_path / "home") is None  # its name and its metadata differ
    made_before = tmp_path / "home" / "pytest-3.9"
    made_before.mkdir()
    assert prepare_pytest(python, tmp_path / "home") == made_before


def test_a_python_that_runs_ours_needs_no_other_pytest(tmp_path: Path) -> None:
    assert prepare_pytest(Path(sys.executable), tmp_path) is None
    assert list(tmp_path.iterdir()) == []
