"""A shop in which a process dies by -9 at a moment that a number names, and what is left of it.

Belongs here: the processes, their deaths, and the facts that a death may not change. Does not
belong here: which are played and how often (`benchmarks.kills`), and steps by name (`kill_at`).

A moment is the n-th event that Python's audit hooks see (a file opened, moved or removed, a process
started, a connection made), and some milliseconds more, so that it falls between two of them, too.
Real: git, the databases, the workflow engine, an SMTP server, and the job, run on this machine.
Scripted: the drafter, and what else a sandbox checks.
"""

import os
import re
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from healer.app.verify import verify
from healer.app.web_backend import WebBackend
from healer.daemon.daemon import Daemon
from healer.notify.asks import Asks
from healer.watch.inbox import Inbox
from healer.web.repairs import Word
from sandbox import Job, Report
from sandbox.fake import all_well
from sandbox.inside.tree import ROOT
from tests.support.forked import run_forked
from tests.support.git import git
from tests.support.host_sandbox import run_on_host
from tests.support.notices import notice
from tests.support.shop import SCRIPT, Shop, failed, shop
from tests.support.smtp import Server

Act = Literal["fix", "daemon", "approve", "reject", "rollback", "web"]
ACTS: tuple[Act, ...] = get_args(Act)
WHY = "the shop wants it otherwise"
COMMAND_S = 60.0
"""A command that a page has started is over by then."""
_EVENTS = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "subprocess.Popen", "sqlite3.connect",
     "socket.connect"}
)  # fmt: skip
_NAMES = re.compile(r"[0-9a-f]{6,}|[0-9]+")


@dataclass(frozen=True)
class Death:
    """When a process dies."""

    event: int
    """Of those that are counted; 0: it lives."""
    delay_s: float = 0.0


def see(job: Job) -> Report:
    """What the sandbox would see: the job's command runs on this machine, all else is well."""
    well = all_well(job)
    command = run_on_host(job).command if well.command else None
    if command is None:
        return well
    told = re.sub(rf'"[^"\n]*/{re.escape(SCRIPT)}"', f'"{ROOT}/{SCRIPT}"', command.stderr)
    return well.model_copy(update={"command": command.model_copy(update={"stderr": told})})


@contextmanager
def open_shop(folder: Path, smtp: str) -> Iterator[Shop]:
    """The shop whose people are told by mail."""
    mail = {"smtp": smtp, "from": "healer@example.com", "to": ["anna@example.com"]}
    with shop(folder, see=see, mail=mail) as here:
        yield here


def act(here: Shop, name: str) -> None:
    """What a person or a daemon does; done again, it goes on."""
    if name == "fix":
        rows = here.services.ledger.newest(1)
        if not rows or rows[0].state == "open":  # what waits for her she does not ask for again
            here.fix()
    elif name == "daemon":
        drain(here)
    elif name == "web":
        press_reject(here)
    else:
        for row in here.services.ledger.newest(1):
            is_due = row.outcome == "healed" if name == "rollback" else row.state == "waiting"
            if is_due:
                here.decide(name, row.id, WHY)


def drain(here: Shop) -> None:
    """`healer daemon --once`."""
    with Daemon(here.services, here.state) as daemon:
        daemon.drain()


def press_reject(here: Shop) -> None:
    """The button of a link, on a page that starts `healer reject`; until that is over."""
    services = here.services
    (row,) = services.ledger.newest(1)
    told = notice(fingerprint=row.incident, repair=row.id)
    reference = Asks(here.state / "mail").refer(told, services.clock.moment(), 3)
    with WebBackend(services.repository, services.config) as page:
        if "reject" in page.ask(reference).actions:
            page.decide(reference, Word(action="reject", argument=WHY))
        wait_for_end(here, row.id)


def wait_for_end(here: Shop, repair: str, patience_s: float = COMMAND_S) -> None:
    """Until a repair does not wait any more, or nobody seems to work on it."""
    deadline = time.monotonic() + patience_s
    while here.services.ledger.repair(repair).state == "waiting" and time.monotonic() < deadline:
        time.sleep(0.1)


def prepare(here: Shop, name: Act) -> None:
    """What has happened before `act`."""
    if name != "fix":
        failed(here)
    if name not in ("fix", "daemon"):
        drain(here)
    if name == "rollback":
        act(here, "approve")


def play(folder: str, smtp: str, name: str, event: str, delay_s: str) -> None:
    """`act` in a process of its own, which dies; where it does not, the number of its events is in
    a file beside the folder."""
    seen = 0

    def count(event_name: str, _: Any) -> None:
        nonlocal seen
        if event_name not in _EVENTS:
            return
        seen += 1
        if seen == int(event):
            timer = threading.Timer(float(delay_s), os.kill, (os.getpid(), signal.SIGKILL))
            timer.daemon = True
            timer.start()

    sys.addaudithook(count)
    with open_shop(Path(folder), smtp) as here:
        act(here, name)
    _events_file(Path(folder)).write_text(str(seen))


def kill(folder: Path, smtp: str, name: Act, death: Death) -> int:
    """`act` in another process: 0 where that was killed, else how many events it had."""
    words = (str(folder), smtp, name, str(death.event), str(death.delay_s))
    _, code = run_forked(play, *words)
    if code == -signal.SIGKILL:
        return 0
    assert code == 0, f"{name} ended with {code}"
    return int(_events_file(folder).read_text())


def _events_file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.events")


def describe(here: Shop, server: Server) -> dict[str, Any]:
    """What must be the same, whether somebody died or not: counted, without names and times."""
    services, state = here.services, here.state
    rows = services.ledger.newest(100)
    inbox = Inbox(state)
    heads = git(here.folder, "for-each-ref", "--format=%(refname)").split()
    mails = {str(each.mail["Message-ID"]): str(each.mail["Subject"]) for each in server.taken}
    lives = [services.incidents.list_life(each.fingerprint) for each in
             services.incidents.list_all()]  # fmt: skip
    files = {
        _NAMES.sub("#", str(p.relative_to(state)))
        for p in state.rglob("*")
        if p.is_file() and ".new-" not in p.name
    }  # those go a day later
    checked = verify(here.folder)
    return {
        "repairs": [(row.state, row.outcome) for row in rows],
        "ledger": Counter(
            _NAMES.sub("#", e.label) for row in rows for e in services.ledger.entries(row.id)
        ),
        "incidents": [[moment.state for moment in life] for life in lives],
        "recorded": (len(inbox.list_pending()), len(inbox.list_all())),
        "commits": _NAMES.sub("#", git(here.folder, "log", "--format=%s", "main")).splitlines(),
        "script": (here.folder / SCRIPT).read_text(),
        "checkout": git(here.folder, "status", "--porcelain"),
        "refs": Counter(_NAMES.sub("#", head) for head in heads),
        "mails": Counter(_NAMES.sub("#", subject) for subject in mails.values()),
        "provenance": (checked.holds, checked.statements),
        "files": sorted(files),
    }
