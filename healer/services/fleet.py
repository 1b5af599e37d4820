"""The clones of one repository that share their state: which of them live, and who has a repair.

Belongs here: signs of life, and taking over what a dead clone had. Does not belong here: the tables
(`healer.support.shared_schema`), and what is done with a repair that was taken over
(`healer.daemon.orphans`, `healer.repair.run`).

A repair's checkpoints and candidate commits lie in the clone that has it, so it goes on there and
nowhere else; whoever takes it over begins it anew. The clone that had it may only have slept: what
acts on the outside (a push, a mail, the end of a repair) asks `require` first.
"""

import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, Self

from healer.facts.errors import WorkflowError
from healer.ledger.rows import Entry, RepairRow
from healer.ledger.store import Ledger
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables

BEAT_S = 5.0
DEAD_AFTER_S = 30.0
"""Without a sign of life for so long, by the database's clock, a clone's repairs are taken over."""
FENCE_S = DEAD_AFTER_S - BEAT_S - 1
"""Without a sign of life for so long a worker does nothing more: soon others take over."""
_KEPT_S = 86_400.0
"""How long the last sign of life of a process that has ended is kept."""


class TakenOverError(WorkflowError):
    """Another clone has the repair now: this one has shown no sign of life for too long."""


class Fleet(Protocol):
    """Who shares the state of a repository."""

    @property
    def clone(self) -> str:
        """This clone's name; empty where it has the state alone."""

    @property
    def scope(self) -> Scope | None:
        """Tenant and repository, as the machines know it; None where it has the state alone."""

    @property
    def look_s(self) -> float:
        """How often a daemon looks for what has no living process."""

    def is_alive(self, clone: str) -> bool:
        """Whether a clone has shown a sign of life lately; this one always has."""

    def hold(self, row: RepairRow) -> bool:
        """Whether this clone is to take care of a repair: it has it, or takes it over now."""

    def take(self, row: RepairRow) -> None:
        """This clone has the repair from now on, for a person decides on it here. Raises
        TakenOverError where another one took it in the same moment."""

    def require(self, repair: str) -> None:
        """Raises TakenOverError where another clone has the repair."""

    def describe_holder(self, row: RepairRow) -> str:
        """The host on which another clone has it; empty where this one does."""


class Alone:
    """One clone on one machine."""

    clone = ""
    scope = None
    look_s = 30.0

    def is_alive(self, clone: str) -> bool:
        """There is no other."""
        return clone == self.clone

    def hold(self, row: RepairRow) -> bool:
        """All are its own."""
        return not row.holder

    def take(self, row: RepairRow) -> None:
        """It has all."""

    def require(self, repair: str) -> None:
        """Nobody else could have taken it."""

    def describe_holder(self, row: RepairRow) -> str:
        """Nobody else has any."""
        del row
        return ""


ALONE = Alone()


class SharedFleet:
    """This clone among those that share a PostgreSQL; a with-block, in which it shows that it
    lives."""

    look_s = 10.0

    def __init__(
        self,
        tables: SharedTables,
        ledger: Ledger,
        clone: str,
        host: str,
        *,
        fence: Callable[[], object] | None = None,
    ) -> None:
        """`tables` are a connection of its own: signs of life wait for nothing else. `fence` is
        called, and ends this process, when no sign could be given for `FENCE_S`."""
        self._tables, self._ledger, self.clone, self._host = tables, ledger, clone, host
        self.scope = tables.scope
        self._fence, self._beat_at = fence, now_s()
        self.executor = f"{host}-{os.getpid()}-{secrets.token_hex(4)}"
        """This process; no other ever has the same."""
        self._stop = threading.Event()
        self._heart = threading.Thread(target=self._beat_until_stopped, daemon=True)

    def __enter__(self) -> Self:
        self.beat()
        self._heart.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._heart.join(timeout=BEAT_S)

    def beat(self) -> None:
        """One sign of life. What a process of this clone has left long ago goes."""
        with self._tables.transaction() as connection:
            rows = connection.execute(
                "UPDATE member SET beat_at = now() WHERE executor = ?", (self.executor,)
            )
            if rows.rowcount:
                return
            connection.execute(
                "DELETE FROM member WHERE beat_at < now() - make_interval(secs => ?)", (_KEPT_S,)
            )
            connection.execute(
                "INSERT INTO member (executor, clone, host) VALUES (?, ?, ?)",
                (self.executor, self.clone, self._host),
            )

    def is_alive(self, clone: str) -> bool:
        """Whether a process of that clone has shown a sign of life lately."""
        query = (
            "SELECT 1 FROM member WHERE clone = ? AND beat_at > now() - make_interval(secs => ?)"
        )
        return clone == self.clone or bool(self._tables.query(query, (clone, DEAD_AFTER_S)))

    def hold(self, row: RepairRow) -> bool:
        """Whether this clone is to take care of a repair: it has it, or takes it over now from one
        that is dead."""
        if row.holder == self.clone:
            return True
        if self.is_alive(row.holder):
            return False
        host = self._host_of(row.holder)
        if not self._ledger.hand_over(row.id, row.holder, self.clone):
            return False
        number = self._ledger.count_entries(row.id, "restart") + 1
        detail = f"taken over by {self._host}: {host} gave no sign of life for {DEAD_AFTER_S:g} s"
        self._ledger.record(
            Entry(repair=row.id, kind="restart", number=number, outcome="taken over", detail=detail)
        )
        return True

    def take(self, row: RepairRow) -> None:
        """This clone has the repair from now on, whether the other one lives or not."""
        if row.holder != self.clone and not self._ledger.hand_over(row.id, row.holder, self.clone):
            self.require(row.id)

    def require(self, repair: str) -> None:
        """Raises TakenOverError where another clone has the repair."""
        row = self._ledger.repair(repair)
        if row.holder != self.clone:
            raise TakenOverError(
                f"repair {repair} was taken over by {self._host_of(row.holder)}, for this clone "
                f"gave no sign of life for {DEAD_AFTER_S:g} s; see healer show {repair}"
            )

    def describe_holder(self, row: RepairRow) -> str:
        """The host on which another clone has it; empty where this one does."""
        return "" if row.holder == self.clone else self._host_of(row.holder)

    def _host_of(self, clone: str) -> str:
        query = "SELECT host FROM member WHERE clone = ? ORDER BY beat_at DESC LIMIT 1"
        rows = self._tables.query(query, (clone,))
        return str(rows[0][0]) if rows else "another clone"

    def _beat_until_stopped(self) -> None:
        """While the server is away others may take over, and then `require` stops what is under
        way here."""
        while not self._stop.wait(BEAT_S):
            with suppress(Exception):
                self._require_life()
                self.beat()
                self._beat_at = now_s()
            self._require_life()

    def _require_life(self) -> None:
        if self._fence is not None and now_s() - self._beat_at > FENCE_S:
            self._fence()


def now_s() -> float:
    """Seconds that go on while the machine sleeps, and while this process is stopped."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
