"""Proposes expectations of a script from its recorded nights.

Belongs here: from a script's name to the text for healer.toml. Does not belong here: what is
proposed (`healer.nights.propose`), or printing (`healer.cli`).
"""

from pathlib import Path

from healer.facts.errors import UsageError
from healer.nights import Night
from healer.nights.propose import propose_expectations
from healer.repair.request import relative_to_repository
from healer.support.atomic_file import write_atomically
from healer.tape.effects import effects_of
from healer.tape.recordings import Recordings
from quarantine.repository import Repository

FILE = "healer.toml"


def propose(start: Path, script: str, cwd: Path) -> str:
    """The text, of a script that is looked for from `cwd`; raises UsageError where too little is
    recorded."""
    repository = Repository.open(start)
    script = relative_to_repository(repository, script, cwd)
    tapes = Recordings(repository.state_dir).of_good_nights((script,))
    commands = [tape.command for tape in tapes]
    usual = max(commands, key=commands.count, default=())
    nights = [Night(effects_of(tape)) for tape in reversed(tapes) if tape.command == usual]
    try:
        text = propose_expectations(script, nights)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not text:
        raise UsageError(f"the good nights of {script} have nothing in common that can be expected")
    return text


def add_to_configuration(start: Path, text: str) -> Path:
    """Adds the text to healer.toml, uncommitted; gives its path."""
    root = Repository.open(start).root
    if root is None:
        raise UsageError("this repository has no working tree; run it in one that has")
    path = root / FILE
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    gap = "\n" if before and not before.endswith("\n\n") else ""
    write_atomically(path, f"{before}{gap}{text}".encode())
    return path
