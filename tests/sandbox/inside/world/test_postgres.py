"""A recorded PostgreSQL answers real drivers, and says what it does not know."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import psycopg
import pytest

from sandbox.inside.world.postgres import Session
from sandbox.inside.world.postgres_answers import Knowledge
from tests.support.postgres_talk import STARTUP, ask, bind, hello, rows, told

ASKED = STARTUP + ask(b"SELECT n") + bind(b"SELECT $1", b"a")
TOLD = hello() + rows(b"1", b"2") + told(b"x")


class Server:
    """One that knows this conversation, for one client after the other."""

    def __init__(self) -> None:
        self.words: list[bytes] = []
        self.sessions: list[Session] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        knowledge = Knowledge()
        knowledge.learn(ASKED, TOLD)
        threading.Thread(target=self._serve, args=(knowledge,), daemon=True).start()

    def _serve(self, knowledge: Knowledge) -> None:
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            self.sessions.append(Session(knowledge, self.words.append, lambda plain: plain))
            with link, contextlib.suppress(OSError):
                self.sessions[-1].serve(link)

    def link(self) -> "psycopg.Connection[tuple[str, ...]]":
        port = self.listener.getsockname()[1]
        return psycopg.connect(f"host=127.0.0.1 port={port} user=job password=any dbname=x")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    with server.listener:
        yield server


def test_statements_get_their_rows_whichever_way_they_are_asked(server: Server) -> None:
    with server.link() as link:
        assert link.execute("SELECT n").fetchall() == [("1",), ("2",)]
        assert link.execute("SELECT n", prepare=True).fetchall() == [("1",), ("2",)]
        assert link.execute("SELECT %s", ("a",)).fetchone() == ("x",)
        assert link.info.parameter_status("TimeZone") == "UTC"
    assert server.words[0].endswith(b"x\0\0")  # the first words of the client
    assert not any(session.misses for session in server.sessions)


def test_what_is_not_known_is_an_error_of_its_own_and_the_transaction_goes_on(
    server: Server,
) -> None:
    with server.link() as link:
        for statement, parameters in (("SELECT m", None), ("SELECT %s", ("b",))):
            with pytest.raises(psycopg.errors.SystemError, match="not on the tape of this run"):
                link.execute(statement, parameters)
            assert link.info.transaction_status == psycopg.pq.TransactionStatus.INERROR
            link.rollback()
        assert link.execute("SELECT n").fetchone() == ("1",)
    assert server.sessions[0].misses == ["SELECT m", "SELECT $1"]


def test_what_steers_a_transaction_needs_no_recording(server: Server) -> None:
    with server.link() as link:
        with link.transaction(), link.transaction():
            link.execute("SET statement_timeout = 5")
        assert link.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        link.execute("SELECT n")
        assert link.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS


@pytest.mark.parametrize("data", [b"", b"\0\0\0\4", b"GET / HTTP/1.1\r\n\r\n", STARTUP + b"Q\0\0"])
def test_who_speaks_otherwise_or_leaves_is_no_error(server: Server, data: bytes) -> None:
    with socket.create_connection(server.listener.getsockname()) as link:
        link.sendall(data)
    with server.link() as link:
        assert link.execute("SELECT n").fetchone() == ("1",)
