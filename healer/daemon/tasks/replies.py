"""Looks for answers by mail, and has each carried out by a command of its own.

Belongs here: which mail is next, and when it was done with. Does not belong here: the mailbox
(`healer.notify.imap`), what a mail says, and what its word does (`healer reply`): an approval runs
for a minute, and a crash of it is not one of the daemon.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from typing import IO

from healer.facts.progress import Progress
from healer.notify.imap import MailboxSession
from healer.notify.reply import MOST_BYTES, ReplyError, read_reply
from healer.notify.server_urls import IMAP_PASSWORD_VARIABLE, parse_imap_url
from healer.services import Services

MOST_TRIES = 3
"""Of one mail whose command could not run: no Docker Engine, or a bug."""
MOST_LOOKS = 50
"""Mails of one look; the rest is next."""
_IS_DONE = frozenset({0, 1, 2})
"""Exit codes after which a mail is not tried again: carried out, not carried out, refused."""


@dataclass
class _Running:
    """A mail that is carried out now."""

    uid: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]


class TakeReplies:
    """One mail at a time, in the order in which they came."""

    name = "replies"
    every_s = 60.0

    def __init__(self, services: Services, environment: dict[str, str] | None = None) -> None:
        """`environment` (the process's own, if None) holds the mailbox's password."""
        self._services = services
        self._environment = dict(os.environ) if environment is None else environment
        self._running: _Running | None = None
        self._tries = Counter[str]()

    def run(self, now: float) -> None:
        """Marks what was done, and begins the next. Raises MailboxError."""
        del now
        decide = self._services.config.decide
        is_busy = self._running is not None and self._running.process.poll() is None
        if not decide.imap or is_busy:
            return
        password = self._environment.get(IMAP_PASSWORD_VARIABLE, "")
        with MailboxSession(parse_imap_url(decide.imap), password) as session:
            self._finish(session)
            for uid in session.list_new()[:MOST_LOOKS]:
                raw = session.fetch(uid, MOST_BYTES + 1)
                problem = self._find_problem(raw)
                if problem is None:
                    continue
                if not problem:
                    self._begin(uid, raw)
                    return
                self._note(f"a mail was left aside: {problem}")
                session.mark_seen(uid)

    def _finish(self, session: MailboxSession) -> None:
        if self._running is None:
            return
        one, self._running = self._running, None
        with one.output:
            one.output.seek(0)
            lines = one.output.read().decode("utf-8", "replace").strip().splitlines()
        self._tries[one.uid] += 1
        code = one.process.returncode
        if code in _IS_DONE or self._tries[one.uid] >= MOST_TRIES:
            session.mark_seen(one.uid)
            del self._tries[one.uid]
        self._note(f"an answer by mail: {lines[-1] if lines else f'exit {code}'}")

    def _find_problem(self, raw: bytes) -> str | None:
        """Why no command need be started for it; empty where a person answers a mail of ours, and
        None where that is for another machine, which reads the same mailbox."""
        try:
            reply = read_reply(raw)
        except ReplyError as error:
            return str(error)
        asks = self._services.notifier.asks
        reference = asks.find(reply.headers, reply.body)
        if not reference:
            return "it answers no mail of this healer"
        rows = self._services.ledger.find(asks.require_signed(reference).repair or "none")
        return "" if all(map(self._services.fleet.hold, rows)) else None

    def _begin(self, uid: str, raw: bytes) -> None:
        root = self._services.repository.root or self._services.repository.git_dir
        output = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `_finish`
        with tempfile.TemporaryFile() as mail:
            mail.write(raw)
            mail.seek(0)
            process = subprocess.Popen(
                [sys.executable, "-m", "healer", "--repo", str(root), "reply"],
                stdin=mail,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=root,
                env=self._environment,
                start_new_session=True,
            )
        self._running = _Running(uid, process, output)

    def _note(self, detail: str) -> None:
        self._services.progress(Progress(repair="", step="replies", state="note", detail=detail))
