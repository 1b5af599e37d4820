"""What `benchmarks.workers` measures in: remotes, PostgreSQL, a mail server, and workers."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg

from benchmarks.fleet import PROJECT, good_night, path_of, script
from benchmarks.fleet_machine import traceback_of
from healer.app.state import make_state_dir
from healer.daemon.mirrors import Mirrors
from healer.failure import Failure, fingerprint, parse_traceback
from healer.services.work import Work, WorkTable
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables, prepare_schema
from healer.tape.good_nights import keep_good_night
from healer.watch.shared_inbox import SharedInbox
from tests.support import postgres
from tests.support.git import git, make_repository
from tests.support.smtp import Server, smtp_server

HOST = socket.gethostname()


class World:
    """Remotes, PostgreSQL, a mail server, and workers."""

    def __init__(self, folder: Path, url: str, mail: Server) -> None:
        self.folder, self.url, self.mail = folder, url, mail
        self.workers: list[subprocess.Popen[bytes]] = []
        self._tips: dict[Work, str] = {}
        self.bugs = 0
        prepare_schema(url)

    def add_repository(self, name: str, tenant: str = "default", bugs: int = 1) -> Work:
        """One whose scripts are broken; of every other one each worker has a good night."""
        self.bugs = max(self.bugs, bugs)
        files = {path_of(number): script() for number in range(bugs)}
        files["healer.toml"] = (
            f'push = true\nprobation_runs = 1\n[mail]\nsmtp = "{self.mail.url}"\n'
            'from = "healer@example.com"\nto = ["ada@example.com"]\n'
            'group_wait_s = 0\ndigest_at = ""\nletter_at = ""\n'
        )
        make_repository(self.folder / f"{name}.first", files)
        remote = self.folder / f"{name}.git"
        git(self.folder, "clone", "-q", "--bare", f"{name}.first", str(remote))
        work = Work(tenant, f"{HOST}:{remote}", str(remote))
        self._tips[work] = git(remote, "rev-parse", "main")
        with WorkTable(self.url, (tenant,), name="first", host=HOST, slots=1) as table:
            table.add(work)
        return work

    def fail(self, work: Work, number: int = 0) -> None:
        """A job machine's failure comes in."""
        text = traceback_of("/srv/jobs", path_of(number))
        failure = Failure(
            id=f"20260101T{number:06}-{os.urandom(4).hex()}", script=path_of(number), source="run",
            argv=("python", path_of(number)), exit_code=1, stderr_tail=text,
            chain=parse_traceback(text, "/srv/jobs"), commit=self._tips[work],
        )  # fmt: skip
        failure = failure.model_copy(update={"fingerprint": fingerprint(failure)})
        with SharedTables(self.url, Scope(*work[:2])) as tables:
            SharedInbox(tables).receive(failure, now=time.time(), host="job")

    def start_worker(self, name: str, *options: str) -> subprocess.Popen[bytes]:
        folder = self.folder / "mirrors" / name
        if not folder.exists():
            for work in self._tips:
                with Mirrors(folder, 10**12).open(work) as repository:
                    for number in range(1, self.bugs, 2):  # with which a fix is proved
                        state_dir = make_state_dir(repository)
                        keep_good_night(state_dir, good_night(number, Path("/srv/jobs")))
        words = [sys.executable, "-m", "benchmarks.fleet_machine", "worker"]
        environment = {
            **os.environ, "PYTHONPATH": str(PROJECT), "HEALER_STATE": self.url,
            "XDG_STATE_HOME": str(self.folder / "xdg" / name),
        }  # fmt: skip
        with (self.folder / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [*words, f"--mirrors={folder}", *options],
                env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def count(self, query: str) -> int:
        return int(str(self.ask(f"SELECT count(*) FROM {query}")[0][0]))

    def count_ended(self) -> int:
        return self.count("healer.all_healer_repairs WHERE state <> 'open'")

    def tell(self, bugs: int) -> None:
        """What came of all bugs."""
        rows = self.ask("SELECT repository || script FROM healer.all_healer_repairs")
        repairs = Counter(str(row[0]) for row in rows)
        mails = Counter(str(each.mail["Message-ID"]) for each in self.mail.taken)
        texts = (
            git(Path(work.url), "log", "--format=%B", f"{tip}..main")
            for work, tip in self._tips.items()
        )
        lines = (line for text in texts for line in text.splitlines())
        merges = Counter(line for line in lines if line.startswith("Healer-Repair: "))
        once = sum(number == 1 for number in repairs.values())
        print(f"  bugs {bugs}, with exactly one repair {once}, ended {self.count_ended()}")
        print(f"  merges {sum(merges.values())}, twice {sum(n > 1 for n in merges.values())}")
        print(f"  mails {sum(mails.values())}, sent twice {sum(n > 1 for n in mails.values())}")
        for row in self.ask(
            "SELECT state, outcome, count(*) FROM healer.all_healer_repairs GROUP BY 1, 2"
        ):
            print(f"    {row[0]} {row[1]}: {row[2]}")
        for row in self.ask("SELECT repository, problem FROM healer.all_work WHERE problem <> ''"):
            print(f"    {row[0]}: {row[1]}")


@contextmanager
def open_world() -> Iterator[World]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="healer-workers-")))
        url = stack.enter_context(postgres.server())
        world = World(folder, url, stack.enter_context(smtp_server()))
        stack.callback(end_workers, world)
        yield world


def end_workers(world: World) -> None:
    for worker in world.workers:
        with suppress(ProcessLookupError):
            worker.send_signal(signal.SIGCONT)
            for _ in range(2):  # at once
                worker.send_signal(signal.SIGTERM)
                time.sleep(0.1)
    for worker in world.workers:
        worker.wait()
