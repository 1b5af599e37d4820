"""Starts a job under `healer run`, beside the daemon and not under it.

Belongs here: the process, what it is kept from, and where its output goes. Does not belong here:
when a job is due (`schedule`), and what `healer run` does (`runner`).
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from healer.support.atomic_file import open_private

LOG = "jobs.log"
"""In healer's folder: what the jobs print that healer starts."""
MAX_LOG_BYTES = 10 << 20
_NOT_FOR_JOBS = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")


def start_job(
    argv: Sequence[str],
    *,
    source: str,
    max_runtime_s: float,
    log: Path,
    cwd: Path,
    environment: Mapping[str, str],
    options: Sequence[str] = (),
    stdin: IO[bytes] | int = subprocess.DEVNULL,
) -> "subprocess.Popen[bytes]":
    """The running job, in a session of its own: it outlives who started it. `source` and `options`
    are for `healer run`; raises OSError where it cannot be started."""
    run = [sys.executable, "-m", "healer", "run", "--source", source, *options]
    run += ["--max-runtime", f"{max_runtime_s:g}", "--"]
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.rename(log.with_suffix(".log.1"))
    with open(log, "ab", opener=open_private) as output:
        return subprocess.Popen(
            [*run, *argv],
            cwd=cwd,
            env={key: text for key, text in environment.items() if key not in _NOT_FOR_JOBS},
            stdin=stdin,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
