"""One real sandbox for all tests of a run: making it takes longer than using it."""

import os
from collections.abc import Iterator

import pytest

from sandbox import DockerSandbox, Limits, engine_status


@pytest.fixture(scope="session")
def engine() -> None:
    """Docker Engine: missing, it is a skip on a laptop and a failure in CI."""
    status = engine_status()
    if not status.ok:
        if os.environ.get("CI") == "true":
            pytest.fail(status.problem)
        pytest.skip(status.problem)


@pytest.fixture(scope="session")
def docker_sandbox(engine: None) -> Iterator[DockerSandbox]:
    with DockerSandbox(pool_size=2, limits=Limits(timeout_s=30)) as sandbox:
        yield sandbox
