"""Nothing stays behind: after jobs, after a killed client, after a dead owner."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sandbox import DockerSandbox, Job, Limits, Plan, Report, TestPlan, sweep
from sandbox.engine import connect
from sandbox.session import Owner, is_dead, labels, new_session, owner_of_this_process
from tests.sandbox.trees import script_job

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


def test_importing_the_package_does_not_import_docker() -> None:
    code = "import sys, sandbox\nassert not {'docker', 'requests'} & set(sys.modules)\n"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.docker
def test_sweep_removes_what_is_overdue_or_of_a_dead_owner_and_nothing_else(
    docker_sandbox: DockerSandbox,
) -> None:
    client = connect()
    me = owner_of_this_process()
    dead = me.model_copy(update={"started": "1"})
    abroad = Owner(machine="another", pid=1, started="1")
    session = new_session()
    marks = {
        "mine": labels(session, me, 60),
        "dead": labels(session, dead, 60),
        "abroad": labels(session, abroad, 60),
        "overdue": labels(session, abroad, 60) | {"healer.deadline": "1000"},
    }
    made = {
        name: client.create_container(docker_sandbox.image, entrypoint=["x"], labels=mark)["Id"]
        for name, mark in marks.items()
    }
    try:
        removed = sweep(client)
        assert not {made["mine"], made["abroad"]} & set(removed)
        # Another sandbox on this machine may sweep at the same moment, so it may take a moment.
        end = time.monotonic() + 5
        while len(left := _of_session(session)) > 2 and time.monotonic() < end:
            time.sleep(0.05)
        assert set(left) == {made["mine"], made["abroad"]}
        sweep(client, only_session=session)
        assert _of_session(session) == []
    finally:
        sweep(client, only_session=session)
        client.close()


def test_an_owner_is_dead_only_when_that_is_certain() -> None:
    me = owner_of_this_process()
    assert not is_dead(me)
    assert is_dead(me.model_copy(update={"started": "1"}))
    assert not is_dead(Owner(machine="another", pid=me.pid, started="1"))
    assert Owner.parse(me.label()) == me
    assert Owner.parse("nonsense") is None
