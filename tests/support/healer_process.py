"""The `healer` command in a process of its own, forked off the server that has imported it.

Belongs here: such a process, with the environment, the folder and the streams of the one that it
stands for. Does not belong here: the command line in the test's own process (`command_line`), and
what must see how an interpreter starts or be sent a signal: that starts one.
"""

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

from healer.__main__ import main
from tests.support import kill_at
from tests.support.forked import run_forked

STREAMS = ("stdin", "stdout", "stderr")


def run_healer(
    *words: str,
    cwd: Path,
    env: Mapping[str, str],
    stdin: str = "",
    killed: tuple[str, str] = ("", ""),
) -> "CompletedProcess[str]":
    """What `healer WORDS` does in `cwd`, where `env` is the whole environment. `killed`: the moment
    and the step at which it kills itself, as `kill_at` has them."""
    with tempfile.TemporaryDirectory() as folder:
        for name in STREAMS:
            (Path(folder) / name).write_text(stdin if name == "stdin" else "")
        variables = [f"{name}={value}" for name, value in env.items()]
        place = (folder, str(cwd), *killed, str(len(variables)), *variables)
        _, code = run_forked(become_healer, *place, *words, timeout_s=230)
        _, out, err = ((Path(folder) / name).read_text() for name in STREAMS)
    return CompletedProcess(["healer", *words], code, out, err)


def become_healer(folder: str, cwd: str, moment: str, step: str, count: str, *rest: str) -> None:
    """Goes on as that process."""
    variables, words = rest[: int(count)], rest[int(count) :]
    os.environ.clear()
    os.environ.update(variable.split("=", 1) for variable in variables)
    time.tzset()
    for number, name in enumerate(STREAMS):
        stream = os.open(Path(folder) / name, os.O_APPEND | (os.O_WRONLY if number else 0))
        os.dup2(stream, number)
        os.close(stream)
        errors = "backslashreplace" if name == "stderr" else "strict"
        mode = "w" if number else "r"
        file = open(number, mode, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115  # as Python's own streams
        setattr(sys, name, file)
    os.chdir(cwd)
    sys.argv = ["healer", *words]
    if step:
        kill_at.arm(moment, step)
    sys.exit(main())
