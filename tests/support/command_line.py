"""The command line in this process: quick, and without the edge that would end it.

Belongs here: running one command, and what it gave. Does not belong here: exit codes of errors
(`tests/healer/cli/test_edge.py`), and the installed command (the journeys).
"""

import contextlib
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from healer.cli import cli


@dataclass(frozen=True)
class Answer:
    """What one command gave."""

    code: object
    """What the command returned; None after an error."""
    out: str
    err: str
    error: BaseException | None


@contextlib.contextmanager
def signals_kept() -> Iterator[None]:
    """Lets through again what the block held back until its process ends, as `healer run` does:
    this process goes on, and what it starts inherits the mask."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def run_command(*words: str, cwd: Path, stdin: str = "") -> Answer:
    """Runs `healer WORDS` from a folder."""
    with signals_kept(), contextlib.chdir(cwd):
        result = CliRunner().invoke(cli, words, input=stdin, standalone_mode=False)
    return Answer(result.return_value, result.stdout, result.stderr, result.exception)
