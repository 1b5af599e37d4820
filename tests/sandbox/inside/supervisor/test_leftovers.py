"""What a step left on disk is taken away, whatever its mode; what stays is said."""

import os
import subprocess
from pathlib import Path

import pytest

from sandbox import DockerSandbox, TestPlan
from sandbox.inside.supervisor import leftovers
from tests.sandbox.inside.in_child import run_code
from tests.sandbox.trees import script_job


@pytest.mark.docker
def test_a_step_that_leaves_a_bottomless_folder_ends_the_job_as_unjudged(
    docker_sandbox: DockerSandbox,
) -> None:
    source = (
        "import os\nos.chdir('/tmp')\nfor _ in range(3000):\n    os.mkdir('d')\n    os.chdir('d')\n"
    )
    plan = script_job(source).plan.model_copy(update={"tests": TestPlan()})
    job = script_job(source).model_copy(update={"plan": plan})
    report = docker_sandbox.run(job)
    assert report.fault is not None
    assert not report.fault.retryable
    assert report.tests == ()


def test_a_file_and_a_folder_with_all_that_is_in_it_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    (folder / "b" / "c").mkdir(parents=True)
    (folder / "b" / "file").write_text("x")
    (folder / "b" / "link").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    (tmp_path / "file").write_text("x")
    for name in ("a", "file"):
        assert leftovers.remove(str(tmp_path / name))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o000, 0o100, 0o400, 0o555])
def test_a_folder_that_was_closed_is_opened_first(tmp_path: Path, mode: int) -> None:
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (inner / "file").write_text("x")
    inner.chmod(mode)
    inner.parent.chmod(mode)
    assert leftovers.remove(str(tmp_path / "outer"))
    assert not (tmp_path / "outer").exists()


def test_a_link_is_removed_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("x")
    (tmp_path / "kept").chmod(0o500)
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "deep").symlink_to(tmp_path / "kept")
    assert leftovers.remove(str(tmp_path / "link"))
    assert leftovers.remove(str(tmp_path / "folder"))
    assert (tmp_path / "kept" / "file").read_text() == "x"
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o500


def test_what_is_not_there_cannot_be_said_to_be_removed(tmp_path: Path) -> None:
    assert not leftovers.remove(str(tmp_path / "absent"))


@pytest.mark.parametrize("name", ["two words", "-rf", "line\nbreak", "\udcff", "*", "x" * 255])
def test_a_hostile_name_is_a_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "other").touch()
    (tmp_path / name).mkdir()
    (tmp_path / name / name).touch()
    assert leftovers.remove(f"{tmp_path}/{name}")
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_what_is_said_of_a_folder_that_is_too_deep_is_true(tmp_path: Path) -> None:
    code = (
        "from sandbox.inside.supervisor import leftovers\ntop = os.getcwd() + '/d'\n"
        "for _ in range(2_500):\n    os.mkdir('d')\n    os.chdir('d')\n"
        "print(leftovers.remove(top), os.path.lexists(top))"
    )
    ended = run_code(code, cwd=tmp_path)
    subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)
    assert ended.stdout in (b"False True\n", b"True False\n")
