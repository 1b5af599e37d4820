"""A server that answers an agent as it is told, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from healer.watch.hub_client import HubClient


class ScriptedHub:
    """Gives the answers that it is told, in their order; then it takes everything."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, Any], dict[str, str]]] = []
        self.requests: list[tuple[str, bytes]] = []
        self.tokens: set[str] = set()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                hub.requests.append((self.path, body))
                hub.tokens.add(self.headers.get("Authorization", ""))
                status, document, headers = hub.answers.pop(0) if hub.answers else (200, {}, {})
                data = json.dumps(document).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = answer  # noqa: N815 - http.server's names

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.client = HubClient(self.url, "healer-token", timeout_s=5)

    def documents(self, path: str) -> list[Any]:
        return [json.loads(body) for where, body in self.requests if where == path]


@contextmanager
def run_hub() -> Iterator[ScriptedHub]:
    hub = ScriptedHub()
    thread = threading.Thread(target=hub.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        hub.server.shutdown()
        hub.server.server_close()
        thread.join()
