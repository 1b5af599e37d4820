"""Forks screenings off a process that has imported them, pytest and nothing else: a screening forks
hundreds of times, and each fork is the dearer the more its process holds.

Belongs here: the server, and asking it. Does not belong here: forks of all of healer (`forked`).
"""

import atexit
import contextlib
import gc
import json
import os
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path

from sandbox.inside.pytest_checks.plugins import load_installed
from sandbox.inside.screening import run
from sandbox.inside.screening.worker import Round

_LOCK = threading.Lock()
_ROOT = Path(__file__).parents[2]


def run_screening(root: str, asked: str, out: str, budget_s: float) -> tuple[int, int]:
    """Does what the plan in the file `asked` says in the folder `root`, and writes the records to
    the file `out`. Its process ID, and its exit code, or the signal that ended it as a negative
    number."""
    with _LOCK:
        server = _start_server()
        assert server.stdin
        assert server.stdout
        server.stdin.write(f"{json.dumps([root, asked, out, budget_s])}\n")
        server.stdin.flush()
        pid, code = json.loads(server.stdout.readline())
    return pid, code


@cache
def _start_server() -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", __name__]
    pipe = subprocess.PIPE
    server = subprocess.Popen(words, cwd=_ROOT, stdin=pipe, stdout=pipe, text=True)
    atexit.register(server.communicate)  # its input ends, and then it does
    return server


def _serve() -> None:
    load_installed()  # of every session
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _screen_and_exit(*json.loads(line))
        _, status = os.waitpid(pid, 0)
        answer = json.dumps([pid, os.waitstatus_to_exitcode(status)])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _screen_and_exit(root: str, asked: str, out: str, budget_s: float) -> None:
    """In a process of its own, as the sandbox's child would."""
    code = 1
    try:
        for name in os.environ.keys() - {"PATH"}:
            del os.environ[name]
        sys.dont_write_bytecode = True
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(0, 1)
        os.dup2(os.open(out, os.O_CREAT | os.O_WRONLY | os.O_APPEND), 3)
        os.chdir(root)
        plan = json.loads(Path(asked).read_text())
        code = run.serve(plan, Round(plan, time.monotonic() + budget_s), root)
    finally:
        os._exit(code)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        _serve()
