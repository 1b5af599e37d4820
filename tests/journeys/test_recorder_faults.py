"""Whatever happens to a recorder, its job goes on as without it, and the tape says what it lacks.

Each job runs alone and under `healer run`: it ends the same way and says the same.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.healer_jobs import environment, healer_run, repository
from tests.support.tapes import read_only_tape

NOT_WHOLE = "the recorder stumbled: the tape is not whole"
NOTHING_AFTER_EXEC = "what a Python that it starts reads, asks and writes is not recorded"
SERVER = """
import socket, threading
server = socket.create_server(("127.0.0.1", 0), backlog=500)
def serve(answer):
    while True:
        link, _ = server.accept()
        with link:
            answer(link)
def start(answer):
    threading.Thread(target=serve, args=(answer,), daemon=True).start()
def echo(link):
    link.sendall(link.recv(100))
"""
THREADS = f"""{SERVER}
start(echo)
answers = set()
def ask(first):
    for number in range(first, first + 10):
        open("rows.txt").read()
        with socket.create_connection(server.getsockname()) as link:
            link.sendall(b"%d" % number)
            answers.add(link.recv(100))
threads = [threading.Thread(target=ask, args=(first,)) for first in range(0, 200, 10)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(answers))
raise SystemExit(3)
"""
LONG_DOWNLOAD = f"""{SERVER}
SIZE, piece = 300 << 20, b"z" * (1 << 20)
def send(link):
    for _ in range(SIZE // len(piece)):
        link.sendall(piece)
start(send)
buffer, size = bytearray(1 << 20), 0
with socket.create_connection(server.getsockname()) as link:
    while count := link.recv_into(buffer):
        size += count
print(size == SIZE)
raise SystemExit(3)
"""
ENDLESS_STREAM = f"""{SERVER}
import os, signal
def send(link):
    while True:
        link.sendall(b"event: tick\\n\\n" * 5000)
start(send)
size = 0
with socket.create_connection(server.getsockname()) as link:
    while True:
        size += len(link.recv(65536))
        if size > 10_000_000:
            os.kill(os.getpid(), signal.SIGTERM)
"""
LEAVES_AT_ONCE = "import os\nopen('rows.txt').read()\nprint('x', flush=True)\nos._exit(4)\n"
BECOMES_A_SHELL = (
    "import os\nopen('rows.txt').read()\nos.execvp('sh', ['sh', '-c', 'echo hi; exit 3'])\n"
)
BECOMES_A_PYTHON = (
    "import os, sys\nopen('rows.txt').read()\nif len(sys.argv) < 2:\n"
    "    os.execv(sys.executable, [sys.executable, 'job.py', 'again'])\nprint(1)\n1 / 0\n"
)
DAEMON = """
import os
open("rows.txt").read()
if os.fork():
    os._exit(5)
os.setsid()
if os.fork():
    os._exit(0)
os.closerange(0, 300)
for _ in range(250):
    os.open("late.txt", os.O_RDWR | os.O_CREAT)
open("rows.txt").read()
"""
CLOSES_ALL = """
import os
os.closerange(3, 300)
handles = [os.open("own.txt", os.O_RDWR | os.O_CREAT) for _ in range(250)]
open("rows.txt").read()
print(os.fstat(handles[0]).st_size)
1 / 0
"""
NO_ROOM = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
for number in range(5):
    open(f"{number}.txt", "w").write("x" * 300)
print("done")
1 / 0
"""
FORKS_AMONG_THREADS = """
import os, threading
is_over = threading.Event()
def read():
    while not is_over.is_set():
        open("rows.txt").read()
threads = [threading.Thread(target=read) for _ in range(4)]
for thread in threads: thread.start()
for _ in range(20):
    if os.fork() == 0:
        open("rows.txt").read()
        os._exit(0)
    os.wait()
is_over.set()
for thread in threads: thread.join()
raise SystemExit(6)
"""
KILLED_WHILE_READING = """
import os, signal, threading
rows = bytes(900_000)
threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGKILL)).start()
for number in range(1_000_000):
    name = f"{number % 8}-{number}.txt"
    with open(name, "wb") as file:
        file.write(rows)
    os.link(name, "copy-" + name)
    open("copy-" + name).read()
"""
READS_NOISE = """
import os, random, sys
with open("noise.txt", "wb") as file:
    file.write(bytes(random.Random(1).randbytes(200_000)))
os.link("noise.txt", "input.txt")
open("input.txt", "rb").read()
print("out")
print("err", file=sys.stderr)
sys.exit(7)
"""
PROGRAMS = "set -e\nfor n in 1 2 3; do echo $n; done\nawk 'BEGIN { print 7 }' | cat\nexit 9\n"


DISK_BYTES = 40 << 10
PYTHON = (sys.executable, "job.py")


def prepare(folder: Path, job: str) -> Path:
    repo = repository(folder / "r", {"job.py": job, ".gitignore": "*.txt\n"})
    (repo / "rows.txt").write_text("tea\n")
    return repo


def run_both(tmp_path: Path, job: str, argv: Sequence[str] = PYTHON, limit: str = "") -> Path:
    """The repository in which the job ran under healer: it went as alone. `limit` is the shell's
    (`ulimit`)."""
    ends = []
    for folder, words in (("alone", argv), ("watched", healer_run(*argv))):
        repo = prepare(tmp_path / folder, job)
        done = run(words, repo, limit)
        code = done.returncode if done.returncode >= 0 else 128 - done.returncode
        ends.append((code, done.stdout, done.stderr.replace(bytes(repo), b"REPO")))
    assert ends[1] == ends[0]
    return repo


def run(words: Sequence[str], repo: Path, limit: str = "") -> subprocess.CompletedProcess[bytes]:
    under = ("sh", "-c", f'ulimit {limit}; exec "$@"', "sh") if limit else ()
    return subprocess.run(
        [*under, *words],
        cwd=repo,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("job", "gaps"),
    [
        pytest.param(THREADS, (), id="threads"),
        pytest.param(FORKS_AMONG_THREADS, (), id="forks among threads"),
        pytest.param(LEAVES_AT_ONCE, (), id="os._exit"),
        pytest.param(BECOMES_A_SHELL, (), id="exec of a shell"),
        pytest.param(BECOMES_A_PYTHON, (NOTHING_AFTER_EXEC,), id="exec of a Python"),
        pytest.param(DAEMON, (), id="a daemon"),
        pytest.param(CLOSES_ALL, (NOT_WHOLE,), id="all handles closed"),
        pytest.param(NO_ROOM, (NOT_WHOLE,), id="no room for the tape"),
    ],
)
def test_a_job_goes_as_alone_and_its_tape_says_what_it_lacks(
    tmp_path: Path, job: str, gaps: tuple[str, ...]
) -> None:
    tape = read_only_tape(run_both(tmp_path, job))
    assert tape.gaps in ([gaps, (NOT_WHOLE,)] if job is DAEMON else [gaps])  # it closes it in time
    if job is not NO_ROOM and job is not CLOSES_ALL:
        assert [file.data for file in tape.files] == [b"tea\n"]
    if job is THREADS:
        assert len(tape.connections) == 200
        assert all(
            [turn.is_ours for turn in talk.turns] == [True, False] for talk in tape.connections
        )


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(LONG_DOWNLOAD, id="a long download"),
        pytest.param(ENDLESS_STREAM, id="a stream without end"),
    ],
)
def test_what_is_too_much_is_not_kept_and_said(tmp_path: Path, job: str) -> None:
    repo = run_both(tmp_path, job)
    (gap,) = read_only_tape(repo).gaps
    assert "only the beginning is kept" in gap
    (path,) = (repo / ".git" / "healer" / "tapes").iterdir()
    assert path.stat().st_size < 1 << 20


def test_programs_that_are_no_python_go_as_alone(tmp_path: Path) -> None:
    tape = read_only_tape(run_both(tmp_path, PROGRAMS, ("sh", "job.py")))
    assert (tape.files, tape.gaps) == ((), ())


def test_a_kill_in_mid_write_leaves_the_files_that_were_noted_whole(tmp_path: Path) -> None:
    tape = read_only_tape(run_both(tmp_path, KILLED_WHILE_READING))
    assert tape.files
    assert {file.data for file in tape.files} <= {bytes(900_000)}
    assert set(tape.gaps) <= {NOT_WHOLE}


@pytest.mark.parametrize("limit", ["-f 64", "-n 64", "-v 600000"])
def test_a_job_under_a_limit_goes_as_alone_and_is_recorded(tmp_path: Path, limit: str) -> None:
    tape = read_only_tape(run_both(tmp_path, LEAVES_AT_ONCE, limit=limit))
    assert ([file.data for file in tape.files], tape.gaps) == ([b"tea\n"], ())


@pytest.mark.parametrize("is_full", [True, False])
def test_on_a_full_disk_the_job_goes_as_alone_and_nothing_half_is_left(
    tmp_path: Path, is_full: bool
) -> None:
    repo = prepare(tmp_path, READS_NOISE)
    state = repo / ".git" / "healer"
    with small_disk(state):
        (state / "other").write_bytes(bytes(DISK_BYTES if is_full else 0))
        done = run(healer_run(*PYTHON), repo)
        names = [path.name for path in state.rglob("*") if path.is_file()]
    what = "this failure was not recorded" if is_full else "the tape of this failure"
    assert (done.returncode, done.stdout) == (7, b"out\n")
    assert done.stderr.startswith(f"err\nhealer: {what}".encode())
    assert b"No space left" in done.stderr
    assert [name for name in names if name.endswith(".tape") or name.startswith(".new-")] == []
    assert any(name.endswith(".json") for name in names) is not is_full


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own at a folder; skips the test where only root may have one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user cannot mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)
