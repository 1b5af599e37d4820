"""Which repository of a shared PostgreSQL a worker takes next, and whether the workers live.

Belongs here: the table of due repositories, their fair order, and what becomes of a dead worker's.
Does not belong here: what a worker does with one (`healer.daemon.worker`), signs of life of the
clones in which repairs run (`fleet`).

A repository is worked on by one worker at a time, for one turn of a few failures; then it goes to
the end of its tenant's line. So nothing is ready before there is a free slot, a flood waits in its
own line, and what a look costs does not depend on how much waits.
"""

import os
import secrets
from typing import NamedTuple, Self

from healer.services.fleet import DEAD_AFTER_S
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables

PREFERENCE_S = 5
"""How long a due repository waits for the worker that most likely has a mirror of it."""
MAILS_AGAIN_S = 60
"""A repository with mails that could not be sent is looked after again so soon."""
DECISIONS_AGAIN_S = 30
"""The same for one with a person's decision that another clone was to carry out."""
AGAIN_S = 3_600
"""The same for one with an incident that is not over: probations, retries, pull requests."""
FIRST_REST_S, LONGEST_REST_S = 30, 900
"""After a turn that failed, twice as long each time."""
_IS_ALIVE = f"beat_at > now() - make_interval(secs => {DEAD_AFTER_S:g})"
_OF_REPOSITORY = "x.tenant = work.tenant AND x.repository = work.repository"
# A folder is a remote on its own machine alone; its name begins with that machine's (`host:/path`).
_TAKE = f"""
UPDATE healer.all_work AS work
SET executor = ?1, began_at = now(), due_at = 'infinity'
FROM (
    SELECT tenant, repository FROM (
        SELECT line.tenant, line.repository, line.due_at,
            row_number() OVER (PARTITION BY line.tenant ORDER BY line.due_at)
                + coalesce(busy.slots, 0) AS place
        FROM unnest(string_to_array(?2, E'\\n')) AS mine(tenant)
        CROSS JOIN LATERAL (
            SELECT w.tenant, w.repository, w.due_at FROM healer.all_work AS w
            WHERE w.tenant = mine.tenant AND w.executor = '' AND w.due_at <= now()
            AND (strpos(w.repository, ':/') = 0 OR starts_with(w.repository, ?4 || ':/'))
            AND (w.due_at < now() - make_interval(secs => {PREFERENCE_S}) OR ?5 = (
                SELECT name FROM healer.worker WHERE {_IS_ALIVE}
                ORDER BY hashtextextended(name || w.tenant || w.repository, 0) DESC LIMIT 1
            ))
            ORDER BY w.due_at LIMIT ?3
        ) AS line
        LEFT JOIN (
            SELECT tenant, count(*) AS slots FROM healer.all_work
            WHERE executor <> '' GROUP BY tenant
        ) AS busy ON busy.tenant = line.tenant
    ) AS ranked ORDER BY place, due_at LIMIT ?3
) AS next
WHERE work.tenant = next.tenant AND work.repository = next.repository AND work.executor = ''
RETURNING work.tenant, work.repository, work.url
"""  # noqa: S608 - constants
_END = f"""
UPDATE healer.all_work AS work
SET executor = '', ended_at = now(), problem = ?3,
tries = CASE WHEN ?3 = '' THEN 0 ELSE tries + 1 END,
due_at = CASE
    WHEN ?3 <> '' THEN now() + make_interval(
        secs => least({FIRST_REST_S} * power(2, least(tries, 10)), {LONGEST_REST_S}))
    WHEN EXISTS (SELECT 1 FROM healer.all_failure AS x
        WHERE {_OF_REPOSITORY} AND x.state = 'waiting') THEN now()
    WHEN EXISTS (SELECT 1 FROM healer.all_decision AS x
        WHERE {_OF_REPOSITORY} AND x.ended_at = 0)
        THEN least(due_at, now() + make_interval(secs => {DECISIONS_AGAIN_S}))
    WHEN EXISTS (SELECT 1 FROM healer.all_mail_fact AS x
        WHERE {_OF_REPOSITORY} AND x.folder IN ('queue', 'held'))
        THEN least(due_at, now() + make_interval(secs => {MAILS_AGAIN_S}))
    WHEN EXISTS (SELECT 1 FROM healer.all_incident AS x
        WHERE {_OF_REPOSITORY} AND x.state NOT IN ('resolved', 'gone'))
        THEN least(due_at, now() + make_interval(secs => {AGAIN_S}))
    ELSE due_at END
WHERE executor = ?1 AND tenant = ?2 AND repository = ?4
RETURNING 1
"""  # noqa: S608 - constants
# Of several workers one does it, and what rests after a failed turn goes on resting.
_REAP = f"""
WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended('healer reap', 0)) AS is_mine
), ended AS (
    UPDATE healer.all_work SET executor = '', ended_at = now(),
        due_at = now() - make_interval(secs => {PREFERENCE_S + 1})
    WHERE executor <> '' AND (SELECT is_mine FROM turn) AND NOT EXISTS (
        SELECT 1 FROM healer.worker WHERE worker.executor = all_work.executor AND {_IS_ALIVE})
    RETURNING 1
), left_alone AS (
    SELECT tenant, repository, holder FROM healer.all_healer_repairs
    WHERE state = 'open' AND holder <> ''
    UNION SELECT tenant, repository, holder FROM healer.all_failure WHERE state = 'taken'
), adopted AS (
    UPDATE healer.all_work AS work SET due_at = now() - make_interval(secs => {PREFERENCE_S + 1})
    FROM left_alone AS x
    WHERE {_OF_REPOSITORY} AND work.executor = '' AND work.due_at > now() AND work.tries = 0
    AND (SELECT is_mine FROM turn) AND NOT EXISTS (
        SELECT 1 FROM healer.all_member AS m WHERE m.tenant = x.tenant
        AND m.repository = x.repository AND m.clone = x.holder AND m.{_IS_ALIVE})
    RETURNING 1
)
SELECT (SELECT count(*) FROM ended), (SELECT count(*) FROM adopted)
"""  # noqa: S608 - constants


class Work(NamedTuple):
    """A repository that a worker has for one turn."""

    tenant: str
    repository: str
    """As `quarantine.remote.canonical_url` has it."""
    url: str
    """The remote's."""


class WorkTable:
    """The due repositories of some tenants, as one worker sees them; a with-block."""

    def __init__(
        self, url: str, tenants: tuple[str, ...], *, name: str, host: str, slots: int
    ) -> None:
        """`url` is the database's. `name` stays the same as long as the worker's mirrors do."""
        self._tables = SharedTables(url, Scope("", ""))
        self._tenants, self._name, self._host, self._slots = tenants, name, host, slots
        self.executor = f"{host}-{os.getpid()}-{secrets.token_hex(4)}"
        """This process; no other ever has the same."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tables.close()

    def add(self, work: Work) -> None:
        """Makes a repository known; it is due at once where it was not."""
        register(self._tables, work)

    def beat(self) -> None:
        """One sign of life."""
        self._tables.query(
            "INSERT INTO healer.worker (executor, name, host, slots) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (executor) DO UPDATE SET beat_at = now() RETURNING 1",
            (self.executor, self._name, self._host, self._slots),
        )

    def leave(self) -> None:
        """No sign of life is to be expected any more: nobody waits for this worker."""
        query = "DELETE FROM healer.worker WHERE executor = ? OR beat_at < now() - interval '1 day'"
        self._tables.query(f"{query} RETURNING 1", (self.executor,))

    def take(self, most: int) -> list[Work]:
        """Up to so many due repositories: tenants that have the fewest slots first, and of each
        tenant what is due the longest."""
        values = (self.executor, "\n".join(self._tenants), most, self._host, self._name)
        return [Work(*row) for row in self._tables.query(_TAKE, values)]

    def end(self, work: Work, problem: str = "") -> bool:
        """The turn is over: the repository is due again when something is left to do there, and
        after a rest where there was a problem. False where another worker has it by now."""
        values = (self.executor, work.tenant, problem, work.repository)
        return bool(self._tables.query(_END, values))

    def reap(self) -> tuple[int, int]:
        """Makes due what dead workers had, and repositories with repairs or failures that no living
        clone has; how many of either."""
        row = self._tables.query(_REAP)[0]
        return int(row[0]), int(row[1])


def register(tables: SharedTables, work: Work) -> None:
    """Makes a repository known to workers; where it is known by this URL, nothing changes."""
    tables.query(
        "INSERT INTO healer.all_work AS work (tenant, repository, url) VALUES (?, ?, ?)"
        " ON CONFLICT (tenant, repository) DO UPDATE SET url = excluded.url"
        " WHERE work.url <> excluded.url RETURNING 1",
        work,
    )
