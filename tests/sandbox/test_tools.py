"""What every image gets from us."""

import subprocess
import sysconfig
from pathlib import Path

import pytest

from sandbox import tools
from sandbox.errors import ImageError
from sandbox.layer import Layer
from tests.sandbox.test_layer import members_of


def test_the_supervisor_s_modules_go_along_and_the_attempts_do_not() -> None:
    names = {path.name for path in tools.inside_files()}
    assert {"__main__.py", "frames.py"} <= names
    assert not any("attempts" in path.parts for path in tools.inside_files())
    assert all(path.suffix == ".py" for path in tools.inside_files())


def test_ruff_is_a_program_that_runs() -> None:
    version = subprocess.run(
        [tools.ruff(), "--version"], capture_output=True, text=True, check=True
    )
    assert version.stdout.startswith("ruff ")


def test_a_missing_ruff_is_told_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImageError, match="pip install ruff"):
        tools.ruff()


def test_pytest_comes_with_what_it_imports_and_without_bytecode() -> None:
    targets = {target for _, target in tools.pytest_files((3, 11))}
    for module in ("pytest/__init__.py", "_pytest/main.py", "pluggy/__init__.py"):
        assert module in targets
    assert not any("__pycache__" in target or ".." in target for target in targets)
    assert all(source.is_absolute() for source, _ in tools.pytest_files((3, 11)))


@pytest.mark.parametrize(
    ("with_pytest", "with_loader"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_an_image_gets_what_it_lacks(with_pytest: bool, with_loader: bool) -> None:
    layer = Layer()
    runner = tools.pytest_files((3, 11)) if with_pytest else ()
    tools.add_to(layer, pytest=runner, with_loader=with_loader)
    members = members_of(layer)
    assert tools.SUPERVISOR.lstrip("/") in members
    assert members["opt/healer/bin/ruff"].mode == 0o755
    assert any(name.startswith("opt/healer/site/pytest") for name in members) is with_pytest
    assert any(name.startswith("opt/healer/lib/ld.so") for name in members) is with_loader


@pytest.mark.parametrize(
    ("version", "is_ours"), [((3, 8), False), ((3, 10), False), ((3, 11), True), ((3, 14), True)]
)
def test_our_pytest_goes_to_interpreters_that_it_was_made_for(
    version: tuple[int, int], is_ours: bool
) -> None:
    assert bool(list(tools.pytest_files(version))) is is_ours


def test_an_older_interpreter_gets_the_pytest_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "pytest").mkdir()
    (tmp_path / "pytest" / "__init__.py").touch()
    expected_file = (tmp_path / "pytest/__init__.py", "pytest/__init__.py")
    assert list(tools.pytest_files((3, 8), tmp_path)) == [expected_file]


def test_the_fingerprint_stays_while_nothing_changes() -> None:
    assert tools.fingerprint() == tools.fingerprint()
    assert len(tools.fingerprint()) == 32


def test_the_recipe_names_files_that_exist() -> None:
    folder = Path(tools.__file__).parent
    assert [name for name in tools._RECIPE if not (folder / name).exists()] == []
