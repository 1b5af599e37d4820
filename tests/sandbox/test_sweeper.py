"""Leftovers are removed by their labels; what belongs to the living stays."""

import time

import pytest

from sandbox import DockerSandbox, sweep
from sandbox.engine import connect
from sandbox.session import Owner, labels, new_session, owner_of_this_process


def _of_session(session: str) -> list[str]:
    client = connect()
    found = client.containers(all=True, filters={"label": [f"healer.session={session}"]})
    client.close()
    return [container["Id"] for container in found]


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
