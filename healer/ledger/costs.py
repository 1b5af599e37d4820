"""What was spent and decided, summed from the ledger's rows.

Belongs here: sums of money and tokens, counts of decisions and merges. Does not belong here: when
so many reverts are too many (`merges`), and budgets, which
are held against a store of their own before a call is made (`healer.draft.llm.endpoint.budget`).
"""

from collections.abc import Iterator
from typing import Any, Literal

import sqlalchemy as sa

from healer.failure import Fact
from healer.ledger.merges import WINDOW_S, MergeCount
from healer.ledger.rows import EntryKind
from healer.ledger.tables import repairs, steps

Grouping = Literal["day", "script", "model", "outcome", "purpose"]

_CALL: EntryKind = "call"
_ATTEMPT: EntryKind = "attempt"
_DECISIONS: tuple[EntryKind, ...] = (
    "outcome", "approval", "rejection", "answer", "relapse", "rollback", "probation",
)  # fmt: skip


_REPAIRS_OF_ALL = sa.table(
    "all_healer_repairs",
    sa.column("tenant", sa.Text),
    sa.column("outcome", sa.Text),
    sa.column("updated_at", sa.Float),
    schema="healer",
)
"""Of every repository, in a shared database."""


class Cost(Fact):
    """What one group of calls to models came to."""

    group: str
    calls: int
    tokens_in: int
    tokens_out: int
    cost_usd: float
    cost_known: bool = True
    """False: some of it was estimated, or has no price in the configuration."""


class DailyCost(Fact):
    """What one day's attempts at one script by one drafter came to, by outcome."""

    day: str
    script: str
    drafter: str
    outcome: str
    repairs: int
    tokens_in: int
    tokens_out: int
    cost_usd: float


class DecisionCount(Fact):
    """How often something was decided."""

    kind: EntryKind
    outcome: str
    count: int
    seconds: float
    """Of all of them: of an end, from its repair's request."""


class Sums:
    """The sums over one ledger."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def costs(self, grouping: Grouping) -> tuple[Cost, ...]:
        """What was spent, grouped, the newest day or the dearest group first."""
        with self._engine.connect() as connection:
            return tuple(_sum_by(connection, grouping))

    def daily_costs(self) -> tuple[DailyCost, ...]:
        """What was spent by day, script, drafter and outcome, oldest day first."""
        with self._engine.connect() as connection:
            return tuple(_sum_by_day(connection))

    def decisions(self) -> tuple[DecisionCount, ...]:
        """Ends of repairs and what came after, by kind and outcome."""
        count, seconds = sa.func.count().label("count"), sa.func.sum(steps.c.seconds)
        groups = (steps.c.kind, steps.c.outcome)
        query = sa.select(*groups, count, seconds.label("seconds")).group_by(*groups)
        query = query.where(steps.c.kind.in_(_DECISIONS)).order_by(*groups)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(DecisionCount.model_validate(dict(row)) for row in rows)

    def explain_breaker(self, now: float) -> str:
        """Why no fix may merge without a person at this moment (seconds); empty where one may."""
        merges = self.merges(now - WINDOW_S)
        return merges.describe() if merges.is_too_wrong else ""

    def merges(self, since: float) -> MergeCount:
        """Of repairs that were merged or taken out at `since` (seconds) or later: of all of the
        tenant's repositories where machines share the ledger."""
        is_shared = self._engine.dialect.name == "postgresql"
        table: sa.FromClause = _REPAIRS_OF_ALL if is_shared else repairs
        outcome = table.c.outcome
        query = sa.select(outcome, sa.func.count()).group_by(outcome)
        query = query.where(outcome.in_(("healed", "reverted")), table.c.updated_at >= since)
        if is_shared:
            query = query.where(table.c.tenant == sa.func.current_setting("healer.tenant"))
        with self._engine.connect() as connection:
            counts = {str(outcome): int(count) for outcome, count in connection.execute(query)}
        return MergeCount(merged=sum(counts.values()), reverted=counts.get("reverted", 0))


def _sum_by(connection: sa.Connection, grouping: Grouping) -> Iterator[Cost]:
    groups: dict[Grouping, sa.ColumnElement[Any]] = {
        "day": _day(connection),
        "script": repairs.c.script,
        "model": steps.c.drafter,
        "outcome": repairs.c.outcome,
        "purpose": steps.c.purpose,
    }
    group, total = groups[grouping].label("group"), sa.func.sum
    query = _paid_steps(
        group,
        total(sa.case((steps.c.kind == _CALL, 1), else_=0)).label("calls"),
        *_sums(),
        (total(sa.case((steps.c.cost_known, 0), else_=1)) == 0).label("cost_known"),
    )
    if grouping == "purpose":
        query = query.where(steps.c.kind == _CALL)
    query = query.group_by(group)
    query = query.order_by(group.desc() if grouping == "day" else total(steps.c.cost_usd).desc())
    for row in connection.execute(query).mappings():
        yield Cost.model_validate(dict(row))


def _sum_by_day(connection: sa.Connection) -> Iterator[DailyCost]:
    groups = (
        _day(connection).label("day"), repairs.c.script, steps.c.drafter, repairs.c.outcome
    )  # fmt: skip
    query = _paid_steps(*groups, sa.func.count(repairs.c.id.distinct()).label("repairs"), *_sums())
    for row in connection.execute(query.group_by(*groups).order_by(*groups)).mappings():
        yield DailyCost.model_validate(dict(row))


def _paid_steps(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Calls, which have the money, and attempts, which tell whose repairs cost nothing."""
    query = sa.select(*columns).join_from(steps, repairs, repairs.c.id == steps.c.repair)
    return query.where(steps.c.kind.in_((_CALL, _ATTEMPT)))


def _sums() -> tuple[sa.ColumnElement[Any], ...]:
    columns = (steps.c.tokens_in, steps.c.tokens_out, steps.c.cost_usd)
    return tuple(sa.func.sum(column).label(column.name) for column in columns)


def _day(connection: sa.Connection) -> sa.ColumnElement[str]:
    """The UTC day of a step, as `2026-05-04`."""
    if connection.dialect.name == "sqlite":
        return sa.func.date(steps.c.at, "unixepoch")
    return sa.func.to_char(sa.func.to_timestamp(steps.c.at), "YYYY-MM-DD")
