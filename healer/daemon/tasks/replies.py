"""Looks for answers by mail, and has each carried out by a command of its own.

Belongs here: which mail is next, and when it was done with. Does not belong here: the mailbox
(`healer.notify.imap`), what a mail says, and what its word does (`healer reply`).
"""

import os
from collections import Counter

from healer.daemon.own_command import OwnCommand
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


class TakeReplies:
    """One mail at a time, in the order in which they came."""

    name = "replies"
    every_s = 60.0

    def __init__(self, services: Services, environment: dict[str, str] | None = None) -> None:
        """`environment` (the process's own, if None) holds the mailbox's password."""
        self._services = services
        self._environment = dict(os.environ) if environment is None else environment
        self._running: tuple[str, OwnCommand] | None = None
        """The mail that is carried out now, and its command."""
        self._tries = Counter[str]()

    def run(self, now: float) -> None:
        """Marks what was done, and begins the next. Raises MailboxError."""
        del now
        decide = self._services.config.decide
        is_busy = self._running is not None and not self._running[1].is_over
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
        (uid, command), self._running = self._running, None
        end = command.finish()
        self._tries[uid] += 1
        if end.exit_code in _IS_DONE or self._tries[uid] >= MOST_TRIES:
            session.mark_seen(uid)
            del self._tries[uid]
        self._note(f"an answer by mail: {end.sentence}")

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
        repository, environment = self._services.repository, self._environment
        command = OwnCommand(repository, ("reply",), data=raw, environment=environment)
        self._running = uid, command

    def _note(self, detail: str) -> None:
        self._services.progress(Progress(repair="", step="replies", state="note", detail=detail))
