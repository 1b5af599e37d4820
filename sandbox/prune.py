"""Removes what healer left on this machine: containers of dead sessions, outdated images."""

import contextlib

from sandbox.engine import connect
from sandbox.facts import Fact
from sandbox.image import REPOSITORY
from sandbox.sweeper import sweep

KEPT_IMAGES = 2
"""The newest ones stay: the current one, and the one before it for another environment."""


class Pruned(Fact):
    """How much was removed."""

    containers: int
    images: int


def prune() -> Pruned:
    """Removes leftovers; images in use stay. Raises EngineError when Docker Engine is away."""
    client = connect()
    containers = sweep(client)
    images = sorted(client.images(name=REPOSITORY), key=lambda each: each["Created"], reverse=True)
    count = 0
    for image in images[KEPT_IMAGES:]:
        with contextlib.suppress(Exception):  # in use, or going away by itself
            client.remove_image(image["Id"], force=False)
            count += 1
    return Pruned(containers=len(containers), images=count)
