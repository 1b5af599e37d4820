"""What a failed job ran on is packed once, anew when it changes, and only where it is wanted."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from healer.app.build import needs_of
from healer.app.environment_packer import FILE, EnvironmentPacker
from healer.app.sandbox_setup import image_config
from healer.config import Config
from healer.failure import Failure
from healer.watch.environment_files import PackedEnvironment, file_of, keep_environment
from quarantine.repository import Repository
from sandbox.packed import PackedLayer
from tests.support.git import make_repository
from tests.support.ledger_rows import request_of


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    root = make_repository(tmp_path / "jobs", {"a.py": "print(1)\n"})
    return Repository.open(root)


def failure(python: str = sys.executable) -> Failure:
    return Failure(id="f" * 20, script="a.py", source="run", exit_code=1, argv=(python, "a.py"))


def environment_of(folder: Path, name: str) -> Path:
    """A virtual environment of this Python with nothing in it."""
    python = folder / name / "bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(Path(sys.executable).resolve())
    version = ".".join(map(str, sys.version_info[:3]))
    home = Path(sys.executable).resolve().parent
    (folder / name / "pyvenv.cfg").write_text(f"home = {home}\nversion = {version}\n")
    (folder / name / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages").mkdir(
        parents=True
    )
    return python


def test_it_is_packed_once_and_anew_when_it_changes(repository: Repository, tmp_path: Path) -> None:
    notes: list[str] = []
    layers: list[PackedLayer] = []

    def pack(python: Path, programs: Sequence[str], folder: Path) -> PackedLayer:
        digest = f"{len(layers):064x}"
        (folder / f"{digest}.tar.gz").write_bytes(b"layer")
        layers.append(PackedLayer(file=folder / "x", digest=digest, python=str(python)))
        return layers[-1]

    python = environment_of(tmp_path, "env")
    first = EnvironmentPacker(repository, Config(), notes.append, pack).pack(failure(str(python)))
    packer = EnvironmentPacker(repository, Config(), notes.append, pack)
    assert packer.pack(failure(str(python))) == first == (layers[0].digest, str(python))
    (packages,) = (tmp_path / "env/lib").glob("*/site-packages")
    (packages / "new.py").write_text("x = 1\n")
    second = packer.pack(failure(str(python)))
    assert second is not None
    file_of(repository.state_dir, second.digest).unlink()
    packer.pack(failure(str(python)))
    assert len(layers) == 3
    assert notes == []


@pytest.mark.parametrize(
    "settings", [{"agent": {"environment": False}}, {"sandbox": {"image": "Dockerfile"}}]
)
def test_where_it_is_not_wanted_nothing_is_packed(
    repository: Repository, settings: dict[str, object]
) -> None:
    packer = EnvironmentPacker(repository, Config.model_validate(settings), print)
    assert packer.pack(failure()) is None
    assert not (repository.state_dir / FILE).exists()


def test_what_cannot_be_packed_is_said_and_the_failure_goes_without(
    repository: Repository, tmp_path: Path
) -> None:
    notes: list[str] = []
    config = Config.model_validate({"sandbox": {"python": "gone/bin/python"}})
    packer = EnvironmentPacker(repository, config, notes.append)
    assert packer.pack(failure("no-such-program")) is None
    assert "sandbox.python" in notes[0]


def test_a_repair_of_it_runs_on_what_came_with_it(repository: Repository) -> None:
    came = PackedEnvironment("a" * 64, "/srv/env/bin/python")
    request = request_of("r1").model_copy(
        update={"failure": failure(), "base": repository.tip("main"), "script": "a.py"}
    )
    root = repository.root
    assert root is not None
    assert needs_of(repository, request).packed is None
    keep_environment(repository.state_dir, failure().id, came, b"layer")
    needs = needs_of(repository, request)
    image = image_config(Config(), repository, root, needs)
    assert image.packed is not None
    assert (image.packed.digest, image.packed.python) == came
    configured = Config.model_validate({"sandbox": {"image": "Dockerfile"}})
    assert image_config(configured, repository, root, needs).packed is None
