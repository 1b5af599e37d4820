"""A glance tells what lies there, and never fails for what does not."""

import socket
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from healer.app.quick_look import (
    Condition,
    ConfigTable,
    JobTable,
    ask_docker,
    count_files,
    describe_budget,
    describe_mails,
    describe_shared_mails,
    modified_at,
    read_bytes,
    read_config_table,
    read_spent_usd,
)
from healer.draft.llm.endpoint.budget import Budget
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables


@pytest.mark.parametrize(
    ("files", "table"),
    [
        ({}, ConfigTable()),
        ({"healer.toml": "state = 'x'\n[model]\n"}, ConfigTable("x", (), 5.0)),
        ({"pyproject.toml": "[tool.healer]\nstate = 'y'"}, ConfigTable("y")),
        ({"healer.toml": "", "pyproject.toml": "[tool.healer]\nstate = 'y'"}, ConfigTable()),
        ({"healer.toml": "state_env = 'HEALER_STATE_URL'\n"}, ConfigTable("from state_env")),
        ({"pyproject.toml": "tool = 1"}, ConfigTable()),
        ({"healer.toml": "state = "}, ConfigTable()),
        (
            {"healer.toml": "[[job]]\nscript = 'a.py'\nevery = '5m'\n"},
            ConfigTable(jobs=(JobTable("a.py", "5m"),)),
        ),
    ],
)
def test_the_configuration_as_a_table(
    tmp_path: Path, files: dict[str, str], table: ConfigTable
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert read_config_table(tmp_path) == table


def test_nothing_is_nothing(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert (count_files(nowhere), modified_at(nowhere), read_bytes(nowhere)) == (0, None, b"")
    assert describe_mails(nowhere).text == "none waits"
    assert describe_budget(read_spent_usd(nowhere), None).text == "no model is configured"


def test_mails_that_wait_and_those_that_failed(tmp_path: Path) -> None:
    for folder, names in (("queue", ("a", "b")), ("failed", ("c",))):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / f"{name}.json").write_text("{}")
    (tmp_path / "queue" / ".new-1.json").write_text("")
    assert describe_mails(tmp_path).text == "2 wait to be sent, 1 could not be sent"
    (tmp_path / "server.json").write_text('{"problem": "refused"}')
    assert describe_mails(tmp_path).text.endswith(" (refused)")


def test_mails_that_machines_share_are_counted_for_all(
    tmp_path: Path, shared_url: str, scope: Scope
) -> None:
    with SharedTables(shared_url, scope) as tables:
        assert describe_shared_mails(tables, tmp_path).text == "none waits"
        with tables.transaction() as connection:
            for folder in ("queue", "failed", "threads"):
                values = (folder, "m", "{}")
                connection.execute(
                    "INSERT INTO mail_fact (folder, name, body) VALUES (?, ?, ?)", values
                )
        mails = describe_shared_mails(tables, tmp_path)
    assert mails.text == "1 wait to be sent, 1 could not be sent"


def test_money_of_today(tmp_path: Path) -> None:
    assert describe_budget(read_spent_usd(tmp_path), 5.0) == Condition("$0.00 today of $5.00")
    Budget(tmp_path / "spending.sqlite", usd_per_repair=1.0, usd_per_day=1.0).close()
    with closing(sqlite3.connect(tmp_path / "spending.sqlite")) as database, database:
        today = time.strftime("%Y-%m-%d", time.gmtime())
        values = [("r", today, "m", 1_250_000_000), ("r", "2020-01-01", "m", 9_000_000_000)]
        database.executemany(
            "INSERT INTO spending (repair, day, model, nano_usd) VALUES (?, ?, ?, ?)", values
        )
    assert describe_budget(read_spent_usd(tmp_path), 2.0) == Condition("$1.25 today of $2.00")
    assert describe_budget(1.25, 1.25) == Condition("$1.25 today of $1.25", is_well=False)


@pytest.mark.parametrize(
    ("answer", "words"), [(b"HTTP/1.0 200 OK\r\n\r\nOK", "ready"), (b"HTTP/1.0 500 x", "not well")]
)
def test_docker_is_asked_on_its_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes, words: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'd.sock'}")
    assert ask_docker().text.startswith("does not answer")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "d.sock"))
        server.listen(1)

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        assert ask_docker().text.startswith(words)
        thread.join()
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert ask_docker().text.startswith("not asked here")
