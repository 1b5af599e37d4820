"""What the hub does with what agents bring: whose it is, whether it is too much, and where it goes.

Belongs here: the rules of the door in their order, and its connections. Does not belong here: HTTP
(`healer.web.hub`), and what a failure means (`healer.watch.shared_inbox`).
"""

import math
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Self, TypeVar

from healer.notify.channels import hand_over
from healer.support.clock import SYSTEM_CLOCK, Clock
from healer.support.postgres import Scope, explain, is_of_database
from healer.support.shared_pool import NOBODY, BusyError, SharedPool
from healer.support.shared_tables import SharedTables, prepare_schema
from healer.watch.fleet_incidents import FleetIncidents
from healer.watch.hub_tokens import Grant, HubTokens
from healer.watch.posts import (
    MAX_BLOB_BYTES,
    MAX_FAILURE_BYTES,
    MAX_RUNS_BYTES,
    PostError,
    read_failure,
    read_runs,
)
from healer.watch.shared_inbox import LargeParts, SharedInbox, digest_of_blob
from healer.watch.shared_runs import SharedRuns
from healer.web.hub import Limits, Receipt, RefusedPostError
from quarantine.remote import canonical_url

CONNECTIONS = 8
"""To the database, for each process."""
WAIT_S = 5.0
"""The longest that a request waits for one."""
PER_S, BURST = 100.0, 2_000.0
"""Requests of one token: how many in each second for long, and how many at once."""
Post = TypeVar("Post")
TELL_EVERY_S, JOIN_S = 10.0, 10.0
NOTE_EVERY_S = 60.0
AWAY_S = 5
"""When to come again where the database is away."""


class Allowance:
    """How much one token may still send: a bucket that fills with time."""

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s, self._burst = per_s, burst
        self._lock = threading.Lock()
        self._rests: dict[str, tuple[float, float]] = {}

    def take(self, name: str, now: float) -> float:
        """0 where it may, else the seconds to wait."""
        with self._lock:
            rest, since = self._rests.get(name, (self._burst, now))
            rest = min(self._burst, rest + max(0.0, now - since) * self._per_s)
            if rest < 1:
                self._rests[name] = (rest, now)
                return (1 - rest) / self._per_s
            self._rests[name] = (rest - 1, now)
            return 0.0


class Hub:
    """The door's other side, for one database; a with-block."""

    limits = Limits(failure=MAX_FAILURE_BYTES, runs=MAX_RUNS_BYTES, blob=MAX_BLOB_BYTES)

    def __init__(
        self,
        url: str,
        note: Callable[[str], None] = lambda _: None,
        *,
        clock: Clock = SYSTEM_CLOCK,
        per_s: float = PER_S,
        burst: float = BURST,
    ) -> None:
        """`url` is libpq's. The tables are made where they are missing. `note` is told of trouble
        that agents are only told to wait for."""
        self._note = note
        self._url, self._clock = url, clock
        self._noted_at: dict[str, float] = {}
        self._allowance = Allowance(per_s, burst)
        self._pool = SharedPool(url, CONNECTIONS)

    def __enter__(self) -> Self:
        prepare_schema(self._url)
        self._pool.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.__exit__()

    def admit(self, token: str) -> Grant:
        """What a token allows. Raises RefusedPostError 401 and 429."""
        with self._borrow(NOBODY) as tables:
            grant = HubTokens(tables).find(token)
        if grant is None:
            raise RefusedPostError(
                401, "this token is not known, or was revoked; see healer hub token make"
            )
        wait_s = self._allowance.take(grant.name, self._clock.now())
        if wait_s:
            raise RefusedPostError(
                429, "too many requests with this token", retry_after_s=math.ceil(wait_s)
            )
        return grant

    def take_failure(self, grant: Grant, body: bytes) -> Receipt:
        """One failure; that it came before is no error."""
        post = _read(read_failure, body)
        parts = LargeParts(post.tape, post.stdin, post.environment, post.python, post.inputs)
        with self._borrow(self._find_scope(grant, post.repository)) as tables:
            inbox = SharedInbox(tables)
            if inbox.contains(post.failure.id):
                return Receipt({"id": post.failure.id, "is_new": False})
            missing = inbox.find_missing(parts)
            if missing:
                raise RefusedPostError(
                    409, "send these parts first: PUT /v1/blobs/DIGEST", missing=missing
                )
            now = self._clock.now()
            with tables.transaction():  # one commit for both
                outcome = inbox.receive(post.failure, now=now, host=post.host, parts=parts)
                if outcome != "known":
                    is_first = outcome == "waits"
                    FleetIncidents(tables).note_failure(post.failure, now=now, is_first=is_first)
        return Receipt({"id": post.failure.id, "is_new": outcome != "known"})

    def take_runs(self, grant: Grant, body: bytes) -> Receipt:
        """Runs that ended; the receipt names the scripts on whose runs something hangs."""
        post = _read(read_runs, body)
        with self._borrow(self._find_scope(grant, post.repository)) as tables:
            runs = SharedRuns(tables)
            is_new = runs.receive(
                post.agent, post.sequence, post.runs, now=self._clock.now(), host=post.host
            )
            scripts = runs.list_watched(each.script for each in post.runs)
        return Receipt({"is_new": is_new, "watched": sorted(scripts)})

    def take_blob(self, grant: Grant, digest: str, repository: str, body: bytes) -> Receipt:
        """One large part, kept for this repository alone."""
        scope = self._find_scope(grant, repository)
        if digest_of_blob(body) != digest:
            raise RefusedPostError(422, "the body has another SHA-256 than its address says")
        with self._borrow(scope) as tables:
            SharedInbox(tables).keep_blob(body, now=self._clock.now())
        return Receipt({"digest": digest})

    def tell_incidents(self, channels: Mapping[str, str]) -> None:
        """Tells of each fleet incident once: the note, and every channel (a URL of apprise's). One
        that no channel takes is told again the next time."""
        with self._borrow(NOBODY) as tables, tables.transaction():  # of several hubs one
            incidents = FleetIncidents(tables)
            for each in incidents.list_untold():
                title = f"healer: {each.kind} ({each.tenant})"
                problems = [hand_over(url, title, each.detail) for url in channels.values()]
                self._note(f"{title}: {each.detail}")
                for problem in filter(None, problems):
                    self._note(f"{title}: {problem}")
                if not problems or not all(problems):
                    incidents.mark_told(each, now=self._clock.now())

    @contextmanager
    def tell_meanwhile(self, channels: Mapping[str, str]) -> Iterator[None]:
        """Tells of what comes in during the block."""
        stop = threading.Event()

        def tell() -> None:
            while not stop.wait(TELL_EVERY_S):
                with suppress(RefusedPostError):  # the database is away: it was noted
                    self.tell_incidents(channels)

        thread = threading.Thread(target=tell, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(timeout=JOIN_S)

    def check_health(self) -> None:
        """Raises what the database says where it cannot be asked."""
        with self._borrow(NOBODY) as tables:
            tables.query("SELECT 1")

    def _find_scope(self, grant: Grant, name: str) -> Scope:
        """Whose rows; raises RefusedPostError 403 for a repository that the token is not for."""
        repository = name_repository(name)
        if not grant.covers(repository):
            raise RefusedPostError(403, "this token is not for this repository")
        return Scope(grant.tenant, repository)

    @contextmanager
    def _borrow(self, scope: Scope) -> Iterator[SharedTables]:
        try:
            with self._pool.borrow(scope, WAIT_S) as tables:
                yield tables
        except BusyError:
            raise RefusedPostError(503, "the hub has too much to do", retry_after_s=1) from None
        except Exception as error:
            if not is_of_database(error):
                raise
            self._note_once(explain(error))
            raise RefusedPostError(
                503, "the state database cannot be asked now", retry_after_s=AWAY_S
            ) from error

    def _note_once(self, text: str) -> None:
        """The same trouble of many requests is one note a minute."""
        now = self._clock.now()
        if abs(now - self._noted_at.get(text, -NOTE_EVERY_S)) >= NOTE_EVERY_S:
            self._noted_at = {text: now}
            self._note(text)


def name_repository(name: str) -> str:
    """The one name of a repository, however its remote is spelled."""
    is_remote = "://" in name or "@" in name.partition("/")[0]
    return canonical_url(name, socket.gethostname()) if is_remote else name


def _read(read: Callable[[bytes], Post], body: bytes) -> Post:
    try:
        return read(body)
    except PostError as error:
        raise RefusedPostError(422, str(error)) from None
