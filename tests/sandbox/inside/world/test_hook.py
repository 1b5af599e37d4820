"""In a recorded world, only what leads out of the process is changed."""

from pathlib import Path

import pytest

from sandbox.world import World
from tests.support.stage import play
from tests.support.tapes import exchange, world


@pytest.mark.parametrize(
    ("program", "out"),
    [
        ("import socket; print(socket.gethostbyname('api.example'))", "192.0.2.7"),
        ("import socket; print(socket.gethostbyname('localhost'))", "127.0.0.1"),
        (
            "import socket; print(socket.getaddrinfo('api.example', 80, type=socket.SOCK_STREAM)"
            "[0][4])",
            "('192.0.2.7', 80)",
        ),
        ("import datetime as d; print(isinstance(d.datetime.now(), d.datetime))", "True"),
        ("import datetime as d; print(type(d.datetime.utcnow()), d.datetime.utcnow().tzinfo)",
         "<class 'datetime.datetime'> None"),
        ("import datetime as d\nclass Day(d.date): pass\nprint(type(Day.today()).__name__)", "Day"),
        ("import time; print(time.ctime(0), time.gmtime(0).tm_year)",
         "Thu Jan  1 00:00:00 1970 1970"),
        ("import time; print(time.time_ns() // 10**11, time.monotonic() > 0)", "17000000 True"),
    ],
)  # fmt: skip
def test_names_and_clock(tmp_path: Path, program: str, out: str) -> None:
    night = world(exchange()).model_copy(update={"started_at": 1_700_000_000.0})
    played = play(night, program, tmp_path)
    assert (played.out.strip(), "Error" in played.err) == (out, False)


def test_a_server_of_the_programs_own_is_reached(tmp_path: Path) -> None:
    program = (
        "import socket, threading\nserver = socket.create_server(('127.0.0.1', 0))\n"
        "threading.Thread(target=lambda: server.accept()[0].sendall(b'own')).start()\n"
        "print(socket.create_connection(server.getsockname()).recv(9))"
    )
    assert play(world(exchange()), program, tmp_path).out == "b'own'\n"


def test_without_a_moment_the_clock_is_left_alone(tmp_path: Path) -> None:
    assert play(World(), "import time; print(time.time)", tmp_path).out.startswith("<built-in")
