"""What concerns more than one script: a repository that fails far more than usual, or one cause in
many repositories. Each is told once, not once for each failure.

Belongs here: the rules, and the incidents that they open. Does not belong here: repairs of single
scripts (`incidents`), and how people are told (`healer.app.hub`).

An outage, a library's release, a changed feed break many scripts within minutes. Their repairs go
on as ever, each judged by itself; a person is told that they have one cause.
"""

from dataclasses import dataclass
from typing import Literal

from healer.failure import Failure, name_cause
from healer.render.one_line import name_failure
from healer.support.shared_tables import SharedTables

SLOT_S = 300
"""Failures are counted by their own time, in slots of this length: what was spooled while the hub
was away is no rush."""
_HISTORY = 7 * 24 * 3_600 // SLOT_S
RUSH_FACTOR = 10
LEAST_RUSH = 50
"""Fewer failures in one slot are never a rush."""
MOST_REPOSITORIES = 5
COMMON_S = 600.0
NAMES_SHOWN = 5
"""Of repositories and machines, in a sentence."""
QUIET_S = 3_600.0
"""After so long without another sign of it, the same is a new incident."""
KEPT_S = 90 * 86_400.0
"""One of which no sign was seen for so long is forgotten, once another one opens."""

Kind = Literal["rush", "common cause"]


@dataclass(frozen=True)
class FleetIncident:
    """One thing that concerns many."""

    tenant: str
    kind: Kind
    subject: str
    """The repository, or the cause's name."""
    first_at: float
    last_at: float
    detail: str
    """One sentence for a person."""
    told_at: float = 0.0
    """Seconds since the epoch; 0: nobody was told yet."""


_COLUMNS = "tenant, kind, subject, first_at, last_at, detail, told_at"


class FleetIncidents:
    """Those of the tables' tenant, or of all for whoever lists them."""

    def __init__(self, tables: SharedTables) -> None:
        self._tables = tables

    def note_failure(self, failure: Failure, *, now: float, is_first: bool = True) -> None:
        """A failure of the tables' repository came in: opens what it shows, or goes on with it. One
        that is not the first of its kind there shows nothing new of other repositories."""
        number, usual = self._count(failure, now)
        repository = self._tables.scope.repository
        if number > max(LEAST_RUSH, RUSH_FACTOR * usual):
            self._open(
                "rush",
                repository,
                f"{repository} fails far more than usual: {number} failures in {SLOT_S // 60} "
                f"minutes, usually {usual:.1f}; the last is {name_failure(failure)}"
                f"{self._say_hosts()}",
                now,
            )
        cause = name_cause(failure) if is_first else ""
        names = self._list_repositories(cause, now) if cause else ()
        if len(names) > MOST_REPOSITORIES:
            self._open(
                "common cause",
                cause,
                f"{len(names)} repositories fail alike within {COMMON_S / 60:.0f} minutes: "
                f"{name_failure(failure)}; look for what they share: "
                f"{', '.join(names[:NAMES_SHOWN])}",
                now,
            )

    def list_all(self) -> tuple[FleetIncident, ...]:
        """Of all tenants, the newest first."""
        return self._select("ORDER BY first_at DESC")

    def list_untold(self) -> tuple[FleetIncident, ...]:
        """Those that nobody was told of, the oldest first."""
        return self._select("WHERE told_at = 0 ORDER BY first_at")

    def mark_told(self, incident: FleetIncident, *, now: float) -> None:
        """People know of it."""
        with self._tables.transaction() as connection:
            connection.execute(
                "UPDATE fleet_incident SET told_at = ?"
                " WHERE tenant = ? AND kind = ? AND subject = ? AND first_at = ?",
                (now, incident.tenant, incident.kind, incident.subject, incident.first_at),
            )

    def _count(self, failure: Failure, now: float) -> tuple[int, float]:
        """(failures of its slot with this one, how many a slot usually has)"""
        slot = int(failure.moment(now) // SLOT_S)
        with self._tables.transaction() as connection:
            rows = connection.execute(
                "UPDATE arrival SET number = number + ? WHERE slot = ?", (failure.count, slot)
            )
            if not rows.rowcount:
                connection.execute("DELETE FROM arrival WHERE slot < ?", (slot - 2 * _HISTORY,))
                connection.execute(
                    "INSERT INTO arrival (slot, number) VALUES (?, ?)", (slot, failure.count)
                )
        rows_now = self._tables.query("SELECT number FROM arrival WHERE slot = ?", (slot,))
        number = int(rows_now[0][0])
        if number <= LEAST_RUSH:
            return number, 0.0
        ((total, first),) = self._tables.query(
            "SELECT coalesce(sum(number), 0), coalesce(min(slot), ?1) FROM arrival"
            " WHERE slot >= ?2 AND slot < ?1",
            (slot, slot - _HISTORY),
        )
        return number, float(total) / max(1, slot - first)

    def _list_repositories(self, cause: str, now: float) -> tuple[str, ...]:
        rows = self._tables.query(
            "SELECT DISTINCT repository FROM all_failure"
            " WHERE tenant = ? AND cause = ? AND at > ? AND body <> '' ORDER BY repository",
            (self._tables.scope.tenant, cause, now - COMMON_S),
        )
        return tuple(str(name) for (name,) in rows)

    def _say_hosts(self) -> str:
        """On which machines the repository failed last."""
        rows = self._tables.query(
            "SELECT host FROM failure WHERE host <> '' GROUP BY host ORDER BY max(at) DESC LIMIT ?",
            (NAMES_SHOWN,),
        )
        return f" on {', '.join(host for (host,) in rows)}" if rows else ""

    def _open(self, kind: Kind, subject: str, detail: str, now: float) -> None:
        """Of several hubs that see the same at once, one opens it."""
        tenant = self._tables.scope.tenant
        with self._tables.transaction() as connection:
            connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('fleet ' || ?, 0))", (tenant,)
            )
            rows = connection.execute(
                "UPDATE fleet_incident SET last_at = ?"
                " WHERE tenant = ? AND kind = ? AND subject = ? AND last_at > ?",
                (now, tenant, kind, subject, now - QUIET_S),
            )
            if not rows.rowcount:
                connection.execute(
                    "DELETE FROM fleet_incident WHERE tenant = ? AND last_at < ?",
                    (tenant, now - KEPT_S),
                )
                connection.execute(
                    "INSERT INTO fleet_incident (tenant, kind, subject, first_at, last_at, detail)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (tenant, kind, subject, now, now, detail),
                )

    def _select(self, condition: str) -> tuple[FleetIncident, ...]:
        rows = self._tables.query(f"SELECT {_COLUMNS} FROM fleet_incident {condition}")  # noqa: S608 - constants
        return tuple(FleetIncident(*row) for row in rows)
