"""What a job sees when Docker Engine stops, loses the image, or runs out of disk under it."""

import contextlib
import gc
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import (
    DockerSandbox,
    FaultKind,
    ImageConfig,
    Job,
    Plan,
    Report,
    build_image,
)
from sandbox.engine import connect
from tests.sandbox.private_engine import PrivateEngine, private_engine
from tests.sandbox.trees import script_job

pytestmark = [
    pytest.mark.docker,
    # The docker library leaves its socket to the garbage collector when a connection is refused.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
_PYTHON = Path("/usr/bin/python3")


@pytest.fixture(scope="module")
def other_engine(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateEngine]:
    try:
        with private_engine(tmp_path_factory.mktemp("engine")) as started:
            yield started
    except RuntimeError as missing:
        pytest.skip(str(missing))


@pytest.fixture(autouse=True)
def collected_here() -> Iterator[None]:
    """What the library left open is collected in the test that made it, where it is expected."""
    yield
    gc.collect()


@pytest.fixture
def image(other_engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DOCKER_HOST", other_engine.url)
    python = _PYTHON if _PYTHON.exists() else None
    return build_image(ImageConfig(python=python))


def test_an_engine_that_dies_during_a_run_is_a_fault_and_the_next_run_works(
    other_engine: PrivateEngine, image: str
) -> None:
    with DockerSandbox(image, pool_size=1, attempts=2) as sandbox:
        assert sandbox.warm_up()
        reports: list[Report] = []
        job = script_job("import time; time.sleep(20)")
        thread = threading.Thread(target=lambda: reports.append(sandbox.run(job)))
        thread.start()
        time.sleep(1)
        other_engine.stop()
        thread.join(15)
        assert not thread.is_alive()
        fault = reports[0].fault
        assert fault is not None
        assert fault.kind == FaultKind.ENGINE
        other_engine.start()
        again = sandbox.run(script_job("print(1)"))
        assert again.fault is None
        assert again.command is not None
        assert again.command.stdout == "1\n"


def test_a_full_disk_is_named_as_such(other_engine: PrivateEngine, image: str) -> None:
    ballast = other_engine.data / "ballast"
    with DockerSandbox(image) as sandbox:
        for chunk_bytes in (1 << 20, 4096, 4096):
            with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
                while file.write(b"x" * chunk_bytes):
                    pass
                os.fsync(file.fileno())
        try:
            fault = sandbox.run(Job(tree=b"", plan=Plan())).fault
        finally:
            ballast.unlink()
    assert fault is not None
    assert fault.kind == FaultKind.DISK
    assert "free some space" in fault.message


def test_an_image_that_is_removed_between_two_runs_is_named(image: str) -> None:
    client = connect()
    with DockerSandbox(image) as sandbox:
        assert sandbox.run(Job(tree=b"", plan=Plan())).fault is None
        client.remove_image(image, force=True)
        fault = sandbox.run(Job(tree=b"", plan=Plan())).fault
    client.close()
    assert fault is not None
    assert (fault.kind, fault.retryable) == (FaultKind.IMAGE, False)
    assert "healer sandbox build" in fault.message
