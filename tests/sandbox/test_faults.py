"""Every way in which the sandbox could not run a job, by the real message or the real condition."""

import errno

import pytest
import requests
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from sandbox import DockerSandbox, EngineError, FaultKind, ImageError, Job, Plan
from sandbox.container import _attach
from sandbox.engine import connect
from sandbox.errors import ProtocolError
from sandbox.faults import Observation, classify, fault_of
from sandbox.hardening import settings

_ROWS = [
    ("No such image: healer-sandbox:0123", 404, FaultKind.IMAGE, False),
    ("No such container: 3f2a", 404, FaultKind.CONTAINER, True),
    (
        'Conflict. The container name "/healer-1" is already in use by container "3f2a". You have '
        "to remove (or rename) that container to be able to reuse that name.",
        409,
        FaultKind.CONTAINER,
        True,
    ),
    ("removal of container 3f2a is already in progress", 409, FaultKind.CONTAINER, True),
    (
        "Cannot kill container: 3f2a: Container 3f2a is not running",
        409,
        FaultKind.CONTAINER,
        True,
    ),
    ("Unknown runtime specified runsc", 400, FaultKind.ENGINE, False),
    ("unknown or invalid runtime name: runsc", 400, FaultKind.ENGINE, False),
    (
        "failed to create shim task: OCI runtime create failed: runc create failed: unable to "
        'start container process: exec: "/usr/bin/python": stat /usr/bin/python: no such file or '
        "directory: unknown",
        400,
        FaultKind.IMAGE,
        False,
    ),
    (
        "failed to create shim task: OCI runtime create failed: runc create failed: unable to "
        "apply cgroup configuration: unknown",
        500,
        FaultKind.CONTAINER,
        True,
    ),
    (
        "mkdir /var/lib/docker/overlay2/3f2a-init: no space left on device",
        500,
        FaultKind.DISK,
        False,
    ),
    ("write /var/lib/docker/tmp/1: disk quota exceeded", 500, FaultKind.DISK, False),
    ("invalid reference format", 400, FaultKind.IMAGE, False),
    ("", 500, FaultKind.ENGINE, True),
    ("context canceled", 503, FaultKind.ENGINE, True),
    ("something new", 418, FaultKind.CONTAINER, True),
]


@pytest.mark.parametrize(("text", "status", "kind", "retryable"), _ROWS)
def test_what_the_engine_answers(text: str, status: int, kind: FaultKind, retryable: bool) -> None:
    fault = classify(Observation(text=text, status=status))
    assert (fault.kind, fault.retryable) == (kind, retryable)


@pytest.mark.parametrize(
    ("error", "kind", "retryable"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), FaultKind.ENGINE, True),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), FaultKind.ENGINE, True),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), FaultKind.ENGINE, True),
        (PermissionError(errno.EACCES, "Permission denied"), FaultKind.ENGINE, False),
        (OSError(errno.ENOSPC, "No space left on device"), FaultKind.DISK, False),
        (OSError(errno.EMFILE, "Too many open files"), FaultKind.CONTAINER, True),
        (requests.exceptions.ReadTimeout("Read timed out."), FaultKind.ENGINE, True),
        (
            requests.exceptions.ConnectionError(
                "('Connection aborted.', RemoteDisconnected('Remote end closed connection'))"
            ),
            FaultKind.ENGINE,
            True,
        ),
        (ImageError("gone"), FaultKind.IMAGE, False),
        (EngineError("away"), FaultKind.ENGINE, True),
        (ProtocolError("cut"), FaultKind.PROTOCOL, True),
        (ValueError("a bug of ours"), FaultKind.CONTAINER, True),
    ],
)
def test_what_the_way_to_the_engine_raises(
    error: Exception, kind: FaultKind, retryable: bool
) -> None:
    fault = fault_of(error)
    assert (fault.kind, fault.retryable) == (kind, retryable)


@pytest.mark.parametrize(
    "text",
    [
        "the image of the function is not surjective",
        "container ship arrived",
        "exit status 137",
        "OOMKilled",
        "AssertionError: no space between words",
        "permission denied",  # a program's own words, without the engine's sentence
    ],
)
def test_words_of_programs_are_not_mistaken_for_a_known_fault(text: str) -> None:
    fault = classify(Observation(text=text))
    assert (fault.kind, fault.retryable) == (FaultKind.CONTAINER, True)
    assert "does not know" in fault.message


@settings_of_hypothesis(deadline=None)
@given(st.text(), st.none() | st.integers(100, 599), st.none() | st.integers(0, 200), st.booleans())
def test_any_observation_gives_a_fault_with_one_sentence(
    text: str, status: int | None, number: int | None, timed_out: bool
) -> None:
    seen = Observation(text=text, status=status, errno=number, timed_out=timed_out)
    fault = classify(seen)
    assert fault.message.endswith(".")


@pytest.mark.docker
def test_a_real_name_clash_is_tried_again_under_another_name(docker_sandbox: DockerSandbox) -> None:
    client = connect()
    made = client.create_container(
        docker_sandbox.image, entrypoint=["x"], name="healer-test-clash", labels={"healer": "1"}
    )
    try:
        with pytest.raises(Exception, match="Conflict") as caught:
            client.create_container(
                docker_sandbox.image, entrypoint=["x"], name="healer-test-clash"
            )
    finally:
        client.remove_container(made["Id"], force=True)
        client.close()
    fault = fault_of(caught.value)
    assert (fault.kind, fault.retryable) == (FaultKind.CONTAINER, True)


@pytest.mark.docker
def test_a_container_that_is_gone_is_tried_again(engine: None) -> None:
    client = connect()
    with pytest.raises(Exception, match="No such container") as caught:
        client.start("0123456789ab")
    client.close()
    assert fault_of(caught.value).kind == FaultKind.CONTAINER


@pytest.mark.docker
def test_a_runtime_that_is_not_installed_is_said_at_once(docker_sandbox: DockerSandbox) -> None:
    with DockerSandbox(docker_sandbox.image, runtime="no-such-runtime") as sandbox:
        fault = sandbox.run(Job(tree=b"", plan=Plan())).fault
    assert fault is not None
    assert (fault.kind, fault.retryable) == (FaultKind.ENGINE, False)
    assert "runtime" in fault.message


@pytest.mark.docker
def test_an_image_that_is_missing_is_said_at_once(engine: None) -> None:
    with pytest.raises(Exception, match="o such image") as caught:
        DockerSandbox("healer-sandbox:none")
    assert fault_of(caught.value).kind == FaultKind.IMAGE


@pytest.mark.docker
def test_a_flooded_stream_that_nobody_reads_does_not_hold_up_the_removal(
    docker_sandbox: DockerSandbox,
) -> None:
    """Docker Engine wedges on such a container until the stream is closed; so that comes first."""
    client = connect()
    options = settings("")
    python = client.inspect_image(docker_sandbox.image)["Config"]["Labels"]["healer.python"]
    options["entrypoint"] = [python, "-c", "while True: print('x' * 65536)"]
    made = client.create_container(
        docker_sandbox.image,
        labels={"healer": "1"},
        host_config=client.create_host_config(network_mode="none", auto_remove=True),
        **options,
    )
    channel = _attach(client, made["Id"])
    client.start(made["Id"])
    while channel.is_quiet():
        pass
    channel.close()
    client.kill(made["Id"])
    with pytest.raises(Exception, match=r"No such container|in progress"):
        while True:
            client.remove_container(made["Id"], force=True)
    client.close()
