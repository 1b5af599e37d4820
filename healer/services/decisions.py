"""What people decide on the fleet's page, until a machine that has the repository carries it out.

Belongs here: the table, and that each is carried out once. Does not belong here: what a decision
does (`healer.repair`), who may (`healer.web.roles`), and who carries it out
(`healer.daemon.tasks.decisions`, `healer.app.asked`).
"""

from collections.abc import Collection
from typing import Literal, NamedTuple

from healer.support.tables import Tables

Action = Literal["approve", "answer", "reject", "rollback"]
AGAIN_S = 900.0
"""One that was begun so long ago, and has no end, was cut short: it is begun once more."""
MOST_TRIES = 3
_NOW = "extract(epoch FROM now())"


class Decision(NamedTuple):
    """One person's word on one repair."""

    repair: str
    action: Action
    by: str
    """Who, and how it was said."""
    argument: str = ""
    """Why, or which choice."""
    value: str = ""
    """The right one, where no choice is."""
    commit: str = ""
    """The candidate that the person was shown; no other one is meant."""
    overrule: bool = False
    """What rules that say reject have found was read."""


OTHER_FIX = "Not done: the fix is another one by now; look at it again."


class AskedDecision(NamedTuple):
    """One that somebody has made, as it stands."""

    number: int
    decision: Decision
    at: float
    """Seconds since the epoch."""
    tries: int
    is_over: bool
    answer: str
    """What came of it, a sentence; empty until then."""


class Decisions:
    """Those of the tables' repository."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def ask(self, decision: Decision) -> bool:
        """Keeps one; False where another one on the same repair has no end yet."""
        with self._tables.transaction() as connection:
            rows = connection.execute(
                "INSERT INTO decision"  # noqa: S608 - constants
                " (repair, action, by, argument, value, commit_id, overrule, at)"
                f" VALUES (?, ?, ?, ?, ?, ?, ?, {_NOW}) ON CONFLICT DO NOTHING",
                (*decision[:-1], int(decision.overrule)),
            )
            return rows.rowcount == 1

    def list_open(self) -> tuple[AskedDecision, ...]:
        """Those that nobody is at, the oldest first."""
        return self._select(f"WHERE ended_at = 0 AND begun_at < {_NOW} - {AGAIN_S} ORDER BY number")

    def begin(self, number: int) -> bool:
        """Of all that try, one carries it out."""
        with self._tables.transaction() as connection:
            rows = connection.execute(
                f"UPDATE decision SET begun_at = {_NOW}, tries = tries + 1 WHERE number = ?"  # noqa: S608 - constants
                f" AND ended_at = 0 AND begun_at < {_NOW} - {AGAIN_S}",
                (number,),
            )
            return rows.rowcount == 1

    def end(self, number: int, answer: str) -> None:
        """It is over; the answer says what came of it."""
        with self._tables.transaction() as connection:
            connection.execute(
                f"UPDATE decision SET ended_at = {_NOW}, answer = ? WHERE number = ?",  # noqa: S608 - constants
                (answer, number),
            )

    def forget(self, before: float, keep: Collection[str]) -> None:
        """Forgets those that were over before then (seconds), but for those on the repairs of some
        ids; one that has no end stays, however old."""
        rows = self._tables.query(
            "SELECT number, repair FROM decision WHERE ended_at > 0 AND ended_at < ?", (before,)
        )
        old = [number for number, repair in rows if repair not in keep]
        with self._tables.transaction() as connection:
            for number in old:
                connection.execute("DELETE FROM decision WHERE number = ?", (number,))

    def find_last(self, repair: str) -> AskedDecision | None:
        """The newest on a repair."""
        rows = self._select("WHERE repair = ? ORDER BY number DESC LIMIT 1", repair)
        return rows[0] if rows else None

    def _select(self, condition: str, *values: str) -> tuple[AskedDecision, ...]:
        columns = (
            "number, repair, action, by, argument, value, commit_id, overrule, at, tries, ended_at,"
            " answer"
        )
        rows = self._tables.query(f"SELECT {columns} FROM decision {condition}", values)  # noqa: S608 - constants
        return tuple(
            AskedDecision(
                number=number,
                decision=Decision(repair, action, by, argument, value, commit, bool(overrule)),
                at=at,
                tries=tries,
                is_over=ended_at > 0,
                answer=answer,
            )
            for (
                number, repair, action, by, argument, value, commit, overrule, at, tries, ended_at,
                answer,
            ) in rows
        )  # fmt: skip
