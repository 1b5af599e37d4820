"""The decision ledger: every repair and every step of it, with what it cost.

Belongs here: the two tables and their queries. Does not belong here: what a repair means
(`workflow`), or how rows are shown (`render`). Every write may be repeated after a crash: a
step is recorded once, whatever happens.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from healer.failure import Fact

State = Literal["open", "waiting", "closed"]
"""`waiting`: a person is asked."""

Grouping = Literal["day", "script", "model", "outcome"]

_tables = sa.MetaData()
_repairs = sa.Table(
    "healer_repairs",
    _tables,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False, index=True),
    sa.Column("script", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.String(16), nullable=False, index=True),
    sa.Column("state", sa.String(8), nullable=False, index=True),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
)
_only_one_open = sa.Index(
    "healer_one_open_repair",
    _repairs.c.key,
    unique=True,
    sqlite_where=_repairs.c.state == "open",
    postgresql_where=_repairs.c.state == "open",
)
_steps = sa.Table(
    "healer_steps",
    _tables,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("repair", sa.String(16), nullable=False, index=True),
    sa.Column("label", sa.String(64), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("drafter", sa.Text, nullable=False),
    sa.Column("tokens_in", sa.Integer, nullable=False),
    sa.Column("tokens_out", sa.Integer, nullable=False),
    sa.Column("cost_usd", sa.Float, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("inputs", sa.String(64), nullable=False, server_default=""),
    sa.Column("cost_known", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.UniqueConstraint("repair", "label"),
)


class Entry(Fact):
    """One step of one repair."""

    repair: str
    label: str
    """Unique within the repair, such as `draft 2`."""
    outcome: str
    detail: str = ""
    drafter: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0
    inputs: str = ""
    """A digest of what the decision was made from, or a git object's id."""
    cost_known: bool = True
    """False: estimated, or without a price in the configuration."""
    at: float = 0.0
    """Seconds since the epoch; set by the ledger."""


class RepairRow(Fact):
    """One repair as it stands."""

    id: str
    key: str
    script: str
    fingerprint: str
    state: State
    outcome: str
    created_at: float
    updated_at: float
    request: dict[str, Any]
    result: dict[str, Any]


class Cost(Fact):
    """What one group of calls to models came to."""

    group: str
    calls: int
    tokens_in: int
    tokens_out: int
    cost_usd: float
    cost_known: bool = True
    """False: some of it was estimated, or has no price in the configuration."""


class Spending(Fact):
    """What one day's attempts at one script by one drafter came to, by outcome."""

    day: str
    script: str
    drafter: str
    outcome: str
    repairs: int
    tokens_in: int
    tokens_out: int
    cost_usd: float


class Ledger:
    """The ledger of one repository (SQLite file) or of several machines (PostgreSQL)."""

    def __init__(self, url: str, schema: str = "") -> None:
        """`url` is SQLAlchemy's; the tables are made where they are missing, in `schema` where
        one is named."""
        arguments = {"timeout": 30} if url.startswith("sqlite") else {}
        engine = sa.create_engine(url, connect_args=arguments)
        self._schema = schema or None
        self._engine = engine.execution_options(schema_translate_map={None: self._schema})
        if schema:
            with suppress(sa.exc.IntegrityError), self._engine.begin() as connection:
                connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        _tables.create_all(self._engine)
        self._add_new_columns()

    def _add_new_columns(self) -> None:
        """A ledger of an earlier version gets what was added since."""
        columns = sa.inspect(self._engine).get_columns(_steps.name, schema=self._schema)
        known = {column["name"] for column in columns}
        for column in _steps.columns:
            if column.name not in known:
                text = str(sa.schema.CreateColumn(column).compile(self._engine))
                table = f"{self._schema}.{_steps.name}" if self._schema else _steps.name
                statement = sa.text(f"ALTER TABLE {table} ADD COLUMN {text}")
                with suppress(sa.exc.DBAPIError), self._engine.begin() as connection:
                    connection.execute(statement)  # another process may have been faster

    @classmethod
    def in_folder(cls, folder: Path) -> "Ledger":
        """A ledger in `folder`/ledger.sqlite."""
        return cls(f"sqlite:///{folder / 'ledger.sqlite'}")

    def close(self) -> None:
        """Gives the connections back."""
        self._engine.dispose()

    def open_repair(
        self, *, repair: str, key: str, script: str, fingerprint: str, request: Mapping[str, Any]
    ) -> tuple[RepairRow, bool]:
        """The open repair with this key, and whether it is new: there is never a second one."""
        now = time.time()
        row = {
            "id": repair, "key": key, "script": script, "fingerprint": fingerprint,
            "state": "open", "outcome": "", "created_at": now, "updated_at": now,
            "request": json.dumps(request), "result": "{}", "evidence": "",
        }  # fmt: skip
        try:
            with self._engine.begin() as connection:
                connection.execute(_repairs.insert().values(row))
        except sa.exc.IntegrityError:
            found = self._first(_repairs.c.key == key, _repairs.c.state == "open")
            if found is None:
                return self.open_repair(
                    repair=repair, key=key, script=script, fingerprint=fingerprint, request=request
                )
            return found, False
        return self.repair(repair), True

    def repair(self, repair: str) -> RepairRow:
        """One repair by its whole id. Raises KeyError."""
        found = self._first(_repairs.c.id == repair)
        if found is None:
            raise KeyError(repair)
        return found

    def find(self, prefix: str) -> tuple[RepairRow, ...]:
        """The repairs whose id begins with `prefix`."""
        return self._rows(_repairs.c.id.startswith(prefix, autoescape=True))

    def repairs(self, *states: State) -> tuple[RepairRow, ...]:
        """Repairs in these states (all of them without any), oldest first."""
        return self._rows(_repairs.c.state.in_(states)) if states else self._rows()

    def ended_with(self, outcome: str, *, since: float) -> tuple[RepairRow, ...]:
        """Closed repairs with this outcome that ended at `since` or later, oldest first."""
        return self._rows(
            _repairs.c.state == "closed",
            _repairs.c.outcome == outcome,
            _repairs.c.updated_at >= since,
        )

    def healed_without(self, label: str) -> tuple[RepairRow, ...]:
        """Merged repairs that have no step with this label, oldest first."""
        marked = sa.select(_steps.c.repair).where(_steps.c.label == label)
        found = self._rows(
            _repairs.c.state == "closed",
            _repairs.c.outcome == "healed",
            _repairs.c.id.not_in(marked),
        )
        return tuple(row for row in found if row.result.get("merged"))

    def turned_down(self, fingerprint: str) -> tuple[RepairRow, ...]:
        """Repairs of one incident that a person rejected, or that were taken out again, oldest
        first. Those that began with the script's own checks are known by what these showed."""
        found = self._rows(_repairs.c.outcome.in_(("rejected", "reverted")))
        return tuple(
            row
            for row in found
            if fingerprint
            in (row.fingerprint, (row.result.get("failure") or {}).get("fingerprint"))
        )

    def since(self, script: str, moment: float) -> tuple[RepairRow, ...]:
        """The repairs of a script that were opened after `moment` (seconds), oldest first."""
        return self._rows(_repairs.c.script == script, _repairs.c.created_at > moment)

    def settled_since(self, moment: float) -> tuple[RepairRow, ...]:
        """Closed repairs that were changed after `moment` (seconds), the oldest change first."""
        rows = self._rows(_repairs.c.state == "closed", _repairs.c.updated_at > moment)
        return tuple(sorted(rows, key=lambda row: row.updated_at))

    def newest(self, limit: int) -> tuple[RepairRow, ...]:
        """What is open or waits, and of the closed the newest `limit`; newest first."""
        query = sa.select(_repairs).where(_repairs.c.state == "closed")
        query = query.order_by(_repairs.c.created_at.desc()).limit(limit)
        with self._engine.connect() as connection:
            closed = [_row(row) for row in connection.execute(query).mappings()]
        rows = [*self.repairs("open", "waiting"), *closed]
        return tuple(sorted(rows, key=lambda row: row.created_at, reverse=True))

    def version(self) -> str:
        """Another one whenever a repair or a step was added or changed."""
        query = sa.select(
            sa.select(sa.func.count()).select_from(_repairs).scalar_subquery(),
            sa.select(sa.func.max(_repairs.c.updated_at)).scalar_subquery(),
            sa.select(sa.func.max(_steps.c.number)).scalar_subquery(),
        )
        with self._engine.connect() as connection:
            return " ".join(str(value) for value in connection.execute(query).one())

    def of_fingerprint(self, fingerprint: str) -> tuple[RepairRow, ...]:
        """Every repair of one incident, oldest first."""
        return self._rows(_repairs.c.fingerprint == fingerprint)

    def settle(self, repair: str, state: State, outcome: str, result: Mapping[str, Any]) -> None:
        """How the repair stands now."""
        with self._engine.begin() as connection:
            connection.execute(_settled(repair, state, outcome, result))

    def finish(
        self,
        repair: str,
        state: State,
        outcome: str,
        result: Mapping[str, Any],
        *,
        entries: Iterable[Entry],
        evidence: Mapping[str, Any],
    ) -> None:
        """All that is known of a repair at its end, or nothing of it: one transaction."""
        with self._engine.begin() as connection:
            for entry in entries:
                _record(connection, entry)
            connection.execute(_with_evidence(repair, evidence))
            connection.execute(_settled(repair, state, outcome, result))

    def keep_evidence(self, repair: str, evidence: Mapping[str, Any] | None) -> None:
        """Stores a repair's evidence; None forgets it."""
        with self._engine.begin() as connection:
            connection.execute(_with_evidence(repair, evidence))

    def forget_evidence(self, before: float) -> None:
        """Forgets the evidence of repairs that were closed before then (seconds)."""
        old = (_repairs.c.state == "closed") & (_repairs.c.updated_at < before)
        change = _repairs.update().where(old, _repairs.c.evidence != "")
        with self._engine.begin() as connection:
            connection.execute(change.values(evidence=""))

    def evidence(self, repair: str) -> dict[str, Any] | None:
        """A repair's evidence, or None when there is none (any more)."""
        query = sa.select(_repairs.c.evidence).where(_repairs.c.id == repair)
        with self._engine.connect() as connection:
            text = connection.execute(query).scalar()
        return json.loads(text) if text else None

    def record(self, entry: Entry) -> None:
        """Adds a step; the same label of the same repair again changes nothing."""
        with self._engine.begin() as connection:
            _record(connection, entry)

    def steps(self, repair: str = "", limit: int = 1_000) -> tuple[Entry, ...]:
        """The newest `limit` steps, of one repair or of all, oldest first."""
        query = sa.select(_steps).order_by(_steps.c.number.desc()).limit(limit)
        if repair:
            query = query.where(_steps.c.repair == repair)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        fields = Entry.model_fields
        return tuple(
            Entry.model_validate({key: row[key] for key in fields}) for row in reversed(rows)
        )

    def costs(self, by: Grouping) -> tuple[Cost, ...]:
        """What was spent, grouped, the newest day or the dearest group first."""
        group = {
            "day": self._day(),
            "script": _repairs.c.script,
            "model": _steps.c.drafter,
            "outcome": _repairs.c.outcome,
        }[by].label("group")
        total = sa.func.sum
        query = (
            sa.select(
                group,
                total(sa.case((_steps.c.label.startswith("call"), 1), else_=0)).label("calls"),
                total(_steps.c.tokens_in).label("tokens_in"),
                total(_steps.c.tokens_out).label("tokens_out"),
                total(_steps.c.cost_usd).label("cost_usd"),
                (total(sa.case((_steps.c.cost_known, 0), else_=1)) == 0).label("cost_known"),
            )
            .join(_repairs, _repairs.c.id == _steps.c.repair)
            .where(_paid())
            .group_by(group)
            .order_by(group.desc() if by == "day" else total(_steps.c.cost_usd).desc())
        )
        with self._engine.connect() as connection:
            return tuple(Cost.model_validate(dict(r)) for r in connection.execute(query).mappings())

    def spendings(self) -> tuple[Spending, ...]:
        """What was spent by day, script, drafter and outcome, oldest day first."""
        total = sa.func.sum
        groups = (
            self._day().label("day"), _repairs.c.script, _steps.c.drafter, _repairs.c.outcome
        )  # fmt: skip
        query = (
            sa.select(
                *groups,
                sa.func.count(_repairs.c.id.distinct()).label("repairs"),
                total(_steps.c.tokens_in).label("tokens_in"),
                total(_steps.c.tokens_out).label("tokens_out"),
                total(_steps.c.cost_usd).label("cost_usd"),
            )
            .join(_repairs, _repairs.c.id == _steps.c.repair)
            .where(_paid())
            .group_by(*groups)
            .order_by(*groups)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings()
            return tuple(Spending.model_validate(dict(row)) for row in rows)

    def _day(self) -> sa.ColumnElement[str]:
        if self._engine.dialect.name == "sqlite":
            return sa.func.date(_steps.c.at, "unixepoch")
        return sa.func.to_char(sa.func.to_timestamp(_steps.c.at), "YYYY-MM-DD")

    def _first(self, *conditions: sa.ColumnElement[bool]) -> RepairRow | None:
        return next(iter(self._rows(*conditions)), None)

    def _rows(self, *conditions: sa.ColumnElement[bool]) -> tuple[RepairRow, ...]:
        query = sa.select(_repairs).where(*conditions).order_by(_repairs.c.created_at)
        with self._engine.connect() as connection:
            return tuple(_row(row) for row in connection.execute(query).mappings())


def _record(connection: sa.Connection, entry: Entry) -> None:
    known = sa.select(_steps.c.number).where(
        _steps.c.repair == entry.repair, _steps.c.label == entry.label
    )
    if connection.execute(known).first() is None:
        values = entry.model_dump() | {"at": entry.at or time.time()}
        connection.execute(_steps.insert().values(values))


def _with_evidence(repair: str, evidence: Mapping[str, Any] | None) -> sa.Update:
    text = json.dumps(evidence) if evidence is not None else ""
    return _repairs.update().where(_repairs.c.id == repair).values(evidence=text)


def _settled(repair: str, state: State, outcome: str, result: Mapping[str, Any]) -> sa.Update:
    values = {
        "state": state, "outcome": outcome, "result": json.dumps(result),
        "updated_at": time.time(),
    }  # fmt: skip
    return _repairs.update().where(_repairs.c.id == repair).values(values)


def _paid() -> sa.ColumnElement[bool]:
    """Calls, which have the money, and attempts, which tell whose repairs cost nothing."""
    return sa.or_(*(_steps.c.label.startswith(each) for each in ("attempt", "call")))


def _row(row: sa.RowMapping) -> RepairRow:
    values = {key: value for key, value in dict(row).items() if key != "evidence"}
    values["request"] = json.loads(values["request"])
    values["result"] = json.loads(values["result"])
    return RepairRow.model_validate(values)


@contextmanager
def opened(url: str) -> Iterator[Ledger]:
    """A ledger that is closed again."""
    ledger = Ledger(url)
    try:
        yield ledger
    finally:
        ledger.close()
