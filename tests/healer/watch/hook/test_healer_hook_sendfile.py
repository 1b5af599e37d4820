"""What a job sends straight from a file is on its tape, and the job notices nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.healer_jobs import environment, repository, under_healer
from tests.support.interpreters import require_interpreter
from tests.support.tapes import read_only_tape, serve_json

HEAD = (
    "b'POST /up HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nContent-Length: SIZE\\r\\n\\r\\n'"
)
SYNC = f"""
import socket
open('body', 'wb').write(BODY)
with socket.create_connection(('127.0.0.1', PORT)) as link, open('body', 'rb') as body:
    link.sendall({HEAD})
    print(link.sendfile(body, offset=2), body.tell())
    while link.recv(4096): pass
"""
ASYNC = f"""
import asyncio
open('body', 'wb').write(BODY)
async def main():
    reader, writer = await asyncio.open_connection('127.0.0.1', PORT)
    writer.write({HEAD})
    with open('body', 'rb') as body:
        loop = asyncio.get_running_loop()
        print(await loop.sendfile(writer.transport, body, offset=2))
    await reader.read()
asyncio.run(main())
"""
HANDLES = f"""
import os, socket
open('body', 'wb').write(BODY)
with socket.create_connection(('127.0.0.1', PORT)) as link, open('body', 'rb') as body:
    link.sendall({HEAD})
    os.lseek(body.fileno(), 2, 0)
    print(os.sendfile(link.fileno(), body.fileno(), None, SIZE), os.lseek(body.fileno(), 0, 1))
    while link.recv(4096): pass
"""


def record(folder: Path, job: str, content: bytes = b"some body", python: str = "") -> Path:
    with serve_json() as port:
        text = job.replace("PORT", str(port)).replace("SIZE", str(len(content)))
        text = text.replace("BODY", repr(b"xx" + content))
        repo = repository(folder, {"job.py": f"{text}\n1 / 0\n"})
        done = under_healer(python or sys.executable, "job.py", cwd=repo)
    assert done.stdout.split()[0] == str(len(content)).encode()
    assert b"ZeroDivisionError" in done.stderr
    return repo


@pytest.mark.parametrize("job", [SYNC, ASYNC, HANDLES])
def test_what_is_sent_from_a_file_is_on_the_tape(tmp_path: Path, job: str) -> None:
    tape = read_only_tape(record(tmp_path, job))
    (talk,) = tape.connections
    assert [(each.target, each.body) for each in talk.exchanges] == [("/up", b"some body")]
    assert tape.gaps == ()


@pytest.mark.parametrize("job", [SYNC, ASYNC])
@pytest.mark.parametrize("version", ["3.8", "3.10", "3.13"])
def test_under_any_python(tmp_path: Path, version: str, job: str) -> None:
    repo = record(tmp_path, job, python=require_interpreter(version))
    (talk,) = read_only_tape(repo).connections
    assert talk.exchanges[0].body == b"some body"


def test_of_a_large_file_no_more_is_kept_than_of_any_conversation(tmp_path: Path) -> None:
    tape = read_only_tape(record(tmp_path, HANDLES, content=b"x" * 100_000))
    assert len(tape.connections[0].exchanges[0].body) == 100_000
    (tmp_path / "b").mkdir()
    tape = read_only_tape(record(tmp_path / "b", SYNC, content=b"x" * (5 << 20)))
    (exchange,) = tape.connections[0].exchanges
    assert len(exchange.body) <= 4 << 20
    assert exchange.is_cut


def test_a_copy_of_a_file_and_an_error_are_the_jobs_own(tmp_path: Path) -> None:
    job = (
        "import os, shutil, socket, traceback\nopen('a', 'w').write('text')\n"
        "try:\n    socket.create_connection(('127.0.0.1', 1))\nexcept OSError:\n    pass\n"
        "shutil.copyfile('a', 'b')\nprint(open('b').read())\n"
        "try:\n    os.sendfile(out_fd=-1, in_fd=-1, offset=0, count=1)\n"
        "except OSError:\n    traceback.print_exc()\n"
        "os.sendfile(-1, 0, 0)\n"
    )
    repo = repository(tmp_path, {"job.py": job})
    plain = subprocess.run(
        [sys.executable, "job.py"], cwd=repo, env=environment(), capture_output=True, check=False
    )
    done = under_healer(sys.executable, "job.py", cwd=repo)
    assert (done.stdout, done.stderr) == (plain.stdout, plain.stderr)
