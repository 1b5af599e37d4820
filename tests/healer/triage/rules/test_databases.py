"""A database that is away or locked is waited for; one that is called wrongly is a code fault."""

import pytest

from healer.failure import Failure
from healer.triage.rules.databases import DATABASE_RULES, SCHEMA_RULES
from tests.healer.triage.failures import failed, label, sort

ROWS = [
    (
        "database away",
        "transient",
        failed("psycopg2.OperationalError: could not connect to server: Connection refused"),
    ),
    (
        "database away",
        "transient",
        failed("psycopg.OperationalError: connection failed: timeout expired"),
    ),
    (
        "database away",
        "transient",
        failed(
            "sqlalchemy.exc.OperationalError: (psycopg2.OperationalError)"
            " server closed the connection"
        ),
    ),
    (
        "database away",
        "transient",
        failed('pymysql.err.OperationalError: (2003, "Can\'t connect to MySQL server")'),
    ),
    (
        "database away",
        "transient",
        failed("pymongo.errors.ServerSelectionTimeoutError: localhost:27017"),
    ),
    ("database locked", "transient", failed("sqlite3.OperationalError: database is locked")),
    (
        "database file",
        "environment",
        failed("sqlite3.OperationalError: unable to open database file"),
    ),
    (
        "database file",
        "environment",
        failed("sqlite3.OperationalError: attempt to write a readonly database"),
    ),
    ("database schema", "code", failed("sqlite3.OperationalError: no such table: rows")),
    ("database locked", "transient", failed("psycopg2.errors.DeadlockDetected: deadlock detected")),
    ("database schema", "code", failed("sqlite3.IntegrityError: UNIQUE constraint failed: a.b")),
    ("database schema", "code", failed('pymysql.err.ProgrammingError: (1146, "no table")')),
]
"""Rule, kind, and a failure that it is for."""
CODE_FAULTS = [
    failed("sqlite3.ProgrammingError: Incorrect number of bindings supplied. The statement uses 1"),
    failed("sqlalchemy.exc.ArgumentError: Textual SQL should be explicitly declared as text('x')"),
    failed("RuntimeError: database is locked up"),
    failed("KeyError: 'database is locked'"),
    failed("ValueError: deadlock"),
]
"""They look like one, and none of these rules may fit."""


@pytest.mark.parametrize(
    ("rule", "kind", "failure"),
    ROWS,
    ids=lambda value: label(value) if isinstance(value, Failure) else value,
)
def test_each_rule_knows_its_failures(rule: str, kind: str, failure: Failure) -> None:
    answer = sort(failure)
    assert (answer.rule, answer.kind, answer.sure) == (rule, kind, kind != "code"), answer


@pytest.mark.parametrize("failure", CODE_FAULTS, ids=label)
def test_what_only_looks_like_one_is_none(failure: Failure) -> None:
    assert sort(failure).rule not in {rule.name for rule in (*DATABASE_RULES, *SCHEMA_RULES)}
