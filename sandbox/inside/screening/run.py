"""The step that tries many candidates, a thousand a second: search, not proof.

Belongs here: starting a worker for each core, handing every round of candidates to them, and
reading what they sent. All of this runs in the reach of the code under test, so its answers only
order the search; survivors go through the gate. Does not belong here: what a worker does
(`worker`).
"""

from __future__ import annotations

import functools
import json
import os
import pickle
import select
import shutil
import tempfile
import time
from typing import TYPE_CHECKING

from .. import frames, tree
from ..older_pythons import open_pidfd
from ..supervisor import child
from ..supervisor.command import decode_command
from ..supervisor.relay import DONE
from . import pytest_session
from .worker import Round, Share, run_worker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..messages import ScreeningPlan, ScreenRecord
    from ..supervisor.box import Box
    from ..supervisor.relay import Relay

CHANNEL_BYTES = 64 << 20


def run(box: Box, plan: ScreeningPlan, relay: Relay | None = None) -> list[ScreenRecord]:
    """What the workers reported of this plan, in no order. Untrusted.

    With a `relay` the plan is no round of its own, but what all those have in common that the host
    asks for: they come over standard input, and the relay has been told all that was reported."""
    settings = (plan["tests"]["config"] or "[pytest]\n").encode()
    command = plan["command"]
    alone = None if relay else Round(plan, box.deadline)
    outcome = box.run(
        functools.partial(serve, plan, alone),
        files={**(command["files"] if command else {}), pytest_session.SETTINGS: settings},
        channel_bytes=CHANNEL_BYTES,
        relay=relay,
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


def serve(plan: ScreeningPlan, alone: Round | None, root: str = tree.ROOT) -> int:
    """In the child: one round alone, or all that come over standard input up to its end."""
    with tempfile.TemporaryFile() as lock:  # nameless: gone with the last worker
        crew = _Crew(plan, root, lock.fileno())
        for each in [alone] if alone else read_rounds(0):
            crew.work(each)
            if alone is None:
                os.write(child.CHANNEL_FD, DONE)
        crew.leave()
    return 0


def read_rounds(fd: int) -> Iterator[Round]:
    """Each with the time that it may take from now on."""
    while (frame := frames.read_frame(fd)) is not None:
        question = json.loads(frame)
        decode_command(question["plan"]["command"])
        yield Round(question["plan"], time.monotonic() + question["timeout_s"])


class _Crew:
    """Workers, each with its own copy of the tree, started when a round first needs them."""

    def __init__(self, plan: ScreeningPlan, root: str, lock_fd: int) -> None:
        self._plan = plan
        self._root = root
        self._lock_fd = lock_fd
        self._workers: list[_Member] = []

    def work(self, one: Round) -> None:
        """Returns when all that take part are done with it, or dead."""
        count = max(1, int(one.plan["workers"]))
        while len(self._workers) < count:
            self._workers.append(self._start(len(self._workers)))
        workers = self._workers[:count]
        for number, worker in enumerate(workers):
            worker.hand_over(one, Share(number, count))
        for worker in workers:
            worker.wait()

    def leave(self) -> None:
        """Ends them all, which wait for another round."""
        for worker in self._workers:
            worker.end()

    def _start(self, number: int) -> _Member:
        home = self._root
        if number:
            home = f"{self._root}-{number}"
            shutil.copytree(self._root, home)
        questions, answers = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                for worker in self._workers:
                    worker.drop_pipes()
                os.close(questions[1])
                run_worker(self._plan, home, (questions[0], answers[1]), self._lock_fd)
                code = 0
            except BaseException as error:
                os.write(2, f"{type(error).__name__}: {error}\n".encode())
            finally:
                os._exit(code)
        os.close(questions[0])
        os.close(answers[1])
        return _Member(pid, questions[1], answers[0])


class _Member:
    """A worker, as the first process of the step knows it."""

    def __init__(self, pid: int, questions: int, answers: int) -> None:
        self._pid = pid
        self._pidfd = open_pidfd(pid)
        self._questions, self._answers = questions, answers

    def hand_over(self, one: Round, share: Share) -> None:
        if not select.select([self._pidfd], [], [], 0)[0]:
            frames.write_all(self._questions, frames.pack(pickle.dumps((one, share))))

    def wait(self) -> None:
        ready: Iterable[int] = select.select([self._answers, self._pidfd], [], [])[0]
        if self._answers in ready:
            os.read(self._answers, 1)

    def drop_pipes(self) -> None:
        for fd in (self._questions, self._answers, self._pidfd):
            os.close(fd)

    def end(self) -> None:
        self.drop_pipes()
        os.waitpid(self._pid, 0)
