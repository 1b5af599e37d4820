"""What the pages of a fleet read and do, on the shared database alone: no clone is needed.

Belongs here: `healer.web.fleet`'s Protocol met with the stores of the repositories. Does not belong
here: lists over all of them (`fleet_rows`), pages (`healer.web`).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self, get_args

from healer.app import fleet_rows
from healer.app.incidents import list_next_commands, read_whole_life, seconds_of, tell_life
from healer.app.state import database_url
from healer.app.web_incidents import describe_line
from healer.facts.errors import UsageError
from healer.ledger.rows import Entry, EntryKind, RepairRow
from healer.ledger.store import Ledger
from healer.render.repair_view import RepairView, State
from healer.repair.view import view_repair
from healer.services.decisions import Action, AskedDecision, Decision, Decisions
from healer.support.postgres import Scope, explain, is_of_database
from healer.support.shared_pool import NOBODY, BusyError, SharedPool
from healer.support.shared_tables import SharedTables, prepare_schema
from healer.watch.incidents import Incidents
from healer.watch.shared_inbox import SharedInbox
from healer.web.fleet import FleetIncidentLine, FleetOverview, FleetQuery, RepositoryLine
from healer.web.repairs import AwayError, IncidentView, RefusedError, Word

CONNECTIONS = 4
NAMELESS = "somebody (by the printed token)"
HOSTS_SHOWN = 10
WAIT_S = 5.0
"""The longest that a page waits for one of them."""


class FleetView:
    """All repositories of one shared database, for one running page; a with-block."""

    def __init__(self, url: str) -> None:
        """`url` is libpq's. The tables are made where they are missing."""
        self._url = url
        self._pool = SharedPool(url, CONNECTIONS)

    def __enter__(self) -> Self:
        prepare_schema(self._url)
        self._pool.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.__exit__()

    def overview(self, query: FleetQuery) -> FleetOverview:
        """Tenants, workers, and what failed last."""
        with self._borrow() as tables:
            return FleetOverview(
                tenants=fleet_rows.list_tenants(tables, query),
                workers=fleet_rows.list_workers(tables, query),
                troubles=fleet_rows.list_troubles(tables, query),
                failures=fleet_rows.list_incidents(tables, query, fleet_rows.FAILURES_SHOWN),
            )

    def repositories(self, query: FleetQuery) -> tuple[RepositoryLine, ...]:
        """A page of repositories, the one that failed last first."""
        with self._borrow() as tables:
            return fleet_rows.list_repositories(tables, query)

    def incidents(self, query: FleetQuery) -> tuple[FleetIncidentLine, ...]:
        """A page of incidents, the one that failed last first."""
        with self._borrow() as tables:
            return fleet_rows.list_incidents(tables, query)

    def incident(self, scope: Scope, fingerprint: str) -> IncidentView | None:
        """One incident by its whole id."""
        with self._borrow(scope) as tables, Incidents(tables) as incidents:
            incident = incidents.find(fingerprint)
            life = read_whole_life(incidents, incident) if incident else None
            hosts = SharedInbox(tables).list_hosts(fingerprint, HOSTS_SHOWN)
        if life is None:
            return None
        now = time.time()
        with self._open_ledger(scope) as ledger:
            rows = [row for name in reversed(life.repairs) if (row := _find(ledger, name))]
        return IncidentView(
            **describe_line(life.incident).model_dump(),
            life=(*tell_life(life, now), *((f"on {', '.join(hosts)}",) if hosts else ())),
            commands=list_next_commands(life, now, (row.glance for row in rows)),
            repairs=tuple(view_repair(row, None, ()) for row in rows),
        )

    def repair(self, scope: Scope, repair: str) -> RepairView | None:
        """One repair by its whole id, with its evidence."""
        with self._open_ledger(scope) as ledger:
            row = _find(ledger, repair)
            if row is None:
                return None
            view = view_repair(row, ledger.dossier(repair), ledger.entries(repair))
        with self._borrow(scope) as tables:
            return _with_decision(view, Decisions(tables).find_last(repair))

    def decide(self, scope: Scope, repair: str, word: Word, *, by: str) -> None:
        """Keeps a decision for a machine that has the repository, and in the ledger who has made
        it, and how. Raises RefusedError."""
        view = self.repair(scope, repair)
        if view is None:
            raise RefusedError(f"there is no repair {repair!r} in {scope.repository}")
        who = by or NAMELESS
        decision = Decision(
            repair=repair,
            action=_choose_action(view, word),
            by=who,
            argument=word.argument,
            value=word.value,
            commit=view.commit,
            overrule=word.overrule,
        )
        with self._borrow(scope) as tables:
            if not Decisions(tables).ask(decision):
                raise RefusedError(f"another decision on repair {repair} is under way; wait for it")
        with self._open_ledger(scope) as ledger:
            number = 1 + ledger.count_entries(repair, "request")
            detail = f"{decision.action} by {who}" + (f": {word.argument}" if word.argument else "")
            ledger.record(
                Entry(repair=repair, kind="request", number=number, outcome="asked", detail=detail)
            )

    def put_off(self, scope: Scope, fingerprint: str, duration: str, *, by: str) -> None:
        """Leaves an incident alone, or says that somebody is at it: in its life, and, where a
        repair hangs on it, in the ledger. Raises RefusedError."""
        now = time.time()
        try:
            until = now + seconds_of(duration) if duration else 0.0
        except UsageError as error:
            raise RefusedError(str(error)) from error
        who = by or NAMELESS
        with self._borrow(scope) as tables, Incidents(tables) as incidents:
            incident = incidents.find(fingerprint)
            if incident is None or incident.is_over:
                raise RefusedError(f"incident {fingerprint} is over, or is not there; see the list")
            if duration:
                incidents.snooze(fingerprint, until, who, now=now)
            else:
                incidents.acknowledge(fingerprint, who, now=now)
        if incident.repair:
            self._record_put_off(scope, incident.repair, duration, who)

    def _record_put_off(self, scope: Scope, repair: str, duration: str, who: str) -> None:
        kind: EntryKind = "snooze" if duration else "acknowledgement"
        detail = f"by {who}" + (f": for {duration}" if duration else "")
        with self._open_ledger(scope) as ledger:
            number = 1 + ledger.count_entries(repair, kind)
            outcome = "snooze" if duration else "ack"
            ledger.record(
                Entry(repair=repair, kind=kind, number=number, outcome=outcome, detail=detail)
            )

    @contextmanager
    def _open_ledger(self, scope: Scope) -> Iterator[Ledger]:
        with _explain_away(), Ledger(database_url(self._url), scope, makes=False) as ledger:
            yield ledger

    @contextmanager
    def _borrow(self, scope: Scope = NOBODY) -> Iterator[SharedTables]:
        try:
            with _explain_away(), self._pool.borrow(scope, WAIT_S) as tables:
                yield tables
        except BusyError:
            raise AwayError("too much is asked at once; reload in a moment") from None


@contextmanager
def _explain_away() -> Iterator[None]:
    """Raises AwayError for a database that is away, refuses or is slow."""
    try:
        yield
    except Exception as error:
        if is_of_database(error):
            raise AwayError(explain(error)) from error
        raise


def _choose_action(view: RepairView, word: Word) -> Action:
    """What is to be done; what a machine would refuse anyway is refused at once. Raises
    RefusedError."""
    action: Action | None = next((each for each in get_args(Action) if each == word.action), None)
    choices: dict[State, tuple[Action, ...]] = {
        "review": ("answer" if view.question else "approve", "reject"),
        "healed": ("rollback",),
    }
    if action is None or action not in choices.get(view.state, ()):
        raise RefusedError(f"repair {view.repair} does not wait for that; see its state")
    if action == "approve" and not view.has_draft:
        raise RefusedError(f"no draft of repair {view.repair} passed the checks; reject it")
    if view.commit != word.commit:
        raise RefusedError("the fix is another one by now; look at it again")
    if action == "approve" and view.against and not word.overrule:
        raise RefusedError("a rule says reject; overrule it to approve all the same")
    if action != "approve" and not word.argument:
        raise RefusedError("no answer was chosen, or no reason given; go back and say it")
    return action


def _with_decision(view: RepairView, last: AskedDecision | None) -> RepairView:
    """With the decision that is under way, or that came to nothing."""
    if last is None:
        return view
    if not last.is_over:
        what = f"{last.decision.action}, as {last.decision.by} has decided"
        step = f"waits for a machine that has the repository: {what}"
        return view.model_copy(update={"state": "running", "step": step})
    return view.model_copy(update={"step": last.answer})


def _find(ledger: Ledger, repair: str) -> RepairRow | None:
    try:
        return ledger.repair(repair)
    except KeyError:
        return None
