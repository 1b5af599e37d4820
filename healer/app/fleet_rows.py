"""The rows of all repositories of a shared database, as the pages of a fleet list them.

Belongs here: the queries over tenants, and their facts. Does not belong here: a single incident or
repair, connections (`fleet_view`), and the pages (`healer.web`).

Whose rows a person may see is part of each statement: these tables are not the views that show one
repository alone.
"""

import time
from datetime import UTC, datetime

from healer.app.web_incidents import describe_line
from healer.ledger.merges import WINDOW_S, MergeCount
from healer.services.fleet import DEAD_AFTER_S
from healer.support.shared_tables import SharedTables
from healer.support.tables import SqlValue
from healer.watch.incident_tables import SELECT, read_row
from healer.web.fleet import (
    Counts,
    FleetIncidentLine,
    FleetQuery,
    RepositoryLine,
    TenantLine,
    TroubleLine,
    WorkerLine,
)

PAGE = 50
"""Rows of a page of repositories or incidents; one more is read."""
FAILURES_SHOWN, TROUBLES_SHOWN, PROCESSES_SHOWN = 10, 10, 200
_STATES = ("open", "repairing", "waiting", "probation")
_COUNTS = ", ".join(f"count(*) FILTER (WHERE state = '{state}')" for state in _STATES)
_VISIBLE = "(?1 = 1 OR tenant = ANY(string_to_array(?2, E'\\n'))) AND (?3 = '' OR tenant = ?3)"
_TENANTS = f"""
SELECT tenant, count(DISTINCT repository), {_COUNTS}, max(last_at) FROM (
    SELECT tenant, repository, state, last_at FROM healer.all_incident WHERE {_VISIBLE}
    UNION ALL
    SELECT tenant, repository, '', NULL FROM healer.all_work WHERE {_VISIBLE}
) AS x GROUP BY tenant ORDER BY max(last_at) DESC NULLS LAST, tenant
"""  # noqa: S608 - constants
_MERGES = f"""
SELECT tenant, outcome, count(*) FROM healer.all_healer_repairs
WHERE {_VISIBLE} AND outcome IN ('healed', 'reverted') AND updated_at >= ?4
GROUP BY tenant, outcome
"""  # noqa: S608 - constants
_REPOSITORIES = f"""
SELECT x.tenant, x.repository, {_COUNTS}, max(x.last_at),
    (SELECT i.summary FROM healer.all_incident AS i
        WHERE i.tenant = x.tenant AND i.repository = x.repository
        ORDER BY i.last_at DESC LIMIT 1),
    max(w.problem), max(w.tries), bool_or(w.executor <> ''), bool_or(w.due_at <= now())
FROM (
    SELECT tenant, repository, state, last_at FROM healer.all_incident WHERE {_VISIBLE}
    UNION ALL
    SELECT tenant, repository, '', NULL FROM healer.all_work WHERE {_VISIBLE}
) AS x
LEFT JOIN healer.all_work AS w ON w.tenant = x.tenant AND w.repository = x.repository
WHERE strpos(x.repository, ?4) > 0
GROUP BY x.tenant, x.repository
ORDER BY max(x.last_at) DESC NULLS LAST, x.tenant, x.repository LIMIT ?5 OFFSET ?6
"""  # noqa: S608 - constants
_INCIDENTS = f"""
SELECT tenant, repository, {SELECT.removeprefix("SELECT ").replace(" FROM incident", "")}
FROM healer.all_incident
WHERE {_VISIBLE} AND (?4 = '' OR repository = ?4) AND strpos(script, ?5) > 0
AND CASE ?6 WHEN '' THEN state NOT IN ('resolved', 'gone') WHEN 'all' THEN true ELSE state = ?6 END
ORDER BY last_at DESC, tenant, repository, fingerprint LIMIT ?7 OFFSET ?8
"""  # noqa: S608 - constants
_ALIVE = f"beat_at > now() - make_interval(secs => {DEAD_AFTER_S:g})"
_WORKERS = f"""
SELECT host, slots, (SELECT count(*) FROM healer.all_work AS w
    WHERE w.executor = worker.executor), extract(epoch FROM beat_at), {_ALIVE}
FROM healer.worker ORDER BY beat_at DESC LIMIT {PROCESSES_SHOWN}
"""  # noqa: S608 - constants
_CLONES = f"""
SELECT host, repository, extract(epoch FROM beat_at), {_ALIVE} FROM healer.all_member
WHERE {_VISIBLE} AND {_ALIVE} ORDER BY repository, host LIMIT {PROCESSES_SHOWN}
"""  # noqa: S608 - constants
_TROUBLES = f"""
SELECT tenant, last_at, detail FROM healer.fleet_incident WHERE {_VISIBLE}
ORDER BY last_at DESC LIMIT {TROUBLES_SHOWN}
"""  # noqa: S608 - constants


def list_tenants(tables: SharedTables, query: FleetQuery) -> tuple[TenantLine, ...]:
    """The tenant that failed last first."""
    whose = _whose(query)
    merges: dict[str, dict[str, int]] = {}
    for tenant, outcome, count in tables.query(_MERGES, (*whose, time.time() - WINDOW_S)):
        merges.setdefault(tenant, {})[outcome] = int(count)
    lines = []
    for tenant, repositories, *counts, last_at in tables.query(_TENANTS, whose):
        outcomes = merges.get(tenant, {})
        number = MergeCount(sum(outcomes.values()), outcomes.get("reverted", 0))
        lines.append(
            TenantLine(
                tenant=tenant,
                repositories=repositories,
                counts=_counts(counts),
                last_failure=_moment(last_at),
                merged=number.merged,
                reverted=number.reverted,
                breaker=number.describe() if number.is_too_wrong else "",
            )
        )
    return tuple(lines)


def list_repositories(tables: SharedTables, query: FleetQuery) -> tuple[RepositoryLine, ...]:
    """A page, and one more where there is a next one; the one that failed last first."""
    values = (*_whose(query), query.words, PAGE + 1, (query.page - 1) * PAGE)
    return tuple(
        RepositoryLine(
            tenant=tenant,
            repository=repository,
            counts=_counts(rest[:4]),
            last_failure=_moment(rest[4]),
            last_summary=rest[5] or "",
            work=_describe_work(*rest[6:]),
            is_well=not rest[6],
        )
        for tenant, repository, *rest in tables.query(_REPOSITORIES, values)
    )


def list_incidents(
    tables: SharedTables, query: FleetQuery, most: int = PAGE + 1
) -> tuple[FleetIncidentLine, ...]:
    """A page, and one more where there is a next one; the one that failed last first."""
    choice = (query.repository, query.words, query.state, most, (query.page - 1) * PAGE)
    lines = []
    for tenant, repository, *row in tables.query(_INCIDENTS, (*_whose(query), *choice)):
        incident = read_row(tuple(row))
        lines.append(
            FleetIncidentLine(
                **dict(describe_line(incident)),
                tenant=tenant,
                repository=repository,
                repair=incident.repair,
            )
        )
    return tuple(lines)


def list_workers(tables: SharedTables, query: FleetQuery) -> tuple[WorkerLine, ...]:
    """Workers, which serve several tenants and are shown to all, and clones that live now."""
    workers = [
        WorkerLine(
            host=host,
            kind="worker",
            slots=slots,
            busy=busy,
            last_sign=datetime.fromtimestamp(float(at), UTC),
            is_alive=is_alive,
        )
        for host, slots, busy, at, is_alive in tables.query(_WORKERS)
    ]
    clones = [
        WorkerLine(
            host=host,
            kind=repository,
            last_sign=datetime.fromtimestamp(float(at), UTC),
            is_alive=is_alive,
        )
        for host, repository, at, is_alive in tables.query(_CLONES, _whose(query))
    ]
    return (*workers, *clones)


def list_troubles(tables: SharedTables, query: FleetQuery) -> tuple[TroubleLine, ...]:
    """What concerned many repositories at once, the newest first."""
    return tuple(
        TroubleLine(tenant=tenant, at=datetime.fromtimestamp(at, UTC), detail=detail)
        for tenant, at, detail in tables.query(_TROUBLES, _whose(query))
    )


def _whose(query: FleetQuery) -> tuple[SqlValue, ...]:
    is_all = query.tenants is None
    return int(is_all), "\n".join(query.tenants or ()), query.tenant


def _counts(numbers: list[int]) -> Counts:
    return Counts(**dict(zip(_STATES, numbers, strict=True)))


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


def _describe_work(
    problem: str | None, tries: int | None, is_busy: bool | None, is_due: bool | None
) -> str:
    if is_busy:
        return "a worker is at it"
    if problem:
        return f"{problem}, {tries} times in a row"
    return "due" if is_due else ""
