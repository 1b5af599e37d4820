"""Answers of a recorded PostgreSQL are found by statement and parameters, and then by order."""

import pytest

from sandbox.inside.world.postgres_answers import Knowledge, is_postgres, read_parameters
from tests.support.postgres_talk import STARTUP, ask, bind, hello, pack, rows, told


def texts(knowledge: Knowledge, statement: bytes, *parameters: bytes) -> list[bytes] | None:
    answer = knowledge.find(statement, parameters)
    return None if answer is None else [data[6:] for kind, data in answer.messages if kind == b"D"]


def test_equal_statements_give_their_answers_in_order_and_the_last_one_again() -> None:
    knowledge = Knowledge()
    knowledge.learn(STARTUP + ask(b"SELECT n") * 2, hello() + rows(b"1") + rows(b"2"))
    assert [texts(knowledge, b"SELECT n") for _ in range(3)] == [[b"1"], [b"2"], [b"2"]]
    assert texts(knowledge, b"SELECT m") is None


def test_parameters_tell_statements_apart() -> None:
    knowledge = Knowledge()
    asked = STARTUP + bind(b"SELECT $1", b"a") + bind(b"SELECT $1", b"b")
    knowledge.learn(asked, hello() + told(b"1") + told(b"2"))
    assert texts(knowledge, b"SELECT $1", b"b") == [b"2"]
    assert texts(knowledge, b"SELECT $1", b"c") is None
    assert texts(knowledge, b"SELECT $1") is None


def test_another_nights_answers_come_only_where_this_one_has_none() -> None:
    knowledge = Knowledge()
    knowledge.learn(STARTUP + ask(b"SELECT n"), hello() + rows(b"1"))
    spare = STARTUP + ask(b"SELECT n") + ask(b"SELECT m")
    knowledge.learn(spare, hello() + rows(b"8") + rows(b"9"), is_spare=True)
    assert [texts(knowledge, b"SELECT n") for _ in range(2)] == [[b"1"], [b"1"]]
    assert texts(knowledge, b"SELECT m") == [b"9"]


def test_what_follows_an_error_was_not_run() -> None:
    knowledge = Knowledge()
    error = pack(b"E", b"SERROR\0C22012\0Mzero\0\0") + pack(b"Z", b"I")
    knowledge.learn(
        STARTUP + bind(b"SELECT $1 / 0", b"1") + ask(b"SELECT n"),
        hello() + pack(b"1", b"") + pack(b"2", b"") + error + rows(b"1"),
    )
    answer = knowledge.find(b"SELECT $1 / 0", (b"1",))
    assert answer is not None
    assert [kind for kind, _ in answer.messages] == [b"E"]
    assert texts(knowledge, b"SELECT n") == [b"1"]


def test_moments_and_secrets_may_differ() -> None:
    knowledge = Knowledge()
    said = ask(b"SELECT '2026-01-02 03:04:05' AS at")
    knowledge.learn(STARTUP + said, hello() + rows(b"1"))
    assert texts(knowledge, b"SELECT '2026-01-02 03:04:09' AS at") == [[b"1"]][0]


@pytest.mark.parametrize(
    ("first", "is_one"),
    [
        (STARTUP, True),
        (b"\0\0\0\x08\x04\xd2\x16\x2f", True),
        (b"GET / HTTP/1.1", False),
        (b"", False),
    ],
)
def test_a_client_is_known_by_its_first_bytes(first: bytes, is_one: bool) -> None:
    assert is_postgres(first) is is_one


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0\0\2\0\0\0\1a", b"\0\1\0\1\0\1\0\0\0\xffx"])
def test_parameters_that_are_none_are_no_error(data: bytes) -> None:
    assert isinstance(read_parameters(data), tuple)
