"""What a recorded run did to the world, taken from its tape.

Belongs here: which of a tape is an effect. Does not belong here: what protocols say (`protocols`),
the same facts of a run in the sandbox (`healer.evidence.effects`), comparing (`healer.nights`).
"""

import re

from healer.facts.effects import Effects, FileEffect, MailEffect, RequestEffect, StatementEffect
from healer.tape.facts import Connection, Tape, WrittenFile
from healer.tape.protocols import is_known, read_mails, read_statements

NO_EFFECT = ("GET", "HEAD", "OPTIONS")
"""Requests that only ask."""
_TEMPORARY = re.compile(r"tmp[a-z0-9_]{8}(?:\.\w{1,10})?")
STDOUT_UNKNOWN = "what it printed is not known: its output was a terminal, or one with its errors"


def effects_of(tape: Tape) -> Effects:
    """All that the run did, as far as its tape knows; what is not known is among `gaps`."""
    requests: list[RequestEffect] = []
    statements: list[StatementEffect] = []
    mails: list[MailEffect] = []
    gaps = list(tape.gaps)
    if tape.stdout is None:
        gaps.append(STDOUT_UNKNOWN)
    for connection in tape.connections:
        requests += _list_requests(connection)
        turns = [turn.data for turn in connection.turns if turn.is_ours]
        place = f"{connection.host}:{connection.port}"
        mails += read_mails(turns)
        statements += read_statements(place, turns)
        if not is_known(turns):
            gaps.append(f"what was said to {place} is not compared: its protocol is not known here")
    return Effects(
        exit_code=tape.exit_code,
        stdout=tape.stdout or b"",
        files=tuple(
            _make_file(file, tape.root) for file in tape.written if not is_temporary(file.path)
        ),
        requests=tuple(requests),
        statements=tuple(statements),
        mails=tuple(mails),
        gaps=tuple(dict.fromkeys(gaps)),
    )


def is_temporary(path: str) -> bool:
    """Whether a file bears a name that `tempfile` made up: another one in each run."""
    return any(_TEMPORARY.fullmatch(part) for part in path.split("/"))


def _list_requests(connection: Connection) -> list[RequestEffect]:
    return [
        RequestEffect(each.method, connection.host, connection.port, each.target, each.body)
        for each in connection.exchanges
        if each.method not in NO_EFFECT
    ]


def _make_file(file: WrittenFile, root: str) -> FileEffect:
    return FileEffect(file.path.removeprefix(f"{root}/"), file.size, file.digest, file.data)
