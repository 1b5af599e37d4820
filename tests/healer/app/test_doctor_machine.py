"""The daemon and its unit, disks and images, each in a line with its next step.

`systemctl` is a stand-in that prints what systemd's own prints of such a unit: no test can start
systemd. The daemon's lock is real, and its holder another process.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from healer.app.doctor_machine import (
    DISK_MB,
    OUTDATED_MB,
    SILENT_S,
    Unit,
    examine_daemon,
    examine_disk,
    examine_disks,
    examine_images,
    find_unit,
)
from quarantine.repository import Repository
from sandbox import EngineStatus
from tests.healer.engine.test_locks import HOLDER
from tests.support.docker_api import docker_api
from tests.support.git import make_repository

NOW = 1_800_000_000.0
SHOWN = """\
Id={id}
ActiveState={state}
UnitFileState={file}
Result={result}
WorkingDirectory={folder}
ExecStart={{ path=/opt/healer/bin/healer ; argv[]=/opt/healer/bin/healer{words} ; ignore_errors=no \
; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.open(make_repository(tmp_path / "shop", {"a.py": ""}))


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with what `systemctl show` prints."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "systemctl").write_text(f"#!/bin/sh\ncat {tmp_path}/shown\n")
    (programs / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    (tmp_path / "shown").write_text("")
    return tmp_path / "shown"


def show(folder: object, **facts: str) -> str:
    shown = {"id": "healer.service", "state": "active", "file": "enabled", "result": "success"}
    return SHOWN.format(**{**shown, "folder": folder, "words": " daemon", **facts})


@contextmanager
def holding(repository: Repository, **variables: str) -> Iterator[None]:
    """Another process has the daemon's lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(repository.state_dir)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **variables},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        yield
        process.kill()


def test_without_a_daemon_and_a_unit_it_is_said_who_repairs(
    repository: Repository, systemd: Path
) -> None:
    line = examine_daemon(repository, NOW)
    assert (line.status, "healer fix" in line.detail) == ("note", True)
    assert "healer daemon" in line.next_step


@pytest.mark.parametrize(
    ("facts", "detail", "step"),
    [
        (
            {"state": "failed", "result": "exit-code"},
            "healer.service is failed (exit-code): what fails is recorded and not repaired",
            "journalctl -u healer.service -e",
        ),
        (
            {"state": "inactive"},
            "healer.service is inactive: what fails is recorded and not repaired",
            "systemctl enable --now healer.service",
        ),
    ],
)
def test_a_unit_that_does_not_run_is_said_with_its_next_step(
    repository: Repository, systemd: Path, facts: dict[str, str], detail: str, step: str
) -> None:
    systemd.write_text(show(repository.root, **facts))
    line = examine_daemon(repository, NOW)
    assert (line.status, line.detail, line.next_step) == ("note", detail, step)


@pytest.mark.parametrize(
    "text",
    [
        show("/somewhere/else"),
        show("/", words=" --repo /somewhere/else daemon"),
        show("", words=" daemon"),
        "",
        "\n\n",
        "no key here\n",
        "Id=healer.service\n",
    ],
)
def test_units_of_others_and_what_is_no_unit_are_left_alone(
    repository: Repository, systemd: Path, text: str
) -> None:
    systemd.write_text(text)
    assert find_unit(repository) is None


def test_an_agent_in_the_same_folder_is_no_daemon(repository: Repository, systemd: Path) -> None:
    agent = show(repository.root, id="healer-agent.service", words=" agent")
    systemd.write_text(f"{agent}\n{show('/', words=f' --repo {repository.root} daemon')}")
    assert find_unit(repository) == Unit("healer.service", "active", True, "success")


def test_a_daemon_that_runs_is_named_with_what_keeps_it(
    repository: Repository, systemd: Path
) -> None:
    with holding(repository, SUPERVISOR_PROCESS_NAME="healer"):
        line = examine_daemon(repository, NOW)
        assert line.status == "pass"
        assert line.detail.startswith("runs")
        cgroup = Path("/proc/self/cgroup").read_text()
        assert ".service" in cgroup or line.detail == "runs under supervisord's healer"
        systemd.write_text(show(repository.root, file="disabled"))
        line = examine_daemon(repository, NOW)
    assert (line.status, line.next_step) == ("note", "systemctl enable healer.service")


def test_a_daemon_without_a_sign_of_life_is_said(repository: Repository, systemd: Path) -> None:
    with holding(repository):
        alive = repository.state_dir / "alive"
        alive.touch()
        os.utime(alive, (NOW - SILENT_S, NOW - SILENT_S))
        assert examine_daemon(repository, NOW).status == "pass"
        line = examine_daemon(repository, NOW + 60)
    assert (line.status, "no sign of life for 6 minutes" in line.detail) == ("note", True)


@pytest.mark.parametrize(
    ("free_mb", "status"), [(0, "fail"), (DISK_MB - 1, "fail"), (DISK_MB, "pass"), (10**6, "pass")]
)
def test_the_disk_needs_room(free_mb: int, status: str) -> None:
    line = examine_disk(free_mb * 1_000_000, Path("/srv"))
    assert line.status == status
    assert ("healer sandbox prune" in line.next_step) is (status == "fail")


def test_the_engines_disk_is_looked_at_where_it_is_another(
    repository: Repository, tmp_path: Path
) -> None:
    here = list(examine_disks(repository, EngineStatus(ok=True, root=str(tmp_path))))
    assert [line.name for line in here] == ["disk"]
    away = list(examine_disks(repository, EngineStatus(ok=True, root="/nowhere/docker")))
    assert [line.name for line in away] == ["disk"]
    other = list(examine_disks(repository, EngineStatus(ok=True, root="/dev/shm")))
    assert [line.detail.rpartition(" ")[2] for line in other][1:] == ["/dev/shm"]


@pytest.mark.parametrize(
    ("size_mb", "status"), [(OUTDATED_MB // 2 - 1, "pass"), (OUTDATED_MB // 2, "note")]
)
def test_images_that_nothing_needs_are_said_where_they_take_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size_mb: int, status: str
) -> None:
    images = [{"Id": f"sha256:{n}", "Created": n, "Size": size_mb * 10**6} for n in range(4)]
    with docker_api(tmp_path, **{"GET /images/json": images}) as api:
        monkeypatch.setenv("DOCKER_HOST", api.url)
        (line,) = examine_images()
    assert (line.status, line.detail.startswith("4 of healer's take")) == (status, True)
    assert line.next_step.startswith("healer sandbox prune") == (status == "note")


def test_an_engine_that_is_away_has_no_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert list(examine_images()) == []
