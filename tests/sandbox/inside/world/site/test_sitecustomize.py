"""The world begins before the program's own start-up code, and ends nothing of it."""

from pathlib import Path

from tests.support.stage import play
from tests.support.tapes import exchange, world


def test_the_folder_is_not_on_the_path_of_the_program(tmp_path: Path) -> None:
    program = "import sys; print([p for p in sys.path if p.endswith('world/site')])"
    assert play(world(exchange()), program, tmp_path).out == "[]\n"


def test_python_children_are_in_the_same_world(tmp_path: Path) -> None:
    child = "import socket; print(socket.gethostbyname('api.example'))"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert play(world(exchange()), program, tmp_path).out == "192.0.2.7\n"
