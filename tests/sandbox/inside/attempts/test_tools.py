"""What attempts are made of: each tells what got through, and nothing where it was refused."""

import os
import socket
from pathlib import Path

import pytest

from sandbox.inside.attempts import tools


def test_a_probe_is_registered_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "PROBES", {})

    @tools.probe("files: a new one")
    def attempt() -> str:
        return "it got through"

    assert {"files: a new one": attempt} == tools.PROBES
    assert attempt() == "it got through"


def test_a_file_that_can_be_read_is_told_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "empty").touch()
    missing, empty, secret = (str(tmp_path / name) for name in ("missing", "empty", "secret"))
    assert tools.no_reading(missing, empty)() == ""
    assert tools.no_reading(missing, empty, secret)() == f"{secret} can be read"


def test_a_file_that_can_be_written_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    assert tools.no_writing(str(tmp_path / "missing"), str(tmp_path))() == ""
    assert tools.no_writing(str(file))() == f"{file} can be opened for writing"
    assert file.read_text() == "x"


def test_a_folder_that_takes_a_file_is_told(tmp_path: Path) -> None:
    assert tools.no_new_file(str(tmp_path / "missing"), "/proc")() == ""
    assert tools.no_new_file("/proc", str(tmp_path))() == f"a file was made in {tmp_path}"
    assert (tmp_path / "probe").exists()


def test_a_host_that_answers_is_told_with_its_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = ("127.0.0.1", server.getsockname()[1])
        attempt = tools.no_connection(socket.AF_INET, socket.SOCK_STREAM, address)
        assert attempt() == f"127.0.0.1 port {address[1]} was reached"
    assert attempt() == ""


@pytest.mark.parametrize(
    ("family", "result"),
    [(socket.AF_UNIX, f"a socket of family {int(socket.AF_UNIX)} was made"), (250, "")],
)
def test_a_socket_that_can_be_made_is_told(family: int, result: str) -> None:
    assert tools.no_socket(family)() == result


def test_what_was_written_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "score")
    assert tools.writes(path, "-999") == f"-999 was written to {path}"
    assert tools.writes(str(tmp_path / "missing" / "score"), "-999") == ""


def test_the_own_status_is_read_by_its_key() -> None:
    assert tools.status("Pid") == str(os.getpid())
    assert tools.status("NoSuchKey") == "?"


def test_a_file_is_read_as_lines(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one\ntwo\n")
    assert tools.lines(str(tmp_path / "a")) == ["one", "two"]
