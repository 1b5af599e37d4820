"""The ledger of one repository as a command sees it that only looks: read as it lies, in SQLite.

Belongs here: a few columns of the repairs, without the library and the facts that writing takes.
Does not belong here: a PostgreSQL (`store`), what a row means in full (`rows`), any write.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from healer.ledger.merges import NO_MERGES, MergeCount

FILE = "ledger.sqlite"
_COLUMNS = (
    "SELECT id, script, state, outcome, created_at, updated_at, fingerprint,"
    " coalesce(json_extract(result, '$.reason'), ''),"
    " coalesce(json_extract(result, '$.question'), ''),"
    " coalesce(json_extract(result, '$.failure.type'), ''),"
    " coalesce(json_extract(result, '$.failure.message'), ''),"
    " coalesce(json_extract(result, '$.merged'), ''),"
    " coalesce(json_extract(result, '$.branch'), '') != '' AND NOT EXISTS ("
    "SELECT 1 FROM json_each(result, '$.attempts')"
    " WHERE json_extract(value, '$.commit') = json_extract(result, '$.commit')"
    " AND json_extract(value, '$.verdict') != 'fixed')"
    " FROM healer_repairs"
)
_ON_PROBATION = (
    " WHERE state = 'closed' AND outcome = 'healed' AND json_extract(result, '$.merged') != ''"
    " AND id NOT IN (SELECT repair FROM healer_steps WHERE kind = 'probation')"
)


@dataclass(frozen=True)
class RepairGlance:
    """One repair, as far as a list shows it; times are seconds since the epoch."""

    id: str
    script: str
    state: str
    """open, waiting or closed."""
    outcome: str
    created_at: float
    updated_at: float
    fingerprint: str
    reason: str
    question: str
    error: str
    """The type of what failed; empty without a traceback."""
    message: str
    merged: str
    """The commit on the target branch; empty where none was merged."""
    has_draft: bool = False
    """As `Result.has_draft`: there is something that a person can approve."""


class LedgerGlance:
    """Reads one ledger. A missing one is empty; a damaged one raises sqlite3.DatabaseError."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE

    @property
    def exists(self) -> bool:
        """Whether anything was written yet."""
        return self._path.exists()

    def list_open(self) -> tuple[RepairGlance, ...]:
        """What runs or waits for a person, oldest first."""
        return self._read(" WHERE state IN ('open', 'waiting')")

    def list_on_probation(self) -> tuple[RepairGlance, ...]:
        """Merged fixes whose probation has not ended, oldest first."""
        return self._read(_ON_PROBATION)

    def find(self, prefix: str) -> tuple[RepairGlance, ...]:
        """The repairs whose id begins with `prefix`, oldest first."""
        if prefix and not prefix.isalnum():  # no id, and a pattern to GLOB
            return ()
        return self._read(" WHERE id GLOB ?", f"{prefix}*")

    def count_merges(self, since: float) -> MergeCount:
        """Of fixes that were merged or taken out at `since` (seconds) or later."""
        if not self.exists:
            return NO_MERGES
        with self._open() as database:
            (counts,) = database.execute(
                "SELECT count(*), coalesce(sum(outcome = 'reverted'), 0) FROM healer_repairs"
                " WHERE outcome IN ('healed', 'reverted') AND updated_at >= ?",
                (since,),
            )
        return MergeCount(*counts)

    def _read(self, condition: str, *values: str) -> tuple[RepairGlance, ...]:
        if not self.exists:
            return ()
        with self._open() as database:
            rows = database.execute(f"{_COLUMNS}{condition} ORDER BY created_at", values)
            return tuple(replace(RepairGlance(*row), has_draft=bool(row[-1])) for row in rows)

    def _open(self) -> closing[sqlite3.Connection]:
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        return closing(sqlite3.connect(uri, uri=True, timeout=5))
