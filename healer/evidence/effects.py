"""What a command did in the sandbox, as the same facts that a recorded night has.

Belongs here: from what the sandbox saw to `Effects`. Does not belong here: those of a tape
(`healer.tape.effects`), and comparing (`healer.nights`). They stay outside of the container:
drafted code cannot learn from them what is expected.
"""

import hashlib

from healer.facts.effects import Effects, FileEffect, MailEffect, RequestEffect, StatementEffect
from healer.redact import Redactor
from healer.tape.effects import is_temporary
from healer.tape.facts import Tape
from healer.tape.protocols import read_mails, read_statements
from healer.watch.runner.tail import Tail
from sandbox import ProcessEnd
from sandbox.world import ChangedFile, WorldEffects

SIGNAL_BASE = 128
HOME = "/tmp/home/"  # noqa: S108 - of a step in the container, where the job's own cannot be laid


def effects_of(end: ProcessEnd, tape: Tape, redactor: Redactor) -> Effects:
    """All that the command did that was run in the world of `tape`, redacted as a tape is. As on a
    tape, a file counts that was written with what it held before."""
    reports = end.effects or WorldEffects()
    redactor = redactor.for_tape()
    mails: list[MailEffect] = []
    statements: list[StatementEffect] = []
    for talk in reports.talks:
        turns = [_clean(turn, redactor) for turn in talk.turns]
        mails += read_mails(turns)
        statements += read_statements(f"{talk.host}:{talk.port}", turns)
    gaps = [f"it asked {each}, which is not recorded" for each in end.missed]
    return Effects(
        exit_code=end.exit_code if end.exit_code is not None else SIGNAL_BASE + (end.signal or 0),
        stdout=_tail(redactor.text(end.stdout)),
        files=tuple(
            _make_file(file, tape, redactor)
            for file in reports.files
            if not is_temporary(file.path)
        ),
        requests=tuple(
            RequestEffect(
                each.method, each.host, each.port, each.target, _clean(each.body, redactor)
            )
            for each in reports.requests
        ),
        statements=tuple(statements),
        mails=tuple(mails),
        gaps=tuple(gaps),
    )


def _tail(text: str) -> bytes:
    """As much as a tape keeps."""
    tail = Tail()
    tail.add(text.encode("utf-8", "replace"))
    return tail.bytes()


def _make_file(file: ChangedFile, tape: Tape, redactor: Redactor) -> FileEffect:
    path = file.path
    home = tape.environment.get("HOME", "")
    if path.startswith(HOME) and home:
        path = f"{home}/{path.removeprefix(HOME)}"
    if file.data is None:
        return FileEffect(path, file.size, file.digest, None)
    data = _clean(file.data, redactor)
    return FileEffect(path, len(data), hashlib.sha256(data).hexdigest(), data)


def _clean(data: bytes, redactor: Redactor) -> bytes:
    try:
        return redactor.text(data.decode("utf-8")).encode("utf-8")
    except UnicodeDecodeError:
        return data
