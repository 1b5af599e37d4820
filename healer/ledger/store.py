"""The decision ledger: every repair and every step of it, with what it cost.

Belongs here: writing and finding rows. Does not belong here: the tables (`tables`), what a row
says (`rows`), sums (`costs`), and what a repair means (`healer.repair`). Every write may be
repeated after a crash: a step is recorded once, and a state is entered once, whatever happens.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Literal, Self

import sqlalchemy as sa

from healer.facts.repair import Dossier, Request, Result
from healer.facts.states import RepairOutcome
from healer.ledger import chain
from healer.ledger.changes import insert_step, move, read_state, record_step, restore_repair
from healer.ledger.costs import Sums
from healer.ledger.rows import (
    Entry,
    EntryKind,
    RepairRow,
    read_dossier,
    read_entry,
    read_repair,
)
from healer.ledger.tables import open_engine, open_shared_engine, repairs, steps
from healer.support.atomic_file import make_private_file
from healer.support.clock import SYSTEM_CLOCK, Clock
from healer.support.postgres import Scope

_CLOSED = repairs.c.state == "closed"
_HOLD = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


class Ledger:
    """The ledger of one repository: in a SQLite file, or in the tables that machines share."""

    def __init__(
        self,
        url: str,
        scope: Scope | None = None,
        *,
        holder: str = "",
        makes: bool = True,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """`url` is SQLAlchemy's, `clock` dates rows. With `scope` it is a shared PostgreSQL, whose
        schema is there, and `holder` the clone that new repairs are of; else the tables are made
        or completed. Without `makes` nothing of a shared one is changed."""
        self._clock, self._holder, self._scope = clock, holder, scope
        self._engine = open_shared_engine(url, scope) if scope else open_engine(url)
        self._reading = self._engine
        if scope:  # else each look is three messages: it begins, and ends
            self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        if makes:
            chain.begin(self._engine)
        self.chain: Final = chain.Chain(self._engine)
        self.sums: Final = Sums(self._engine)

    @classmethod
    def in_folder(cls, folder: Path, clock: Clock = SYSTEM_CLOCK) -> "Ledger":
        """A ledger in `folder`/ledger.sqlite, made for the user alone."""
        make_private_file(folder / "ledger.sqlite")
        return cls(f"sqlite:///{folder / 'ledger.sqlite'}", clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the connections back."""
        self._engine.dispose()

    def open_repair(self, request: Request, key: str) -> tuple[RepairRow, bool]:
        """The open repair with this key, and whether it is new: there is never a second one. Where
        one with this id has ended, that one."""
        now = self._clock.now()
        row = {
            "id": request.repair, "key": key, "script": request.script,
            "fingerprint": request.failure.fingerprint if request.failure else "",
            "state": "open", "outcome": "", "created_at": now, "updated_at": now,
            "request": request.model_dump_json(), "result": "{}", "evidence": "",
            "holder": self._holder,
        }  # fmt: skip
        while True:
            try:
                with self._engine.begin() as connection:
                    connection.execute(repairs.insert().values(row))
                return self.repair(request.repair), True
            except sa.exc.IntegrityError:
                open_rows = self._repairs(repairs.c.key == key, repairs.c.state == "open")
                if rows := open_rows or self._repairs(repairs.c.id == request.repair):
                    return rows[0], False

    def restore(self, row: RepairRow, entries: Iterable[Entry], dossier: Dossier | None) -> bool:
        """Puts back a repair that this ledger has lost, whole, as it stood; False where it has it,
        and where there is another open one with its key."""
        try:
            with self._engine.begin() as connection:
                restore_repair(connection, row, entries, dossier)
        except sa.exc.IntegrityError:
            return False
        return True

    def list_ids(self) -> frozenset[str]:
        """Of all its repairs."""
        with self._reading.connect() as connection:
            return frozenset(connection.execute(sa.select(repairs.c.id)).scalars())

    def hand_over(self, repair: str, before: str, holder: str) -> bool:
        """Makes `holder` the clone that has it; False where `before` has it no more."""
        its = (repairs.c.id == repair) & (repairs.c.holder == before)
        change = repairs.update().where(its).values(holder=holder)
        with self._engine.begin() as connection:
            return connection.execute(change).rowcount == 1

    @contextmanager
    def hold_incident(self, fingerprint: str) -> Iterator[None]:
        """Over all machines that share the ledger, one at a time has this incident; of one that is
        not shared, nobody is kept waiting."""
        with ExitStack() as stack:
            if self._scope:
                connection = stack.enter_context(self._engine.begin())
                name = "\n".join(("incident", *self._scope, fingerprint))
                connection.execute(_HOLD, {"name": name})
            yield

    def repair(self, repair: str) -> RepairRow:
        """One repair by its whole id. Raises KeyError."""
        for row in self._repairs(repairs.c.id == repair):
            return row
        raise KeyError(repair)

    def find(self, prefix: str) -> tuple[RepairRow, ...]:
        """The repairs whose id begins with `prefix`."""
        return self._repairs(repairs.c.id.startswith(prefix, autoescape=True))

    def repairs(self, *states: Literal["open", "waiting"]) -> tuple[RepairRow, ...]:
        """Repairs in these states (all of them without any), oldest first."""
        return self._repairs(repairs.c.state.in_(states)) if states else self._repairs()

    def choose_closed(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Those of the repairs that are over; one that is not known is none of them."""
        query = sa.select(repairs.c.id).where(_CLOSED, repairs.c.id.in_(ids))
        with self._reading.connect() as connection:
            return tuple(connection.execute(query).scalars()) if ids else ()

    def with_outcome(self, outcome: RepairOutcome, *, since: float) -> tuple[RepairRow, ...]:
        """Repairs of which this was the end, at `since` (seconds) or later, oldest first."""
        return self._repairs(_CLOSED, repairs.c.outcome == outcome, repairs.c.updated_at >= since)

    def merged_without(self, kind: EntryKind) -> tuple[RepairRow, ...]:
        """Merged repairs that have no step of this kind, oldest first."""
        with_step = sa.select(steps.c.repair).where(steps.c.kind == kind)
        rows = self._repairs(_CLOSED, repairs.c.outcome == "healed", ~repairs.c.id.in_(with_step))
        return tuple(row for row in rows if row.fix_commit)

    def turned_down(self, fingerprint: str) -> tuple[RepairRow, ...]:
        """Repairs of one incident that a person rejected, or that were taken out again, oldest
        first. Those that began with the script's own checks are known by what these showed."""
        rows = self._repairs(repairs.c.outcome.in_(("rejected", "reverted")))
        return tuple(r for r in rows if fingerprint in (r.fingerprint, r.shown_fingerprint))

    def opened_since(self, script: str, moment: float) -> tuple[RepairRow, ...]:
        """The repairs of a script that were opened after `moment` (seconds), oldest first."""
        return self._repairs(repairs.c.script == script, repairs.c.created_at > moment)

    def closed_since(self, moment: float) -> tuple[RepairRow, ...]:
        """Closed repairs that were changed after `moment` (seconds), the oldest change first."""
        rows = self._repairs(_CLOSED, repairs.c.updated_at > moment)
        return tuple(sorted(rows, key=lambda row: row.updated_at))

    def newest(self, limit: int) -> tuple[RepairRow, ...]:
        """What is open or waits, and of the closed the newest `limit`; newest first."""
        query = sa.select(repairs).where(_CLOSED).order_by(repairs.c.created_at.desc())
        newest = self._read(query.limit(limit))
        rows = [*self.repairs("open", "waiting"), *newest]
        return tuple(sorted(rows, key=lambda row: row.created_at, reverse=True))

    def page(self, limit: int, after: RepairRow | None = None) -> tuple[RepairRow, ...]:
        """The newest `limit` repairs, of those older than `after` where that is given; newest
        first."""
        query = sa.select(repairs).order_by(repairs.c.created_at.desc(), repairs.c.id.desc())
        if after is not None:
            place = sa.tuple_(repairs.c.created_at, repairs.c.id)
            query = query.where(place < sa.tuple_(after.created_at, after.id))
        return self._read(query.limit(limit))

    def version(self) -> str:
        """Another one whenever a repair or a step was added or changed."""
        count = sa.select(sa.func.count()).select_from(repairs)
        query = sa.select(
            count.scalar_subquery(),
            sa.select(sa.func.max(repairs.c.updated_at)).scalar_subquery(),
            sa.select(sa.func.max(steps.c.row)).scalar_subquery(),
        )
        with self._reading.connect() as connection:
            return " ".join(str(value) for value in connection.execute(query).one())

    def settle(self, repair: str, outcome: RepairOutcome, result: Result) -> None:
        """What a person or a later step made of the repair. The same again changes nothing.

        Raises IllegalTransitionError where the repair cannot come to this, and KeyError.
        """
        with self._engine.begin() as connection:
            values = {"result": result.model_dump_json()}
            move(connection, repair, outcome, values, self._clock.now())

    def revise(self, result: Result, dossier: Dossier) -> None:
        """What is new of a repair that waits on: it stays in its state. Where it does not wait any
        more nothing changes. Raises KeyError."""
        values = {"result": result.model_dump_json(), "evidence": dossier.model_dump_json()}
        with self._engine.begin() as connection:
            if read_state(connection, result.repair) == "waiting":
                its = repairs.c.id == result.repair
                connection.execute(repairs.update().where(its).values(values))

    def finish(self, result: Result, *, entries: Iterable[Entry], dossier: Dossier) -> None:
        """All that is known of a repair at its end, or nothing of it: one transaction.

        Where it has ended already, by this step or otherwise, nothing changes. Raises KeyError.
        """
        values = {"result": result.model_dump_json(), "evidence": dossier.model_dump_json()}
        with self._engine.begin() as connection:
            if read_state(connection, result.repair) == "open":
                move(connection, result.repair, result.outcome, values, self._clock.now())
                for entry in entries:
                    record_step(connection, entry, self._clock.now())

    def forget_dossiers(self, before: float) -> None:
        """Forgets the evidence of repairs that were closed before then (seconds)."""
        old = _CLOSED & (repairs.c.updated_at < before)
        change = repairs.update().where(old, repairs.c.evidence != "")
        with self._engine.begin() as connection:
            connection.execute(change.values(evidence=""))

    def dossier(self, repair: str) -> Dossier | None:
        """A repair's evidence, or None when there is none (any more)."""
        query = sa.select(repairs.c.evidence).where(repairs.c.id == repair)
        with self._reading.connect() as connection:
            text = connection.execute(query).scalar()
        return read_dossier(text) if text else None

    def record(self, entry: Entry) -> None:
        """Adds a step; the same kind and number of the same repair again changes nothing."""
        with self._engine.begin() as connection:
            record_step(connection, entry, self._clock.now())

    def claim(self, entry: Entry) -> bool:
        """Adds a step that must be done by one process alone, and by this one only where True comes
        back: of all that try, also after a crash, it is the first."""
        try:
            with self._engine.begin() as connection:
                chain.hold(connection)
                insert_step(connection, entry, self._clock.now())
        except sa.exc.IntegrityError:
            return False
        return True

    def entries(
        self, repair: str = "", limit: int = 1_000, *, kind: EntryKind | None = None
    ) -> tuple[Entry, ...]:
        """The newest `limit` steps, of one repair or all, of one kind or all, oldest first."""
        return tuple(e for _, e in reversed(self.numbered_entries(repair, limit, kind=kind)))

    def numbered_entries(
        self, repair: str, limit: int, *, kind: EntryKind | None = None, before: int = 0
    ) -> tuple[tuple[int, Entry], ...]:
        """The same with their numbers, newest first; with `before`, of those below it."""
        its = steps.c.repair == repair if repair else sa.true()
        its &= steps.c.kind == kind if kind else sa.true()
        its &= steps.c.row < before if before else sa.true()
        columns = [*(steps.c[name] for name in Entry.model_fields), steps.c.label, steps.c.row]
        query = sa.select(*columns).where(its).order_by(steps.c.row.desc()).limit(limit)
        with self._reading.connect() as connection:
            rows = connection.execute(query).all()
        return tuple((int(number), read_entry(*values)) for *values, number in rows)

    def has_entry(self, repair: str, kind: EntryKind) -> bool:
        return self.count_entries(repair, kind) > 0

    def count_entries(self, repair: str, kind: EntryKind) -> int:
        """How many steps of this kind were recorded of the repair."""
        query = sa.select(sa.func.count()).where(steps.c.repair == repair, steps.c.kind == kind)
        with self._reading.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def _repairs(self, *conditions: sa.ColumnElement[bool]) -> tuple[RepairRow, ...]:
        return self._read(sa.select(repairs).where(*conditions).order_by(repairs.c.created_at))

    def _read(self, query: sa.Select[Any]) -> tuple[RepairRow, ...]:
        with self._reading.connect() as connection:
            return tuple(read_repair(row) for row in connection.execute(query).mappings())
