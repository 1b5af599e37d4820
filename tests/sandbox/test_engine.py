"""The way to Docker Engine, and the one look at whether it can be used."""

import socket
from pathlib import Path

import pytest

from sandbox.engine import connect, engine_status, fair_cgroup_parent, short, use_client
from sandbox.errors import EngineError
from tests.support.docker_api import DockerApi, docker_api

INFO = {"SecurityOptions": ["name=seccomp,profile=default"], "ServerVersion": "24.0.1"}


def use(api: DockerApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", api.url)


def test_no_engine_is_one_sentence_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(EngineError, match="start it with"):
        connect()


def test_an_engine_that_accepts_and_says_nothing_is_one_sentence_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "d.sock"))
        silent.listen()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/d.sock")
        with pytest.raises(EngineError, match="does not answer"):
            connect(timeout_s=1)


def test_an_engine_that_answers_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with docker_api(tmp_path, **{"GET /info": INFO | {"CgroupVersion": "2"}}) as api:
        use(api, monkeypatch)
        status = engine_status()
    assert (status.ok, status.problem) == (True, "")
    assert (status.version, status.cgroup_version, status.seccomp) == ("24.0.1", "2", True)


@pytest.mark.parametrize("options", [None, [], ["name=apparmor"]])
def test_an_engine_without_seccomp_is_not_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str] | None
) -> None:
    with docker_api(tmp_path, **{"GET /info": INFO | {"SecurityOptions": options}}) as api:
        use(api, monkeypatch)
        status = engine_status()
    assert not status.ok
    assert "seccomp" in status.problem


def test_an_engine_that_fails_when_asked_is_told_and_never_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with docker_api(tmp_path, **{"GET /info": 500}) as api:
        use(api, monkeypatch)
        status = engine_status()
    assert not status.ok
    assert status.problem.startswith("Docker Engine is not well: ")


@pytest.mark.parametrize(
    ("driver", "parent"), [("cgroupfs", "/"), ("systemd", ""), ("none", ""), (None, "")]
)
def test_without_systemd_a_container_stands_beside_other_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: str | None, parent: str
) -> None:
    with docker_api(tmp_path, **{"GET /info": INFO | {"CgroupDriver": driver}}) as api:
        use(api, monkeypatch)
        with use_client(None) as client:
            assert fair_cgroup_parent(client) == parent


def test_a_client_that_was_given_is_used_and_left_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with docker_api(tmp_path, **{"GET /info": INFO}) as api:
        use(api, monkeypatch)
        client = connect()
        with use_client(client) as same:
            assert same is client
        assert client.info()["ServerVersion"] == "24.0.1"
        client.close()


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("two\n  lines"), "two lines"),
        (ValueError(""), "ValueError"),
        (ValueError("x" * 400), "x" * 300),
    ],
)
def test_a_library_s_message_is_one_short_line(error: Exception, text: str) -> None:
    assert short(error) == text
