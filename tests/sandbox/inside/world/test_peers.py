"""The recorded peers speak on sockets as they did, and tell what they were asked in vain."""

import gzip
import socket
import threading
import time
from base64 import urlsafe_b64decode
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from sandbox.inside.world.peers import PENDING_S, Peers
from sandbox.inside.world.wire import NOT_RECORDED_STATUS
from tests.support.tapes import exchange, world


class Stage:
    """Peers in a thread of this process."""

    def __init__(self, *exchanges: Any, is_spare: bool = False, peers: Any = None) -> None:
        self.reports: list[dict[str, Any]] = []
        peers = peers or world(*exchanges).model_dump(mode="json")["peers"]
        peers[0]["is_spare"] = is_spare
        self.peers = Peers(peers, self.reports.append)
        places, self.other = self.peers.listen(keep_ports=False)
        self.place = places["192.0.2.7:80"]
        threading.Thread(target=self.peers.serve, daemon=True).start()

    def link(self) -> "closing[HTTPConnection]":
        return closing(HTTPConnection(*self.place, timeout=20))  # type: ignore[arg-type]  # host and port


def ask(link: HTTPConnection, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
    link.request(method, path, body, {"Host": "api.example"})
    answer = link.getresponse()
    return answer.status, answer.read()


def test_one_connection_serves_many_requests() -> None:
    stage = Stage(exchange("/a", b"1"), exchange("/b", b"2"))
    with stage.link() as link:
        answers = [ask(link, "GET", path) for path in ("/a", "/b", "/a")]
    assert answers == [(200, b"1"), (200, b"2"), (200, b"1")]


@pytest.mark.parametrize("body", [b"rows", [b"ro", b"ws"]])
def test_a_request_with_a_body_is_answered_and_told(body: Any) -> None:
    stage = Stage(exchange("/in", b"ok", method="POST", body=b"rows"))
    with stage.link() as link:
        assert ask(link, "POST", "/in", body) == (200, b"ok")
    assert [(report["sent"]["target"], report["sent"]["port"]) for report in stage.reports] == [
        ("/in", 80)
    ]
    assert urlsafe_b64decode(stage.reports[0]["sent"]["body"]) == b"rows"


def test_a_compressed_body_is_told_in_plain() -> None:
    stage = Stage(exchange("/in", method="PUT"))
    with stage.link() as link:
        headers = {"Host": "api.example", "Content-Encoding": "gzip"}
        link.request("PUT", "/in", gzip.compress(b"rows"), headers)
        link.getresponse().read()
    assert urlsafe_b64decode(stage.reports[0]["sent"]["body"]) == b"rows"


def test_what_is_not_recorded_has_a_status_of_its_own() -> None:
    stage = Stage(exchange("/a"))
    with stage.link() as link:
        assert ask(link, "GET", "/new?secret=1")[0] == NOT_RECORDED_STATUS
        assert ask(link, "GET", "/a")[0] == 200
    assert stage.reports == [{"missed": "GET api.example/new"}]


@pytest.mark.parametrize(("ours", "theirs"), [("1.0", "1.1"), ("1.1", "1.0"), ("1.0", "1.0")])
def test_who_reads_to_the_end_of_http_1_0_comes_to_it(ours: str, theirs: str) -> None:
    stage = Stage(exchange("/a", b"1", version=theirs))
    with socket.create_connection(tuple(stage.place), timeout=20) as link:
        link.sendall(f"GET /a HTTP/{ours}\r\nHost: api.example\r\n\r\n".encode())
        said = b"".join(iter(lambda: link.recv(99), b""))
    assert said.endswith(b"\r\n\r\n1")


def test_what_was_pending_when_the_job_failed_comes_late_from_another_night() -> None:
    peers: Any = world(exchange("/a", status=0)).model_dump(mode="json")["peers"]
    other: Any = world(exchange("/a", b"1")).model_dump(mode="json")["peers"]
    other[0]["is_spare"] = True
    stage = Stage(peers=[*peers, *other])
    began = time.monotonic()
    with stage.link() as link:
        assert ask(link, "GET", "/a") == (200, b"1")
    assert time.monotonic() - began >= PENDING_S
    assert stage.reports == [{"borrowed": "GET api.example/a"}]


def test_an_answer_that_never_came_does_not_come() -> None:
    stage = Stage(exchange("/a", status=0))
    with stage.link() as link, pytest.raises(ConnectionError):
        ask(link, "GET", "/a")


def test_what_speaks_no_http_to_nobody_is_told() -> None:
    stage = Stage(exchange("/a"))
    with socket.create_connection(tuple(stage.other), timeout=20) as link:
        link.sendall(b"\0\0\0\x08 something else\r\n")
        assert link.recv(9) == b""
    assert "does not speak HTTP" in stage.reports[0]["missed"]


def test_what_another_night_answers_is_told() -> None:
    stage = Stage(exchange("/a"), is_spare=True)
    with stage.link() as link:
        assert ask(link, "GET", "/a?x=1")[0] == NOT_RECORDED_STATUS
        assert ask(link, "GET", "/a")[0] == 200
    assert stage.reports[1:] == [{"borrowed": "GET api.example/a"}]
