"""The daemon's cycle: perceive, decide, act, persist, rest.

Belongs here: the threads of a daemon, and their end. Does not belong here: noticing
(`healer.watch`), what becomes of a failure (`intake`), regular duties (`upkeep`).
"""

import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from healer.daemon.heartbeat import Signs
from healer.daemon.intake import Intake
from healer.daemon.scheduler import Upkeep
from healer.daemon.tasks.end_probations import Probations
from healer.daemon.tasks.planned_jobs import PlannedJobs
from healer.engine.condition import DAEMON
from healer.engine.durable import Engine
from healer.engine.workflows import halt
from healer.facts.progress import Progress
from healer.failure import Failure
from healer.repair.run import open_engine
from healer.services import Services
from healer.watch.events import watch_inbox, watch_logs
from healer.watch.inbox import Inbox
from healer.watch.logs.follow import LogFollower
from quarantine.checkout.follow import recover

AGAIN_S = 5.0
"""After an error of the disk, logs are looked at again after this time."""


class Daemon:
    """One for each repository and machine; a file lock keeps a second one out."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.services, self.folder = services, folder
        self.inbox = Inbox(folder)
        self.signs = Signs(folder)
        self._refused: list[str] = []

    def once(self) -> int:
        """Drains what waits: open repairs, recorded failures, mails. Gives the number of repairs
        that were followed to their end."""
        with self._engine() as engine:
            intake = Intake(self.services, engine)
            self._recover()
            started = intake.adopt()
            for failure in self.inbox.claim_all():
                repair = intake.take(failure)
                started += [repair] if repair else []
                self.inbox.mark_handled(failure.id)
            Probations(self.services).do(time.time(), intake)
            stopped = [why for each in started if (why := self._ended(engine, each)) is not None]
        self.services.notifier.tick(datetime.now(UTC).astimezone())  # the digest has its local hour
        self.services.notifier.flush(datetime.now(UTC))  # somebody asked: no waiting between tries
        if stopped:
            raise stopped[0]
        return len(started)

    def _recover(self) -> None:
        """Finishes what a crash left half done: checkouts that follow a merge, claimed failures."""
        recover(self.services.repository)
        self.inbox.recover()

    def _ended(self, engine: Engine, repair: str) -> Exception | None:
        """Waits for a repair; why it was stopped, which must not stop the others."""
        try:
            engine.wait_until_ended(repair)
        except Exception as error:
            return error
        return None

    def run(self, stop: threading.Event, upkeep: Upkeep, jobs: PlannedJobs) -> None:
        """Watches and heals until `stop` is set. Repairs under way stay checkpointed, and go on
        when the daemon runs again."""
        with self._engine() as engine:
            intake = Intake(self.services, engine)
            self._recover()
            intake.adopt()
            jobs.install(engine)
            helpers = [
                threading.Thread(target=self._follow_logs, args=(stop,), daemon=True),
                threading.Thread(target=upkeep.run, args=(stop, intake), daemon=True),
                threading.Thread(target=self.signs.run, args=(stop,), daemon=True),
            ]
            for helper in helpers:
                helper.start()
            self.services.notifier.attended = True  # upkeep sends what is held back
            upkeep.ready()
            for failure in watch_inbox(self.inbox, stop, lambda: self.signs.turn("failures")):
                self.signs.turn("failures")
                self._take(failure, intake)
            self.services.notifier.attended = False  # from now on nobody would send it
            halt()
            for helper in helpers:
                helper.join(timeout=5)

    def _take(self, failure: Failure, intake: Intake) -> None:
        """Takes one failure; one that cannot be taken now, for a full disk, say, waits."""
        try:
            intake.take(failure)
            self.inbox.mark_handled(failure.id)
        except Exception as error:
            self._note("failure", f"{failure.id} is tried again: {type(error).__name__}: {error}")
            self._refused.append(failure.id)

    def give_back(self) -> None:
        """Failures that could not be taken wait in the inbox again."""
        refused, self._refused = self._refused, []
        for each in refused:
            self.inbox.give_back(each)

    def _follow_logs(self, stop: threading.Event) -> None:
        """Follows the logs until `stop` is set, anew where something went wrong."""
        root = self.services.repository.root
        globs = self.services.config.watch.logs
        while root is not None and globs and not stop.is_set():
            try:
                follower = LogFollower(self.inbox, self.folder, root, globs, self.services.redactor)
                watch_logs(follower, stop)
            except Exception as error:
                self._note("logs", f"they are read anew: {type(error).__name__}: {error}")
                stop.wait(AGAIN_S)

    def _note(self, step: str, what: str) -> None:
        self.services.progress(Progress(repair="", step=step, state="note", detail=what))

    def _engine(self) -> Engine:
        return open_engine(self.services, self.folder, DAEMON, workers=os.cpu_count() or 1)
