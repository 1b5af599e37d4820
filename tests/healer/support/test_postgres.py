"""What the driver says of a database becomes one sentence; passwords are never shown."""

import psycopg
import pytest
import sqlalchemy as sa

from healer.support.postgres import connect_arguments, explain, is_of_database, mask
from tests.support import postgres


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://h/d", "postgresql://h/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("postgresql://u:pa@h/d", "postgresql://u:…@h/d"),
        ("postgresql://u:p@a/s:s@h:5/d?sslmode=require", "postgresql://u:…@h:5/d?sslmode=require"),
        ("mysql+x://u:secret@h", "mysql+x://u:…@h"),
        ("sqlite", "sqlite"),
    ],
)
def test_a_password_is_never_shown(url: str, shown: str) -> None:
    assert mask(url) == shown


def test_the_url_has_the_last_word_on_how_to_connect() -> None:
    assert connect_arguments("postgresql://h/d")["connect_timeout"] == 5
    assert "connect_timeout" not in connect_arguments("postgresql://h/d?connect_timeout=60")
    assert "options" not in connect_arguments("postgresql://h/d?options=-csearch_path%3Dx")


def failure(url: str, statement: str = "select 1", **arguments: object) -> BaseException:
    """What SQLAlchemy raises for it."""
    engine = sa.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), connect_args=arguments
    )
    with pytest.raises(sa.exc.DBAPIError) as caught, engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()
    return caught.value


@pytest.mark.parametrize(
    "url",
    ["postgresql://h:9@127.0.0.1:9/d?connect_timeout=2", "postgresql://u:p@s/w@no-such-host/d"],
)
def test_a_server_that_is_away_is_told_with_the_next_step(url: str) -> None:
    sentence = explain(failure(url))
    assert "cannot be reached" in sentence
    assert "correct state in healer.toml" in sentence
    assert "\n" not in sentence


@pytest.mark.skipif(not postgres.is_installed(), reason="PostgreSQL is not installed")
def test_each_refusal_of_a_real_server_has_its_own_sentence() -> None:
    with postgres.server() as url:
        setup = psycopg.connect(url, autocommit=True)
        setup.execute("create role guest login")
        setup.execute("create role locked nologin")
        cases = {
            'FATAL: database "gone" does not exist': failure(url.replace("/postgres?", "/gone?")),
            "is not permitted to log in": failure(url.replace("healer@", "locked@")),
            "a right is missing": failure(url.replace("healer@", "guest@"), "create schema x"),
            "a statement took more than": failure(
                url, "select pg_sleep(9)", options="-c statement_timeout=50"
            ),
            "it is read-only": failure(
                url, "create table t (a int)", options="-c default_transaction_read_only=on"
            ),
            "it was shut down": failure(url, "select pg_terminate_backend(pg_backend_pid())"),
            "the state database refused": failure(url, "select 1/0"),
        }
        setup.close()
    for words, error in cases.items():
        assert words in explain(error), (words, explain(error))


def test_what_another_error_led_to_is_found_and_other_errors_are_not_ours() -> None:
    cause = psycopg.OperationalError("connection failed: no")
    outer = RuntimeError("a step failed")
    outer.__cause__ = cause
    assert is_of_database(outer)
    assert not is_of_database(ValueError("x"))
    assert explain(ValueError("x")) == ""
    assert explain(sa.exc.OperationalError("select", {}, Exception("locked"))) == ""
