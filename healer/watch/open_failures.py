"""Which recorded failures belong to an incident that is not over, as its file has it.

Belongs here: looking, from whatever records a failure. Does not belong here: what an incident is
(`incident`), and changing one (`incidents`). The incidents that machines share are not asked: there
the oldest tapes give way.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from healer.facts.states import OVER

FILE = "incidents.sqlite"
_QUERY = "SELECT failure, state FROM incident_failure JOIN incident USING (fingerprint)"


def list_open_failures(state_dir: Path) -> frozenset[str]:
    """The ids of those failures, the newest few of each incident; none where it cannot be told, so
    that no job fails of it."""
    path = state_dir / FILE
    if not path.exists():
        return frozenset()
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=2)) as database:
            rows = database.execute(_QUERY).fetchall()
            return frozenset(name for name, state in rows if state not in OVER)
    except sqlite3.Error:
        return frozenset()
