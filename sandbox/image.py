"""Makes the sandbox image: from this machine, from a Dockerfile, or from a user's image.

Every image ends with the same tools at /opt/healer and a label that says which interpreter runs
them. The tag is a hash of what went in, so an unchanged machine builds once; the check that
nothing has changed takes tens of milliseconds. Belongs here: what Docker Engine is asked to build.
Does not belong here: which files go in (`machine`, `tools`).
"""

import contextlib
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from sandbox import interpreter, machine, tools
from sandbox.engine import short, use_client
from sandbox.errors import ImageError
from sandbox.facts import Fact
from sandbox.layer import Layer, relocate
from sandbox.packed import PackedLayer, unpack

if TYPE_CHECKING:
    from docker import APIClient

REPOSITORY = "healer-sandbox"
AUTO = "auto"
PYTHON_LABEL = "healer.python"
ORIGIN_LABEL = "healer.interpreter"
"""Which interpreter of this machine the image was made from: `prune` keeps its newest."""
VOLUMES_LABEL = "healer.volumes"
IMAGE_LABEL = "healer.image=1"
_PROBE_TIMEOUT_S = 60
_COMPILE_TIMEOUT_S = 300
_PROBE = (
    "import sys,importlib.util as u;"
    "print(sys.executable, *sys.version_info[:2], u.find_spec('pytest') is not None)"
)


class ImageConfig(Fact):
    """Which image a sandbox runs on."""

    image: str = AUTO
    """`auto`, a path to a Dockerfile, or the name of an image that is on this machine."""
    python: Path | None = None
    """For `auto`: the interpreter of the script's environment; None is our own."""
    programs: tuple[str, ...] = ()
    """For `auto`: names of programs of this machine beside the usual ones."""
    pytest: Path | None = None
    """For `auto`: a folder with a pytest for an interpreter that has none and cannot run ours."""
    packed: PackedLayer | None = None
    """For `auto`: what another machine packed, in the place of all that is here."""
    root: Path = Path()
    """What a relative Dockerfile path is relative to."""


def build_image(config: ImageConfig | None = None, client: "APIClient | None" = None) -> str:
    """Returns the tag of an image made from what the config names, building it if needed.

    Raises ImageError for what the user can change, EngineError when Docker Engine is away.
    """
    config = config or ImageConfig()
    with use_client(client) as engine:
        return _build(engine, config)


def _build(client: "APIClient", config: ImageConfig) -> str:
    if config.image == AUTO:
        layer = config.packed
        return _from_packed(client, layer) if layer else _from_machine(client, config)
    dockerfile = config.root / config.image
    if dockerfile.is_file():
        return _with_tools(client, _from_dockerfile(client, dockerfile))
    return _with_tools(client, config.image)


def content_tag(digest: str) -> str:
    """The tag of an image by the hash of what went into it."""
    return f"{REPOSITORY}:{digest[:32]}"


class ImageFacts(NamedTuple):
    """What Docker Engine knows about an image."""

    id: str
    labels: dict[str, str]
    volumes: tuple[str, ...]
    """Folders that it declares as volumes."""


def inspect(client: "APIClient", name: str) -> ImageFacts:
    """Raises what the docker library raises; ImageNotFound where there is none."""
    answer = client.inspect_image(name)  # type: ignore[no-untyped-call]  # its stub has no types
    config = answer["Config"] or {}
    volumes = tuple(sorted(config.get("Volumes") or {}))
    return ImageFacts(answer["Id"], config.get("Labels") or {}, volumes)


def exists(client: "APIClient", tag: str) -> bool:
    """Whether this machine has the image."""
    from docker.errors import ImageNotFound  # noqa: PLC0415 - see engine.connect

    try:
        inspect(client, tag)
    except ImageNotFound:
        return False
    return True


def _from_machine(client: "APIClient", config: ImageConfig) -> str:
    facts = interpreter.describe(config.python) if config.python else interpreter.own()
    tag = content_tag(machine.fingerprint(facts, config.programs, config.pytest))
    if exists(client, tag):
        return tag
    executable = relocate(facts.executable)
    with machine.scratch_folder() as scratch, tempfile.TemporaryFile() as tar:
        machine.make_layer(facts, Path(scratch), config.programs, config.pytest).write(tar)
        tar.seek(0)
        labels = f"{IMAGE_LABEL} {PYTHON_LABEL}={executable} {ORIGIN_LABEL}={facts.executable}"
        _import(client, tar, tag, [f"LABEL {labels}"])
    if facts.cache_tag != sys.implementation.cache_tag:
        _compile_inside(client, tag, executable)
    return tag


def _from_packed(client: "APIClient", layer: PackedLayer) -> str:
    """With the tools of this healer on top: whoever packed it may have another one."""
    tag = content_tag(layer.digest)
    if not exists(client, tag):
        with tempfile.TemporaryFile() as tar:
            unpack(layer, tar)
            tar.seek(0)
            _import(client, tar, tag, [f"LABEL {IMAGE_LABEL}"])
    return _with_tools(client, tag, (layer.python,))


def _compile_inside(client: "APIClient", tag: str, python: str) -> None:
    """Has the image's own Python compile what ours cannot, in a closed container: later starts are
    faster for it. What fails here is compiled anew at each start."""
    argv = [python, "-I", "-m", "compileall", "-q", "-q", "-i", machine.SOURCES]
    with _closed_container(client, tag, argv) as container:
        client.start(container)
        client.wait(container, timeout=_COMPILE_TIMEOUT_S)
        repository, _, version = tag.rpartition(":")
        client.commit(container, repository=repository, tag=version)


@contextlib.contextmanager
def _closed_container(client: "APIClient", image: str, argv: list[str]) -> Iterator[str]:
    """A container without network and rights, for a program of an image; its id."""
    container = client.create_container(
        image,
        entrypoint=argv,
        network_disabled=True,
        labels={"healer": "1"},
        host_config=client.create_host_config(network_mode="none", cap_drop=["ALL"]),
    )
    try:
        yield str(container["Id"])
    finally:
        client.remove_container(container["Id"], force=True, v=True)


def _import(client: "APIClient", tar: IO[bytes], tag: str, changes: list[str]) -> None:
    repository, _, version = tag.rpartition(":")
    try:
        answer = client.import_image(src=tar, repository=repository, tag=version, changes=changes)
    except Exception as error:
        raise ImageError(
            f"The sandbox image could not be stored ({short(error)}); "
            "check the free space of Docker's data folder."
        ) from error
    for line in str(answer).splitlines():
        problem = json.loads(line).get("error") if line.startswith("{") else None
        if problem:
            raise ImageError(f"The sandbox image could not be stored ({problem}).")


def _from_dockerfile(client: "APIClient", dockerfile: Path) -> str:
    """Builds a Dockerfile with its folder as context; the id of the result."""
    image = problem = ""
    log: list[str] = []
    try:
        for event in client.build(
            path=str(dockerfile.parent),
            dockerfile=dockerfile.name,
            rm=True,
            forcerm=True,  # or the container of a step that fails stays
            decode=True,
            labels={"healer.image": "1"},
        ):
            log.append(str(event.get("stream", "")).strip())
            image = event.get("aux", {}).get("ID", image)
            problem = str(event.get("error", problem))
    except Exception as error:
        raise ImageError(_build_problem(dockerfile, short(error), log)) from error
    if problem or not image:
        raise ImageError(_build_problem(dockerfile, problem or "no image was named", log))
    return image


def _build_problem(dockerfile: Path, error: str, log: list[str]) -> str:
    step = next((line for line in reversed(log) if line.startswith("Step ")), "")
    where = f" at “{step}”" if step else ""
    words = ("pull access", "manifest", "registry", "lookup", "dial tcp", "TLS", "timeout")
    if "FROM" in step and any(word in error for word in words):
        return (
            f"{dockerfile} cannot be built{where}: its base image is not on this machine and "
            f"cannot be pulled ({error}); load it with `docker load`, or set "
            '[sandbox] image = "auto", which needs no registry.'
        )
    return f"{dockerfile} cannot be built{where}: {error}."


def _with_tools(
    client: "APIClient", name: str, pythons: tuple[str, ...] = ("python3", "python")
) -> str:
    """A user's image with one more layer that holds our tools, for the first of these programs
    that is one. No registry is asked."""
    from docker.errors import APIError  # noqa: PLC0415 - see engine.connect

    try:
        base = inspect(client, name)
    except APIError as error:
        raise ImageError(
            f"The sandbox image {name!r} is not on this machine, nor a file of the "
            'repository; pull or build it first, or set [sandbox] image = "auto".'
        ) from error
    key = f"{base.id} {tools.fingerprint()}"
    tag = content_tag(hashlib.blake2b(key.encode(), digest_size=16).hexdigest())
    if exists(client, tag):
        return tag
    python, version, has_pytest = _python_of(client, name, pythons)
    layer = Layer()
    runner = () if has_pytest else tools.pytest_files(version)
    tools.add_to(layer, pytest=runner, with_loader=True)
    for folder in ("job", "tmp"):
        layer.add_folder(folder, world_writable=True)
    volumes = json.dumps(base.volumes)
    changes = [f"LABEL {IMAGE_LABEL} {PYTHON_LABEL}={python} {VOLUMES_LABEL}={json.dumps(volumes)}"]
    _commit(client, name, layer, tag, changes)
    return tag


def _commit(client: "APIClient", name: str, layer: Layer, tag: str, changes: list[str]) -> None:
    repository, _, version = tag.rpartition(":")
    container = client.create_container(name, entrypoint=["/nothing"], labels={"healer": "1"})
    try:
        with tempfile.TemporaryFile() as tar:
            layer.write(tar)
            tar.seek(0)
            client.put_archive(container["Id"], "/", tar)
        client.commit(container["Id"], repository=repository, tag=version, changes=changes)
    finally:
        client.remove_container(container["Id"], force=True, v=True)


def _python_of(
    client: "APIClient", name: str, pythons: tuple[str, ...]
) -> tuple[str, tuple[int, int], bool]:
    """Path of the image's interpreter, its version, and whether it has pytest; asked in a closed
    container."""
    from docker.errors import APIError  # noqa: PLC0415 - see engine.connect

    for candidate in pythons:
        try:
            with _closed_container(client, name, [candidate, "-c", _PROBE]) as container:
                client.start(container)
                status = client.wait(container, timeout=_PROBE_TIMEOUT_S)["StatusCode"]
                output = client.logs(container, stderr=False).decode("utf-8", "replace")
        except APIError:
            continue
        words = output.split()
        match words:
            case [path, major, minor, has_pytest] if status == 0:
                version = (int(major), int(minor))
                if version >= interpreter.OLDEST:
                    return path, version, has_pytest == "True"
    raise ImageError(
        f"The sandbox image {name!r} has no Python 3.8 or newer as {' or '.join(pythons)}; "
        "add one, or choose another image."
    )
