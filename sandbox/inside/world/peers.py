"""The other ends of a job's connections, on the container's loopback.

Belongs here: listening, HTTP and spoken turns, and telling what was asked for that is not recorded.
Does not belong here: which answer fits (`book`), names and addresses in the job (`hook`). Runs in a
process of its own beside the job; what it reports is evidence, not proof.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import socket
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING

from . import postgres, programs, spoken
from .book import Book, Entry, list_entries
from .postgres_answers import Knowledge, is_postgres
from .wire import decompress, make_answer, make_refusal, may_go_on, read_body, read_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..messages import SentRequest
    from .messages import WorldPeer, WorldProgram, WorldTurn
    from .reporting import Report

    Address = tuple[str, int]

_REQUEST = re.compile(rb"([A-Z]{2,20}) (\S+) HTTP/1\.([01])\r?\n")
_MOST_BODY = 1 << 20
PENDING_S = 1.0
"""So long no answer comes that had not come when the job failed: what failed first does so again.
Then another night's is given."""


class Peers:
    """Listens for every recorded peer, and for whatever else the job turns to."""

    def __init__(
        self, peers: list[WorldPeer], report: Report, run_programs: Sequence[WorldProgram] = ()
    ) -> None:
        self._peers = peers
        self._report = report
        entries = [
            Entry(programs.HOST, programs.make_exchange(each), is_spare=each["is_spare"])
            for each in run_programs
        ]
        self._book = Book(list_entries(peers) + entries)
        self._talks: dict[Address, list[WorldPeer]] = {}
        self._databases: dict[Address, Knowledge] = {}
        self._listeners: list[tuple[socket.socket, Address | None]] = []
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self.certificate = ""
        """Path of the certificate and key for TLS; empty: none is needed."""

    def listen(self, keep_ports: bool) -> tuple[dict[str, list[object]], list[object]]:
        """(where each recorded `address:port` is now, where all others are). With `keep_ports`
        each is at its own port, of an address of its own unless it was on loopback."""
        places: dict[str, list[object]] = {}
        for peer in self._peers:
            address = (peer["address"], peer["port"])
            self._talks.setdefault(address, [])
            if peer["turns"]:
                self._add_talk(address, peer)
            key = f"{address[0]}:{address[1]}"
            if key in places or (peer["error"] and not peer["exchanges"] and not peer["turns"]):
                continue
            own = address[0] if address[0].startswith("127.") else f"127.77.0.{len(places) + 1}"
            listener = _listen((own, address[1]) if keep_ports else ("127.0.0.1", 0))
            self._listeners.append((listener, address))
            places[key] = list(listener.getsockname()[:2])
        other = _listen(("127.0.0.1", 0))
        self._listeners.append((other, None))
        return places, list(other.getsockname()[:2])

    def _add_talk(self, address: Address, peer: WorldPeer) -> None:
        halves = {True: b"", False: b""}
        for turn in peer["turns"]:
            halves[turn["is_ours"]] += urlsafe_b64decode(turn["data"])
        if is_postgres(halves[True]):
            knowledge = self._databases.setdefault(address, Knowledge())
            knowledge.learn(halves[True], halves[False], is_spare=peer["is_spare"])
        else:
            self._talks[address].append(peer)

    def close_all_but_mine(self, report_fd: int) -> None:
        """Whoever waits for the end of a pipe must not wait for this process."""
        mine = {0, 1, 2, report_fd, *(listener.fileno() for listener, _ in self._listeners)}
        for name in os.listdir("/proc/self/fd"):
            if int(name) not in mine:
                with contextlib.suppress(OSError):
                    os.close(int(name))

    def serve(self) -> None:
        """Until the process is killed."""
        for listener, address in self._listeners[1:]:
            self._start(self._accept, listener, address)
        self._accept(*self._listeners[0])

    @staticmethod
    def _start(act: Callable[..., None], *args: object) -> None:
        threading.Thread(target=act, args=args, daemon=True).start()

    def _accept(self, listener: socket.socket, address: Address | None) -> None:
        while True:
            connection, _ = listener.accept()
            self._start(self._serve_connection, connection, address)

    def _serve_connection(self, connection: socket.socket, address: Address | None) -> None:
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if address in self._databases:
                self._serve_database(connection, address)
                return
            talk = self._take_talk(address)
            if talk is not None:
                self._speak(talk, connection)
                return
            first = connection.recv(8, socket.MSG_PEEK)
            if first[:1] == b"\x16":
                connection = self._with_tls(connection)
            elif address is None and is_postgres(first):
                self._serve_unknown_database(connection)
                return
            self._serve_http(connection, address)
            connection.close()

    def _take_talk(self, address: Address | None) -> WorldPeer | None:
        """The conversation whose turn it is; the last one again where there were no more."""
        with self._lock:
            talks = self._talks.get(address, []) if address else []
            if not talks:
                return None
            return talks.pop(0) if len(talks) > 1 else talks[0]

    def _with_tls(self, connection: socket.socket) -> socket.socket:
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context.wrap_socket(connection, server_side=True)

    def _serve_http(self, connection: socket.socket, address: Address | None) -> None:
        buffer = b""
        while True:
            while b"\r\n\r\n" not in buffer:
                data = connection.recv(1 << 16)
                if not data:
                    return
                buffer += data
                if len(buffer) > 16 and not _REQUEST.match(buffer[:16_000]):  # noqa: PLR2004 - a word
                    self._miss(f"a connection to {_name(address)} that does not speak HTTP")
                    return
            request = _REQUEST.match(buffer)
            if request is None:
                return
            head, _, buffer = buffer.partition(b"\r\n\r\n")
            headers = read_headers(head)
            if headers.get("expect", "").lower() == "100-continue":
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body, buffer = read_body(connection, headers, buffer)
            method, target = request[1].decode(), request[2].decode("latin-1")
            keeps = self._answer(connection, method, target, headers, body, address)
            if not keeps or not may_go_on(f"1.{request[3].decode()}", headers):
                return

    def _answer(  # noqa: PLR0917 - the parts of one request
        self,
        connection: socket.socket,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
        address: Address | None,
    ) -> bool:
        """Whether the connection goes on."""
        host = headers.get("host", _name(address))
        port = address[1] if address else 0
        places = {host, f"{host}:{port}", _name(address)}
        with self._lock:
            entry = self._book.find(method, target, places, body)
        if entry is not None and entry.is_pending:
            time.sleep(PENDING_S)
            with self._lock:
                entry = self._book.find(method, target, places, body, is_late=True) or entry
        path = target.partition("?")[0]
        if entry is None:
            self._miss(f"{method} {host}{path}")
            connection.sendall(make_refusal(f"{method} {host}{path}", method))
            return True
        exchange = entry.exchange
        if entry.is_spare:
            self._report({"borrowed": f"{method} {host}{path}"})
        if method not in ("GET", "HEAD", "OPTIONS", programs.METHOD):
            self._report({"sent": self._describe(method, target, headers, body, address)})
        if not exchange["status"]:
            return False
        data, keeps = make_answer(exchange, method)
        connection.sendall(data)
        return keeps

    def _describe(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
        address: Address | None,
    ) -> SentRequest:
        plain = decompress(body, headers.get("content-encoding", ""))
        names = (peer for peer in self._peers if (peer["address"], peer["port"]) == address)
        peer = next(names, None)
        host, port = (peer["host"], peer["port"]) if peer else (headers.get("host", ""), 0)
        text = urlsafe_b64encode(plain[:_MOST_BODY]).decode("ascii")
        return {"method": method, "host": host, "port": port, "target": target, "body": text}

    def _serve_database(self, connection: socket.socket, address: Address) -> None:
        peer = next(p for p in self._peers if (p["address"], p["port"]) == address)
        place = (peer["host"], peer["port"])
        session = postgres.Session(self._databases[address], self._make_tell(place), self._with_tls)
        try:
            session.serve(connection)
        finally:
            if session.is_borrowing:
                self._report({"borrowed": _name(place)})
            for miss in session.misses:
                self._miss(f"{_name(place)}: {miss}")

    def _serve_unknown_database(self, connection: socket.socket) -> None:
        self._miss("a PostgreSQL server that is not on the tape")
        postgres.Session(Knowledge(), lambda _words: None, self._with_tls).serve(connection)

    def _make_tell(self, place: Address) -> spoken.Tell:
        """Takes what the job says in one conversation."""
        number = next(self._numbers)

        def tell(words: bytes) -> None:
            text = urlsafe_b64encode(words[:_MOST_BODY]).decode("ascii")
            self._report({"said": (number, *place, text)})

        return tell

    def _speak(self, talk: WorldPeer, connection: socket.socket) -> None:
        """The recorded turns of a conversation that is not HTTP."""
        if talk["tls"] and connection.recv(1, socket.MSG_PEEK) == b"\x16":
            connection = self._with_tls(connection)
        place, address = (talk["host"], talk["port"]), (talk["address"], talk["port"])
        borrow = functools.partial(self._report, {"borrowed": _name(place)})
        if talk["is_spare"]:
            borrow()

        def secure(plain: socket.socket) -> tuple[socket.socket, list[WorldTurn]]:
            inner = self._take_talk(address)
            return self._with_tls(plain), inner["turns"] if inner else []

        every = [peer for peer in self._peers if (peer["address"], peer["port"]) == address]
        tell = self._make_tell(place)
        miss = spoken.answer(talk, every, connection, tell, secure, borrow=borrow)
        connection.close()
        if miss:
            self._miss(f"{_name(place)}: {miss}")

    def _miss(self, what: str) -> None:
        self._report({"missed": what})


def _listen(address: Address) -> socket.socket:
    """At this address, or where that cannot be had at another."""
    for place in (address, ("127.0.0.1", 0)):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(place)
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        return listener
    raise OSError("no port is free on loopback")


def _name(address: Address | None) -> str:
    return f"{address[0]}:{address[1]}" if address else "a host that is not on the tape"


def run(peers: Peers, report_fd: int) -> None:
    """In the process of the peers. Never returns."""
    with contextlib.suppress(BaseException):
        peers.serve()
    os.close(report_fd)
    os._exit(0)
