"""A small process that outlives us by seconds and removes what a killed client left half made.

A container that was created but not yet started does not end by itself when its client is killed.
This process holds the other end of a pipe: when the pipe ends without a goodbye, it removes every
container of the session, and looks again a few times for one that was still being made.

Run as a file with `python -I -S`; standard library only, so that it starts in a few milliseconds.
Belongs here: that process. Does not belong here: starting it (`reaper`).
"""

import http.client
import json
import socket
import sys
import time
from urllib.parse import quote

GOODBYE = b"bye\n"
_PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
_API = "/v1.41"
_REQUEST_TIMEOUT_S = 20.0


class _LocalConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_REQUEST_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_REQUEST_TIMEOUT_S)
        self.sock.connect(self._path)


def _ask(path: str, method: str, what: str) -> bytes:
    connection = _LocalConnection(path)
    try:
        connection.request(method, _API + what)
        return connection.getresponse().read()
    finally:
        connection.close()


def _remove_all(path: str, session: str) -> None:
    filters = quote(json.dumps({"label": [f"healer.session={session}"]}))
    containers = json.loads(_ask(path, "GET", f"/containers/json?all=1&filters={filters}"))
    for container in containers:
        _ask(path, "DELETE", f"/containers/{container['Id']}?force=1&v=1")


def _main(path: str, session: str) -> None:
    if sys.stdin.buffer.read() == GOODBYE:
        return
    for pause_s in _PAUSES_S:
        time.sleep(pause_s)
        try:
            _remove_all(path, session)
        except (OSError, ValueError, http.client.HTTPException):
            continue  # the engine is busy or away; the next look may find it


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
