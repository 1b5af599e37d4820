"""The server itself: takes requests, answers by the script, cuts connections where it says so."""

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.endpoint.facts import Body, Reply, Request, Scripted, reply_of
from tests.support.endpoint.profiles import OPENAI, Profile, error, refused
from tests.support.endpoint.wire import as_ignored, completion, embeddings, events, response


class ScriptedEndpoint:
    """Serves the script on a free port of 127.0.0.1 for as long as the with-block lasts.

    Replies are taken in order, each once, unless `when` or `keep` say otherwise. Where none is
    left the answer is HTTP 500, and `exhausted` counts it.
    """

    def __init__(
        self,
        replies: Iterable[Scripted] = (),
        profile: Profile = OPENAI,
        port: int = 0,
        certificate: Path | None = None,
    ) -> None:
        """`certificate`: a PEM file with its key; then it speaks TLS."""
        self.profile = profile
        self.requests: list[Request] = []
        self.exhausted = 0
        self.on_request: Callable[[Request], None] = lambda request: None
        self.models: list[Body] = [{"id": "m", "object": "model"}]
        """What it says of its models when it is asked for a list."""
        self.embedding: Reply | None = None
        """Answers every call for a vector in place of a good one."""
        self._replies = [reply_of(reply) for reply in replies]
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        endpoint = self

        class Handler(_Handler):
            owner = endpoint

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def base_url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}/v1"

    def say(self, *replies: Scripted) -> None:
        """Adds to the script."""
        with self._lock:
            self._replies += [reply_of(reply) for reply in replies]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer_to(self, request: Request) -> Reply:
        """The reply that this request gets; records the request."""
        with self._lock:
            self.requests.append(request)
            self.on_request(request)
            answer = refused(self.profile, request)
            if answer is not None:
                return answer
            for index, reply in enumerate(self._replies):
                if reply.when in request.prompt:
                    if not reply.keep:
                        del self._replies[index]
                    return as_ignored(self.profile, request, reply)
            self.exhausted += 1
            return error(500, "the script of this endpoint has no reply left")

    def wait(self, seconds: float) -> None:
        """Sleeps, but not past the end of the with-block."""
        self._stopping.wait(seconds)


class _Handler(BaseHTTPRequestHandler):
    owner: ScriptedEndpoint
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a kept connection waits 40 ms for an acknowledgement
    wbufsize = -1

    def do_GET(self) -> None:
        self._send(200, json.dumps({"object": "list", "data": self.owner.models}))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        request = Request(self.path, {n.lower(): v for n, v in self.headers.items()}, body)
        if self.path.endswith("/embeddings"):
            self.owner.requests.append(request)
            reply = self.owner.embedding or Reply(body=json.dumps(embeddings(body)))
            self._send(reply.status, reply.body or "", reply)
            return
        reply = self.owner.answer_to(request)
        self.owner.wait(reply.first_byte_delay_s)
        if reply.body is not None or reply.status != 200:
            self._send(reply.status, reply.body or "", reply)
        elif self.path.partition("?")[0].endswith("/responses"):
            self._send(200, json.dumps(response(self.owner.profile, request, reply)), reply)
        elif body.get("stream"):
            self._send(200, "".join(events(self.owner.profile, request, reply)), reply, "stream")
        else:
            self._send(200, json.dumps(completion(self.owner.profile, request, reply)), reply)

    def _send(self, status: int, text: str, reply: Reply | None = None, kind: str = "") -> None:
        data = text.encode()
        cut = reply.cut_after_bytes if reply else None
        try:
            self.send_response(status)
            self.send_header(
                "Content-Type", "text/event-stream" if kind == "stream" else "application/json"
            )
            self.send_header("Content-Length", str(len(data)))
            for name, value in (reply.headers if reply else {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data if cut is None else data[:cut])
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        if cut is not None:
            self._reset()

    def _reset(self) -> None:
        time.sleep(0.02)  # let the bytes go out before the reset overtakes them
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (http.server's name)
        """Says nothing: stderr belongs to the tests."""
