"""What a job says to others is on its tape, under any Python and client, and it notices nothing."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.healer_jobs import environment, repository, under_healer
from tests.support.interpreters import require_interpreter
from tests.support.tapes import read_only_tape, serve_json

URLLIB = (
    "from urllib.request import urlopen\nprint(urlopen('http://127.0.0.1:{port}/a?b=1').read())"
)
HTTP = """
from http.client import HTTPConnection
link = HTTPConnection('localhost', {port})
for path in ('/a?b=1', '/b'):
    link.request('POST', path, b'body')
    print(link.getresponse().read())
"""
RAW = """
import socket
with socket.create_connection(('127.0.0.1', {port})) as link:
    link.sendmsg([b'GET /a?b=1 HTTP/1.1\\r\\nHost: x\\r\\n', b'Connection: close\\r\\n\\r\\n'])
    link.recv(10, socket.MSG_PEEK)
    buffer = bytearray(4096)
    while link.recv_into(buffer): pass
"""
ASYNC = """
import asyncio
async def main():
    reader, writer = await asyncio.open_connection('127.0.0.1', {port})
    writer.writelines([b'GET /a?b=1 HTTP/1.1\\r\\nHost: x\\r\\n', b'Connection: close\\r\\n\\r\\n'])
    print(await reader.read())
asyncio.run(main())
"""


@pytest.mark.parametrize("job", [URLLIB, HTTP, RAW, ASYNC])
def test_every_way_to_a_socket_is_on_the_tape(tmp_path: Path, job: str) -> None:
    with serve_json() as port:
        repo = repository(tmp_path, {"job.py": f"{job.format(port=port)}\n1 / 0\n"})
        under_healer(sys.executable, "job.py", cwd=repo)
    tape = read_only_tape(repo)
    (talk,) = tape.connections
    first = talk.exchanges[0]
    assert (talk.port, first.target, first.status) == (port, "/a?b=1", 200)
    assert b'"gbp", "value": null' in first.answer
    assert len(talk.exchanges) == (2 if job is HTTP else 1)
    assert tape.gaps == ()


@pytest.mark.parametrize("job", [URLLIB, HTTP, RAW, ASYNC])
@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.12", "3.13", "3.14"])
def test_under_any_python(tmp_path: Path, version: str, job: str) -> None:
    python = require_interpreter(version)
    with serve_json() as port:
        repo = repository(tmp_path, {"job.py": f"{job.format(port=port)}\n1 / 0\n"})
        done = under_healer(python, "job.py", cwd=repo)
    assert b"ZeroDivisionError" in done.stderr
    assert b"healer_hook" not in done.stderr
    (talk,) = read_only_tape(repo).connections
    assert talk.exchanges[0].status == 200


THREADS = """
import sys
from threading import Barrier, Thread
from urllib.request import urlopen
sys.setswitchinterval(1e-6)
barrier = Barrier(8)
def fetch(number):
    barrier.wait()
    urlopen(f'http://127.0.0.1:{port}/{{number}}').read()
threads = [Thread(target=fetch, args=(number,)) for number in range(8)]
for each in threads: each.start()
for each in threads: each.join()
"""


@pytest.mark.parametrize("version", ["3.8", "3.11", "3.13"])
def test_of_threads_that_ask_first_at_the_same_time_each_is_noted_once(
    tmp_path: Path, version: str
) -> None:
    python = require_interpreter(version)
    with serve_json() as port:
        repo = repository(tmp_path, {"job.py": f"{THREADS.format(port=port)}\n1 / 0\n"})
        under_healer(python, "job.py", cwd=repo)
    tape = read_only_tape(repo)
    talks = [[(each.target, each.status) for each in talk.exchanges] for talk in tape.connections]
    assert sorted(talks) == [[(f"/{number}", 200)] for number in range(8)]
    assert tape.gaps == ()


def test_pieces_that_can_be_read_once_arrive_and_are_noted(tmp_path: Path) -> None:
    """As asyncio hands them over from Python 3.12 on, by `writelines`; and whatever fails in making
    them is the job's."""
    job = RAW.replace("sendmsg([", "sendmsg(iter([").replace("'])", "']))")
    wrong = "import socket\na, _ = socket.socketpair()\na.sendmsg(1 / 0 for _ in 'a')\n"
    with serve_json() as port:
        repo = repository(tmp_path, {"job.py": f"{job.format(port=port)}\n1 / 0\n", "b.py": wrong})
        under_healer(sys.executable, "job.py", cwd=repo)
    (talk,) = read_only_tape(repo).connections
    assert talk.exchanges[0].target == "/a?b=1"
    plain = subprocess.run(
        [sys.executable, "b.py"], cwd=repo, env=environment(), capture_output=True, check=False
    )
    assert under_healer(sys.executable, "b.py", cwd=repo).stderr == plain.stderr


def test_an_error_of_a_socket_shows_no_line_of_the_hook(tmp_path: Path) -> None:
    job = (
        "import socket, traceback\nlink = socket.socket()\nlink.settimeout(5)\n"
        "try:\n    link.connect(('127.0.0.1', 1))\nexcept OSError:\n    traceback.print_exc()\n"
        "link = socket.socket()\nlink.connect(('127.0.0.1', 1))\n"
    )
    repo = repository(tmp_path, {"job.py": job})
    plain = subprocess.run(
        [sys.executable, "job.py"], cwd=repo, env=environment(), capture_output=True, check=False
    )
    assert under_healer(sys.executable, "job.py", cwd=repo).stderr == plain.stderr
    errors = [talk.error for talk in read_only_tape(repo).connections]
    assert errors == ["ConnectionRefusedError"] * 2


def test_a_server_of_the_jobs_own_is_not_noted(tmp_path: Path) -> None:
    job = (
        "import socket, threading\nserver = socket.create_server(('127.0.0.1', 0))\n"
        "def answer():\n    link, _ = server.accept()\n    link.recv(9); link.sendall(b'pong')\n"
        "threading.Thread(target=answer).start()\n"
        "link = socket.create_connection(server.getsockname())\n"
        "link.sendall(b'ping')\nprint(link.recv(9))\n1 / 0\n"
    )
    repo = repository(tmp_path, {"job.py": job})
    under_healer(sys.executable, "job.py", cwd=repo)
    (talk,) = read_only_tape(repo).connections
    assert [(turn.is_ours, turn.data) for turn in talk.turns] == [(True, b"ping"), (False, b"pong")]


def test_a_killed_job_leaves_what_it_had_said(tmp_path: Path) -> None:
    with serve_json() as port:
        job = f"{URLLIB.format(port=port)}\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
        repo = repository(tmp_path, {"job.py": job})
        under_healer(sys.executable, "job.py", cwd=repo)
    (talk,) = read_only_tape(repo).connections
    assert talk.exchanges[0].status == 200


def test_what_a_forked_process_says_is_on_the_same_tape(tmp_path: Path) -> None:
    with serve_json() as port:
        child = textwrap.indent(URLLIB.format(port=port) + "\nos._exit(0)", "    ")
        job = f"import os\nif os.fork() == 0:\n{child}\nos.wait()\n1 / 0\n"
        repo = repository(tmp_path, {"job.py": job})
        under_healer(sys.executable, "job.py", cwd=repo)
    (talk,) = read_only_tape(repo).connections
    assert talk.exchanges[0].target == "/a?b=1"


def test_without_network_in_capture_nothing_of_it_is_noted(tmp_path: Path) -> None:
    with serve_json() as port:
        files = {"job.py": f"{URLLIB.format(port=port)}\n1 / 0\n"}
        repo = repository(tmp_path, {**files, "healer.toml": "[capture]\nnetwork = false\n"})
        under_healer(sys.executable, "job.py", cwd=repo)
    assert read_only_tape(repo).connections == ()
