"""The ledger of a healer that gave each clone a schema of its own, moved into the shared tables.

Belongs here: copying its rows. Does not belong here: the tables (`healer.support.shared_schema`),
and whose rows they are. Its steps are numbered anew, and linked behind those that are there.
"""

from contextlib import ExitStack
from typing import Any

import sqlalchemy as sa

from healer.ledger import chain
from healer.ledger.tables import open_shared_engine
from healer.support.postgres import Scope

_OWN_NUMBERS = ("number",)


def move_ledger(url: str, scope: Scope, schema: str, holder: str) -> None:
    """From `schema`, where it is there, into the shared tables; `url` is libpq's. The old tables
    stay under other names, and `holder` has the repairs."""
    engine = open_shared_engine(f"postgresql+psycopg://{url.partition('://')[2]}", scope)
    old = f"{schema}.healer_repairs"
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        connection = stack.enter_context(engine.begin())
        if connection.exec_driver_sql("SELECT to_regclass(%s)", (old,)).scalar() is None:
            return
        has_chain = chain.hold(connection)
        _copy_table(connection, schema, "healer_repairs", "id")
        change = "UPDATE healer_repairs SET holder = %s WHERE holder = ''"
        connection.exec_driver_sql(change, (holder,))
        for step in _copy_table(connection, schema, "healer_steps", "number"):
            if has_chain:  # else it begins with all that are there
                chain.link(connection, step)


def _copy_table(connection: sa.Connection, schema: str, table: str, key: str) -> list[Any]:
    """Copies what is not there yet, in its order; gives the new rows' keys."""
    run = connection.exec_driver_sql
    names = run(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position",
        (schema, table),
    ).scalars()
    columns = ", ".join(name for name in names if name not in _OWN_NUMBERS)
    order = "created_at" if table == "healer_repairs" else "number"
    rows = run(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {schema}.{table}"  # noqa: S608 - names of ours
        f" ORDER BY {order} ON CONFLICT DO NOTHING RETURNING {key}"
    ).scalars()
    keys = sorted(rows)
    run(f"ALTER TABLE {schema}.{table} RENAME TO {table}_moved")
    return keys
