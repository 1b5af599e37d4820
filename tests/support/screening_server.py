"""Forks screenings off a process that has imported them, pytest and nothing else: a screening forks
hundreds of times, and each fork is the dearer the more its process holds. So are parts of one.

Belongs here: the server, and asking it. Does not belong here: forks of all of healer (`forked`).
"""

import atexit
import contextlib
import gc
import json
import os
import pickle
import subprocess
import sys
import threading
import time
import traceback
from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sandbox.inside.pytest_checks.plugins import load_installed
from sandbox.inside.screening import run
from sandbox.inside.screening.worker import Round

_LOCK = threading.Lock()
_ROOT = Path(__file__).parents[2]
_FOLDER_OF_TESTS = "PYTEST_DEBUG_TEMPROOT"
"""Without it, sessions share a folder, and each removes what others, whoever's, left there."""


def run_screening(root: str, asked: str, out: str, budget_s: float) -> tuple[int, int]:
    """Does what the plan in the file `asked` says in the folder `root`, and writes the records to
    the file `out`. Its process ID, and its exit code, or the signal that ended it as a negative
    number."""
    return _ask(_screen, root, asked, out, budget_s)


def run_in_small_process(work: Callable[..., object], *arguments: object) -> Any:
    """What `work` gives for the arguments, as JSON carries it. It is a module's own function, and
    sees no variable of the environment but `PATH`."""
    with TemporaryDirectory(prefix="answer-") as folder:
        _, code = _ask(_answer, f"{folder}/answer", work, arguments)
        text = Path(folder, "answer").read_text()
    assert code == 0, text
    return json.loads(text)


def _ask(work: Callable[..., int], *arguments: object) -> tuple[int, int]:
    """The process that did it, and how it ended."""
    with _LOCK:
        server = _start_server()
        assert server.stdin
        assert server.stdout
        server.stdin.write(f"{b64encode(pickle.dumps((work, arguments))).decode()}\n")
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
        work, arguments = pickle.loads(b64decode(line))  # what a test's module imports is kept
        pid = os.fork()
        if pid == 0:
            _work_and_exit(work, arguments)
        _, status = os.waitpid(pid, 0)
        answer = json.dumps([pid, os.waitstatus_to_exitcode(status)])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _work_and_exit(work: Callable[..., int], arguments: tuple[Any, ...]) -> None:
    """In a process of its own, as the sandbox's child would."""
    code = 1
    try:
        for name in os.environ.keys() - {"PATH"}:
            del os.environ[name]
        sys.dont_write_bytecode = True
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(0, 1)
        code = work(*arguments)
    finally:
        os._exit(code)


def _screen(root: str, asked: str, out: str, budget_s: float) -> int:
    os.dup2(os.open(out, os.O_CREAT | os.O_WRONLY | os.O_APPEND), 3)
    os.environ[_FOLDER_OF_TESTS] = str(Path(asked).parent)
    os.chdir(root)
    plan = json.loads(Path(asked).read_text())
    return run.serve(plan, Round(plan, time.monotonic() + budget_s), root)


def _answer(path: str, work: Callable[..., object], arguments: tuple[object, ...]) -> int:
    os.environ[_FOLDER_OF_TESTS] = str(Path(path).parent)
    try:
        text, code = json.dumps(work(*arguments)), 0
    except BaseException:
        text, code = traceback.format_exc(), 1
    Path(path).write_text(text)
    return code


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        _serve()
