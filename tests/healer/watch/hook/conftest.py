"""A PostgreSQL for jobs that ask it through libpq."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.support import postgres

SQL = (
    "CREATE TABLE goods (name text, price numeric, day date);"
    "INSERT INTO goods VALUES ('tea', 4.5, '2026-01-02'), ('mug', NULL, NULL);"
    "CREATE TABLE keys (name text, api_token text);"
    "INSERT INTO keys VALUES ('a', 'q8Zr2LmX77pTVw04'); CREATE TABLE copies (name text);"
)


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """The URL of one with a few rows."""
    if not postgres.is_installed():
        pytest.skip("PostgreSQL is not installed")
    with postgres.server() as url:
        subprocess.run(["psql", "-q", url, "-c", SQL], check=True)
        yield url
