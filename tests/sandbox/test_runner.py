"""A job runs in a container of its own, once more where that failed; nothing is raised."""

import threading
import time
from pathlib import Path

import pytest

from sandbox import Command, DockerSandbox, Job, Limits, Plan, Report
from sandbox.engine import connect
from tests.sandbox.trees import script_job, tar_of


@pytest.mark.docker
def test_a_tree_that_does_not_fit_is_a_fault_that_says_so(docker_sandbox: DockerSandbox) -> None:
    plan = Plan(command=Command(argv=("python", "-c", "")))
    report = docker_sandbox.run(Job(tree=tar_of({"f": b"x" * (129 << 20)}), plan=plan))
    assert report.fault is not None
    assert not report.fault.retryable
    assert "memory_mb = 512 holds 128 MiB" in report.fault.message


def _of_session(session: str) -> list[str]:
    client = connect()
    found = client.containers(all=True, filters={"label": [f"healer.session={session}"]})
    client.close()
    return [container["Id"] for container in found]


@pytest.mark.docker
def test_jobs_in_a_row_leave_no_container_and_no_open_file(docker_sandbox: DockerSandbox) -> None:
    sandbox = DockerSandbox(docker_sandbox.image, pool_size=1)
    sandbox.run(Job(tree=b"", plan=Plan()))
    opened = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(10):
        assert sandbox.run(Job(tree=b"", plan=Plan())).fault is None
    sandbox.close()
    assert _of_session(sandbox.session) == []
    assert len(list(Path("/proc/self/fd").iterdir())) <= opened


@pytest.mark.docker
def test_a_container_prepared_for_other_limits_is_taken_once_and_leaves_nothing(
    docker_sandbox: DockerSandbox,
) -> None:
    sandbox = DockerSandbox(docker_sandbox.image, pool_size=1)
    limits = Limits(memory_mb=300)
    assert sandbox.warm_up()
    own = set(_of_session(sandbox.session))
    sandbox.prepare(limits)
    end = time.monotonic() + 60
    while not (ready := set(_of_session(sandbox.session)) - own) and time.monotonic() < end:
        time.sleep(0.01)
    assert len(ready) == 1
    assert sandbox.run(Job(tree=b"", plan=Plan(), limits=limits)).fault is None
    sandbox.prepare(limits)
    sandbox.close()
    assert _of_session(sandbox.session) == []


@pytest.mark.docker
def test_a_container_that_is_taken_away_during_a_run_is_replaced_by_another(
    docker_sandbox: DockerSandbox,
) -> None:
    with DockerSandbox(docker_sandbox.image) as sandbox:
        reports: list[Report] = []
        job = script_job("import time\ntime.sleep(2)\nprint('done')\n")
        thread = threading.Thread(target=lambda: reports.append(sandbox.run(job)))
        thread.start()
        while not (running := _of_session(sandbox.session)):
            time.sleep(0.05)
        time.sleep(0.5)
        client = connect()
        client.kill(running[0])
        client.close()
        thread.join()
    assert reports[0].fault is None
    assert reports[0].command is not None
    assert reports[0].command.stdout == "done\n"
