"""What a job is on the wire, and which answers are believed. Containers themselves: `test_pool`."""

import json
import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from sandbox.channel import Channel
from sandbox.container import Blueprint, Container, _decode, encode
from sandbox.engine import connect
from sandbox.errors import ImageError, ProtocolError
from sandbox.inside import frames
from sandbox.job import Command, Job, Limits, Plan, ScreenPlan
from sandbox.session import owner_of_this_process
from tests.support.docker_api import docker_api

COMMAND = Command(argv=("python", "a.py"), stdin=b"\xff\0", files={"in.bin": b"\xfe"})


def unpack(data: bytes, tmp_path: Path) -> tuple[dict[str, Any], bytes]:
    """The two frames of a job, read as the supervisor reads them."""
    (tmp_path / "wire").write_bytes(data)
    handle = os.open(tmp_path / "wire", os.O_RDONLY)
    try:
        head, tree, end = (frames.read_frame(handle) for _ in range(3))
    finally:
        os.close(handle)
    assert head is not None
    assert tree is not None
    assert end is None
    return json.loads(head), bytes(tree)


@pytest.mark.parametrize("place", ["command", "screen"])
def test_a_job_is_two_frames_with_its_bytes_as_text(tmp_path: Path, place: str) -> None:
    plan = Plan(command=COMMAND) if place == "command" else Plan(screen=ScreenPlan(command=COMMAND))
    job = Job(tree=b"tree", plan=plan, limits=Limits(timeout_s=7))
    head, tree = unpack(encode(job), tmp_path)
    assert (head["timeout_s"], tree) == (7, b"tree")
    command = head["plan"]["command"] or head["plan"]["screen"]["command"]
    assert (command["stdin"], command["files"]) == ("_wA=", {"in.bin": "_g=="})


def test_an_empty_plan_is_a_job_too(tmp_path: Path) -> None:
    head, tree = unpack(encode(Job(tree=b"", plan=Plan())), tmp_path)
    assert (head["plan"]["command"], tree) == (None, b"")


@pytest.mark.parametrize("frame", [b"", b"{", b"\xff", b"[]", b"1", b"null", b"[" * 100_000])
def test_an_answer_that_is_no_object_is_refused(frame: bytes) -> None:
    with pytest.raises(ProtocolError, match=r"not JSON|not an object"):
        _decode(frame)


@pytest.fixture
def answering() -> Any:
    """A container whose supervisor gives these answers."""
    sockets: list[socket.socket] = []

    def make(*answers: object) -> Container:
        ours, theirs = socket.socketpair()
        sockets.extend((ours, theirs))
        container = object.__new__(Container)
        container._image, container._open = "image:1", Channel(ours, ())
        payloads = [json.dumps(answer).encode() for answer in answers]
        # As Docker sends it: each part of standard output behind a header of eight bytes.
        data = b"".join(frames.pack(payload) for payload in payloads)
        header = b"\x01\0\0\0" + len(data).to_bytes(4, "big")
        threading.Thread(target=theirs.sendall, args=(header + data,)).start()
        return container

    yield make
    for each in sockets:
        each.close()


JOB = Job(tree=b"", plan=Plan(), limits=Limits(timeout_s=5))


def test_the_answer_is_the_report_with_the_image_and_our_own_clock(answering: Any) -> None:
    report = answering({"report": {"inside_seconds": 99.0, "step_seconds": {"tests": 1.0}}}).run(
        JOB
    )
    assert report.image == "image:1"
    assert report.seconds < 5
    assert report.step_seconds == {"tests": 1.0}


def test_a_supervisor_that_still_gets_ready_is_waited_for(answering: Any) -> None:
    container = answering({"kind": "ready"}, {"report": {}})
    assert container.run(JOB).fault is None


@pytest.mark.parametrize(
    "answer",
    [{}, {"report": None}, {"report": []}, {"report": {"unknown": 1}}, {"report": {"tests": 1}}],
)
def test_a_report_of_another_form_is_a_fault_and_not_tried_again(
    answering: Any, answer: object
) -> None:
    with pytest.raises(ProtocolError, match="does not have the agreed form") as refusal:
        answering(answer).run(JOB)
    assert not refusal.value.retryable


def test_a_container_that_does_not_say_it_is_ready_is_tried_again(answering: Any) -> None:
    with pytest.raises(ProtocolError, match="did not say that it is ready") as refusal:
        answering({"kind": "other"}).wait_until_ready()
    assert refusal.value.retryable


def test_a_container_without_a_stream_takes_no_job() -> None:
    container = object.__new__(Container)
    container._open = None
    assert not container.is_waiting()
    container.hang_up()
    with pytest.raises(ProtocolError, match="has no stream"):
        container.run(JOB)


def image(
    labels: dict[str, str] | None, volumes: dict[str, object] | None = None
) -> dict[str, Any]:
    return {"Id": "sha256:1", "Config": {"Labels": labels, "Volumes": volumes}}


def test_a_container_is_made_with_every_restriction_and_the_labels_of_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {
        "GET /images/ours:1/json": image(
            {"healer.python": "/opt/python", "healer.volumes": '["/data"]'}, {"/cache": {}}
        ),
        "GET /info": {"CgroupDriver": "cgroupfs"},
        "POST /containers/create": {"Id": "made"},
    }
    with docker_api(tmp_path, **answers) as api:
        monkeypatch.setenv("DOCKER_HOST", api.url)
        client = connect()
        owner = owner_of_this_process()
        blueprint = Blueprint(
            client, image="ours:1", limits=Limits(pids=9), session="s1", owner=owner
        )
        assert blueprint.create() == "made"
        assert blueprint.for_box(Limits(pids=8)).limits.pids == 8
        client.close()
    (body,) = [json.loads(body) for key, body in api.bodies if key == "POST /containers/create"]
    host = body["HostConfig"]
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["PidsLimit"]) == ("none", True, 9)
    assert (host["CapDrop"], host["CgroupParent"]) == (["ALL"], "/")
    assert {"/job", "/tmp", "/data", "/cache"} == host["Tmpfs"].keys()
    assert body["Entrypoint"][0] == "/opt/python"
    assert body["Labels"]["healer.session"] == "s1"
    assert body["Labels"]["healer.owner"] == owner.label()


@pytest.mark.parametrize("labels", [None, {}, {"other": "1"}])
def test_an_image_without_our_tools_is_refused_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, labels: dict[str, str] | None
) -> None:
    with docker_api(tmp_path, **{"GET /images/ours:1/json": image(labels), "GET /info": {}}) as api:
        monkeypatch.setenv("DOCKER_HOST", api.url)
        client = connect()
        with pytest.raises(ImageError, match="healer sandbox build"):
            Blueprint(
                client, image="ours:1", limits=Limits(), session="s", owner=owner_of_this_process()
            )
        client.close()
