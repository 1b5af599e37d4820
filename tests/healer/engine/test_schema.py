"""Where workflows are kept, and that who shares a PostgreSQL takes nothing of another's."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from dbos import DBOS
from pydantic import BaseModel

from healer.app.state import database_url
from healer.config import Config
from healer.engine.condition import DAEMON, DAEMON_QUEUE
from healer.engine.durable import Engine
from healer.engine.schema import FILE, prepare_database, schema_of, workflow_url
from healer.engine.workflows import workflow
from healer.ledger.store import Ledger
from tests.support import postgres
from tests.support.ledger_rows import request_of

URL = "postgresql://healer@db.example/healer"
PROJECT = Path(__file__).parents[3]
went_on = threading.Event()
_BEGIN = """
import sys, time
from pathlib import Path
from pydantic import BaseModel
from healer.engine.condition import DAEMON, DAEMON_QUEUE
from healer.engine.durable import Engine
from healer.engine.workflows import workflow

class Nothing(BaseModel):
    pass

@workflow("test-begun", Nothing, Nothing)
def begun(_):
    print("begun", flush=True)
    time.sleep(600)

url, folder = sys.argv[1], Path(sys.argv[2])
with Engine(url=url, state_dir=folder, executor=DAEMON, queue=DAEMON_QUEUE) as engine:
    engine.start(begun, "r1", Nothing())
    time.sleep(600)
"""


class Nothing(BaseModel):
    """Asks for nothing, and says nothing."""


@workflow("test-begun", Nothing, Nothing)
def begun(_: Nothing) -> Nothing:
    went_on.set()
    return Nothing()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    if not postgres.is_installed():
        pytest.skip("PostgreSQL is not installed")
    with postgres.server() as url:
        yield url


def folder_of(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    return folder


def test_sqlite_needs_no_name_and_leaves_no_file(tmp_path: Path) -> None:
    assert schema_of("sqlite", tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


def test_a_folder_keeps_its_name_and_no_other_has_it(tmp_path: Path) -> None:
    one, two = folder_of(tmp_path, "one"), folder_of(tmp_path, "two")
    name = schema_of(URL, one)
    assert name.isidentifier()
    assert schema_of(URL, one) == name != schema_of(URL, two)
    one.rename(tmp_path / "moved")
    assert schema_of(URL, tmp_path / "moved") == name


def test_a_copy_of_a_folder_gets_a_name_of_its_own(tmp_path: Path) -> None:
    one = folder_of(tmp_path, "one")
    name = schema_of(URL, one)
    shutil.copytree(one, tmp_path / "copy")
    copied = schema_of(URL, tmp_path / "copy")
    assert copied != name
    assert schema_of(URL, tmp_path / "copy") == copied
    assert schema_of(URL, one) == name


@pytest.mark.parametrize("text", ["", "healer_x", "healer_0123abcd", "public 7\n", "\xff"])
def test_a_damaged_name_is_made_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, "latin-1")
    name = schema_of(URL, tmp_path)
    assert name.startswith("healer_")
    assert schema_of(URL, tmp_path) == name


def test_what_a_killed_daemon_left_is_gone_on_with_by_its_own_machine_alone(
    tmp_path: Path, url: str
) -> None:
    mine, other = folder_of(tmp_path, "mine"), folder_of(tmp_path, "other")
    child = subprocess.Popen(
        [sys.executable, "-c", _BEGIN, url, str(mine)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"begun\n"
    child.send_signal(signal.SIGKILL)
    child.wait(60)
    child.stdout.close()
    went_on.clear()
    engine_in = partial(Engine, url=url, executor=DAEMON, queue=DAEMON_QUEUE, workers=2)
    with engine_in(state_dir=other) as engine:
        assert engine.adopt(begun) == []
        engine.start(begun, "r2", Nothing())
        assert went_on.wait(60)
        assert DBOS.get_workflow_status("r1") is None
    went_on.clear()
    with engine_in(state_dir=mine) as engine:
        engine.adopt(begun)
        assert went_on.wait(60)
        engine.wait_until_ended("r1")
        assert DBOS.get_workflow_status("r2") is None


def test_each_has_its_own_ledger(tmp_path: Path, url: str) -> None:
    config = Config(state=url)
    folders = [folder_of(tmp_path, name) for name in ("one", "two")]
    ledgers = [Ledger(database_url(url), schema_of(config.state, folder)) for folder in folders]
    row, new = ledgers[0].open_repair(request_of("r1"), key="k")
    assert (row.id, new) == ("r1", True)
    assert ledgers[1].repairs() == ()
    row, new = ledgers[1].open_repair(request_of("r2"), key="k")
    assert (row.id, new) == ("r2", True)
    again = Ledger(database_url(url), schema_of(config.state, folders[0]))
    assert [row.id for row in again.repairs("open")] == ["r1"]
    for ledger in (*ledgers, again):
        ledger.close()


@pytest.mark.parametrize(
    ("state", "url"),
    [("sqlite", "sqlite:////s/workflows.sqlite"), ("postgresql://h/d", "postgresql://h/d")],
)
def test_workflows_are_in_the_state_folder_or_where_the_configuration_says(
    state: str, url: str
) -> None:
    assert workflow_url(state, Path("/s")) == url


def test_a_new_database_is_for_the_user_alone_and_is_read_while_it_is_written(
    tmp_path: Path,
) -> None:
    url = workflow_url("sqlite", tmp_path)
    prepare_database(url)
    prepare_database(url)
    path = tmp_path / "workflows.sqlite"
    assert path.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_nothing_is_made_for_a_database_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    prepare_database("postgresql://h/d")
    assert list(tmp_path.iterdir()) == []
