"""The ledger's steps as a chain of hashes: a step that is changed, removed or added later shows.

Belongs here: linking a step in the transaction that writes it, and reading the chain back. Does not
belong here: what a step says (`rows`), and what else vouches for the chain (`healer.app.verify`).

The links have a table of their own, so that an older healer reads and writes its steps as before;
what it wrote has no link, and that is said. Who can write the database can also make a whole new
chain: the signed statements of merges, each of which names the chain's end at its time, show that.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Literal

import sqlalchemy as sa

from healer.failure import Fact
from healer.ledger.tables import chain, steps

_HEAD = 0
"""The position of the row that says how long the chain is and how it ends."""
_VOUCHED = tuple(
    steps.columns[key]
    for key in (
        "row", "repair", "label", "at", "outcome", "detail", "drafter", "tokens_in", "tokens_out",
        "cost_usd", "seconds", "inputs", "cost_known", "kind", "number",
    )
)  # fmt: skip
"""What a link vouches for, in this order; a column that is added later is not in it."""

ChainFaultKind = Literal["changed", "missing", "cut", "unlinked"]


class ChainEnd(Fact):
    """The newest link."""

    position: int = 0
    """How many steps are linked; 0: none yet."""
    digest: str = ""
    """SHA-256, hexadecimal."""


class ChainFault(Fact):
    """One place at which the ledger is not what was written."""

    kind: ChainFaultKind
    step: int = 0
    """The step's number in its table; 0 where it is not known."""
    repair: str = ""
    label: str = ""


def begin(engine: sa.Engine) -> None:
    """Links the steps that are there, where no chain is yet: it vouches from now on."""
    with engine.connect() as connection:
        if connection.execute(sa.select(chain.c.position).limit(1)).first() is not None:
            return
    try:
        with engine.begin() as connection:
            # The head comes first: another process that begins, too, waits here, and has an error.
            connection.execute(chain.insert().values(position=_HEAD, step=0, digest=""))
            links, digest = [], ""
            rows = connection.execute(sa.select(*_VOUCHED).order_by(steps.c.row))
            for position, row in enumerate(rows, 1):
                digest = _digest(digest, position, row)
                links.append({"position": position, "step": row[0], "digest": digest})
            if links:
                connection.execute(chain.insert(), links)
                head = {"step": len(links), "digest": digest}
                connection.execute(chain.update().where(chain.c.position == _HEAD).values(head))
    except sa.exc.IntegrityError:
        return  # another process was faster


def hold(connection: sa.Connection) -> bool:
    """From now until the transaction ends nobody else adds a step. Before the first statement that
    reads: that takes SQLite's lock, and PostgreSQL's on the row. False: there is no chain yet."""
    touch = chain.update().where(chain.c.position == _HEAD).values(position=_HEAD)
    return connection.execute(touch).rowcount > 0


def link(connection: sa.Connection, step: int) -> None:
    """Adds a step that was just written to the chain; after `hold`."""
    row = connection.execute(sa.select(*_VOUCHED).where(steps.c.row == step)).one()
    _append(connection, row)


class Chain:
    """The chain of one ledger, to be read."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def is_there(self) -> bool:
        """False in a shared database to which no healer has written of this repository."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(chain.c.position).limit(1)).first() is not None

    def read_end(self) -> ChainEnd:
        """The newest link."""
        with self._engine.connect() as connection:
            return _read_end(connection)

    def read_digest(self, position: int) -> str:
        """The link at a position, from 1; empty where there is none."""
        its = (chain.c.position == position) & (chain.c.position > _HEAD)
        with self._engine.connect() as connection:
            return str(connection.execute(sa.select(chain.c.digest).where(its)).scalar() or "")

    def find_faults(self) -> tuple[ChainFault, ...]:
        """Where steps were changed, removed or added since they were written."""
        with self._engine.connect() as connection:
            return tuple(_find_faults(connection))


def _find_faults(connection: sa.Connection) -> Iterator[ChainFault]:
    """In the chain's order. A changed step is named by its own link; the links after it are held
    against the link that stands before them, so each fault is told once."""
    links = sa.select(chain).where(chain.c.position > _HEAD).order_by(chain.c.position)
    rows = {row[0]: row for row in connection.execute(sa.select(*_VOUCHED)).all()}
    end, before, place = _read_end(connection), "", 0
    for position, step, digest in connection.execute(links):
        for _ in range(place + 1, position):
            yield ChainFault(kind="missing")
        row = rows.pop(step, None)
        if row is None:
            yield ChainFault(kind="missing", step=step)
        elif position == place + 1 and _digest(before, position, row) != digest:
            yield ChainFault(kind="changed", step=step, repair=row.repair, label=row.label)
        before, place = digest, position
    if (end.position, end.digest) != (place, before):
        yield ChainFault(kind="cut")
    for step, row in sorted(rows.items()):
        yield ChainFault(kind="unlinked", step=step, repair=row.repair, label=row.label)


def _read_end(connection: sa.Connection) -> ChainEnd:
    """As the head says; where somebody has removed that, the newest link, so that healer works on
    (an earlier statement of a merge shows what was cut)."""
    head = sa.select(chain.c.step, chain.c.digest).where(chain.c.position == _HEAD)
    newest = sa.select(chain.c.position, chain.c.digest).order_by(chain.c.position.desc())
    row = connection.execute(head).first() or connection.execute(newest.limit(1)).first()
    return ChainEnd(position=row[0], digest=row[1]) if row else ChainEnd()


def _append(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> None:
    end = _read_end(connection)
    position = end.position + 1
    digest = _digest(end.digest, position, row)
    connection.execute(chain.insert().values(position=position, step=row[0], digest=digest))
    head = {"step": position, "digest": digest}
    answer = connection.execute(chain.update().where(chain.c.position == _HEAD).values(head))
    if answer.rowcount == 0:
        connection.execute(chain.insert().values(position=_HEAD, **head))


def _digest(before: str, position: int, row: sa.Row[tuple[object, ...]]) -> str:
    """Of the link before, the position, and every column as JSON."""
    text = json.dumps([before, position, *row])
    return hashlib.sha256(text.encode()).hexdigest()
