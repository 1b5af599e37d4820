"""Each conversation is on the tape once, under its name, whatever carried it."""

from dataclasses import replace
from typing import Any

import pytest

from healer.tape.talks import MOST_OF_CUT
from tests.support.notes import GET, HELLO, OK, note, opened, tape_of


def test_a_connection_has_the_name_that_was_asked_for_before_it() -> None:
    names = [note("n", ("other.example", 25)), note("n", ("api.example", "80"))]
    tape = tape_of(*names, opened(1), note("s", data=GET, number=1), note("r", data=OK, number=1))
    (talk,) = tape.connections
    assert (talk.host, talk.address, talk.port, talk.tls) == ("api.example", "192.0.2.7", 80, False)
    assert talk.exchanges[0].answer == b"hi"
    assert tape.names == ("other.example", "api.example")


def test_tls_on_a_connection_is_one_conversation() -> None:
    on = note("t", {"on": 1, "name": "api.example", "address": ("192.0.2.7", 443)}, number=2)
    tape = tape_of(
        opened(1, 443), note("C", number=1), on,
        note("s", data=GET, number=2), note("r", data=OK, number=2),
    )  # fmt: skip
    (talk,) = tape.connections
    assert (talk.host, talk.port, talk.tls, len(talk.exchanges)) == ("api.example", 443, True, 1)


def test_tls_over_memory_finds_its_connection_by_server_name() -> None:
    tape = tape_of(
        opened(1, 8443), opened(2, 443),
        note("s", data=b"\x16\x03\x01other.example", number=1),
        note("s", data=HELLO, number=2),
        note("m", {"name": "api.example"}, number=3),
        note("s", data=GET, number=3), note("r", data=OK, number=3),
        note("m", {"name": "other.example"}, number=4),
        note("s", data=GET, number=4), note("r", data=OK, number=4),
    )  # fmt: skip
    assert [(t.host, t.port, t.tls) for t in tape.connections] == [
        ("api.example", 443, True),
        ("other.example", 8443, True),
    ]


def test_tls_that_is_not_pythons_is_said_and_not_kept() -> None:
    tape = tape_of(opened(1, 443), note("s", data=HELLO, number=1))
    assert tape.connections == ()
    assert tape.gaps == ("what was said to 192.0.2.7:443 is not kept: its TLS is not Python's",)


def test_other_protocols_are_kept_as_turns() -> None:
    pieces = [("r", b"220 "), ("r", b"hi\r\n"), ("s", b"EHLO x\r\n"), ("r", b"250 ok\r\n")]
    tape = tape_of(opened(1, 25), *(note(kind, data=data, number=1) for kind, data in pieces))
    turns = tape.connections[0].turns
    assert [(turn.is_ours, turn.data) for turn in turns] == [
        (False, b"220 hi\r\n"),
        (True, b"EHLO x\r\n"),
        (False, b"250 ok\r\n"),
    ]


def test_a_connection_that_did_not_come_about_has_its_error() -> None:
    error = note("e", ("TimeoutError", 110, "x"), number=1)
    assert tape_of(opened(1), error).connections[0].error == "TimeoutError"


def test_http_2_is_said() -> None:
    tape = tape_of(opened(1), note("s", data=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", number=1))
    assert "HTTP/2" in tape.gaps[0]


@pytest.mark.parametrize(
    ("notes", "gap"),
    [
        ((note("r", data=b"SSH-2.0-x\r\n", number=1),), "it is SSH"),
        (
            (
                note("s", data=b"GET / HTTP/1.1\r\n\r\n", number=1),
                note("r", data=b"HTTP/1.1 101 Switching Protocols\r\n\r\n", number=1),
            ),
            "a WebSocket",
        ),
    ],
)
def test_what_cannot_be_played_back_is_said(notes: tuple[Any, ...], gap: str) -> None:
    assert gap in tape_of(opened(1), *notes).gaps[0]


def test_it_is_known_who_ended_a_connection() -> None:
    row = note("r", data=b"row", number=1)
    ends = [
        tape_of(opened(1), row, *more).connections[0].is_ended
        for more in ((), (note("c", number=1),))
    ]
    assert ends == [False, True]


def test_of_what_is_too_long_the_beginning_is_kept_and_it_is_said() -> None:
    rows = [note("r", data=b"x" * 50_000, number=1)] * 4
    tape = tape_of(opened(1), *rows, note("k", data=b"r", number=1))
    assert sum(len(turn.data) for turn in tape.connections[0].turns) == MOST_OF_CUT
    assert "only the beginning is kept" in tape.gaps[0]


def test_an_answer_that_is_too_long_is_kept_to_its_beginning_as_one_that_broke_off() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n"
    rows = [note("r", data=head), *[note("r", data=b"x" * 50_000)] * 4]
    notes = [note("s", data=GET, number=1), *(replace(each, number=1) for each in rows)]
    tape = tape_of(opened(1), *notes, note("k", data=b"r", number=1))
    (exchange,) = tape.connections[0].exchanges
    assert (len(exchange.answer), exchange.is_cut) == (MOST_OF_CUT, True)
