"""One worker of a screening: collects the tests of its own copy of the tree, then does its share
of each round, in a fork: what a round changes in memory, the next does not see.

Belongs here: making this process ready, and which of the three kinds of work is done. Does not
belong here: the work itself (`spectrum`, `comparison`,
`wide_comparison`, `trials`).
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from .. import frames, tree
from ..older_pythons import remove_prefix
from ..supervisor import child
from . import comparison, live_functions, program, pytest_session, rehearsal, spectrum
from .project import COMMAND, Project
from .sender import Sender
from .trials import FRESH_IMPORT_S, Trials
from .wide_comparison import WideComparison
from .work_queue import WorkQueue

if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

    from ..messages import Candidate, ScreeningPlan, ScreenRecord

_MANY = 20
"""Candidates for which it pays to see first how long each test takes."""


_FIRST = 2
"""Candidates of a wide comparison that are worth slow tests, beside the tree as it is."""


class Share(NamedTuple):
    """Which of how many workers one is."""

    worker: int
    workers: int


class Round(NamedTuple):
    """What is tried, and up to when on the monotonic clock."""

    plan: ScreeningPlan
    deadline: float


class Worker:
    """A process of a screening, in the folder of its own copy of the tree."""

    def __init__(
        self, plan: ScreeningPlan, home: str, pipes: tuple[int, int], sender: Sender
    ) -> None:
        """`pipes`: where rounds come from with this worker's share, and where a byte goes for each
        that is done."""
        self._plan = plan
        self._project = Project(plan, home)
        self._rounds, self._answers = pipes
        self._sender = sender

    def run(self) -> None:
        """Does all of its share. Changes the process: its folder, its path and its streams."""
        os.chdir(self._project.home)
        outside = [path for path in sys.path if not path.startswith(tree.ROOT)]
        own = (remove_prefix(path, tree.ROOT) for path in child.paths_of_tree())
        sys.path[:] = [self._project.home, *outside, *(self._project.home + path for path in own)]
        quiet = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1):
            os.dup2(quiet, fd)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - stays to the end
        if self._plan["use_tests"]:
            sys.setprofile(self._note_call)
            plugins: list[object] = [pytest_session.TakeOver(self._serve)]
            pytest_session.run_pytest(
                self._plan["tests"], self._project.home, plugins, self._plan["select"]
            )
        else:
            if self._plan["command"]:
                limit_s = self._plan["limit_s"] + FRESH_IMPORT_S
                program.import_ahead(self._plan["command"], self._project.home, limit_s)
            self._serve({})

    def _note_call(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(self._project.home):
            self._project.copy.ran_at_import.add(live_functions.key_of(code))

    def _serve(self, items: dict[str, pytest.Item]) -> None:
        sys.setprofile(None)
        self._project.take_items(items)
        # Forks share what is there now; without this, their first collection would copy it all.
        gc.collect()
        gc.freeze()
        gc.disable()
        while (frame := frames.read_frame(self._rounds)) is not None:
            pid = os.fork()
            if pid == 0:
                self._do_round(*pickle.loads(frame))
            os.waitpid(pid, 0)
            os.write(self._answers, b".")

    def _do_round(self, one: Round, share: Share) -> NoReturn:
        try:
            self._project.begin(one.plan)
            self._plan = one.plan
            if one.plan["spectrum"]:
                self._run_spectrum(share)
            elif one.plan["compare"]:
                self._compare(share)
            else:
                self._screen(share, one.deadline)
            self._sender.flush()
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(0)

    def _run_spectrum(self, share: Share) -> None:
        names = list(self._project.items) if self._plan["use_tests"] else [COMMAND]
        for name in names[share.worker :: share.workers]:
            self._sender.send({**spectrum.run_test(self._project, name), "kind": "seen"})

    def _compare(self, share: Share) -> None:
        candidates: list[tuple[int, Candidate]] = list(enumerate(self._plan["candidates"]))
        wide = WideComparison(self._project) if self._plan["widely"] else None
        for index, candidate in candidates[share.worker :: share.workers]:
            record = (
                wide.run_candidate(candidate, with_slow=index < _FIRST or not candidate)
                if wide
                else comparison.run_candidate(self._project, candidate)
            )
            self._sender.send({**record, "kind": "behaved", "index": index})

    def _screen(self, share: Share, deadline: float) -> None:
        plan, (worker, workers) = self._plan, share
        if plan["use_tests"] and len(plan["candidates"]) >= _MANY:
            self._project.limits_s, self._project.affected = rehearsal.rehearse(self._project)
        order = rehearsal.order_by_values(self._project)
        for index in order.alike[worker::workers]:
            self._sender.send({"kind": "screened", "index": index, "outcome": "alike"})
        queue = WorkQueue(order, worker, workers, plan["most"])
        for index, answer in Trials(self._project, queue, deadline).run():
            record: ScreenRecord = {
                "kind": "screened",
                "index": index,
                "turn": queue.turns[index],
                "outcome": answer.outcome,
                "detail": answer.detail,
                "seconds": answer.seconds,
            }
            self._sender.send(record)


def run_worker(plan: ScreeningPlan, home: str, pipes: tuple[int, int], lock_fd: int) -> None:
    """In a process of its own: one worker, whose records go to the step's channel. `plan` says what
    is collected; see `Worker` for the pipes."""
    Worker(plan, home, pipes, Sender(child.CHANNEL_FD, lock_fd)).run()
