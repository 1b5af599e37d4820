"""Images from this machine, from a Dockerfile, and from a user's image; and what is said if not."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import (
    Command,
    DockerSandbox,
    ImageConfig,
    ImageError,
    Plan,
    TestPlan,
    build_image,
)
from sandbox.engine import connect
from tests.sandbox.trees import pytest_job
from tests.support.interpreters import require_interpreter

_DEBIAN = Path("/usr/bin/python3")
_USER_IMAGE = "healer-test-user-image:1"


def _works(tag: str) -> str:
    """Runs every step on the image; what the command printed."""
    files = {"lib.py": "import os\n", "test_a.py": "def test_a():\n    assert 1 == 1\n"}
    plan = Plan(
        lint=("lib.py",),
        command=Command(argv=("python", "-c", "import os, sys; print(os.getuid(), sys.prefix)")),
    )
    with DockerSandbox(tag) as sandbox:
        report = sandbox.run(pytest_job(files, plan=plan))
    assert report.fault is None
    assert [finding.code for finding in report.lint] == ["F401"]
    assert report.command is not None
    assert report.command.exit_code == 0
    (run,) = report.tests
    assert [result.outcome for result in run.results] == ["passed"], run.ended.stderr
    assert run.sentinels_failed == run.sentinels
    return report.command.stdout


@pytest.fixture(scope="module")
def debian(engine: None) -> str:
    if not _DEBIAN.exists():
        pytest.skip("there is no /usr/bin/python3")
    return build_image(ImageConfig(python=_DEBIAN))


@pytest.fixture(scope="module")
def user_image(debian: str) -> Iterator[str]:
    """An image as users make them: another user, entry point, volume, variables, no tools."""
    client = connect()
    made = client.create_container(debian, entrypoint=["x"], labels={"healer": "1"})
    changes = [
        "USER 1000",
        "VOLUME /data",
        'ENTRYPOINT ["/bin/false"]',
        "ENV SECRET=x",
        "WORKDIR /srv",
    ]
    client.commit(made["Id"], repository=_USER_IMAGE[:-2], tag="1", changes=changes)
    client.remove_container(made["Id"], force=True)
    yield _USER_IMAGE
    client.remove_image(_USER_IMAGE, force=True)
    client.close()


@pytest.mark.docker
def test_the_distribution_s_interpreter_works(debian: str) -> None:
    assert _works(debian).split() == ["64002", "/usr"]


@pytest.mark.docker
def test_an_interpreter_of_another_version_than_ours_works_with_its_own_bytecode(
    engine: None, tmp_path: Path
) -> None:
    python = Path(require_interpreter("3.13" if sys.version_info[:2] == (3, 12) else "3.12"))
    subprocess.run([python, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    tag = build_image(ImageConfig(python=tmp_path / "env/bin/python", programs=("git",)))
    code = (
        "import glob, subprocess, sys; print(sys.version_info.minor, "
        "len(glob.glob('/opt/healer/healer_inside/**/serve.*.pyc', recursive=True)), "
        "subprocess.run(['bash', '-c', 'git --version | tee /dev/null']).returncode)"
    )
    with DockerSandbox(tag) as sandbox:
        report = sandbox.run(
            pytest_job({"a.py": ""}, plan=Plan(command=Command(argv=("python", "-c", code))))
        )
    assert report.command is not None
    minor = 13 if sys.version_info[:2] == (3, 12) else 12
    assert report.command.stdout.split()[-3:] == [str(minor), "1", "0"], report.command.stderr


@pytest.mark.docker
def test_the_oldest_python_runs_a_command_and_tests_with_a_pytest_of_its_age(
    engine: None, tmp_path: Path
) -> None:
    python = Path(require_interpreter("3.8"))
    argv = ["uv", "pip", "install", "-q", "--target", str(tmp_path), "--python-version", "3.8"]
    subprocess.run(
        [sys.executable, "-m", *argv, "--only-binary", ":all:", "pytest>=8"],
        env={**os.environ, "UV_SYSTEM_CERTS": "true"},
        check=True,
        timeout=120,
    )
    files = {
        "job.py": "import sys\nprint(sys.version_info[:2])\n{}['x']\n",
        "test_job.py": "def test_a():\n    assert 1 == 1\n\ndef test_b():\n    assert 1 == 2\n",
    }
    job = pytest_job(
        files,
        plan=Plan(
            compile=("job.py",),
            lint=("job.py",),
            command=Command(argv=("python", "job.py")),
            tests=TestPlan(),
            trace={"job.py": (2, 3)},
        ),
    )
    with DockerSandbox(build_image(ImageConfig(python=python, pytest=tmp_path))) as sandbox:
        report = sandbox.run(job)
    assert report.fault is None
    assert report.command is not None
    assert (report.command.stdout, report.command.exit_code) == ("(3, 8)\n", 1)
    assert report.command.stderr.endswith("KeyError: 'x'\n")
    assert report.command.executed == {"job.py": (2, 3)}
    (run,) = report.tests
    assert [(r.node, r.outcome) for r in run.results] == [
        ("test_job.py::test_a", "passed"),
        ("test_job.py::test_b", "failed"),
    ]
    assert run.sentinels == run.sentinels_failed > 0
    assert run.consistent


@pytest.mark.docker
def test_an_unchanged_machine_is_not_built_twice(debian: str) -> None:
    assert build_image(ImageConfig(python=_DEBIAN)) == debian


@pytest.mark.docker
def test_a_user_s_image_gets_the_tools_without_a_registry(user_image: str) -> None:
    tag = build_image(ImageConfig(image=user_image))
    assert tag == build_image(ImageConfig(image=user_image))
    assert _works(tag).split()[1] == "/usr"


@pytest.mark.docker
def test_a_dockerfile_is_built_on_what_is_here(user_image: str, tmp_path: Path) -> None:
    text = f'FROM {user_image}\nENTRYPOINT []\nRUN ["/usr/bin/python3", "-c", "print(1)"]\n'
    (tmp_path / "Dockerfile").write_text(text)
    tag = build_image(ImageConfig(image="Dockerfile", root=tmp_path))
    assert _works(tag)


@pytest.mark.docker
def test_a_base_image_that_cannot_be_pulled_is_said_with_the_way_out(
    engine: None, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM no.such.registry.invalid/python:3.12-slim\n")
    with pytest.raises(ImageError, match=r"cannot be pulled.*docker load") as caught:
        build_image(ImageConfig(image="Dockerfile", root=tmp_path))
    assert '"auto"' in str(caught.value)


@pytest.mark.docker
def test_a_step_of_a_dockerfile_that_fails_is_quoted(user_image: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f'FROM {user_image}\nRUN ["/usr/bin/no-such"]\n')
    with pytest.raises(ImageError, match="Step 2"):
        build_image(ImageConfig(image="Dockerfile", root=tmp_path))
    client = connect()
    left = client.containers(all=True, filters={"ancestor": user_image})
    client.close()
    assert [each for each in left if "no-such" in each["Command"]] == []


@pytest.mark.docker
def test_an_image_that_is_not_here_is_said(engine: None) -> None:
    with pytest.raises(ImageError, match="'no-such-image:1' is not on this machine"):
        build_image(ImageConfig(image="no-such-image:1"))


@pytest.mark.docker
def test_an_image_without_python_is_said(engine: None) -> None:
    client = connect()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("file"))
    client.import_image(out.getvalue(), repository="healer-test-empty", tag="1")
    try:
        with pytest.raises(ImageError, match=r"has no Python 3\.8 or newer"):
            build_image(ImageConfig(image="healer-test-empty:1"))
    finally:
        client.remove_image("healer-test-empty:1", force=True)
        client.close()
