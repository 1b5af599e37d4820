"""One container for one job: made, started, used once, thrown away.

Belongs here: the life of a single container, in a fixed order that cannot wedge. Does not belong
here: having containers ready (`pool`), and trying again (`runner`).
"""

import contextlib
import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sandbox import hardening
from sandbox.channel import Channel
from sandbox.engine import fair_cgroup_parent
from sandbox.errors import ImageError, ProtocolError
from sandbox.image import PYTHON_LABEL, VOLUMES_LABEL, inspect
from sandbox.inside import frames
from sandbox.job import Job, Limits, ScreenPlan
from sandbox.lint_settings import select_rules
from sandbox.report import Report
from sandbox.session import Owner, labels
from sandbox.surroundings import Surroundings, surroundings_of
from sandbox.world import World

if TYPE_CHECKING:
    from docker import APIClient

START_TIMEOUT_S = 60.0
ANSWER_MARGIN_S = 30.0
"""How much longer than the job itself we wait for the supervisor to start, clean up and answer."""


Options = Callable[[Limits, str, tuple[str, ...], Surroundings], hardening.HostOptions]


class Blueprint:
    """Everything that containers of one sandbox have in common."""

    def __init__(
        self,
        client: "APIClient",
        *,
        image: str,
        limits: Limits,
        session: str,
        owner: Owner,
        runtime: str = "",
        options: Options = hardening.options,
        is_varied: bool = False,
    ) -> None:
        """`options` gives the host configuration; only tests of the self-check weaken it."""
        self.client = client
        self.image = image
        self.limits = limits
        self.session = session
        self.owner = owner
        self.runtime = runtime
        self._options = options
        self._surroundings = surroundings_of(is_varied=is_varied)
        self._python, self._volumes = _read_labels(client, image)
        self._cgroup_parent = fair_cgroup_parent(client)

    def for_box(self, limits: Limits, *, is_varied: bool = False) -> "Blueprint":
        """The same for containers with other limits or surroundings."""
        return Blueprint(
            self.client,
            image=self.image,
            limits=limits,
            session=self.session,
            owner=self.owner,
            runtime=self.runtime,
            options=self._options,
            is_varied=is_varied,
        )

    def create(self) -> str:
        """Makes a container, without starting it; its id."""
        options = self._options(self.limits, self.runtime, self._volumes, self._surroundings)
        if self._cgroup_parent:
            options["cgroup_parent"] = self._cgroup_parent
        answer = self.client.create_container(
            image=self.image,
            name=f"healer-{self.session}-{secrets.token_hex(5)}",
            labels=labels(self.session, self.owner, self.limits.timeout_s),
            host_config=self.client.create_host_config(**options),
            **hardening.settings(self._python, self._surroundings),
        )
        return str(answer["Id"])


def _read_labels(client: "APIClient", image: str) -> tuple[str, tuple[str, ...]]:
    """The interpreter and the volumes that the image's labels and settings name."""
    facts = inspect(client, image)
    if PYTHON_LABEL not in facts.labels:
        raise ImageError(
            f"The image {image!r} holds no sandbox tools; build it with `healer sandbox build`."
        )
    volumes = {*facts.volumes, *json.loads(facts.labels.get(VOLUMES_LABEL, "[]"))}
    return facts.labels[PYTHON_LABEL], tuple(sorted(volumes))


class Container:
    """A started container whose supervisor waits for a job."""

    def __init__(self, blueprint: Blueprint) -> None:
        """Creates and starts one. Raises what the docker library raises; leaves nothing then."""
        self._client = blueprint.client
        self._limits = blueprint.limits
        self._image = blueprint.image
        self._open: Channel | None = None
        self.born = time.monotonic()
        self.id = blueprint.create()
        try:
            self._open = _attach(self._client, self.id)
            self._client.start(self.id)
        except BaseException:
            self.discard()
            raise

    def wait_until_ready(self) -> None:
        """Returns when pytest is imported and the supervisor blocks on its input."""
        frame = self._channel.exchange(b"", time.monotonic() + START_TIMEOUT_S)
        if _decode(frame).get("kind") != "ready":
            raise ProtocolError("The sandbox did not say that it is ready; it is tried again.")

    def is_waiting(self) -> bool:
        """It can take a job now; false when it ended while it waited (an engine restart)."""
        return self._open is not None and self._open.is_quiet()

    def run(self, job: Job) -> Report:
        """Hands over the job and returns the answer. Raises SandboxError. Use it once."""
        return self.ask(encode(job), job.limits.timeout_s)

    def ask(self, data: bytes, timeout_s: float) -> Report:
        """Hands over some bytes that ask for one report (`encode`, `encode_round`), which takes so
        long at most, and returns it. Raises SandboxError."""
        began = time.monotonic()
        deadline = began + timeout_s + ANSWER_MARGIN_S
        answer = _decode(self._channel.exchange(data, deadline))
        while answer.get("kind") == "ready":
            answer = _decode(self._channel.exchange(b"", deadline))
        return self._report(answer, time.monotonic() - began)

    @property
    def _channel(self) -> Channel:
        if self._open is None:
            raise ProtocolError("The sandbox container has no stream; it is tried again.")
        return self._open

    def _report(self, answer: dict[str, Any], seconds: float) -> Report:
        try:
            fields = {**answer["report"]}
            fields.pop("inside_seconds", None)
            fields |= {"image": self._image, "seconds": seconds}
            return Report.model_validate_json(json.dumps(fields))
        except (KeyError, TypeError, ValidationError) as error:
            raise ProtocolError(
                f"The sandbox's answer does not have the agreed form ({error}).", retryable=False
            ) from error

    def hang_up(self) -> None:
        """Closes the stream: from here on nothing can block, and the supervisor ends by itself."""
        if self._open is not None:
            self._open.close()

    def discard(self) -> None:
        """Ends and removes it, in the order that cannot hang: stream, processes, container.

        Never raises: what cannot be removed now is found again by its labels.
        """
        self.hang_up()
        for end in (self._kill, self._remove):
            with contextlib.suppress(Exception):
                end()

    def _kill(self) -> None:
        self._client.kill(self.id, "SIGKILL")

    def _remove(self) -> None:
        self._client.remove_container(self.id, force=True, v=True)


def _attach(client: "APIClient", container: str) -> Channel:
    options = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    stream: Any = client.attach_socket(container, params=options)
    # Over a local socket the library wraps it as a file; the socket itself is what can be polled.
    sock = getattr(stream, "_sock", stream)
    response = getattr(stream, "_response", None)
    return Channel(sock, tuple(owner for owner in (response, stream) if owner is not None))


def encode(job: Job, *, is_asked_more: bool = False) -> bytes:
    """The two frames of a job: what to do, and the tree. `is_asked_more`: its plan is a screening
    without candidates, and rounds follow (`encode_round`)."""
    plan = job.plan.model_dump(mode="python")
    if plan["lint_config"]:
        plan["lint_config"] = select_rules(plan["lint_config"], plan["lint_rules"])
    for command in (plan["command"], (plan["screen"] or {}).get("command")):
        _encode_command(command)
    for contents in plan["variants"]:
        contents.update({path: urlsafe_b64encode(d).decode() for path, d in contents.items()})
    head = {"timeout_s": job.limits.timeout_s, "plan": plan, "paths": job.paths}
    head["is_dated"] = job.is_dated
    if is_asked_more:
        head["is_asked_more"] = True
    return frames.pack(json.dumps(head).encode()) + frames.pack(job.tree)


def encode_round(screen: ScreenPlan, timeout_s: float) -> bytes:
    """The frame of one question of a screening that is under way."""
    plan = screen.model_dump(mode="python")
    _encode_command(plan["command"])
    return frames.pack(json.dumps({"plan": plan, "timeout_s": timeout_s}).encode())


def _encode_command(command: dict[str, Any] | None) -> None:
    if command:
        command["stdin"] = urlsafe_b64encode(command["stdin"]).decode()
        command["files"] = {
            path: urlsafe_b64encode(data).decode() for path, data in command["files"].items()
        }
        if command["world"]:
            command["world"] = World.model_validate(command["world"]).model_dump(mode="json")


def _decode(frame: bytes) -> dict[str, Any]:
    try:
        message = json.loads(frame)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("The sandbox's answer is not JSON; it is tried again.") from error
    if not isinstance(message, dict):
        raise ProtocolError("The sandbox's answer is not an object; it is tried again.")
    return message
