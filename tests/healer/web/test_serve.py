"""`serve` listens on this machine only, says where, and stops when asked."""

import http.client
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from healer.web.serve import WebError, read_token, serve
from tests.support.web_backend import new_backend

CODE = (
    "from healer.web.serve import serve; from tests.support.web_backend import new_backend\n"
    "serve(new_backend(), lambda address: print(address, flush=True), name='shop', port=0)"
)


def test_it_announces_an_address_that_works_and_ends_on_sigterm() -> None:
    with subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout
            address = run.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            with opener.open(address, timeout=10) as page:
                assert "Waiting for you" in page.read().decode()
                assert page.headers["server"] is None
            first_event(address, opener)
        finally:
            run.send_signal(signal.SIGTERM)
            assert run.wait(20) in (0, -signal.SIGTERM)


def first_event(address: str, opener: urllib.request.OpenerDirector) -> None:
    """The live stream says at once that there is something, and stays open."""
    base = address.split("/?", maxsplit=1)[0]
    with opener.open(f"{base}/live", timeout=10) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.readline() == b"event: changed\n"


def test_a_taken_port_is_explained() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(WebError, match=rf"127.0.0.1:{port}: Address already in use; choose"):
            serve(new_backend(), print, port=port)


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_is_none_is_explained(port: int) -> None:
    with pytest.raises(WebError, match="choose another --port"):
        serve(new_backend(), print, port=port)


def test_the_status_line_of_a_stranger_is_401() -> None:
    with subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout
            port = int(run.stdout.readline().split(":")[2].split("/")[0])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/repairs/r7")
            assert connection.getresponse().status == 401
            connection.close()
        finally:
            run.terminate()
            run.wait(20)


def test_a_token_file_is_made_once_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "token"
    token = read_token(path)
    assert len(token) > 40
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_token(path) == token


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("x" * 43, 0o644, "others may read the token file"),
        ("short", 0o600, "one word of at least 20 signs"),
        ("two words of more than twenty signs", 0o600, "one word of at least 20 signs"),
        ("na\u00efve" * 8, 0o600, "cannot be used"),
    ],
)
def test_a_token_that_others_may_know_or_guess_is_refused(
    tmp_path: Path, content: str, mode: int, said: str
) -> None:
    path = tmp_path / "token"
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(WebError, match=said):
        read_token(path)


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("file/token", "file: File exists"),
        ("bytes", "it holds other than plain letters"),
        (f"{'x' * 300}/token", "File name too long"),
    ],
)
def test_why_a_token_file_cannot_be_used_is_said_in_words(
    tmp_path: Path, place: str, why: str
) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "bytes").write_bytes(b"\xff" * 40)
    with pytest.raises(WebError) as error:
        read_token(tmp_path / place)
    assert f"{why}; name one in a folder of yours" in str(error.value)
    assert "Errno" not in str(error.value)


def test_a_token_file_that_cannot_be_read_is_explained(tmp_path: Path) -> None:
    with pytest.raises(WebError, match="cannot be used"):
        read_token(tmp_path)
