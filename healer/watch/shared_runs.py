"""Runs of jobs on other machines, for the clones that share a PostgreSQL.

Belongs here: which are kept whole, and which only counted. Does not belong here: who may bring them
(`healer.web.hub`), the log of this machine's own runs (`runner.run_log`).

A million runs a day say one thing of a script that is well: that it is well. So a run is kept whole
where something hangs on it: an incident of its script is not over, or a failure of it waits.
"""

from collections.abc import Iterable, Sequence

from healer.facts.states import OVER
from healer.support.tables import Statements, Tables
from healer.watch.posts import RunReport
from healer.watch.runner.run_log import LoggedRun

SLOT_S = 3_600
"""Runs are counted by script and hour."""
STAY_S = 30 * 86_400.0
MOST_READ = 1_000
ELSEWHERE = "elsewhere"
"""No command is named so (`digest_of`): the run says nothing of one, and something of its code."""


class SharedRuns:
    """The runs of one repository."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def receive(
        self, agent: str, sequence: int, runs: Sequence[RunReport], *, now: float, host: str = ""
    ) -> bool:
        """Takes one report; False where it came before: an agent numbers its reports from 1 on, and
        sends the next one when it knows that this one came."""
        with self._tables.transaction() as connection:
            rows = connection.execute("SELECT sequence FROM agent WHERE name = ?", (agent,))
            last = rows.fetchone()
            if last is not None and sequence <= last[0]:
                return False
            connection.execute("DELETE FROM agent WHERE name = ?", (agent,))
            connection.execute(
                "INSERT INTO agent (name, sequence, host, at) VALUES (?, ?, ?, ?)",
                (agent, sequence, host, now),
            )
            for each in runs:
                _count(connection, each)
            scripts = self.list_watched(each.script for each in runs)
            for each in runs:
                if each.script in scripts:
                    _keep(connection, each, host)
        return True

    def list_watched(self, scripts: Iterable[str]) -> frozenset[str]:
        """Those of them on whose runs something hangs."""
        over = ", ".join(f"'{state}'" for state in sorted(OVER))
        query = (
            f"SELECT 1 FROM incident WHERE script = ?1 AND state NOT IN ({over})"  # noqa: S608 - constants
            " UNION ALL SELECT 1 FROM failure WHERE script = ?1 AND state IN ('waiting', 'taken')"
        )
        return frozenset(
            each for each in frozenset(scripts) if each and self._tables.query(query, (each,))
        )

    def read_after(self, number: int) -> tuple[tuple[int, LoggedRun], ...]:
        """Whole runs that came after the one of this number, with theirs; at most MOST_READ.

        The command of a run is ELSEWHERE where its script has failed on another machine, too: that
        it ran well here does not say that it does there.
        """
        rows = self._tables.query(
            "SELECT number, script, commit_id, exit_code, started_at, duration_s, CASE WHEN EXISTS"
            " (SELECT 1 FROM failure WHERE failure.script = run.script"
            " AND failure.host <> run.host) THEN ?3 ELSE command END"
            " FROM run WHERE number > ?1 ORDER BY number LIMIT ?2",
            (number, MOST_READ, ELSEWHERE),
        )
        return tuple(
            (number, LoggedRun(script, commit, code, start, duration, command=command))
            for number, script, commit, code, start, duration, command in rows
        )

    def forget(self, now: float) -> None:
        """Forgets what is older than STAY_S."""
        with self._tables.transaction() as connection:
            connection.execute("DELETE FROM run WHERE started_at < ?", (now - STAY_S,))
            connection.execute("DELETE FROM run_count WHERE last_at < ?", (now - STAY_S,))


def _count(connection: Statements, run: RunReport) -> None:
    slot, good = int(run.started_at // SLOT_S), int(run.exit_code == 0)
    rows = connection.execute(
        "UPDATE run_count SET good = good + ?, bad = bad + ?, last_at = ?"
        " WHERE script = ? AND slot = ?",
        (good, 1 - good, run.started_at, run.script, slot),
    )
    if not rows.rowcount:
        connection.execute(
            "INSERT INTO run_count (script, slot, good, bad, last_at) VALUES (?, ?, ?, ?, ?)",
            (run.script, slot, good, 1 - good, run.started_at),
        )


def _keep(connection: Statements, run: RunReport, host: str) -> None:
    connection.execute(
        "INSERT INTO run (host, script, command, commit_id, exit_code, started_at, duration_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            host, run.script, run.command, run.commit, run.exit_code, run.started_at,
            run.duration_s,
        ),
    )  # fmt: skip
