"""Facts as rows of a PostgreSQL that machines share: what one has told, all have told.

Belongs here: the table `mail_fact`. Does not belong here: what is asked of it (`fact_files`), or
what the facts mean (`outbox`, `store`).
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ValidationError

from healer.notify.fact_files import FactFiles, Model
from healer.support.signature import KEY_BYTES, KeyFile
from healer.support.sqlite_file import statements
from healer.support.tables import Tables

SCHEMA = (statements("CREATE TABLE mail_fact (folder TEXT, name TEXT, body TEXT)"),)
"""Where a command looks that finds no shared tables yet; theirs is in `shared_schema`."""
CLAIM_S = 300
"""After so long without a word of the one that claimed a fact, by the database's clock, another may
have it: longer than a mail server takes for one mail, whatever it does."""


class FactTables:
    """Those of one repository."""

    def __init__(self, tables: Tables, mail_dir: Path) -> None:
        """`mail_dir` is for what concerns this machine alone."""
        self._tables, self._own = tables, FactFiles(mail_dir)

    @property
    def own(self) -> FactFiles:
        """Files beside the rows."""
        return self._own

    def read(self, folder: str, name: str, model: type[Model]) -> Model | None:
        """Of one row."""
        rows = self._tables.query(
            "SELECT body FROM mail_fact WHERE folder = ? AND name = ?", (folder, name)
        )
        return _parse(rows[0][0], model) if rows else None

    def read_all(self, folder: str, model: type[Model]) -> Iterator[tuple[str, Model | None]]:
        """Of all rows, by one statement."""
        rows = self._tables.query("SELECT name, body FROM mail_fact WHERE folder = ?", (folder,))
        for name, body in rows:
            yield name, _parse(body, model)

    def count(self, folder: str) -> int:
        """Reads no fact."""
        query = "SELECT count(*) FROM mail_fact WHERE folder = ?"
        return int(self._tables.query(query, (folder,))[0][0])

    def has(self, name: str, *folders: str) -> bool:
        """By one statement."""
        marks = ", ".join("?" * len(folders))
        query = f"SELECT 1 FROM mail_fact WHERE folder IN ({marks}) AND name = ? LIMIT 1"  # noqa: S608 - marks alone
        return bool(self._tables.query(query, (*folders, name)))

    def find_used(self, *folders: str) -> frozenset[str]:
        """By one statement."""
        marks = ", ".join("?" * len(folders))
        query = f"SELECT DISTINCT folder FROM mail_fact WHERE folder IN ({marks})"  # noqa: S608 - marks alone
        return frozenset(row[0] for row in self._tables.query(query, folders))

    def write(self, folder: str, name: str, fact: BaseModel) -> None:
        """Ends a claim."""
        values = (fact.model_dump_json(), folder, name)
        changes = self._tables.query(
            "UPDATE mail_fact SET body = ?, claimed_until = '-infinity'"
            " WHERE folder = ? AND name = ? RETURNING 1",
            values,
        )
        if not changes:
            self._tables.query(
                "INSERT INTO mail_fact (body, folder, name) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING RETURNING 1",
                values,
            )

    def remove(self, folder: str, name: str) -> None:
        """Deletes the row."""
        self._tables.query(
            "DELETE FROM mail_fact WHERE folder = ? AND name = ? RETURNING 1", (folder, name)
        )

    def move(self, folder: str, name: str, target: str, fact: BaseModel) -> None:
        """By one statement where the target does not hold it."""
        moves = self._tables.query(
            "UPDATE mail_fact SET folder = ?, body = ?, claimed_until = '-infinity'"
            " WHERE folder = ? AND name = ? AND NOT EXISTS"
            " (SELECT 1 FROM mail_fact WHERE folder = ? AND name = ?) RETURNING 1",
            (target, fact.model_dump_json(), folder, name, target, name),
        )
        if not moves:
            self.write(target, name, fact)
            self.remove(folder, name)

    def claim(self, folder: str, name: str, model: type[Model]) -> Model | None:
        """For `CLAIM_S` at most."""
        rows = self._tables.query(
            "UPDATE mail_fact SET claimed_until = now() + make_interval(secs => ?)"
            " WHERE folder = ? AND name = ? AND claimed_until < now() RETURNING body",
            (CLAIM_S, folder, name),
        )
        return _parse(rows[0][0], model) if rows else None

    def release(self, folder: str, name: str) -> None:
        """Another machine may have it at once."""
        self._tables.query(
            "UPDATE mail_fact SET claimed_until = '-infinity'"
            " WHERE folder = ? AND name = ? RETURNING 1",
            (folder, name),
        )

    @contextmanager
    def alone(self, apply: Callable[[Model], None], model: type[Model]) -> Iterator[None]:
        """All in it is one transaction, and a crash undoes it."""
        del apply, model
        with self._tables.transaction():
            yield

    def commit(self, change: Model, apply: Callable[[Model], None]) -> None:
        """The transaction of `alone` is over all."""
        apply(change)

    @contextmanager
    def alone_as_sender(self, *, waits: bool) -> Iterator[bool]:
        """Each mail is claimed for itself: several machines may send at once."""
        del waits
        yield True

    def tidy(self, folder: str, model: type[BaseModel], aside: str) -> None:
        """Rows are whole; one that is no fact is a later healer's, which reads it itself."""


class KeyRow:
    """The key that the machines of one repository sign with."""

    def __init__(self, tables: Tables, seed: KeyFile) -> None:
        """`seed` is this machine's own of before: where it makes the key, mails that it has signed
        can be answered still."""
        self._tables, self._seed = tables, seed

    def read(self) -> bytes | None:
        """As the row has it."""
        query = "SELECT body FROM mail_fact WHERE folder = 'key' AND name = 'decide'"
        rows = self._tables.query(query)
        return bytes.fromhex(rows[0][0]) if rows else None

    def make(self) -> bytes:
        """By one statement where it is missing."""
        key = self.read()
        if key is None:
            fresh = self._seed.read() or secrets.token_bytes(KEY_BYTES)
            self._tables.query(
                "INSERT INTO mail_fact (folder, name, body) VALUES ('key', 'decide', ?)"
                " ON CONFLICT DO NOTHING RETURNING 1",
                (fresh.hex(),),
            )
            key = self.read()
        return key or b""


def _parse(body: str, model: type[Model]) -> Model | None:
    try:
        return model.model_validate_json(body)
    except ValidationError:
        return None
