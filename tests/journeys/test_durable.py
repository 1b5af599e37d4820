"""`kill -9` at any step: the repair goes on where it was, and nothing is done twice."""

import signal
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys.conftest import Heal
from tests.support.git import git
from tests.support.healer_process import run_healer
from tests.support.smtp import Server

pytestmark = pytest.mark.docker

SALES = "scripts/daily_sales.py"
KILLED = [("after", "draft 1"), ("before", "prove 1.1"), ("after", "merge 1")]
"""The other steps are tried without containers: `tests/healer/repair/test_killed_repairs.py`."""


def killed(shop: Path, environment: dict[str, str], moment: str, step: str, *words: str) -> None:
    """Runs healer until it kills itself at this step."""
    done = run_healer(*words, cwd=shop, env=environment, killed=(moment, step))
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize(("moment", "step"), KILLED)
def test_the_same_fix_goes_on_with_the_killed_repair(
    shop: Path, heal: Heal, environment: dict[str, str], moment: str, step: str
) -> None:
    before = git(shop, "rev-parse", "main")
    killed(shop, environment, moment, step, "fix", SALES, "--json", "--")
    if step == "merge 1":
        said = heal("daemon", "--once")  # the script is healed: a new fix would find it healthy
        assert said.code == 0, said.err
    else:
        said = heal("fix", SALES, "--json", "--")
        assert said.json["outcome"] == "healed", said.err
    assert git(shop, "rev-list", "--count", f"{before}..main") == "1"
    assert len(git(shop, "branch", "--list", "quarantine/*").splitlines()) == 1
    (repair,) = heal("log", "--json").json[-1:]
    assert (repair["label"], repair["outcome"]) == ("outcome", "healed")
    labels = [entry["label"] for entry in heal("log", "--json").json]
    assert labels == ["examine", "draft 1", "attempt 1", "statement", "outcome"]
    assert git(shop, "status", "--porcelain", "--untracked-files=no") == ""


def test_the_daemon_goes_on_with_a_killed_command_and_mails_once(
    shop: Path, heal: Heal, environment: dict[str, str], mailbox: Server
) -> None:
    killed(shop, environment, "after", "close", "fix", "scripts/invoices.py", "--")
    said = heal("daemon", "--once")
    assert (said.code, "scripts/invoices.py  waits for a person" in said.out) == (1, True), said.err
    assert len({received.mail["Message-ID"] for received in mailbox.taken}) == 1
    assert len(mailbox.taken) == 1
    assert [row["outcome"] for row in heal("review", "--json").json] == ["escalated"]


def test_pickled_data_in_the_state_database_is_never_read(
    shop: Path, heal: Heal, environment: dict[str, str], tmp_path: Path
) -> None:
    import base64
    import pickle
    import sqlite3

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "owned",))

    killed(shop, environment, "before", "draft 1", "fix", SALES, "--")
    data = base64.b64encode(pickle.dumps(Trap())).decode()
    with closing(sqlite3.connect(shop / ".git/healer/workflows.sqlite")) as database, database:
        tables = [row[0] for row in database.execute("select name from sqlite_master")]
        for table in ("workflow_input", "workflow_inputs", "workflow_status"):
            if table in tables:
                columns = [row[1] for row in database.execute(f"pragma table_info({table})")]
                if "inputs" in columns:
                    database.execute(f"update {table} set inputs = ?", (data,))
                if "serialization" in columns:
                    database.execute(f"update {table} set serialization = 'py_pickle'")
    said = heal("fix", SALES, "--")
    assert (said.code, "did not write" in said.err) == (3, True), said.err
    assert not (tmp_path / "owned").exists()
