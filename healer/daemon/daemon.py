"""The daemon's cycle: perceive, decide, act, persist, rest.

Belongs here: the threads of a daemon, and their end. Does not belong here: noticing
(`healer.watch`), what becomes of a failure (`intake`), periodic tasks (`scheduler`, `tasks`).
"""

import errno
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Self

from healer.daemon.dead_letters import DeadLetters
from healer.daemon.heartbeat import Heartbeat, notify_systemd
from healer.daemon.intake import Intake
from healer.daemon.orphans import Orphans
from healer.daemon.scheduler import PeriodicTasks, Task
from healer.daemon.tasks.close_incidents import CloseIncidents
from healer.daemon.tasks.end_probations import EndProbations
from healer.daemon.tasks.held_repairs import StartHeldRepairs
from healer.daemon.tasks.shared_failures import TakeSharedFailures
from healer.engine.condition import DAEMON
from healer.engine.durable import Engine
from healer.engine.workflows import halt
from healer.facts.errors import POISON
from healer.facts.progress import Progress
from healer.failure import Failure
from healer.repair.rebuild import rebuild
from healer.repair.rerun import Reruns
from healer.repair.run import open_engine
from healer.services import Services
from healer.watch.events import watch_inbox, watch_logs
from healer.watch.inbox import Inbox
from healer.watch.logs.follow import LogFollower
from quarantine.checkout.follow import recover
from quarantine.errors import NotARepository

LOG_PAUSE_S = 5.0
"""After an error of the disk, logs are looked at again after this time."""
JOIN_S = 5.0
ROUNDS = 3
"""How often a drain looks again for what came of what it has done."""


class Daemon:
    """One for each repository and machine, for a with-block; a file lock keeps a second one out.

    Entering raises AlreadyRunningError where there is one already.
    """

    engine: Engine
    intake: Intake
    orphans: Orphans

    def __init__(
        self,
        services: Services,
        state_dir: Path,
        *,
        workers: int | None = None,
        most: float = inf,
    ) -> None:
        """`workers` is how many repairs run at once, one for each processor if None; `most`, how
        many failures that other machines have noticed are taken in all."""
        self.services, self.state_dir = services, state_dir
        self._workers = workers or os.cpu_count() or 1
        self.inbox = Inbox(state_dir)
        self.heartbeat = Heartbeat(state_dir)
        self.shared_failures = None
        """Brings in what other machines have noticed, where any can."""
        if services.shared_records is not None:
            failures = services.shared_records.failures
            self.shared_failures = TakeSharedFailures(
                failures, services.fleet, self.inbox, most=most
            )
        self._stack = ExitStack()
        self._identity = _find_identity(state_dir)
        self._put_off: list[str] = []
        self._dead_letters = DeadLetters(services, self.inbox)
        self.inbox.on_broken = self._dead_letters.tell_broken

    def __enter__(self) -> Self:
        engine = open_engine(self.services, self.state_dir, DAEMON, workers=self._workers)
        self.engine = self._stack.enter_context(engine)
        self.intake = Intake(self.services, self.engine)
        self.orphans = Orphans(self.services, self.engine)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def drain(self) -> int:
        """Follows to its end what waits: open repairs, recorded failures, probations, mails; gives
        the number of repairs. The first error that stopped one is raised when all have ended."""
        clock = self.services.clock
        self._recover()
        workflow_ids: dict[str, Exception | None] = {}
        StartHeldRepairs(self.services, self.inbox).run(clock.now())
        for _ in range(ROUNDS):  # what a bug ended begins anew, and a revert may hand a failure on
            ids = self.orphans.adopt()
            self._take_shared()
            ids += [each for f in self.inbox.claim_all() if (each := self._take(f)) is not None]
            EndProbations(self.services, self.orphans).run(clock.now())
            CloseIncidents(self.services).run(clock.now())
            workflow_ids |= {each: self._wait_for(each) for each in ids}
            Reruns(self.services, is_attended=False).finish()
            StartHeldRepairs(self.services, self.inbox).run(clock.now())
            is_broken = any(isinstance(error, POISON) for error in workflow_ids.values())
            if not is_broken and not self.inbox.list_pending():
                break
        self._take_shared()
        self.return_failures()
        errors = [error for error in workflow_ids.values() if error is not None]
        self.services.notifier.tick(clock.moment().astimezone())  # the digest's hour is local
        self.services.notifier.flush(clock.moment())  # somebody asked: no waiting between tries
        if errors:
            raise errors[0]
        return len(workflow_ids)

    def run(self, stop: threading.Event, tasks: Sequence[Task]) -> None:
        """Watches and heals until `stop` is set. Repairs under way stay checkpointed, and go on
        when the daemon runs again."""
        self._recover()
        self.orphans.adopt()
        periodic = PeriodicTasks(tasks, self.heartbeat, self.services.progress, self.services.clock)
        threads = [
            threading.Thread(target=loop, args=(stop,), daemon=True)
            for loop in (self._follow_logs, periodic.run, self.heartbeat.run)
        ]
        for thread in threads:
            thread.start()
        self.services.notifier.is_attended = True  # a task sends what is held back
        notify_systemd("READY=1")
        try:
            for failure in self._watch(stop):
                self.heartbeat.beat("failures")
                self._take(failure)
        except OSError as error:
            stop.set()
            self._require_repository(error)
            raise
        self.services.notifier.is_attended = False  # from now on nobody would send it
        halt()
        for thread in threads:
            thread.join(timeout=JOIN_S)

    def _take_shared(self) -> None:
        if self.shared_failures is not None:
            self.shared_failures.run(self.services.clock.now())

    def _watch(self, stop: threading.Event) -> Iterator[Failure]:
        """What comes, for as long as the repository is where it was."""

        def look() -> None:
            self.heartbeat.beat("failures")
            if _find_identity(self.state_dir) != self._identity:
                raise FileNotFoundError(errno.ENOENT, "it is not there any more")

        return watch_inbox(self.inbox, stop, look)

    def _require_repository(self, error: OSError) -> None:
        """Raises `NotARepository` where the repository was moved away under the daemon."""
        if _find_identity(self.state_dir) != self._identity:
            place = self.services.repository.root or self.state_dir.parent
            raise NotARepository(
                f"the repository is not in {place} any more; where it was moved, start the daemon "
                "there: healer daemon --repo PATH"
            ) from error

    def return_failures(self) -> None:
        """Failures that could not be taken wait in the inbox again."""
        failures, self._put_off = self._put_off, []
        for each in failures:
            self.inbox.give_back(each)

    def _recover(self) -> None:
        """Finishes what a crash left half done: checkouts that follow a merge, claimed failures;
        puts back what the databases have lost."""
        recover(self.services.repository)
        self.inbox.recover()
        rebuild(self.services)

    def _wait_for(self, workflow_id: str) -> Exception | None:
        """Waits for a repair; why it was stopped, which must not stop the others."""
        try:
            self.engine.wait_until_ended(workflow_id)
        except Exception as error:
            return error
        return None

    def _take(self, failure: Failure) -> str | None:
        """Takes one failure; gives the workflow that it began. One that cannot be taken now, for a
        full disk, say, waits; one that breaks healer is set aside."""
        try:
            workflow_id = self.intake.take(failure)
        except POISON as error:
            self._dead_letters.bury(failure, error)
            return None
        except Exception as error:
            self._note("failure", f"{failure.id} is tried again: {type(error).__name__}: {error}")
            self._put_off.append(failure.id)
            return None
        self.inbox.mark_handled(failure.id)
        return workflow_id

    def _follow_logs(self, stop: threading.Event) -> None:
        """Follows the logs until `stop` is set, anew where something went wrong."""
        root = self.services.repository.root
        globs, redactor = self.services.config.watch.logs, self.services.redactor
        while root is not None and globs and not stop.is_set():
            try:
                watch_logs(LogFollower(self.inbox, self.state_dir, root, globs, redactor), stop)
            except Exception as error:
                self._note("logs", f"they are read anew: {type(error).__name__}: {error}")
                stop.wait(LOG_PAUSE_S)

    def _note(self, step: str, detail: str) -> None:
        self.services.progress(Progress(repair="", step=step, state="note", detail=detail))


def _find_identity(folder: Path) -> tuple[int, int] | None:
    """What no other folder has that comes to the same place; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
