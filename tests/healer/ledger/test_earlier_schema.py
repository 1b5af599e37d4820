"""What stood in a schema of a clone is in the shared tables, once, with a chain that holds."""

import secrets

import psycopg

from healer.ledger.earlier_schema import move_ledger
from healer.ledger.store import Ledger
from healer.support.postgres import Scope


def keep_as_earlier(url: str, schema: str, repair: str) -> None:
    """A schema of a clone's own, with a repair that waits and one step of it."""
    with psycopg.connect(url, autocommit=True) as old:
        old.execute(f"CREATE SCHEMA {schema}".encode())
        for table, added in (("healer_repairs", "holder"), ("healer_steps", "purpose")):
            old.execute(f"CREATE TABLE {schema}.{table} (LIKE healer.{table})".encode())
            old.execute(f"ALTER TABLE {schema}.{table} DROP COLUMN IF EXISTS {added}".encode())
        old.execute(
            f"INSERT INTO {schema}.healer_repairs VALUES (%s, 'k', 'a.py', 'f', 'waiting',"
            " 'review', 1, 1, '{}', '{}', '')".encode(),
            (repair,),
        )
        old.execute(
            f"INSERT INTO {schema}.healer_steps VALUES (7, %s, 'examine', 1, 'fixed', '', '', 0,"
            " 0, 0, 0, '', true, 'examine', 0)".encode(),
            (repair,),
        )


def test_the_ledgers_of_two_clones_become_one(shared_url: str, scope: Scope) -> None:
    far = shared_url.replace("postgresql:", "postgresql+psycopg:")
    for number in (1, 2):
        schema = f"healer_{secrets.token_hex(4)}"
        keep_as_earlier(shared_url, schema, f"r{number}")
        for _ in range(2):
            move_ledger(shared_url, scope, schema, schema)
            with Ledger(far, scope) as ledger:
                held = {row.id: row.holder for row in ledger.repairs()}
                assert held[f"r{number}"] == schema
                assert len(held) == len(ledger.entries()) == number
                assert ledger.chain.read_end().position == number
                assert ledger.chain.find_faults() == ()


def test_where_there_was_none_nothing_is_done(shared_url: str, scope: Scope) -> None:
    move_ledger(shared_url, scope, "healer_00000000", "")
    with Ledger(shared_url.replace("postgresql:", "postgresql+psycopg:"), scope) as ledger:
        assert ledger.repairs() == ()
