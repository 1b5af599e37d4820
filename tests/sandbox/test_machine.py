"""Which files make the image of this machine's interpreter, and when it is another image."""

from pathlib import Path

import pytest

from sandbox.interpreter import Interpreter, describe
from sandbox.layer import relocate
from sandbox.machine import FIRST_UID, SOURCES, USERS, fingerprint, has_pytest, make_layer
from tests.sandbox.test_interpreter import make_environment
from tests.sandbox.test_layer import members_of


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    """A virtual environment without any package."""
    return describe(make_environment(tmp_path_factory.mktemp("python") / "venv"))


def test_the_content_hash_changes_with_the_packages_and_with_nothing_else(tmp_path: Path) -> None:
    python = describe(make_environment(tmp_path / "venv"))
    first = fingerprint(python)
    assert fingerprint(python) == first
    module = python.packages[0] / "module.py"
    module.write_text("x = 1\n")
    second = fingerprint(python)
    assert second != first
    module.write_text("x = 22\n")
    assert fingerprint(python) not in (first, second)
    module.unlink()
    assert fingerprint(python) == first


def test_the_content_hash_changes_with_the_programs(python: Interpreter) -> None:
    assert fingerprint(python, ["git"]) != fingerprint(python)
    assert fingerprint(python, ["no-such-program"]) == fingerprint(python)


def test_what_another_version_has_to_compile_is_listed_and_not_run_here(
    python: Interpreter, tmp_path: Path
) -> None:
    """The program that stands for it ends with 1 whenever it is run."""
    (python.packages[0] / "theirs.py").write_text("type X = int\n")
    other = python.model_copy(update={"cache_tag": "cpython-399", "executable": Path("/bin/false")})
    layer = make_layer(other, tmp_path)
    members = members_of(layer)
    assert not any("__pycache__/theirs." in name for name in members)
    assert SOURCES.lstrip("/") in members
    assert list(tmp_path.iterdir()) == []


def test_pytest_is_known_by_its_package(tmp_path: Path, python: Interpreter) -> None:
    assert not has_pytest(python)
    (tmp_path / "pytest").mkdir()
    (tmp_path / "pytest" / "__init__.py").touch()
    assert has_pytest(python.model_copy(update={"packages": (*python.packages, tmp_path)}))


def test_a_layer_holds_the_interpreter_its_library_the_tools_and_a_user_for_each_step(
    python: Interpreter, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    module = python.packages[0] / "ours.py"
    module.write_text("x = 1\n")
    members = members_of(make_layer(python, scratch, ["git"]))

    def inside(path: Path | str) -> str:
        return relocate(path).lstrip("/")

    assert inside(python.executable) in members
    assert inside(module) in members
    assert any(name.endswith("/json/decoder.py") for name in members)
    assert any("__pycache__/ours." in name for name in members), "it is compiled"
    assert "opt/healer/healer_inside/__main__.py" in members
    assert "opt/healer/bin/ruff" in members
    assert any(name.startswith("opt/healer/site/pytest/") for name in members)
    assert not any("healer_inside/attempts" in name for name in members)
    assert {"etc/passwd", "etc/group", "etc/localtime"} <= members.keys()
    for program in ("sh", "bash", "tee", "git"):
        assert any(name.endswith(f"bin/{program}") for name in members), program
    assert members["tmp"].mode == members["job"].mode == 0o1777


def test_every_step_has_a_user_of_its_own(python: Interpreter) -> None:
    assert USERS >= 16
    assert FIRST_UID > 60_000, "no user of a usual machine"
