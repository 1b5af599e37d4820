"""Where workflows are kept: in the clone that runs them, whatever else is shared."""

import sqlite3
from contextlib import closing
from pathlib import Path

from healer.engine.schema import prepare_database, workflow_url


def test_workflows_are_in_the_state_folder() -> None:
    assert workflow_url(Path("/s")) == "sqlite:////s/workflows.sqlite"


def test_a_new_database_is_for_the_user_alone_and_is_read_while_it_is_written(
    tmp_path: Path,
) -> None:
    prepare_database(tmp_path)
    prepare_database(tmp_path)
    path = tmp_path / "workflows.sqlite"
    assert path.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
