"""Tapes for tests: real ones, as `healer run` makes them of jobs, and worlds by hand."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from healer.tape.facts import Connection, Exchange, Tape
from healer.tape.store import read_tape
from sandbox.world import World, WorldExchange, WorldPeer

RATES = {"rates": [{"name": "usd", "value": 1.1}, {"name": "gbp", "value": None}]}


def read_only_tape(repo: Path) -> Tape:
    """The tape of the one failure that was recorded."""
    (path,) = (repo / ".git" / "healer" / "tapes").iterdir()
    tape = read_tape(path)
    assert tape is not None
    return tape


@contextmanager
def serve_json(document: Any = RATES, *, port: int = 0, **headers: str) -> Iterator[int]:
    """A server that answers everything with this document; its port, where it has no other."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            data = json.dumps(document).encode()
            self.send_response(200)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def exchange(target: str = "/", answer: bytes = b"{}", **changes: Any) -> Exchange:
    facts: dict[str, Any] = {
        "method": "GET",
        "target": target,
        "headers": (("Host", "api.example:80"),),
        "body": b"",
        "status": 200,
        "reason": "OK",
        "answer_headers": (("Content-Length", str(len(answer))),),
        "answer": answer,
    }
    return Exchange(**{**facts, **changes})


def connection(*exchanges: Exchange, **changes: Any) -> Connection:
    facts: dict[str, Any] = {
        "host": "api.example",
        "address": "192.0.2.7",
        "port": 80,
        "tls": False,
        "exchanges": exchanges,
    }
    return Connection(**{**facts, **changes})


def tape(**changes: Any) -> Tape:
    facts: dict[str, Any] = {
        "script": "job.py",
        "commit": "c" * 40,
        "started_at": 1_700_000_000.0,
        "timezone": "UTC",
        "root": "/srv/app",
        "cwd": "/srv/app",
        "environment": {"HOME": "/home/ada", "REGION": "north"},
    }
    return Tape(**{**facts, **changes})


def world(*exchanges: Exchange, **changes: Any) -> World:
    """With one peer at api.example:80."""
    peer = WorldPeer(
        host="api.example",
        address="192.0.2.7",
        port=80,
        exchanges=tuple(WorldExchange(**vars(each)) for each in exchanges),
    )
    return World(peers=(peer,)).model_copy(update=changes)
