"""A Docker Engine that answers from a table, over a real socket: for what asks it questions.

Belongs here: HTTP over a unix socket, and what was asked. Does not belong here: containers that run
anything (`tests.sandbox` has the real engine for those).
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class DockerApi:
    """What it answers, and what it was asked."""

    url: str
    """For DOCKER_HOST."""
    answers: dict[str, Any] = field(default_factory=dict)
    """By method and path without the version (`GET /info`): JSON, or a status for an error."""
    requests: list[tuple[str, Mapping[str, list[str]]]] = field(default_factory=list)
    """Method and path, and the query, in order."""
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    """Method and path, and what was sent, where something was."""

    def asked(self, method: str) -> list[str]:
        """The paths that were asked with this method."""
        return [
            path.removeprefix(f"{method} ") for path, _ in self.requests if path.startswith(method)
        ]


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    api: DockerApi


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        path = (
            "/" + parts.path.lstrip("/").partition("/")[2] if "/v1." in parts.path else parts.path
        )
        key = f"{self.command} {unquote(path)}"
        api = self.server.api
        api.requests.append((key, parse_qs(parts.query)))
        if size := int(self.headers.get("Content-Length") or 0):
            api.bodies.append((key, self.rfile.read(size)))
        value = api.answers.get(key, {} if self.command == "DELETE" else 404)
        status, body = (value, {"message": "no"}) if isinstance(value, int) else (200, value)
        data = b"OK" if key == "GET /_ping" else json.dumps(body).encode()
        self.send_response(200 if key == "GET /_ping" else status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - the base class looks for these

    def address_string(self) -> str:
        return "local"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        del format, args


@contextmanager
def docker_api(folder: Path, **answers: Any) -> Iterator[DockerApi]:
    """Serves below this folder. The path of a socket must be short: at most 107 bytes."""
    path = folder / "d.sock"
    with _Server(str(path), _Handler) as server:
        server.api = DockerApi(f"unix://{path}", dict(answers))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.api
        finally:
            server.shutdown()
            thread.join()
