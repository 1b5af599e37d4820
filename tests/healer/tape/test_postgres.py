"""Notes of statements become the conversation that they were, with lengths that are right."""

from typing import Any

import pytest

from healer.tape.postgres import Databases, clean_messages, is_postgres
from healer.tape.protocols import is_known, read_statements
from healer.tape.raw import Record
from sandbox.inside.world.postgres_answers import Knowledge
from tests.support.postgres_talk import STARTUP, ask, bind, hello, rows, told

BEGIN = {"host": "db.x.example", "port": 5433, "tls": False, "error": "",
         "parameters": [("TimeZone", "UTC"), ("DateStyle", None)]}  # fmt: skip
COLUMN = (b"n", 0, 0, 25, -1, -1, 0)


def record(kind: str, fact: Any, pid: int = 7) -> Record:
    return Record(kind, pid, 1, 0, ascii(fact).encode() + b"\n")


def test_what_was_noted_can_be_learned_by_the_peer_of_the_sandbox() -> None:
    databases = Databases()
    databases.take_begin(record("b", BEGIN))
    databases.take_statement(record("q", (b"SELECT n", None, [COLUMN], [[b"1"], [None]], "S", [])))
    failed = (b"INSERT", [(b"a", 0), (None, 1)], [], [], "", [(b"C", b"22012")])
    databases.take_statement(record("q", failed))
    (talk,) = databases.list_connections()
    assert (talk.host, talk.port, talk.tls) == ("db.x.example", 5433, False)
    ours, theirs = (
        b"".join(t.data for t in talk.turns if t.is_ours is side) for side in (True, False)
    )
    knowledge = Knowledge()
    knowledge.learn(ours, theirs)
    assert knowledge.parameters == [b"TimeZone\0UTC"]
    answer = knowledge.find(b"SELECT n", ())
    assert answer is not None
    assert [kind for kind, _ in answer.messages] == [b"T", b"D", b"D", b"C"]
    error = knowledge.find(b"INSERT", (b"a", b"NULL"))
    assert error is not None
    assert error.messages == ((b"E", b"C22012\0\0"),)


def test_statements_that_write_are_read_out_of_it() -> None:
    databases = Databases()
    databases.take_begin(record("b", BEGIN))
    databases.take_statement(record("q", (b"INSERT $1", [(b"a", 0)], [], [], "INSERT 0 1", [])))
    databases.take_statement(record("q", (b"SELECT 1", None, [], [], "SELECT", []), pid=8))
    (talk,) = databases.list_connections()
    turns = [turn.data for turn in talk.turns if turn.is_ours]
    assert is_known(turns)
    assert [(s.statement, s.parameters) for s in read_statements("db", turns)] == [
        ("INSERT $1", ("a",))
    ]


def test_over_tls_the_peer_is_asked_for_it_first() -> None:
    databases = Databases()
    databases.take_begin(record("b", {**BEGIN, "tls": True}))
    plain, secure = databases.list_connections()
    assert (plain.tls, secure.tls, plain.turns[1].data) == (False, True, b"S")


@pytest.mark.parametrize(
    ("data", "is_ours", "clean"),
    [
        (STARTUP + ask(b"SELECT 'pass'"), True, STARTUP + ask(b"SELECT 'longer'")),
        (bind(b"SELECT $1", b"pass", b"x"), True, bind(b"SELECT $1", b"longer", b"x")),
        (hello() + rows(b"pass", b"y"), False, hello() + rows(b"longer", b"y")),
        (told(b"pass"), False, told(b"longer")),
        (b"S", False, b"S"),
        (rows(b"a")[:-2], False, rows(b"a")[:-6]),
    ],
)
def test_a_secret_is_taken_out_and_the_lengths_are_right(
    data: bytes, is_ours: bool, clean: bytes
) -> None:
    def hide(value: bytes) -> bytes:
        return value.replace(b"pass", b"longer")

    assert clean_messages(data, is_ours=is_ours, clean=hide) == clean
    assert is_postgres(data) is data.startswith(STARTUP)
