"""The process that removes what a killed client left, with an engine that answers from a table."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import reaper_process
from tests.support.docker_api import DockerApi, docker_api

CONTAINERS = {"GET /containers/json": [{"Id": "one"}, {"Id": "two"}]}


def start(api: DockerApi) -> "subprocess.Popen[bytes]":
    socket = api.url.removeprefix("unix://")
    program = [sys.executable, "-I", "-S", reaper_process.__file__, socket, "s1"]
    return subprocess.Popen(program, stdin=subprocess.PIPE, stderr=subprocess.PIPE)


@contextmanager
def left_alone(api: DockerApi) -> Iterator[None]:
    """The reaper of a client that was killed: its pipe ends without a word."""
    with start(api) as reaper:
        assert reaper.stdin is not None
        reaper.stdin.close()
        try:
            yield
        finally:
            reaper.kill()


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)


def test_a_pipe_that_ends_without_a_goodbye_removes_the_containers(
    tmp_path: Path,
) -> None:
    with docker_api(tmp_path, **CONTAINERS) as api, left_alone(api):
        wait_for(lambda: len(api.asked("DELETE")) >= 2)
    assert api.asked("DELETE")[:2] == ["/containers/one", "/containers/two"]
    (filters,) = api.requests[0][1]["filters"]
    assert filters == '{"label": ["healer.session=s1"]}'


def test_a_container_that_appears_later_is_found_by_the_next_look(tmp_path: Path) -> None:
    with docker_api(tmp_path, **{"GET /containers/json": []}) as api, left_alone(api):
        wait_for(lambda: bool(api.requests))
        api.answers.update(CONTAINERS)
        wait_for(lambda: len(api.asked("DELETE")) >= 2)
    assert "/containers/one" in api.asked("DELETE")


def test_a_goodbye_removes_nothing_and_asks_nobody(tmp_path: Path) -> None:
    with docker_api(tmp_path, **CONTAINERS) as api:
        with start(api) as reaper:
            _, stderr = reaper.communicate(reaper_process.GOODBYE, timeout=30)
        assert (reaper.returncode, stderr) == (0, b"")
    assert api.requests == []
