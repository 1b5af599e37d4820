"""The servers of a job's world: HTTP with and without TLS, SMTP, and one that answers lines.

Belongs here: speaking as the entry says. Does not belong here: entries, or running jobs.
"""

import gzip
import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from benchmarks.nights.night import Answer
from sandbox.inside.world import certificate


@contextmanager
def serve_http(port: int, answers: Mapping[str, Answer], pem: Path | None) -> Iterator[None]:
    """At this port of 127.0.0.1; with TLS where there is a certificate."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            entry = answers.get(self.path) or answers.get(self.path.partition("?")[0])
            answer = entry or Answer(b"no such page", 404)
            body = gzip.compress(answer.body) if answer.gzip else answer.body
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.gzip:
                self.send_header("Content-Encoding", "gzip")
            if answer.chunked:
                self.send_header("Transfer-Encoding", "chunked")
                pieces = [body[at : at + 20] for at in range(0, len(body), 20)]
                body = (
                    b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in pieces) + b"0\r\n\r\n"
                )
            else:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def take(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.answer()

        do_GET = do_HEAD = answer  # noqa: N815 - the library's names
        do_POST = do_PUT = do_PATCH = do_DELETE = take  # noqa: N815 - the same

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        if pem is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        yield from _serve(server)


@contextmanager
def serve_lines(port: int, replies: Mapping[bytes, bytes]) -> Iterator[None]:
    """Each line is answered by its reply, or by `?`."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                self.wfile.write(replies.get(line.strip(), b"?") + b"\n")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    with Server(("127.0.0.1", port), Handler) as server:
        yield from _serve(server)


def _serve(server: socketserver.BaseServer) -> Iterator[None]:
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()


@contextmanager
def serve_mail(port: int) -> Iterator[None]:
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """(the server's certificates and key, the authority to trust)."""
    pair, authority = certificate.make(["127.0.0.1"])
    paths = folder / "peer.pem", folder / "authority.pem"
    for path, text in zip(paths, (pair, authority), strict=True):
        path.write_text(text)
    return paths


@contextmanager
def serve(
    ports: tuple[int, int, int],
    answers: Mapping[str, Answer],
    pem: Path | None,
    replies: Mapping[bytes, bytes] | None,
    *,
    mail: bool,
) -> Iterator[None]:
    """All of one night; `ports`: of HTTP, of mail, of lines."""
    with ExitStack() as stack:
        if answers:
            stack.enter_context(serve_http(ports[0], answers, pem))
        if mail:
            stack.enter_context(serve_mail(ports[1]))
        if replies:
            stack.enter_context(serve_lines(ports[2], replies))
        yield
