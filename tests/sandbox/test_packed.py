"""What one machine packs another makes an image of; what is no such file is refused."""

import gzip
import hashlib
import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from pydantic import ValidationError

from sandbox import Command, DockerSandbox, ImageConfig, ImageError, Plan, build_image
from sandbox.packed import PackedLayer, fingerprint, pack, unpack
from tests.sandbox.trees import pytest_job


def keep(folder: Path, data: bytes, digest: str = "") -> PackedLayer:
    digest = digest or hashlib.sha256(data).hexdigest()
    (folder / "x.tar.gz").write_bytes(data)
    return PackedLayer(file=folder / "x.tar.gz", digest=digest, python="/usr/bin/python3")


def _make_environment(folder: Path) -> Path:
    """A virtual environment of this Python without a package: there is least to pack."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin/python"


@pytest.mark.docker
def test_an_image_is_made_of_what_was_packed(engine: None, tmp_path: Path) -> None:
    layer = pack(_make_environment(tmp_path / "env"), (), tmp_path)
    assert layer.file.name == f"{layer.digest}.tar.gz"
    with tarfile.open(layer.file) as archive:
        assert archive.getmember(layer.python.lstrip("/"))
    tag = build_image(ImageConfig(packed=layer))
    assert tag == build_image(ImageConfig(packed=layer))
    files = {"lib.py": "import os\n", "test_a.py": "def test_a():\n    assert 1 == 1\n"}
    command = Command(argv=("python", "-c", "import sys; print(sys.executable)"))
    with DockerSandbox(tag) as sandbox:
        report = sandbox.run(pytest_job(files, plan=Plan(lint=("lib.py",), command=command)))
    assert report.command is not None and report.command.stdout == f"{layer.python}\n"
    assert [finding.code for finding in report.lint] == ["F401"]
    assert [result.outcome for result in report.tests[0].results] == ["passed"]


def test_its_fingerprint_is_of_the_interpreter_and_the_programs() -> None:
    python = Path(sys.executable)
    assert fingerprint(python) == fingerprint(python)
    assert fingerprint(python) != fingerprint(python, ("git",))
    with pytest.raises(ImageError):
        fingerprint(Path("/nothing/python"))


def test_what_was_packed_comes_out(tmp_path: Path) -> None:
    out = io.BytesIO()
    unpack(keep(tmp_path, gzip.compress(b"a tar")), out)
    assert out.getvalue() == b"a tar"


@pytest.mark.parametrize(
    ("data", "digest", "sentence"),
    [
        (b"no gzip", "", "cannot be unpacked"),
        (gzip.compress(b"x" * 9_000)[:-20], "", "cannot be unpacked"),
        (gzip.compress(b"a"), "0" * 64, "is not what was packed"),
    ],
    ids=["no gzip", "cut off", "other digest"],
)
def test_what_is_no_such_file_is_refused(
    tmp_path: Path, data: bytes, digest: str, sentence: str
) -> None:
    with pytest.raises(ImageError, match=sentence):
        unpack(keep(tmp_path, data, digest), io.BytesIO())


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    layer = keep(tmp_path, b"")
    layer.file.unlink()
    with pytest.raises(ImageError, match="cannot be unpacked"):
        unpack(layer, io.BytesIO())


@pytest.mark.parametrize(
    "python", ["", "python", "/usr/bin/python3 ENV=1", "/x\nUSER root", "/x;y", '/"', "/$x"]
)
def test_a_path_that_would_say_more_to_docker_is_refused(tmp_path: Path, python: str) -> None:
    with pytest.raises(ValidationError):
        PackedLayer(file=tmp_path / "x", digest="0" * 64, python=python)
