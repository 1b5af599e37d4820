"""The tables of the ledger, and what an older ledger needs to have them.

Belongs here: columns, indexes, and adding what was added since. Does not belong here: queries
(`store`, `costs`), and what a row means (`rows`).

Whatever is added is added beside what was there: an older healer that is put back still reads and
writes its own columns, and what it wrote is completed the next time.
"""

import time
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from healer.ledger.rows import kind_and_number
from healer.support.postgres import Scope, enter_scope

RESTED_S = 1.0
"""A connection that was used so lately counts as alive: each look is a message more."""
_metadata = sa.MetaData()

repairs = sa.Table(
    "healer_repairs",
    _metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False, index=True),
    sa.Column("script", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.String(16), nullable=False, index=True),
    sa.Column("state", sa.String(8), nullable=False, index=True),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("holder", sa.Text, nullable=False, server_default=""),
)
"""`state` is open, waiting or closed; with `outcome` it is a `RepairState`. `holder` is the clone
that takes care of it, of several that share the ledger; empty where one has it alone."""

_only_one_open = sa.Index(
    "healer_one_open_repair",
    repairs.c.key,
    unique=True,
    sqlite_where=repairs.c.state == "open",
    postgresql_where=repairs.c.state == "open",
)

steps = sa.Table(
    "healer_steps",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, key="row"),
    sa.Column("repair", sa.String(16), nullable=False, index=True),
    sa.Column("label", sa.String(64), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("drafter", sa.Text, nullable=False),
    sa.Column("tokens_in", sa.Integer, nullable=False),
    sa.Column("tokens_out", sa.Integer, nullable=False),
    sa.Column("cost_usd", sa.Float, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("inputs", sa.String(64), nullable=False, server_default=""),
    sa.Column("cost_known", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("kind", sa.String(16), nullable=False, server_default=""),
    sa.Column("ordinal", sa.BigInteger, nullable=False, server_default="0", key="number"),
    sa.Column("purpose", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("repair", "label"),
)
"""`label` is kind and number in one, for the unique constraint and for older healers. `kind` is
empty in a row that an older healer wrote, until it is completed."""


chain = sa.Table(
    "healer_chain",
    _metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)
"""One link for each step, from position 1; `healer.ledger.chain` says what position 0 is."""


def open_engine(url: str) -> sa.Engine:
    """Connections to the SQLite file of this URL, in which everything is made that is missing."""
    engine = sa.create_engine(url, connect_args={"timeout": 30})
    prepare(engine)
    return engine


def open_shared_engine(url: str, scope: Scope) -> sa.Engine:
    """Connections to a shared PostgreSQL that see the rows of `scope`; one that has rested is
    looked at before it is used again."""
    from healer.support.shared_tables import driver_arguments  # noqa: PLC0415  # loads the driver

    engine = sa.create_engine(url, connect_args=driver_arguments(url))

    @sa.event.listens_for(engine, "connect")
    def enter(connection: Any, _: object) -> None:
        enter_scope(connection, scope)
        connection.commit()

    @sa.event.listens_for(engine, "checkin")
    def rest(_: object, record: sa.pool.ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def look(connection: Any, record: sa.pool.ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get("used_at", time.monotonic()) > RESTED_S:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.OperationalError as error:
                raise sa.exc.DisconnectionError from error  # the pool opens another one

    return engine


def prepare(engine: sa.Engine) -> None:
    """Makes what is missing: tables, columns, and the kinds of rows that an older healer wrote."""
    _metadata.create_all(engine)
    _add_new_columns(engine)
    _complete_kinds(engine)


def _add_new_columns(engine: sa.Engine) -> None:
    for table in (repairs, steps):
        present = {column["name"] for column in sa.inspect(engine).get_columns(table.name)}
        for column in table.columns:
            if column.name not in present:
                text = str(sa.schema.CreateColumn(column).compile(engine))
                statement = sa.text(f"ALTER TABLE {table.name} ADD COLUMN {text}")
                with suppress(sa.exc.DBAPIError), engine.begin() as connection:
                    connection.execute(statement)  # another process may have been faster


def _complete_kinds(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        labels = connection.execute(sa.select(steps.c.row, steps.c.label).where(steps.c.kind == ""))
        rows = [(row, *kind_and_number(label)) for row, label in labels]
    if not rows:
        return
    change = steps.update().where(steps.c.row == sa.bindparam("this_row"))
    values = [
        {"this_row": row, "its_kind": kind, "its_number": number} for row, kind, number in rows
    ]
    change = change.values(kind=sa.bindparam("its_kind"), number=sa.bindparam("its_number"))
    with engine.begin() as connection:
        connection.execute(change, values)
