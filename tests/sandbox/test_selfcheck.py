"""The self-check holds on the real sandbox, and can fail."""

from typing import Any

import pytest

from sandbox import (
    DockerSandbox,
    Fault,
    FaultKind,
    Job,
    Limits,
    Report,
    build_image,
    hardening,
    self_check,
    selfcheck,
)
from sandbox.container import Blueprint, Container
from sandbox.engine import connect
from sandbox.session import new_session, owner_of_this_process
from sandbox.surroundings import Surroundings


def test_at_least_sixty_attempts_are_made_under_different_names() -> None:
    names = selfcheck.names()
    assert len(names) >= 60
    assert len(set(names)) == len(names)
    assert all(": " in name for name in names)


@pytest.mark.docker
def test_everything_holds(docker_sandbox: DockerSandbox) -> None:
    results = self_check(docker_sandbox)
    assert [result.name for result in results] == list(selfcheck.names())
    assert [result for result in results if not result.held] == []


def test_a_sandbox_that_cannot_run_holds_nothing() -> None:
    class Absent:
        def run(self, job: Job) -> Report:
            return Report(fault=Fault(kind=FaultKind.ENGINE, message="It is away."))

        def close(self) -> None: ...

    results = self_check(Absent())
    assert len(results) == len(selfcheck.names())
    assert not any(result.held for result in results)


def _weak(
    limits: Limits, runtime: str, volumes: tuple[str, ...], surroundings: Surroundings
) -> dict[str, Any]:
    options = hardening.options(limits, runtime, volumes, surroundings)
    options |= {
        "network_mode": "bridge",
        "security_opt": ["seccomp=unconfined"],
        "cap_add": [*options["cap_add"], "SYS_ADMIN", "NET_RAW"],
        "shm_size": 64 << 20,
        "ulimits": [],
    }
    options["tmpfs"]["/tmp"] = "rw,mode=1777"
    return options


class WeakSandbox:
    """The same supervisor in a container whose walls were taken down."""

    def __init__(self) -> None:
        client = connect()
        self._client = client
        self._blueprint = Blueprint(
            client,
            image=build_image(client=client),
            limits=Limits(),
            session=new_session(),
            owner=owner_of_this_process(),
            options=_weak,
        )

    def run(self, job: Job) -> Report:
        container = Container(self._blueprint)
        try:
            return container.run(job)
        finally:
            container.discard()

    def close(self) -> None:
        self._client.close()


@pytest.mark.docker
def test_the_check_fails_for_a_container_whose_walls_are_down(engine: None) -> None:
    sandbox = WeakSandbox()
    results = selfcheck.probes_in_one_container(sandbox)
    sandbox.close()
    open_names = {result.name for result in results if not result.held}
    assert open_names >= {
        "files: fill /tmp",
        "files: fill /dev/shm",
        "files: size of one file",
        "kernel: io_uring",
        "kernel: keyctl",
        "kernel: new user namespace",
        "network: netlink",
        "network: only the loopback interface",
        "network: vsock",
        "processes: new privileges by a program",
        "processes: system call filter",
    }
