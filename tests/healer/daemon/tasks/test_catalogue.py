"""Every task of the folder is in the list, under a name of its own."""

import pkgutil
from pathlib import Path

import pytest

import healer.daemon.tasks
from healer.daemon.daemon import Daemon
from healer.daemon.scheduler import PeriodicTasks
from healer.daemon.tasks.catalogue import standard_tasks
from sandbox import EngineStatus
from tests.support.shop import shop

ASKED_FOR = {"catalogue", "decisions", "planned_jobs", "reload", "shared_failures", "shared_runs"}
"""The list itself, and what a daemon has only where it is configured or run by a command."""


def well() -> EngineStatus:
    return EngineStatus(ok=True)


def test_every_module_of_the_folder_is_in_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")  # else not wanted
    wanted = {"issues": True}
    with (
        shop(tmp_path / "shop", forge=wanted) as here,
        Daemon(here.services, here.state) as daemon,
    ):
        tasks = standard_tasks(daemon, well, lambda _: None)
    modules = {type(task).__module__.rpartition(".")[2] for task in tasks}
    files = {module.name for module in pkgutil.iter_modules(healer.daemon.tasks.__path__)}
    assert modules == files - ASKED_FOR


def test_each_has_a_name_of_its_own_and_a_pace(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here, Daemon(here.services, here.state) as daemon:
        tasks = standard_tasks(daemon, well, lambda _: None)
    assert len({task.name for task in tasks}) == len(tasks)
    assert all(0 < task.every_s <= 3_600 for task in tasks)


def test_all_of_them_run_on_a_quiet_repository_and_nothing_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    with shop(tmp_path / "shop") as here, Daemon(here.services, here.state) as daemon:
        periodic = PeriodicTasks(
            standard_tasks(daemon, well, lambda _: None),
            daemon.heartbeat,
            lambda note: said.append(note.detail),
        )
        for now in (1_795_000_000.0, 1_795_004_000.0):
            periodic.run_due(now)
    assert said == []
