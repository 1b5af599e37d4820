"""What a killed client left half made is removed within seconds."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox import DockerSandbox
from sandbox.engine import connect
from sandbox.session import new_session

_CLIENT = """
import sys
from sandbox import DockerSandbox
from tests.sandbox.trees import script_job
sandbox = DockerSandbox(sys.argv[1], session=sys.argv[2], pool_size=2)
print("up", flush=True)
while True:
    sandbox.run(script_job("import time; time.sleep(0.1)"))
"""


def _of_session(session: str) -> list[str]:
    client = connect()
    found = client.containers(all=True, filters={"label": [f"healer.session={session}"]})
    client.close()
    return [container["Id"] for container in found]


@pytest.mark.docker
@pytest.mark.parametrize("delay_s", [0.0, 0.05, 0.4])
def test_a_client_killed_at_any_moment_leaves_no_container_five_seconds_later(
    docker_sandbox: DockerSandbox, delay_s: float
) -> None:
    session = new_session()
    root = str(Path(__file__).parents[2])
    client = subprocess.Popen(
        [sys.executable, "-c", _CLIENT, docker_sandbox.image, session],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert client.stdout is not None
    client.stdout.readline()
    time.sleep(delay_s)
    client.kill()
    client.wait()
    client.stdout.close()
    end = time.monotonic() + 5
    while (left := _of_session(session)) and time.monotonic() < end:
        time.sleep(0.1)
    assert left == []
