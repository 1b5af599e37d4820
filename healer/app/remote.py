"""A person's word from elsewhere: by a link of a mail, or by an answer to one.

Belongs here: what a reference still allows, who may, and carrying a word out once. Does not belong
here: the reference (`healer.notify.asks`), reading a mail (`healer.notify.reply`), the page
(`healer.web`), and what a decision does (`healer.repair`).

A reference names one incident and one repair. It decides nothing once the repair no longer waits,
or once the incident was over and has come back: that is another story, with another mail.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from healer.app import commands
from healer.app.build import Show
from healer.app.incidents import seconds_of
from healer.app.state import make_state_dir, open_ledger, open_shared_tables
from healer.app.trust import read_trusted_configuration
from healer.config import Config
from healer.engine.locks import hold_decision_lock
from healer.facts.decision import DecisionResult
from healer.facts.errors import UsageError
from healer.facts.question import Question
from healer.facts.states import OVER
from healer.ledger.rows import Entry, EntryKind, RepairRow
from healer.ledger.store import Ledger
from healer.notify.asks import Ask, AskError, Asks
from healer.notify.notifier import Notifier
from healer.notify.reply import Action, Reply, ReplyError, read_reply
from healer.redact import Redactor
from healer.repair.question import choose_outcome
from healer.repair.view import list_objections
from healer.support.clock import SYSTEM_CLOCK, Clock
from healer.support.tables import Tables
from healer.watch.incident import Incident
from healer.watch.incidents import Incidents
from quarantine.repository import Repository

USE_OF: dict[Action, Literal["decide", "ack", "snooze"]] = {
    "approve": "decide", "reject": "decide", "answer": "decide", "ack": "ack", "snooze": "snooze",
}  # fmt: skip
"""A snooze does not use up the decision."""
USES_KEPT_S = 100 * 86_400.0
"""Longer than any reference holds."""


@dataclass(frozen=True)
class OpenAsk:
    """What a reference asks, as it stands now."""

    ask: Ask
    incident: Incident | None
    row: RepairRow | None
    """The repair that waits; None where none does any more."""
    people: tuple[str, ...]
    """Who got mails of it."""
    actions: tuple[Action, ...]
    """What can be decided by it; never empty."""


class Remote:
    """Words from elsewhere on one repository."""

    def __init__(
        self,
        repository: Repository,
        config: Config,
        ledger: Ledger,
        clock: Clock = SYSTEM_CLOCK,
        *,
        tables: Tables | None = None,
    ) -> None:
        """`tables` are those that machines share; None: all is on this one."""
        self.repository, self.config, self._ledger, self._clock = repository, config, ledger, clock
        self._state_dir, self._tables = make_state_dir(repository), tables
        self.asks = Asks(self._state_dir / "mail", tables)

    def look_up(self, reference: str) -> OpenAsk:
        """What a reference asks. Raises AskError for one that decides nothing any more."""
        ask = self.asks.read(reference, self._clock.moment())
        with self._open_incidents() as incidents:
            incident = incidents.find(ask.fingerprint)
            life = incidents.list_life(ask.fingerprint)
        asked_at = ask.when.timestamp()
        has_ended = any(m.state in OVER and m.at > asked_at + 60.0 for m in life)
        row = self._find_waiting(ask)
        with self.asks.open_uses() as uses:
            actions = tuple(
                action
                for action in self._list_actions(row, incident, has_ended=has_ended)
                if not uses.find_use(ask, USE_OF[action])
            )
            use = uses.find_use(ask, "decide")
        if not actions:
            raise AskError(self._why_past(ask, incident, use))
        notifier = self._notifier()
        return OpenAsk(ask, incident, row, notifier.list_people(ask.fingerprint), actions)

    def _find_waiting(self, ask: Ask) -> RepairRow | None:
        try:
            row = self._ledger.repair(ask.repair) if ask.repair else None
        except KeyError:
            return None
        is_its = row is not None and row.incident == ask.fingerprint
        return row if row and is_its and row.state == "waiting" else None

    def _list_actions(
        self, row: RepairRow | None, incident: Incident | None, *, has_ended: bool
    ) -> Iterator[Action]:
        if has_ended:
            return
        if row is not None:
            if row.result and row.result.question:
                yield "answer"
            elif row.has_draft:
                yield "approve"
            yield "reject"
        if incident is not None and not incident.is_over:
            yield from ("ack", "snooze")

    def _why_past(self, ask: Ask, incident: Incident | None, use: str) -> str:
        state = incident.shown_state(self._clock.now()) if incident else "not known"
        end = f" this link was used {use};" if use else ""
        return (
            f"there is nothing to decide by this any more:{end} the incident is {state}; see: "
            f"healer incident {ask.fingerprint}"
        )

    def find_objections(self, row: RepairRow) -> tuple[str, ...]:
        """What rules that say reject have found in the draft that waits."""
        dossier = self._ledger.dossier(row.id)
        return tuple(list_objections(dossier.last_candidate)) if dossier else ()

    def put_off(
        self, one: OpenAsk, action: Literal["ack", "snooze"], duration: str, by: str
    ) -> str:
        """Carries out `ack` and `snooze`; gives what is so now. Raises UsageError."""
        now, fingerprint = self._clock.now(), one.ask.fingerprint
        until = now + seconds_of(duration) if action == "snooze" else 0.0
        with self._open_incidents() as incidents:
            if action == "ack":
                incidents.acknowledge(fingerprint, by, now=now)
            else:
                incidents.snooze(fingerprint, until, by, now=now)
        if one.ask.repair and one.incident is not None:
            detail = f"by {by}" + (f": for {duration}" if duration else "")
            kind: EntryKind = "acknowledgement" if action == "ack" else "snooze"
            number = 1 + self._ledger.count_entries(one.ask.repair, kind)
            entry = Entry(
                repair=one.ask.repair, kind=kind, number=number, outcome=action, detail=detail
            )
            self._ledger.record(entry)
        self.use_up(one, action, by)
        if action == "ack":
            return "somebody is at it: no reminder until something new comes"
        return f"no repair and no reminder for {duration}; failures are counted"

    def use_up(self, one: OpenAsk, action: Action, by: str) -> None:
        """From now on the reference does this no more. Raises AskError where it was done before."""
        with self.asks.open_uses() as uses:
            uses.claim(one.ask, USE_OF[action], by, self._clock.now())

    @contextmanager
    def hold(self, reference: str, *, wait: bool) -> Iterator[None]:
        """No other word on the incident is carried out in this block. Raises AskError for a
        reference that is none, AlreadyRunningError."""
        incident = self.asks.require_signed(reference).fingerprint
        with hold_decision_lock(self._state_dir, incident, wait=wait):
            yield

    def find_reference(self, reply: Reply) -> str:
        """What a mail is about, where its writer may decide on it, or could. Raises ReplyError."""
        reference = self.asks.find(reply.headers, reply.body)
        if not reference:
            raise ReplyError("this answers no mail of this healer; answer the mail itself")
        people = self._notifier().list_people(self.asks.require_signed(reference).fingerprint)
        if reply.sender not in {address.lower() for address in people}:
            raise ReplyError(f"{reply.sender} got no mail of it; answer from the address that did")
        authserv = self.config.decide.authserv
        if authserv and not is_authenticated(reply.authentications, authserv):
            raise ReplyError(f"{authserv} does not say that {reply.sender} wrote it (dmarc=pass)")
        return reference

    def require_new(self, mail: str) -> None:
        """Raises AskError for a mail that was taken before."""
        with self.asks.open_uses() as uses:
            uses.require_new(mail)

    def remember(self, one: OpenAsk, reply: Reply, mail: str) -> None:
        """That it was done. Afterwards: what a crash cuts short may be said again, and the repair's
        state says whether it still waits."""
        now, by = self._clock.now(), _describe(reply)
        with self.asks.open_uses() as uses:
            uses.claim_mail(mail, by, now)
            if reply.action not in ("ack", "snooze"):
                uses.claim(one.ask, "decide", by, now)
            uses.forget(now - USES_KEPT_S)

    def answer_sender(self, reply: Reply, sentence: str) -> None:
        """Mails a person what came of their mail; never to anybody else."""
        self._notifier().answer(reply, sentence, self._clock.moment())

    def _notifier(self) -> Notifier:
        redactor = Redactor.from_environment(os.environ, names=self.config.model.key_names)
        mail_dir = self._state_dir / "mail"
        return Notifier(mail_dir, self.config.mail, redactor, tables=self._tables)

    @contextmanager
    def _open_incidents(self) -> Iterator[Incidents]:
        with Incidents(self._tables or self._state_dir / "incidents.sqlite") as incidents:
            yield incidents


def take_reply(start: Path, raw: bytes, show: Show, clock: Clock = SYSTEM_CLOCK) -> DecisionResult:
    """`healer reply`: carries out the word of a mail, and tells its sender what came of it.

    Raises UsageError for a mail that decides nothing; nothing is answered to a stranger.
    """
    repository = Repository.open(start)
    config = read_trusted_configuration(repository)
    if not config.decide.replies:
        raise UsageError("answers by mail are off; set replies = true in [decide] of healer.toml")
    with (
        open_ledger(repository, config) as ledger,
        open_shared_tables(repository, config) as tables,
    ):
        remote = Remote(repository, config, ledger, clock, tables=tables)
        try:
            reply = read_reply(raw)
            reference = remote.find_reference(reply)
        except ReplyError as error:
            raise UsageError(str(error)) from error
        mail = f"{reply.message_id} {hashlib.sha256(raw).hexdigest()[:16]}"
        try:
            with remote.hold(reference, wait=True):
                remote.require_new(mail)
                one = remote.look_up(reference)
                result = _carry_out(remote, start, one, reply, show)
                remote.remember(one, reply, mail)
        except (UsageError, AskError) as error:
            remote.answer_sender(reply, f"Nothing was done: {error}.")
            raise UsageError(str(error)) from error
        verb = "Done" if result.done else "Not done"
        remote.answer_sender(reply, f"{verb}: {result.reason}.")
    return result


def is_authenticated(headers: tuple[str, ...], authserv: str) -> bool:
    """Whether the topmost `Authentication-Results` of that server says `dmarc=pass`: it takes
    forged ones of its name away, and writes its own above the others."""
    for header in headers:
        name, _, results = header.partition(";")
        if name.split()[:1] == [authserv]:
            return any(re.match(r"\s*dmarc\s*=\s*pass\b", each) for each in results.split(";"))
    return False


def _carry_out(
    remote: Remote, start: Path, one: OpenAsk, reply: Reply, show: Show
) -> DecisionResult:
    action, by = reply.action, _describe(reply)
    if not action:
        raise UsageError(reply.problem)
    if action not in one.actions:
        raise UsageError(f"{action!r} is not what is asked; {' or '.join(one.actions)} is")
    if action in ("ack", "snooze"):
        sentence = remote.put_off(one, action, reply.argument, by)
        return DecisionResult(repair=one.ask.repair, action=action, done=True, reason=sentence)
    if one.row is None:
        raise UsageError(f"repair {one.ask.repair} does not wait for a decision any more")
    if action == "answer":

        def choose(question: Question) -> str:
            return choose_outcome(question, reply.argument, reply.value)

        return commands.answer(start, one.row.id, show, choose, by=by)
    if action == "reject":
        return commands.decide(start, action, one.row.id, show, by=by, why=reply.argument)
    if remote.find_objections(one.row):
        raise UsageError("a rule says reject: read it first, and approve it on the page or machine")
    return commands.decide(start, "approve", one.row.id, show, by=by)


def _describe(reply: Reply) -> str:
    """Who, and how it was said."""
    return f"{reply.sender} (by mail)"
