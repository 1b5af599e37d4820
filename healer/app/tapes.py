"""The tapes of recorded failures: whose they are, what people are shown of them, and forgetting.

Belongs here: from an id that was typed to a tape. Does not belong here: what is on it
(`healer.tape`), or printing (`healer.cli`).
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from healer.app.configuration import read_configuration
from healer.app.state import open_ledger
from healer.facts.effects import Effects
from healer.facts.errors import UsageError
from healer.repair.lookup import find_row
from healer.tape.effects import effects_of
from healer.tape.facts import Connection, Exchange, Tape
from healer.tape.store import read_tape, tape_path
from quarantine.repository import Repository


def find_tape_path(start: Path, name: str) -> Path:
    """Where the tape of a repair, or of a recorded failure, is. Raises UsageError where there is
    none."""
    repository = Repository.open(start)
    path = tape_path(repository.state_dir, name)
    if name.isalnum() and path.is_file():
        return path
    with open_ledger(repository, read_configuration(repository)) as ledger:
        row = find_row(ledger, name)
    failure = row.request.failure if row.request else None
    path = tape_path(repository.state_dir, failure.id if failure else "")
    if failure is None or not path.is_file():
        raise UsageError(f"there is no tape of {name}; one is made by: healer run -- COMMAND")
    return path


def open_tape(start: Path, name: str) -> Tape:
    """The tape of a repair or of a recorded failure. Raises UsageError."""
    path = find_tape_path(start, name)
    tape = read_tape(path)
    if tape is None:
        raise UsageError(f"{path} is no tape of healer's; look at it and delete it")
    return tape


def forget_tape(start: Path, name: str) -> None:
    """Removes it from the disk. Raises UsageError where there is none."""
    find_tape_path(start, name).unlink(missing_ok=True)


def describe_tape(tape: Tape) -> Iterator[str]:
    """What is on it, one line each; contents are not shown."""
    for process in tape.processes:
        version = ".".join(map(str, process.version))
        yield f"python    {process.python} ({version})"
    yield f"clock     {tape.started_at:.3f} {tape.timezone or 'UTC'}"
    yield from (f"read      {file.path} ({len(file.data)} bytes)" for file in tape.files)
    yield from (f"absent    {path}" for path in tape.absent)
    yield from (f"listed    {path} ({len(names)} names)" for path, names in tape.listings)
    for connection in tape.connections:
        yield from _describe_connection(connection)
    yield from (f"started   {' '.join(words)}" for words in tape.programs)
    for chance in tape.chances:
        yield (
            f"drew      {chance.program} ({len(chance.states)} states of random,"
            f" {len(chance.seeds)} of NumPy, {len(chance.identifiers)} identifiers)"
        )
    yield f"variables {', '.join(sorted(tape.environment))}"
    yield from _describe_effects(effects_of(tape))
    yield from (f"unlike    {sentence}" for sentence in tape.unlike)


def _describe_effects(effects: Effects) -> Iterator[str]:
    for file in effects.files:
        yield f"written   {file.path} ({'gone' if file.size < 0 else f'{file.size} bytes'})"
    for mail in effects.mails:
        yield f"mailed    to {len(mail.recipients)} ({len(mail.body)} characters)"
    for database, count in Counter(each.database for each in effects.statements).items():
        yield f"changed   {database} ({count} statements)"
    yield f"ended     {effects.exit_code}, printed {len(effects.stdout)} bytes"
    yield from (f"missing   {gap}" for gap in effects.gaps)


def _describe_connection(connection: Connection) -> Iterator[str]:
    place = f"{connection.host}:{connection.port}"
    for exchange in connection.exchanges:
        yield f"asked     {_describe_exchange(exchange, connection)}"
    if connection.turns:
        size = sum(len(turn.data) for turn in connection.turns)
        yield f"spoke to  {place} ({len(connection.turns)} turns, {size} bytes)"
    elif not connection.exchanges:
        yield f"asked     {place}: {connection.error or 'nothing was said'}"


def _describe_exchange(exchange: Exchange, connection: Connection) -> str:
    scheme = "https" if connection.tls else "http"
    url = f"{scheme}://{connection.host}:{connection.port}{exchange.target}"
    answer = f"{exchange.status}, {len(exchange.answer)} bytes" if exchange.status else "no answer"
    return f"{exchange.method} {url}: {answer}{', cut' if exchange.is_cut else ''}"
