"""What a job machine has noticed, brought to the hub: each failure once, each run counted once.

Belongs here: what is sent, what an answer means for what is spooled, and the place in the log of
runs. Does not belong here: noticing and spooling (`inbox`, `runner`, `logs`), the documents
(`posts`), the hub's side (`healer.web.hub`), the loop (`healer.app.agent`).

The spool is the inbox folder of `healer run`: a record leaves it when the hub has said that it has
it. After a crash it is sent again, and the hub knows it by its id. A report of runs has a number,
which is on disk before it is sent.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from healer.failure import Failure, Raised
from healer.support.atomic_file import write_atomically
from healer.tape.store import tape_path
from healer.watch.environment_files import PackedEnvironment, file_of
from healer.watch.hub_client import HubClient, HubError
from healer.watch.inbox import Inbox
from healer.watch.posts import (
    MAX_BLOB_BYTES,
    MAX_FAILURE_BYTES,
    MAX_INPUTS,
    MAX_RUNS,
    FailurePost,
    RunReport,
    RunsPost,
    is_inside,
)
from healer.watch.runner.run_log import LOG, OLD_LOG, LoggedRun, parse_line

STATE = "agent.json"
"""In healer's folder: this checkout's name for the hub, and how far the log of runs was sent."""
INLINE_BYTES = 1 << 16
"""Standard input up to this size stays in the record."""


class Source(NamedTuple):
    """What all documents of one checkout say."""

    repository: str
    """Its name for all machines (`quarantine.remote.canonical_url`)."""
    host: str


class FailureSender:
    """Brings the spooled failures of one checkout to the hub."""

    def __init__(
        self,
        inbox: Inbox,
        client: HubClient,
        source: Source,
        note: Callable[[str], None],
        pack: Callable[[Failure], PackedEnvironment | None] = lambda _: None,
    ) -> None:
        """`note` is told what the hub will never take: that is set aside. `pack` gives what a
        failure ran on, whose file is in healer's folder then."""
        self._inbox, self._client, self._source, self._note = inbox, client, source, note
        self._pack = pack

    def send_waiting(self) -> int:
        """Sends all that waits; gives how many. Raises HubError where it makes sense to come again
        later: what is not sent then waits as before."""
        count = 0
        for failure in self._inbox.claim_all():
            try:
                self._send(failure)
            except HubError as error:
                if error.is_passing:
                    self._inbox.give_back(failure.id)
                    raise
                self._inbox.set_aside(failure.id, str(error))
                self._note(f"failure {failure.id} was set aside: {error}")
                continue
            except ValueError as error:  # a record that somebody has written by hand
                self._inbox.set_aside(failure.id, str(error))
                self._note(f"failure {failure.id} was set aside: {error}")
                continue
            except OSError:
                self._inbox.give_back(failure.id)
                raise
            self._inbox.mark_handled(failure.id)
            count += 1
        return count

    def _send(self, failure: Failure) -> None:
        post, parts = describe_failure(failure, self._source, self._inbox.state_dir)
        environment = self._pack(failure)
        if environment is not None:
            post = post.model_copy(
                update={"environment": environment.digest, "python": environment.python}
            )
        for _ in range(2):
            try:
                self._client.post("/v1/failures", post)
            except HubError as error:
                if not error.missing:
                    raise
                for digest in error.missing:
                    if digest == post.environment:
                        parts[digest] = file_of(self._inbox.state_dir, digest).read_bytes()
                    if digest not in parts:
                        raise HubError(f"the hub asks for {digest}, which nobody named") from error
                    self._client.put_blob(post.repository, digest, parts[digest])
            else:
                return
        raise HubError("the hub does not keep what it is sent", 503)


class OutgoingFailure(NamedTuple):
    """A failure as it is sent."""

    post: FailurePost
    parts: dict[str, bytes]
    """Its large parts by digest, for when the hub asks."""


def describe_failure(failure: Failure, source: Source, state_dir: Path) -> OutgoingFailure:
    """What a hub takes of it: what lies outside the repository, or is too large, is left out.
    Raises ValueError for a record that is none of healer's."""
    parts: dict[str, bytes] = {}

    def add(data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        parts[digest] = data
        return digest

    tape, stdin = b"", base64.b64decode(failure.stdin or "")
    with suppress(OSError):
        tape = tape_path(state_dir, failure.id).read_bytes()
    is_long = len(stdin) > INLINE_BYTES
    record = failure.model_copy(
        update={
            "script": failure.script if is_inside(failure.script) else "",
            "inputs": {},
            "stdin": None if is_long else failure.stdin,
        }
    )
    if len(record.model_dump_json()) > MAX_FAILURE_BYTES // 2:
        record = record.model_copy(update={"chain": tuple(map(_shorten, record.chain))})
    inputs = [item for item in failure.inputs.items() if is_inside(item[0])][:MAX_INPUTS]
    post = FailurePost(
        repository=source.repository,
        host=source.host,
        failure=record,
        tape=add(tape) if 0 < len(tape) <= MAX_BLOB_BYTES else "",
        stdin=add(stdin) if is_long else "",
        inputs={path: add(base64.b64decode(data)) for path, data in inputs},
    )
    return OutgoingFailure(post, parts)


def _shorten(exception: Raised) -> Raised:
    """Without the values of variables, which are most of a long record."""
    frames = tuple(frame.model_copy(update={"locals": {}}) for frame in exception.frames)
    return exception.model_copy(update={"frames": frames, "attributes": {}})


class _Place(NamedTuple):
    """How far the log of runs was sent."""

    agent: str
    sequence: int = 0
    """Of the last report that the hub has."""
    file: str = ""
    """The first line of the file that is read: it names the file, wherever it is moved."""
    offset: int = 0
    end: int = 0
    """Where the report ends that is being sent; at `offset` when none is."""


class RunSender:
    """Brings the log of runs of one checkout to the hub."""

    def __init__(
        self, state_dir: Path, client: HubClient, source: Source, note: Callable[[str], None]
    ) -> None:
        """`note` is told of runs that the hub will never take: they are left out."""
        self._state_dir, self._client, self._source = state_dir, client, source
        self._note = note

    def send_new(self) -> int:
        """Reports what was logged since the last time; gives how many runs. Raises HubError where
        it makes sense to come again later: then the same report is sent."""
        count, place = 0, self._read_place()
        while True:
            place, lines = self._plan(place)
            if not lines:
                return count
            self._write_place(place)
            runs = [run for line in lines if (run := parse_line(line)) is not None]
            sequence = place.sequence + 1
            try:
                self._send(place.agent, sequence, runs)
                count += len(runs)
            except (HubError, ValueError) as error:
                if isinstance(error, HubError) and error.is_passing:
                    raise
                self._note(f"{len(runs)} runs were left out: {error}")
            place = place._replace(sequence=sequence, offset=place.end)
            self._write_place(place)

    def _send(self, agent: str, sequence: int, runs: Iterable[LoggedRun]) -> None:
        post = RunsPost(
            repository=self._source.repository,
            host=self._source.host,
            agent=agent,
            sequence=sequence,
            runs=tuple(map(_describe_run, runs)),
        )
        self._client.post("/v1/runs", post)

    def _plan(self, place: _Place) -> tuple[_Place, list[bytes]]:
        """(what is sent next, its lines): what is planned already stays as it is."""
        files = {name: data for name, data in self._read_files() if name}
        if place.file not in files:
            place = place._replace(file=next(iter(files), ""), offset=0, end=0)
        data = files.get(place.file, b"")
        if place.end > place.offset:
            return place, data[place.offset : place.end].splitlines(keepends=True)
        lines = data[place.offset :].splitlines(keepends=True)[:MAX_RUNS]
        lines = [line for line in lines if line.endswith(b"\n")]
        others = list(files)[list(files).index(place.file) + 1 :] if files else []
        if not lines and others:
            return self._plan(place._replace(file=others[0], offset=0, end=0))
        return place._replace(end=place.offset + sum(map(len, lines))), lines

    def _read_files(self) -> Iterator[tuple[str, bytes]]:
        """(first line, everything) of each file of the log, the older first."""
        for name in (OLD_LOG, LOG):
            with suppress(OSError):
                data = (self._state_dir / name).read_bytes()
                yield data.partition(b"\n")[0].decode("ascii", "replace"), data

    def _read_place(self) -> _Place:
        with suppress(OSError, ValueError, TypeError):
            return _Place(**json.loads((self._state_dir / STATE).read_bytes()))
        return _Place(secrets.token_hex(16))

    def _write_place(self, place: _Place) -> None:
        data = json.dumps(place._asdict()).encode("ascii")
        write_atomically(self._state_dir / STATE, data)


def _describe_run(run: LoggedRun) -> RunReport:
    return RunReport(
        script=run.script if is_inside(run.script) else "",
        command=run.command,
        commit=run.commit,
        exit_code=run.exit_code,
        started_at=run.started_at,
        duration_s=run.duration_s,
    )
