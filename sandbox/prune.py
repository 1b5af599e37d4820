"""Removes what healer left on this machine: containers of dead sessions, outdated images.

Belongs here: which images are outdated. Does not belong here: which sessions are dead
(`sandbox.sweeper`), and when this is done (`healer.daemon.tasks.old_images`).
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sandbox.engine import connect, use_client
from sandbox.facts import Fact
from sandbox.image import ORIGIN_LABEL, REPOSITORY
from sandbox.sweeper import sweep

if TYPE_CHECKING:
    from docker import APIClient

KEPT_IMAGES = 2
"""The newest ones stay: the current one, and the one before it for another environment."""
KEPT_ORIGINS = 12
"""Of so many interpreters, those that were built last, the newest image stays, too."""


class Pruned(Fact):
    """How much was removed."""

    containers: int
    images: int


class Images(Fact):
    """Our images on this engine."""

    count: int
    size_bytes: int
    outdated: int
    """How many of them `prune` would remove, where no container uses them."""
    outdated_bytes: int


def prune(images_before: float | None = None) -> Pruned:
    """Removes leftovers; images in use stay, and those built after `images_before` (seconds since
    1970). Raises EngineError when Docker Engine is away."""
    client = connect()
    containers = sweep(client)
    images = _list_images(client)
    count = 0
    for image in choose_outdated(images):
        if images_before is not None and image.created > images_before:
            continue
        with contextlib.suppress(Exception):  # in use, or going away by itself
            client.remove_image(image.id, force=False)
            count += 1
    return Pruned(containers=len(containers), images=count)


class BuiltImage(NamedTuple):
    """One of our images."""

    id: str
    origin: str
    """The interpreter that it was made from; empty where it was made otherwise."""
    created: float = 0.0
    """In seconds since 1970."""
    size_bytes: int = 0


def measure_images() -> Images:
    """What our images take. Raises EngineError when Docker Engine is away."""
    with use_client(None) as client:
        images = _list_images(client)
    leftovers = choose_outdated(images)
    return Images(
        count=len(images),
        size_bytes=sum(each.size_bytes for each in images),
        outdated=len(leftovers),
        outdated_bytes=sum(each.size_bytes for each in leftovers),
    )


def _list_images(client: "APIClient") -> list[BuiltImage]:
    """Ours, newest first."""
    images = sorted(client.images(name=REPOSITORY), key=lambda each: each["Created"], reverse=True)
    return [
        BuiltImage(
            id=each["Id"],
            origin=(each.get("Labels") or {}).get(ORIGIN_LABEL, ""),
            created=each["Created"],
            size_bytes=each.get("Size", 0),
        )
        for each in images
    ]


def choose_outdated(images: Sequence[BuiltImage]) -> tuple[BuiltImage, ...]:
    """Those of the images, newest first, that no interpreter of this machine is in need of."""
    newest: dict[str, BuiltImage] = {}
    for image in images:
        if image.origin and _may_exist(Path(image.origin)):
            newest.setdefault(image.origin, image)
    survivors = {*list(newest.values())[:KEPT_ORIGINS], *images[:KEPT_IMAGES]}
    return tuple(image for image in images if image not in survivors)


def _may_exist(path: Path) -> bool:
    """Where another user's folder hides whether it is there, it may be: the engine is shared, and
    the image may be that user's."""
    try:
        return path.exists()
    except PermissionError:
        return True
