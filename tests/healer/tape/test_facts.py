"""A tape comes back from JSON as it went in."""

import pytest

from healer.tape.facts import Process, RecordedFile, Turn, WrittenFile, from_json, to_json
from tests.support.tapes import connection, exchange, tape


def test_a_tape_survives_json() -> None:
    full = tape(
        processes=(Process(("python", "x"), "/p", "/", "/", (3, 8, 1), "/"),),
        files=(RecordedFile("/a", b"\x00\xff", 5),),
        absent=("/b",),
        listings=(("/c", ("d", "e")),),
        folders=("/f",),
        connections=(connection(exchange(answer=b"\xff")), connection(turns=(Turn(True, b"\0"),))),
        names=("x",),
        programs=(("df", "-h"),),
        written=(WrittenFile("/g", 3, "abc"),),
        gaps=("a sentence",),
    )
    assert from_json(to_json(full)) == full


@pytest.mark.parametrize("text", ["{}", '{"format": 1}', "no json", '{"processes": 3}'])
def test_anything_else_is_an_error(text: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json(text)
