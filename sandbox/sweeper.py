"""Removes containers that nobody will remove: past their deadline, or of a dead owner.

At the start of a sandbox, then on a timer, and by `healer sandbox prune`. Belongs here: which
containers with our own label are leftovers. Does not belong here: the labels (`session`).
"""

import contextlib
import threading
import time
from typing import TYPE_CHECKING

from sandbox import session
from sandbox.engine import use_client
from sandbox.resource import Resource

if TYPE_CHECKING:
    from docker import APIClient

INTERVAL_S = 60.0


def sweep(client: "APIClient | None" = None, *, only_session: str | None = None) -> list[str]:
    """Removes leftovers and returns the ids of those removed.

    With `only_session`, every container of that session, dead or alive. Raises EngineError when
    Docker Engine is away.
    """
    with use_client(client) as engine:
        return _sweep(engine, only_session)


def _sweep(client: "APIClient", only_session: str | None) -> list[str]:
    labels = [session.MARK] if only_session is None else [f"{session.SESSION}={only_session}"]
    containers = client.containers(all=True, filters={"label": labels})
    ids: list[str] = []
    for container in containers:
        if only_session is not None or _is_leftover(container.get("Labels") or {}):
            with contextlib.suppress(Exception):  # it may be going away by itself
                client.remove_container(container["Id"], force=True, v=True)
            ids.append(container["Id"])
    return ids


def _is_leftover(labels: dict[str, str]) -> bool:
    deadline = labels.get(session.DEADLINE, "")
    if deadline.isdigit() and time.time() > int(deadline):
        return True
    owner = session.Owner.parse(labels.get(session.OWNER, ""))
    return owner is not None and session.is_dead(owner)


class Sweeper(Resource):
    """Sweeps at once and then every minute, on a thread of its own."""

    def __init__(self, client: "APIClient", interval_s: float = INTERVAL_S) -> None:
        self._client = client
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-sweep", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread, after a sweep that is under way."""
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        while True:
            with contextlib.suppress(Exception):  # an engine that is away has nothing to sweep
                sweep(self._client)
            if self._stop.wait(self._interval_s):
                return
