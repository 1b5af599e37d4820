"""The step that tries many candidates, a thousand a second: search, not proof.

Belongs here: starting one worker for each core, and reading what they sent. All of this runs in
the reach of the code under test, so its answers only order the search; survivors go through the
gate. Does not belong here: what a worker does (`worker`).
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import tempfile
from typing import TYPE_CHECKING

from .. import tree
from . import pytest_session
from .worker import Share, run_worker

if TYPE_CHECKING:
    from ..messages import ScreeningPlan, ScreenRecord
    from ..supervisor.box import Box

_CHANNEL_BYTES = 64 << 20


def run(box: Box, plan: ScreeningPlan) -> list[ScreenRecord]:
    """What the workers reported, in no order. Untrusted."""
    settings = (plan["tests"]["config"] or "[pytest]\n").encode()
    command = plan["command"]
    outcome = box.run(
        functools.partial(start_workers, plan, box.deadline),
        files={**(command["files"] if command else {}), pytest_session.SETTINGS: settings},
        channel_bytes=_CHANNEL_BYTES,
    )
    return read_records(outcome.channel.bytes())


def read_records(channel: bytes) -> list[ScreenRecord]:
    """The lines that are whole."""
    records: list[ScreenRecord] = []
    for line in channel.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue  # cut by the deadline
        if isinstance(record, dict):
            records.append(record)  # type: ignore[arg-type]  # the host's models check its fields
    return records


def start_workers(plan: ScreeningPlan, deadline: float, root: str = tree.ROOT) -> int:
    """In the child: one worker for each core, each with its own copy of the tree."""
    count = max(1, int(plan["workers"]))
    homes = [root]
    for number in range(1, count):
        home = f"{root}-{number}"
        shutil.copytree(root, home)
        homes.append(home)
    with tempfile.TemporaryFile() as lock:  # nameless: gone with the last worker
        pids = [
            _fork_worker(plan, home, Share(number, count), deadline, lock.fileno())
            for number, home in enumerate(homes)
        ]
        for pid in pids:
            os.waitpid(pid, 0)
    return 0


def _fork_worker(
    plan: ScreeningPlan, home: str, share: Share, deadline: float, lock_fd: int
) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            run_worker(plan, home, share, deadline, lock_fd)
            code = 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    return pid
