"""Drivers in C are led to the peers of the night, wherever they were told to go."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.world import World, WorldPeer, WorldTurn
from tests.support.postgres_talk import STARTUP, ask, hello, rows
from tests.support.stage import play


def peer(host: str, answer: bytes) -> WorldPeer:
    turns = (
        WorldTurn(is_ours=True, data=STARTUP + ask(b"SELECT n")),
        WorldTurn(is_ours=False, data=hello() + rows(answer)),
    )
    return WorldPeer(host=host, address=host, port=5432, turns=turns)


WORLD = World(peers=(peer("db.x.example", b"one"), peer("/var/run/postgresql", b"two")))
JOB = "import psycopg\nprint(psycopg.connect({!r}, **{!r}).execute('SELECT n').fetchone())"


@pytest.mark.parametrize(
    ("conninfo", "words", "out"),
    [
        ("host=db.x.example user=job", {}, "('one',)\n"),
        ("postgresql://job@db.x.example:5432/x", {}, "('one',)\n"),
        ("user=job", {"host": "db.x.example", "port": 5432}, "('one',)\n"),
        ("host=other.example,db.x.example user=job", {}, "('one',)\n"),
        ("dbname=x user=job", {}, "('two',)\n"),
        ("host=/var/run/postgresql user=job", {}, "('two',)\n"),
    ],
)
def test_the_peer_of_that_host_answers(
    tmp_path: Path, conninfo: str, words: dict[str, Any], out: str
) -> None:
    assert play(WORLD, JOB.format(conninfo, words), tmp_path).out == out


def test_a_server_that_is_not_on_the_tape_is_told(tmp_path: Path) -> None:
    played = play(WORLD, JOB.format("host=new.example user=job", {}), tmp_path)
    assert "not on the tape of this run" in played.err
    assert "a PostgreSQL server that is not on the tape" in played.missed
