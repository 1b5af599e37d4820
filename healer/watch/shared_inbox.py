"""Failures of all machines, for the clones that share a PostgreSQL: the inbox in its other form.

Belongs here: who takes a record, what is only counted, and the large parts of records (tapes, input
files) by their digest. Does not belong here: who may bring one (`healer.web.hub`), the inbox in a
folder (`inbox`), and what a clone does with one that it takes (`healer.daemon.tasks`).

    waiting   noticed, taken by nobody
    taken     a clone has it; when that is dead, another one takes it
    kept      handled, or only counted: then its facts are not kept

A storm is one record: what fails as one does that waits already, of the same code, is counted as it
comes in, and so is what comes while a repair is under way, waits for a person, or rests. All else
waits for a clone, which has the code, and it counts that one. So each is counted once.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from healer.failure import Failure, name_cause
from healer.support.tables import Statements, Tables
from healer.watch.environment_files import PackedEnvironment
from healer.watch.inbox import WHERE_LISTED, InboxError, parse_record
from healer.watch.incident import choose_answer
from healer.watch.incidents import Incidents

STAY_S = 30 * 86_400.0
"""How long records and their parts are kept."""
MAX_TAKEN = 100
"""How many records are looked at in one go."""


Received = Literal["known", "counted", "waits"]
"""What became of a failure that came in: it was here, one like it waits, or it waits itself."""


@dataclass(frozen=True)
class LargeParts:
    """What of a record is kept beside it, each by its digest (SHA-256 in hexadecimal)."""

    tape: str = ""
    """The tape as it lies on disk; empty: there is none."""
    stdin: str = ""
    """Its standard input; empty: what the record itself has."""
    environment: str = ""
    """The layer of an image that holds what it ran on."""
    python: str = ""
    """Where the interpreter is in that; it has no digest."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Contents of files that the job read, by their paths in the repository."""

    @property
    def digests(self) -> tuple[str, ...]:
        """All of them, each once."""
        single = (self.tape, self.stdin, self.environment)
        return tuple(dict.fromkeys(filter(None, (*single, *self.inputs.values()))))


@dataclass(frozen=True)
class OpenRecord:
    """One that is not handled."""

    id: str
    holder: str
    """The clone that has taken it; empty: it waits."""


class SharedInbox:
    """The failures of one repository; any number of clones may use it at once.

    What is put in must be redacted already. `clone` is who takes records.
    """

    def __init__(self, tables: Tables, clone: str = "") -> None:
        self._tables, self._clone = tables, clone
        self._incidents = Incidents(tables)

    def receive(
        self, failure: Failure, *, now: float, host: str = "", parts: LargeParts | None = None
    ) -> Received:
        """Puts a failure in, or counts it; says which. All at once or not at all.

        `failure` has its id and fingerprint; `host` is the machine that it happened on.
        """
        parts = parts or LargeParts()
        code = failure.commit + ("+" if failure.dirty else "")
        with self._tables.transaction() as connection:
            if self.contains(failure.id):
                return "known"
            state, body, blobs = "waiting", failure.model_dump_json(), json.dumps(asdict(parts))
            if self._is_nothing_new(failure, code, now):
                self._incidents.count_recorded(failure, now=now, is_outdated=True)
                state, body, blobs = "kept", "", ""
            connection.execute(
                "INSERT INTO failure (id, fingerprint, cause, script, code, at, state, holder,"
                " host, body, blobs) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?)",
                (
                    failure.id, failure.fingerprint, name_cause(failure), failure.script, code, now,
                    state, host, body, blobs,
                ),
            )  # fmt: skip
            if blobs:
                _touch(connection, parts.digests, now)
        return "waits" if body else "counted"

    def list_hosts(self, fingerprint: str, most: int) -> tuple[str, ...]:
        """The machines on which failures of an incident happened, the last one first."""
        rows = self._tables.query(
            "SELECT host FROM failure WHERE fingerprint = ? AND host <> ''"
            " GROUP BY host ORDER BY max(at) DESC LIMIT ?",
            (fingerprint, most),
        )
        return tuple(str(host) for (host,) in rows)

    def contains(self, record_id: str) -> bool:
        """Whether a record is here already, waiting, taken or handled."""
        return bool(self._tables.query("SELECT 1 FROM failure WHERE id = ?", (record_id,)))

    def list_pending(self) -> tuple[str, ...]:
        """The ids that wait, oldest first."""
        return tuple(each.id for each in self.list_open() if not each.holder)

    def list_open(self) -> tuple[OpenRecord, ...]:
        """What waits or is taken, oldest first; of many the first MAX_TAKEN."""
        rows = self._tables.query(
            "SELECT id, holder FROM failure WHERE state IN ('waiting', 'taken')"
            " ORDER BY id LIMIT ?",
            (MAX_TAKEN,),
        )
        return tuple(OpenRecord(*row) for row in rows)

    def claim(self, record_id: str) -> Failure | None:
        """Takes one record; None where another was faster, or it cannot be read."""
        with self._tables.transaction() as connection:
            rows = connection.execute(
                "UPDATE failure SET state = 'taken', holder = ? WHERE id = ? AND state = 'waiting'",
                (self._clone, record_id),
            )
            if not rows.rowcount:
                return None
        try:
            return self.read(record_id)
        except InboxError:
            self.mark_handled(record_id)
            return None

    def mark_handled(self, record_id: str) -> None:
        """Something durable holds this failure now; may be said twice."""
        self._update("state = 'kept' WHERE state = 'taken' AND id = ? AND holder = ?", record_id)

    def give_back(self, record_id: str, holder: str = "") -> None:
        """Whoever has it, this clone by default, could do nothing with it: it waits again."""
        change = "state = 'waiting', holder = '' WHERE state = 'taken' AND id = ? AND holder = ?"
        self._update(change, record_id, holder)

    def offer_again(self, record_id: str) -> None:
        """What was handled is to be looked at once more: it waits again."""
        with self._tables.transaction() as connection:
            connection.execute(
                "UPDATE failure SET state = 'waiting', holder = ''"
                " WHERE id = ? AND state = 'kept' AND body <> ''",
                (record_id,),
            )

    def recover(self) -> tuple[str, ...]:
        """Gives out again what this clone had taken when it died. Only for the one daemon of the
        clone, at its start."""
        ids = tuple(each.id for each in self.list_open() if each.holder == self._clone)
        for record_id in ids:
            self.give_back(record_id)
        return ids

    def read(self, record_id: str) -> Failure:
        """One failure, with its input files; raises `InboxError` with the next step."""
        rows = self._tables.query("SELECT body, blobs FROM failure WHERE id = ?", (record_id,))
        if not rows:
            raise InboxError(f"no failure {record_id!r} is recorded here; {WHERE_LISTED}")
        body, blobs = rows[0]
        if not body:
            raise InboxError(
                f"failure {record_id} was only counted, for one like it waited already; see healer "
                "incidents"
            )
        try:
            failure = parse_record(f'{{"failure": {body}}}')
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InboxError(
                f"failure {record_id} cannot be read ({type(error).__name__}): a later healer has "
                "recorded it; upgrade this one"
            ) from error
        return self._add_parts(failure, _read_parts(blobs))

    def read_tape(self, record_id: str) -> bytes | None:
        """The tape of a failure as it lies on disk; None where there is none."""
        rows = self._tables.query("SELECT blobs FROM failure WHERE id = ?", (record_id,))
        digest = _read_parts(rows[0][0]).tape if rows else ""
        return self.read_blob(digest) if digest else None

    def read_environment(self, record_id: str) -> PackedEnvironment:
        """What a failure ran on; its layer is what `read_blob` gives."""
        rows = self._tables.query("SELECT blobs FROM failure WHERE id = ?", (record_id,))
        parts = _read_parts(rows[0][0]) if rows else LargeParts()
        return PackedEnvironment(parts.environment, parts.python)

    def list_all(self) -> tuple[str, ...]:
        """The ids of all whose facts are kept, oldest first."""
        rows = self._tables.query("SELECT id FROM failure WHERE body <> '' ORDER BY id")
        return tuple(str(row[0]) for row in rows)

    def keep_blob(self, data: bytes, *, now: float) -> str:
        """Keeps what a record will name, unless it is there; gives its digest."""
        digest = digest_of_blob(data)
        with self._tables.transaction() as connection:
            if not _touch(connection, (digest,), now):
                connection.execute(
                    "INSERT INTO blob (digest, at, body) VALUES (?, ?, ?)", (digest, now, data)
                )
        return digest

    def find_missing(self, parts: LargeParts) -> tuple[str, ...]:
        """The digests of which nothing is kept here."""
        query = "SELECT 1 FROM blob WHERE digest = ?"
        return tuple(each for each in parts.digests if not self._tables.query(query, (each,)))

    def read_blob(self, digest: str) -> bytes | None:
        """What has this digest; None where it is not kept, or is not what it was."""
        rows = self._tables.query("SELECT body FROM blob WHERE digest = ?", (digest,))
        data = bytes(rows[0][0]) if rows else None
        return data if data is not None and digest_of_blob(data) == digest else None

    def forget(self, now: float) -> None:
        """Forgets what came more than STAY_S ago and is handled, and parts that none needs."""
        with self._tables.transaction() as connection:
            connection.execute(
                "DELETE FROM failure WHERE at < ? AND state = 'kept'", (now - STAY_S,)
            )
            connection.execute(
                "DELETE FROM blob WHERE at < ? AND NOT EXISTS (SELECT 1 FROM failure"
                " WHERE state <> 'kept' AND blobs LIKE '%' || blob.digest || '%')",
                (now - STAY_S,),
            )

    def _add_parts(self, failure: Failure, parts: LargeParts) -> Failure:
        """With its input; a part that is not kept any more is left out."""
        contents = {path: self.read_blob(digest) for path, digest in parts.inputs.items()}
        inputs = {
            path: b64encode(data).decode() for path, data in contents.items() if data is not None
        }
        stdin = self.read_blob(parts.stdin) if parts.stdin else None
        more = {"stdin": b64encode(stdin).decode()} if stdin is not None else {}
        return failure.model_copy(update={"inputs": {**failure.inputs, **inputs}, **more})

    def _is_nothing_new(self, failure: Failure, code: str, now: float) -> bool:
        """Whether whoever has the code would only count it, or has one like it to look at."""
        incident = self._incidents.find(failure.fingerprint)
        if incident is not None:
            answer = choose_answer(
                incident, now=now, commit=failure.commit, count=failure.count, after=1
            )
            if answer in ("counted", "resting"):
                return True
        return bool(
            self._tables.query(
                "SELECT 1 FROM failure WHERE fingerprint = ? AND code = ? AND script = ?"
                " AND state IN ('waiting', 'taken')",
                (failure.fingerprint, code, failure.script),
            )
        )

    def _update(self, change: str, record_id: str, holder: str = "") -> None:
        with self._tables.transaction() as connection:
            statement = f"UPDATE failure SET {change}"  # noqa: S608 - constants
            connection.execute(statement, (record_id, holder or self._clone))


def _touch(connection: Statements, digests: tuple[str, ...], now: float) -> bool:
    """They are needed from now on; whether one of them is there."""
    count = 0
    for each in digests:
        rows = connection.execute("UPDATE blob SET at = ? WHERE digest = ?", (now, each))
        count += rows.rowcount
    return count > 0


def _read_parts(blobs: str) -> LargeParts:
    return LargeParts(**json.loads(blobs)) if blobs else LargeParts()


def digest_of_blob(data: bytes) -> str:
    """What names a large part of a record."""
    return hashlib.sha256(data).hexdigest()
