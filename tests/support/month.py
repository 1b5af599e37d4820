"""Weeks of a hundred jobs in minutes: the real daemon, inbox, ledger, outbox and git under a clock
that is set, with people, colleagues, restarts, snoozes and daylight saving.

Belongs here: the calendar, and who does what in it. Does not belong here: what a script or a draft
is worth (`month_world`), and what is held against the end (`month_rules`).
"""

import heapq
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from healer.config import Config
from healer.daemon.daemon import Daemon
from healer.daemon.heartbeat import Heartbeat
from healer.daemon.scheduler import PeriodicTasks
from healer.daemon.tasks.catalogue import standard_tasks
from healer.repair import request
from healer.repair.run import run_decision, run_repair
from healer.services import Services
from healer.support.clock import SetClock
from healer.watch import pause
from healer.watch.inbox import Inbox
from healer.watch.runner import run_log
from healer.watch.runner.run_log import LoggedRun, digest_of
from sandbox import EngineStatus
from sandbox.fake import ScriptedSandbox
from tests.support.git import commit_files, git, make_repository
from tests.support.month_world import FIELD, Drafter, World, name_of, write_script
from tests.support.smtp import Received, Server, smtp_server
from tests.support.world import open_services

ZONE = ZoneInfo("Europe/Vienna")
TICK_S = 900.0
RUN_S = 40.0
Fate = Literal["merge", "approve", "reject", "colleague", "hand", "wrong", "drift", "by hand"]
"""Of a bug: healer merges its fix; a person approves or rejects it; a colleague is faster; nobody
but a person has an idea; the fix is wrong; the data changed, not the code; `healer fix` by hand."""
WITHOUT_TESTS: tuple[Fate, ...] = ("approve", "reject", "colleague")
PERSON_AT = (9, 15)


@dataclass(frozen=True)
class Bug:
    """One thing that breaks one job."""

    job: int
    part: int
    word: str
    fate: Fate
    begins: float
    mended_after_s: float
    """From its beginning to the person's or the colleague's deed."""
    word_of_person: Literal["", "ack", "snooze"] = ""


@dataclass
class Told:
    """One mail, and when it was taken."""

    at: float
    received: Received


@dataclass
class Month:
    """One simulated stretch of time, and what was seen in it."""

    folder: Path
    server: Server
    jobs: int
    start: datetime
    days: int
    seed: int
    fates: dict[Fate, int]
    keep_days: int = 30
    world: World = field(default_factory=World)
    told: list[Told] = field(default_factory=list)
    broken: dict[int, list[tuple[float, bool]]] = field(default_factory=dict)
    """Of each job, from when on it was broken, and from when on it was not."""
    silent: list[tuple[str, float, float]] = field(default_factory=list)
    """Incident, from and until when a person wanted no reminder of it."""
    missed: list[tuple[int, float]] = field(default_factory=list)
    """Runs of planned jobs that nobody started."""
    outages: list[float] = field(default_factory=list)
    """When the other side of every connection went away, for half an hour."""
    runs: int = 0
    failures: int = 0
    restarts: int = 0
    daily: list[Callable[["Month", int], None]] = field(default_factory=list)
    """Called at the end of each day, with its number."""

    def __post_init__(self) -> None:
        self.clock = SetClock(self.start.timestamp())
        self.dice = random.Random(self.seed)
        self.root = self.folder / "shop"
        self._order = count()
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self.bugs: dict[str, Bug] = {}
        self._version: tuple[object, ...] = ()
        self._stack = ExitStack()
        self.services: Services
        self.daemon: Daemon
        self._tasks: PeriodicTasks
        self._is_up = False

    @property
    def state(self) -> Path:
        """healer's folder."""
        return self.root / ".git" / "healer"

    def config(self) -> Config:
        """Every third job has a schedule that healer knows."""
        planned = [n for n in range(self.jobs) if n % 3 == 0]
        return Config.model_validate({
            "keep_days": self.keep_days,
            "search_s": 0,
            "notes": False,
            "mail": {"smtp": self.server.url, "from": "h@example.com", "to": ["on@example.com"]},
            "job": [
                {
                    "script": name_of(n), "schedule": self._cron_of(n), "timezone": ZONE.key,
                    "started_by": "cron", "grace": "20m",
                }
                for n in planned
            ],
        })  # fmt: skip

    def play(self) -> None:
        """All of it; the outcome is in the attributes and in the state folder."""
        self._make_repository()
        self._plan()
        self._start_daemon()
        try:
            end = (self.start + timedelta(days=self.days)).timestamp()
            while self._agenda and self._agenda[0][0] < end:
                at, _, event = heapq.heappop(self._agenda)
                self.clock.seconds = max(at, self.clock.seconds)
                event()
                self._observe()
            self._cycle()
        finally:
            self._stop_daemon()
        self._start_services()  # for whoever looks at the end

    def is_broken(self, job: int, at: float) -> bool:
        """Whether it would have failed then."""
        state = False
        for since, is_broken in self.broken.get(job, []):
            if since <= at:
                state = is_broken
        return state

    def was_broken_within(self, job: int, since: float, until: float) -> bool:
        """Whether it would have failed at any moment between."""
        return self.is_broken(job, since) or any(
            is_broken and since <= at <= until for at, is_broken in self.broken.get(job, [])
        )

    def _make_repository(self) -> None:
        files = {name_of(n): write_script() for n in range(self.jobs)}
        tests = {
            f"tests/test_job_{n:02}.py": f"def test_job_{n:02}():\n    pass\n"
            for n in range(self.jobs)
            if n % 5 < 3
        }
        make_repository(self.root, files | tests)

    def _at(self, at: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (at, next(self._order), event))

    def _plan(self) -> None:
        for day in range(self.days):
            midnight = self.start + timedelta(days=day)
            for job in range(self.jobs):
                at = self._run_time(job, midnight)
                if at is not None:
                    self._at(at, partial(self._run_job, job))
            for hour in PERSON_AT:
                self._at(midnight.replace(hour=hour).timestamp(), self._decide)
            for hour in range(24):
                self._at((midnight + timedelta(hours=hour)).timestamp() + 1, self._cycle)
                self._at((midnight + timedelta(hours=hour)).timestamp() + 1800, self._cycle)
            self._at(midnight.replace(hour=23, minute=55).timestamp(), partial(self._end_day, day))
            if day % 5 == 4:
                self._at(midnight.replace(hour=2, minute=31).timestamp(), self._crash)
            self._at(midnight.replace(hour=12).timestamp(), self._refactor)
        self._plan_bugs()
        self._plan_troubles()

    def _end_day(self, day: int) -> None:
        for each in self.daily:
            each(self, day)

    def _plan_bugs(self) -> None:
        """Each has a job of its own, and is mended some days before the end."""
        with_tests = [n for n in range(self.jobs) if n % 5 < 3]
        without = [n for n in range(self.jobs) if n % 5 >= 3]
        self.dice.shuffle(with_tests)
        self.dice.shuffle(without)
        last_day = max(1, self.days - (9 if self.days > 14 else 3))
        number = count()
        for fate, amount in self.fates.items():
            for place in range(amount):
                pool = without if fate in WITHOUT_TESTS else with_tests
                day, hour = self.dice.randrange(last_day), self.dice.uniform(10, 22)
                begins = (self.start + timedelta(days=day, hours=hour)).timestamp()
                days = self.dice.uniform(1.2, 4 if self.days > 14 else 1.8)
                word = f"w{next(number)}"
                person: Literal["", "ack", "snooze"] = ""
                if fate == "hand":
                    person = ("", "ack", "snooze")[place % 3]
                bug = Bug(pool.pop(), 0, word, fate, begins, days * 86_400, person)
                self.bugs[name_of(bug.job)] = bug
                self._at(begins, partial(self._break, bug))

    def _plan_troubles(self) -> None:
        """Nights without a network, runs that nobody starts, and one pause of everything."""
        for day in range(2, self.days - 2, 9):
            off = (self.start + timedelta(days=day, hours=3)).timestamp()
            self.outages.append(off)
            self._at(off, partial(setattr, self.world, "is_away", True))
            self._at(off + 1800, partial(setattr, self.world, "is_away", False))
        if self.days > 6:
            at = (self.start + timedelta(days=5, hours=16)).timestamp()
            self._at(at, lambda: pause.pause(self.state, "", "Ada", self.clock.now()))
            self._at(at + 18 * 3600, self._resume)

    def _resume(self) -> None:
        pause.resume(self.state, "")

    def _cron_of(self, job: int) -> str:
        days = "1-5" if job % 10 == 9 else "*"
        return f"{job * 7 % 60} {1 + job % 5} * * {days}"

    def _run_time(self, job: int, midnight: datetime) -> float | None:
        """When cron starts it on that day: a time in the gap comes right after it."""
        if job % 10 == 9 and midnight.weekday() > 4:
            return None
        local = midnight.replace(hour=1 + job % 5, minute=job * 7 % 60)
        again = datetime.fromtimestamp(local.timestamp(), ZONE)
        if again.replace(fold=0, tzinfo=None) != local.replace(tzinfo=None):
            local = local.replace(hour=3, minute=0)
        if job % 3 == 0 and job and self.dice.random() < 0.004:
            self.missed.append((job, local.timestamp()))
            return None
        return local.timestamp()

    def _run_job(self, job: int) -> None:
        """As `healer run` does: one line for each run, and a record of one that failed."""
        now, script = self.clock.now(), name_of(job)
        commit = git(self.root, "rev-parse", "main")
        text = (self.root / script).read_text()
        failure = self.world.make_failure(job, text, str(self.root), commit, now)
        code = 1 if failure else 0
        command = digest_of(("python", script))
        self.runs += 1
        if failure is not None:
            self.failures += 1
            Inbox(self.state).put(failure)
        run_log.append(self.state, LoggedRun(script, commit, code, now, RUN_S, command=command))
        if failure is not None and self._is_up:
            self._cycle()

    def _break(self, bug: Bug) -> None:
        script = name_of(bug.job)
        right: tuple[str, ...] = (FIELD,)
        if bug.fate == "drift":
            self.world.fields[bug.job, bug.part] = {bug.word}
            self.world.drafts[FIELD] = ()
        else:
            if bug.fate == "wrong":
                right = (f"b{bug.word}",)
                self.world.believed.add(right[0])
            self.world.drafts[bug.word] = () if bug.fate == "hand" else right
            text = write_script({bug.part: (bug.word,)}, note=f"by a colleague: {bug.word}")
            commit_files(self.root, {script: text}, f"Change job {bug.job}")
        if bug.fate in ("colleague", "hand", "wrong", "drift", "reject"):
            self._at(bug.begins + bug.mended_after_s, partial(self._mend, bug))

    def _mend(self, bug: Bug) -> None:
        """A colleague's commit, whatever healer did meanwhile."""
        names = (FIELD, bug.word) if bug.fate == "drift" else (FIELD,)
        text = write_script({bug.part: names}, note=f"mended by hand: {bug.word}")
        if (self.root / name_of(bug.job)).read_text() != text:
            commit_files(self.root, {name_of(bug.job): text}, f"Mend job {bug.job}")

    def _refactor(self) -> None:
        """Somebody changes a script that is well, without effect."""
        job = self.dice.randrange(self.jobs)
        text = (self.root / name_of(job)).read_text()
        if self.world.find_fault(job, text) < 0:
            text = f"# looked over at {self.clock.now():.0f}\n{text}"
            commit_files(self.root, {name_of(job): text}, f"Look over job {job}")

    def _decide(self) -> None:
        """A person decides on what waits, and says a word on what stays broken."""
        self._cycle()
        for row in self.services.ledger.repairs("waiting"):
            bug = self.bugs.get(row.script)
            age = self.clock.now() - row.created_at
            if not row.branch:
                continue
            if bug and bug.fate in ("approve", "by hand", "merge") and age > 3 * 3600:
                self._do(partial(self._say, "approve", row.id))
            elif bug and bug.fate == "reject" and age > 3 * 3600:
                self._do(partial(self._say, "reject", row.id))
        for incident in self.services.incidents.list_all():
            bug = self.bugs.get(incident.script)
            if incident.state != "open" or not bug or not bug.word_of_person:
                continue
            now = self.clock.now()
            if bug.word_of_person == "ack" and not incident.acked_by:
                self.services.incidents.acknowledge(incident.fingerprint, "Ada", now=now)
                self.silent.append((incident.fingerprint, now, float("inf")))
            elif bug.word_of_person == "snooze" and not incident.snoozed_until:
                until = now + 30 * 3600
                self.services.incidents.snooze(incident.fingerprint, until, "Ada", now=now)
                self.silent.append((incident.fingerprint, now, until))

    def _say(self, action: Literal["approve", "reject"], repair: str) -> None:
        run_decision(
            self.services, self.state, action, repair, by="Ada", why="it is not what I want"
        )

    def _crash(self) -> None:
        """The daemon dies with a failure in its hands, and is away for some hours; a person repairs
        one by hand meanwhile."""
        self._stop_daemon()
        self._is_up = False
        self._at(self.clock.now() + 4.5 * 3600, self._come_back)

    def _come_back(self) -> None:
        pending = Inbox(self.state).list_pending()
        if pending:
            Inbox(self.state).claim(pending[-1])
        by_hand = {script for script, bug in self.bugs.items() if bug.fate == "by hand"}
        self._start_services()
        for each in pending:
            failure = Inbox(self.state).read(each)
            if failure.script in by_hand:
                self._fix(each)
        self.close()
        self._start_daemon()
        self._cycle()

    def _fix(self, record: str) -> None:
        """`healer fix --failure`, by a person."""
        failure = Inbox(self.state).read(record)
        wish = request.build_request(
            self.services.repository, self.services.config, failure.script,
            failure=failure, clock=self.clock,
        )  # fmt: skip
        run_repair(self.services, self.state, wish)

    def _do(self, deed: Callable[[], None]) -> None:
        """A command of its own, while the daemon is down for a moment."""
        self._stop_daemon()
        self._start_services()
        deed()
        self.close()
        self._start_daemon()

    def _start_services(self) -> None:
        drafter = Drafter(self.world)
        self.services = self._stack.enter_context(
            open_services(
                self.root,
                self.config(),
                sandbox=ScriptedSandbox([self.world.run]),
                drafters=lambda _: (drafter,),
                clock=self.clock,
            )
        )

    def _start_daemon(self) -> None:
        self._start_services()
        self.daemon = self._stack.enter_context(Daemon(self.services, self.state))
        tasks = standard_tasks(self.daemon, lambda: EngineStatus(ok=True), lambda _: None)
        heartbeat = Heartbeat(self.state)
        self._tasks = PeriodicTasks(tasks, heartbeat, self.services.progress, self.clock)
        self.services.notifier.is_attended = True
        self._is_up = True
        self.restarts += 1

    def _stop_daemon(self) -> None:
        self.services.notifier.is_attended = False
        self.close()

    def close(self) -> None:
        """Gives back what it has open."""
        self._stack.close()
        self._stack = ExitStack()

    def _cycle(self) -> None:
        """What the daemon does in a moment: what waits is followed to its end, tasks that are due
        run, mails go."""
        if not self._is_up:
            return
        if Inbox(self.state).list_pending() or self.services.ledger.repairs("open"):
            self.daemon.drain()
        self._tasks.run_due(self.clock.now())
        if self.services.ledger.repairs("open"):
            self.daemon.drain()
        self._take_mails()

    def _take_mails(self) -> None:
        for received in self.server.taken[len(self.told) :]:
            self.told.append(Told(self.clock.now(), received))

    def _observe(self) -> None:
        """Writes down which jobs are broken now, where anything has changed."""
        head = (self.root / ".git/refs/heads/main").read_text()
        version = (head, str(self.world.fields))
        if version == self._version:
            return
        self._version = version
        for job in range(self.jobs):
            text = (self.root / name_of(job)).read_text()
            is_broken = self.world.find_fault(job, text) >= 0
            changes = self.broken.setdefault(job, [])
            if not changes or changes[-1][1] != is_broken:
                changes.append((self.clock.now(), is_broken))


@contextmanager
def open_month(
    folder: Path,
    *,
    jobs: int,
    start: datetime,
    days: int,
    fates: dict[Fate, int],
    seed: int = 1,
    keep_days: int = 30,
) -> Iterator[Month]:
    """A month that is ready to be played, with a mail server of its own."""
    with smtp_server() as server:
        month = Month(folder, server, jobs, start, days, seed, fates, keep_days)
        try:
            yield month
        finally:
            month.close()
