"""Every error is one sentence and the right exit code; only a bug is a traceback."""

import errno
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
import sqlalchemy as sa

from healer.cli.edge import _exit_code, _explain, _sentence
from healer.config import ConfigError
from healer.facts.errors import UsageError, WorkflowError
from healer.notify import NotificationError
from healer.support.extras import MissingExtraError
from healer.watch.checkout import NoRepositoryError
from healer.watch.inbox import InboxError
from quarantine.errors import NotARepository, ProtectionError
from sandbox.errors import EngineError
from tests.support.command_line import run_command
from tests.support.git import make_repository
from tests.support.healer_jobs import PROJECT, environment


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (ConfigError("x"), 2),
        (ProtectionError("x"), 2),
        (InboxError("x"), 2),
        (NotARepository("x"), 3),
        (NoRepositoryError("x"), 3),
        (EngineError("x"), 3),
        (WorkflowError("x"), 3),
        (MissingExtraError("x"), 3),
        (NotificationError("x"), 3),
        (OSError(errno.ENOSPC, "x"), 3),
        (OSError(errno.EDQUOT, "x"), 3),
        (OSError(errno.EROFS, "x"), 3),
        (PermissionError(errno.EACCES, "x"), 3),
        (FileNotFoundError(errno.ENOENT, "x"), None),
        (ValueError("the disk is full"), None),  # only what the system says counts
        (KeyError("x"), None),
        (AssertionError(), None),
    ],
)
def test_whose_fault_it_is(error: Exception, code: int | None) -> None:
    assert _exit_code(error) == code


def sqlite_error(path: Path, *, through_sqlalchemy: bool) -> Exception:
    """What a read-only database says."""
    url = f"file:{path}?mode=ro"
    try:
        if through_sqlalchemy:
            engine = sa.create_engine(f"sqlite:///{url}&uri=true")
            with engine.begin() as connection:
                connection.execute(sa.text("CREATE TABLE b (x)"))
        else:
            database = sqlite3.connect(url, uri=True)
            try:
                database.execute("CREATE TABLE b (x)")
            finally:
                database.close()
    except Exception as error:
        return error
    raise AssertionError("it was not read-only")


@pytest.mark.parametrize("through_sqlalchemy", [True, False])
def test_a_database_that_cannot_be_written_is_no_bug(
    tmp_path: Path, through_sqlalchemy: bool
) -> None:
    path = tmp_path / "a.sqlite"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE a (x)")
    database.close()
    error = sqlite_error(path, through_sqlalchemy=through_sqlalchemy)
    assert _exit_code(error) == 3
    assert "mounted read-only" in _sentence(error)


def test_a_database_that_cannot_be_opened_is_no_bug(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError) as error:
        sqlite3.connect(tmp_path / "no" / "folder" / "a.sqlite")
    assert _exit_code(error.value) == 3
    assert "run it as the owner" in _sentence(error.value)


def test_another_error_of_a_database_is_a_bug() -> None:
    database = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError) as error:
        database.execute("SELECT * FROM nowhere")
    database.close()
    assert _exit_code(error.value) is None


@pytest.mark.parametrize("words", [("status",), ("log",), ("review",), ("daemon", "--once")])
def test_a_state_database_that_is_away_is_one_sentence_and_3(
    tmp_path: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    url = "postgresql://healer:geheim@127.0.0.1:9/healer?connect_timeout=2"
    files = {"a.py": "print(1)\n", "healer.toml": f"state = '{url}'\n"}
    answer = run_command(*words, cwd=make_repository(tmp_path / "shop", files))
    assert isinstance(answer.error, Exception)
    capsys.readouterr()
    assert _explain(answer.error) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("healer: the state database cannot be reached")
    assert "geheim" not in line


def test_the_disks_error_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert _explain(OSError(errno.ENOSPC, "No space left", "/srv/x")) == 3
    assert capsys.readouterr().err == "healer: /srv/x: the disk is full; free some space\n"


def test_an_expected_error_is_its_sentence_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert _explain(UsageError("there is no a.py; name another")) == 2
    assert capsys.readouterr().err == "healer: there is no a.py; name another\n"


def test_a_bug_is_said_to_be_one_with_all_that_a_report_needs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        {}["x"]
    except KeyError as error:
        assert _explain(error) == 4
    err = capsys.readouterr().err
    assert "this is a bug in healer" in err
    assert f"Python {sys.version.split()[0]}" in err
    assert "KeyError: 'x'" in err


def healer(*words: str, cwd: Path, stdout: int | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "healer", *words],
        cwd=cwd,
        env=environment(PYTHONPATH=str(PROJECT)),
        text=True,
        check=False,
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--version",), 0, ""),
        (("review",), 3, "healer: "),
        (("nosuch",), 2, "No such command"),
        (("fix",), 2, "Missing argument"),
    ],
)
def test_the_process_ends_with_the_code(
    tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    process = healer(*words, cwd=tmp_path)
    assert process.returncode == code
    assert says in process.stderr
    assert "Traceback" not in process.stderr


def test_a_full_disk_under_standard_output_gets_its_sentence(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    with Path("/dev/full").open("w") as full:
        process = healer("status", cwd=tmp_path / "repo", stdout=full.fileno())
    assert process.returncode == 3
    assert "the disk is full" in process.stderr


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    command = f"{sys.executable} -m healer status | true; echo ${{PIPESTATUS[0]}}"
    process = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path / "repo",
        env=environment(PYTHONPATH=str(PROJECT)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout == "0\n"
    assert "Traceback" not in process.stderr


STUMBLE = """if 1:
    import os, signal, sys
    from healer.cli import cli, edge

    @cli.result_callback()
    def end(*_, **__):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt as error:
            raise ValueError('Error building `model`: KeyboardInterrupt') from error

    signal.signal(signal.SIGINT, edge.interrupt)
    sys.exit(edge.main(['rules', 'wrong-key']))
"""


def test_an_error_that_a_library_made_of_an_interrupt_is_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STUMBLE],
        cwd=make_repository(tmp_path / "shop", {"a.py": ""}),
        env=environment(PYTHONPATH=str(PROJECT)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 130
    assert done.stderr.startswith("healer: interrupted; nothing is lost")


@pytest.mark.parametrize("opens", ["sqlite3", "sqlalchemy"])
def test_a_database_that_cannot_be_read_is_no_bug(tmp_path: Path, opens: str) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"no database" * 500)
    with pytest.raises((sqlite3.DatabaseError, sa.exc.DatabaseError)) as error:
        if opens == "sqlite3":
            with closing(sqlite3.connect(path)) as database:
                database.execute("PRAGMA user_version")
        else:
            with sa.create_engine(f"sqlite:///{path}").connect() as connection:
                connection.execute(sa.text("PRAGMA user_version"))
    assert _exit_code(error.value) == 3
    assert _sentence(error.value).endswith("healer daemon --once")


@pytest.mark.parametrize(
    "words",
    [
        ("fix", "a.py", "--budget", "nan"),
        ("fix", "a.py", "--budget", "inf"),
        ("trial", "--budget", "nan"),
        ("trial", "--live", "inf"),
        ("worker", "--mirrors-gb", "nan"),
        ("run", "--max-runtime", "nan", "true"),
    ],
)
def test_what_is_no_number_to_count_with_is_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    answer = run_command(*words, cwd=make_repository(tmp_path / "repo", {"a.py": "x = 1\n"}))
    assert isinstance(answer.error, click.BadParameter)
    assert f"'{'inf' if 'inf' in words else 'nan'}' is no number to count with" in str(answer.error)
