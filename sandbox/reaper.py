"""Our end of the pipe to a process that cleans up when we are killed.

Belongs here: starting that process, and its goodbye. Does not belong here: what it does
(`reaper_process`).
"""

import contextlib
import os
import subprocess
import sys
from urllib.parse import urlsplit

from sandbox import reaper_process
from sandbox.resource import Resource

_DEFAULT_SOCKET = "/var/run/docker.sock"
_END_TIMEOUT_S = 5.0


class Reaper(Resource):
    """A process that waits for our end. Only for engines behind a local socket: elsewhere labels
    must do."""

    def __init__(self, base_url: str, session: str) -> None:
        path = _socket_path(base_url)
        self._process: subprocess.Popen[bytes] | None = None
        if path is None:
            return
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", reaper_process.__file__, path, session],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def close(self) -> None:
        """Says goodbye: everything was removed in order. May be called twice."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(OSError):  # it was killed; then there is nobody to tell
            process.stdin.write(reaper_process.GOODBYE)
            process.stdin.close()
        process.wait(_END_TIMEOUT_S)


def _socket_path(base_url: str) -> str | None:
    """The docker library names a local socket `http+docker://…` and keeps the path to itself."""
    url = os.environ.get("DOCKER_HOST", "")
    if url:
        return urlsplit(url).path if url.startswith("unix://") else None
    return _DEFAULT_SOCKET if "docker" in base_url or "unix" in base_url else None
