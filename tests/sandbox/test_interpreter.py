"""What an interpreter says of itself, and which of its files a program can need."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.errors import ImageError
from sandbox.interpreter import describe, own, walk_packages, walk_stdlib
from tests.support.interpreters import VERSIONS, require_interpreter


def make_environment(folder: Path) -> Path:
    argv = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(argv, check=True)
    return folder / "bin" / "python"


def test_a_virtualmake_environment_is_described_with_its_base(tmp_path: Path) -> None:
    facts = describe(make_environment(tmp_path / "venv"))
    assert facts.prefix == tmp_path / "venv"
    assert not facts.base_executable.is_relative_to(facts.prefix)
    assert any((folder / "os.py").exists() for folder in facts.stdlib)


@pytest.mark.parametrize("program", ["/bin/sh", "/no/such/python", "/etc/passwd"])
def test_what_is_no_interpreter_is_said_with_the_next_step(program: str) -> None:
    with pytest.raises(ImageError, match=f"{program} does not work as a Python interpreter"):
        describe(Path(program))


def make_layout(folder: Path, version: str, *, library: bool = True) -> Path:
    """A folder that looks like an interpreter's, with a program that tells when it is run."""
    python = folder / "bin" / f"python{version}"
    python.parent.mkdir(parents=True)
    shutil.copy("/bin/false", python)
    if library:
        (folder / f"lib/python{version}/site-packages").mkdir(parents=True)
        (folder / f"lib/python{version}/os.py").touch()
    return python


def test_an_interpreter_that_is_too_old_is_said_with_its_version(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"is 3\.7\.0"):
        describe(make_layout(tmp_path, "3.7"))


def test_a_program_without_a_library_is_no_interpreter(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no standard library"):
        describe(make_layout(tmp_path, "3.12", library=False))


def test_an_interpreter_is_read_and_not_run(tmp_path: Path) -> None:
    """What stands there ends with 1 whenever it is run."""
    python = make_layout(tmp_path, "3.12")
    header = tmp_path / "include/python3.12/patchlevel.h"
    header.parent.mkdir(parents=True)
    header.write_text("#define PY_MICRO_VERSION        4\n")
    facts = describe(python)
    assert (facts.version, facts.cache_tag) == ((3, 12, 4), "cpython-312")
    assert facts.stdlib == (tmp_path / "lib/python3.12",)
    assert facts.packages == (tmp_path / "lib/python3.12/site-packages",)


@pytest.mark.parametrize(
    ("settings", "shares"),
    [
        ("home = {home}\nversion = 3.12.1\n", False),
        ("home={home}\nversion_info = 3.12.1.final.0\nuv = 0.4\n", False),
        ("base-executable = {home}/python3.12\nHome = {home}\nversion = 3.12.1\n", False),
        ("home = {home}\ninclude-system-site-packages = True\nversion = 3.12.1\n", True),
    ],
)
def test_an_environment_is_read_whoever_made_it(
    tmp_path: Path, settings: str, *, shares: bool
) -> None:
    base = make_layout(tmp_path / "base", "3.12")
    env = tmp_path / "env"
    (env / "lib/python3.12/site-packages").mkdir(parents=True)
    (env / "bin").mkdir()
    (env / "bin/python").symlink_to(base)
    (env / "pyvenv.cfg").write_text(settings.format(home=base.parent))
    facts = describe(env / "bin" / "python")
    own_packages = env / "lib/python3.12/site-packages"
    assert facts.version == (3, 12, 1)
    assert (facts.prefix, facts.base_executable) == (env, base)
    assert facts.packages[0] == own_packages
    assert (len(facts.packages) == 2) is shares


@pytest.mark.parametrize("version", VERSIONS[3:])
def test_each_interpreter_of_this_machine_is_read_as_it_says_of_itself(version: str) -> None:
    python = require_interpreter(version)
    question = (
        "import json, sys, sysconfig; print(json.dumps([list(sys.version_info[:3]), sys.prefix, "
        "sysconfig.get_path('stdlib', vars={'base': sys.base_prefix}), "
        "[p for p in sys.path if p.endswith('-packages')]]))"
    )
    answer = subprocess.run([python, "-I", "-c", question], capture_output=True, check=True)
    version_info, prefix, stdlib, packages = json.loads(answer.stdout)
    facts = describe(Path(python))
    assert (list(facts.version), str(facts.prefix)) == (version_info, prefix)
    assert stdlib in map(str, facts.stdlib)
    assert set(packages) <= set(map(str, facts.packages))


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
