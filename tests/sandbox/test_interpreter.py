"""What an interpreter says of itself, and which of its files a program can need."""

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.errors import ImageError
from sandbox.interpreter import describe, own, walk_packages, walk_stdlib


def make_environment(folder: Path) -> Path:
    argv = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(argv, check=True)
    return folder / "bin" / "python"


def test_a_virtualmake_environment_is_described_with_its_base(tmp_path: Path) -> None:
    facts = describe(make_environment(tmp_path / "venv"))
    assert facts.prefix == tmp_path / "venv"
    assert not facts.base_executable.is_relative_to(facts.prefix)
    assert any((folder / "os.py").exists() for folder in facts.stdlib)


@pytest.mark.parametrize("program", ["/bin/sh", "/no/such/python"])
def test_what_is_no_interpreter_is_said_with_the_next_step(program: str) -> None:
    with pytest.raises(ImageError, match=f"{program} does not work as a Python interpreter"):
        describe(Path(program))


def test_an_interpreter_that_is_too_old_is_said_with_its_version(tmp_path: Path) -> None:
    old = tmp_path / "python"
    facts = (
        '{"executable": "/p", "version": [3, 8, 1], "cache_tag": "c", "prefix": "/", '
        '"base_executable": "/p", "stdlib": [], "packages": []}'
    )
    old.write_text(f"#!/bin/sh\necho '{facts}'\n")
    old.chmod(0o755)
    with pytest.raises(ImageError, match=r"is 3\.8\.1"):
        describe(old)


def test_the_interpreter_that_runs_us_is_described_as_it_is() -> None:
    facts = own()
    assert facts.version == sys.version_info[:3]
    assert facts.cache_tag == sys.implementation.cache_tag
    assert facts.executable == Path(sys.executable)
    assert all(folder.is_absolute() for folder in (*facts.stdlib, *facts.packages))


def names(folder: Path, walk: str) -> set[str]:
    files = walk_stdlib(folder) if walk == "stdlib" else walk_packages(folder)
    return {str(Path(fact.path).relative_to(folder)) for fact in files}


def make_files(folder: Path) -> None:
    for name in (
        "os.py", "json/decoder.py", "__pycache__/os.pyc", "test/test_os.py", "idlelib/idle.py",
        "pip/cli.py", "config-3.11-x86/Makefile", "lib-dynload/_json.so", "tests/a.py",
        "numpy/tests/test_a.py",
    ):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def test_of_the_standard_library_only_what_a_script_imports(tmp_path: Path) -> None:
    make_files(tmp_path)
    assert names(tmp_path, "stdlib") == {"os.py", "json/decoder.py", "lib-dynload/_json.so"}


def test_of_packages_all_but_caches_and_pip(tmp_path: Path) -> None:
    make_files(tmp_path)
    left_out = {"__pycache__/os.pyc", "pip/cli.py"}
    assert left_out.isdisjoint(names(tmp_path, "packages"))
    assert {"numpy/tests/test_a.py", "test/test_os.py"} <= names(tmp_path, "packages")


def test_a_file_has_its_size_and_time(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("four")
    (fact,) = walk_packages(tmp_path)
    assert (fact.size, fact.mtime_ns) == (4, (tmp_path / "a.py").stat().st_mtime_ns)


@pytest.mark.parametrize("name", ["missing", "file"])
def test_what_is_no_folder_has_no_files(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    assert list(walk_stdlib(tmp_path / name)) == []


def test_a_link_to_a_folder_is_a_file_and_not_walked_through(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.py").write_text("x")
    (tmp_path / "loop").symlink_to(".")
    assert names(tmp_path, "packages") == {"a/b.py", "loop"}
