"""What a program of the tree prints and writes, with what lies in the tree now.

Belongs here: running it in a fork, telling what came of it, and putting around a call of this
process what a program would find. Does not belong here: which programs are run
(`started_programs`), or comparing them, which the host does.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from ..older_pythons import qualify_name
from . import forks, program
from .kept_state import (
    AS_NOUNS,
    AS_VERBS,
    MOST_FILE_BYTES,
    Words,
    describe_effects,
    describe_files,
    put_back_files,
    read_files,
)
from .started_programs import vary_programs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..messages import CommandPlan
    from .border_inputs import Call
    from .observation import RecordedCall
    from .started_programs import StartedProgram

LIMIT_S = 20.0
"""Of the failing command."""
_ONE_PROGRAM_S = 2.0


class Effects(NamedTuple):
    """What came of one run."""

    text: str | None
    """None where it came to no end."""
    seconds: float
    """Processor time."""


def see_command(command: CommandPlan, home: str) -> Effects:
    """What the command does."""
    return _see(command, {}, _Watch(home), AS_VERBS)


def see_program(use: StartedProgram, home: str) -> Effects:
    """What comes of a program that is started so. An error is told as that of a call is."""
    first, *rest = use.words
    script = [first] if first == "-m" else [os.path.join(home, first)]
    command: CommandPlan = {
        "argv": ["python", *script, *rest],
        "stdin": use.stdin,
        "cwd": use.folder,
        "files": {},
        "env": dict(use.environment),
    }
    return _see(command, use.files, _Watch(home, use.folders, _ONE_PROGRAM_S), AS_NOUNS)


class _Watch(NamedTuple):
    """Where files may change."""

    home: str
    folders: Sequence[str] = ()
    """Others, which may be gone by now."""
    limit_s: float = LIMIT_S

    def read(self) -> dict[str, bytes]:
        return {**dict(read_files(self.home)), **self.read_folders()}

    def read_folders(self) -> dict[str, bytes]:
        return {name: data for folder in self.folders for name, data in read_files(folder)}


def find_scenes(
    calls: Iterable[RecordedCall],
) -> Iterator[tuple[str, Call, StartedProgram]]:
    """Calls with what they find around them, in turn, first as it was and then varied."""
    rows = (
        [(qualify_name(call.code), call.arguments, use) for use in vary_programs([call.around])]
        for call in calls
        if call.around
    )
    for turn in itertools.zip_longest(*rows):
        yield from (scene for scene in turn if scene is not None)


@contextlib.contextmanager
def stage(use: StartedProgram) -> Iterator[list[str]]:
    """Puts words, variables and files in place for a call in this process. At the end of the block
    files are what they were, and those of its folders that changed are told."""
    folders = {*use.folders, *(os.path.dirname(path) for path in use.files)}
    contents = {folder: dict(read_files(folder)) for folder in folders}
    argv, environment, before = list(sys.argv), dict(os.environ), os.getcwd()
    changes: list[str] = []
    watch = _Watch(use.folder, tuple(use.folders))
    try:
        _put_in_place(folders, use.files)
        os.chdir(use.folder)
        sys.argv[:] = [argv[0], *use.words[1:]]
        os.environ.update(use.environment)
        first = watch.read_folders()
        yield changes
        last = watch.read_folders()
        files = {name: data for name, data in last.items() if first.get(name) != data}
        changes += describe_files(files, AS_NOUNS)
    finally:
        os.chdir(before)
        sys.argv[:] = argv
        os.environ.clear()
        os.environ.update(environment)
        for folder, before_call in contents.items():
            put_back_files(folder, before_call)


def _see(
    command: CommandPlan,
    more: Mapping[str, bytes],
    watch: _Watch,
    words: Words,
) -> Effects:
    effects: list[str] = []

    def attempt() -> tuple[str, str]:
        program.forget_modules(watch.home)
        _put_in_place(watch.folders, more)
        before = watch.read()
        with tempfile.TemporaryFile() as out:
            os.dup2(out.fileno(), 1)
            sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - stays
            os.environ.update(command["env"])
            outcome, detail = program.run_command(command)
            sys.stdout.flush()
            out.seek(0)
            output = out.read(MOST_FILE_BYTES).decode("utf-8", "replace")
        after = watch.read()
        files = {name: data for name, data in after.items() if before.get(name) != data}
        effects.append(describe_effects(_name_end(outcome, detail), output, files, words))
        return outcome, detail

    contents = {folder: dict(read_files(folder)) for folder in (watch.home, *watch.folders)}
    answer = forks.run_in_fork(attempt, watch.limit_s, extra=lambda: effects)
    for folder, files in contents.items():
        put_back_files(folder, files)
    return Effects(answer.extra[0] if answer.extra else None, answer.seconds)


def _put_in_place(folders: Iterable[str], files: Mapping[str, bytes]) -> None:
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
    for path, data in files.items():
        with open(path, "wb") as file:
            file.write(data)


def _name_end(outcome: str, detail: str) -> str:
    """As `describe_effects` takes it; of an error its name alone, without what it says."""
    if outcome == "passed":
        return outcome
    lines = detail.splitlines()
    frames = [place for place, line in enumerate(lines) if line.startswith("  ")]
    error = lines[frames[-1] + 1 :] if frames else lines
    return f"raises {error[0].partition(':')[0].strip() if error else 'an error'}"
