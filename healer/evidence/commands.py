"""Commands as the sandbox runs them: typed ones, recorded ones, and the one to heal.

Belongs here: from words and captured input to a `Command`. Does not belong here: which command a
repair is about (`baseline`), or what else is checked (`plan`).
"""

import base64
import os
from collections.abc import Iterable, Mapping, Sequence

from healer.evidence.world import find_tree_files, make_world
from healer.facts.draft import Source
from healer.failure import Failure
from healer.nights.expectations import BROKEN_EXPECTATION
from healer.tape.facts import Process, Tape
from healer.tape.recordings import NO_RECORDINGS, Recordings
from sandbox import Command
from sandbox.inside.tree import ROOT


def make_command(
    argv: Sequence[str], stdin: bytes = b"", files: Mapping[str, bytes] = {}, cwd: str = ""
) -> Command:
    """A recorded or typed command: any Python becomes the image's. `files` are laid over the tree,
    `cwd` is relative to its root."""
    words = list(argv)
    if words and words[0].rsplit("/", 1)[-1].startswith("python"):
        words[0] = "python"
    return Command(argv=tuple(words), cwd=cwd, stdin=stdin, files=dict(files))


def make_recorded_command(
    failure: Failure, tree: Source, recordings: Recordings = NO_RECORDINGS
) -> Command:
    """The command of a recorded failure, with the input that was captured, in the world that its
    tape holds, and where that ends the good nights of the script. `tree`: what it is run on; files
    that are in there as they were are left to it."""
    files = {path: base64.b64decode(data) for path, data in failure.inputs.items()}
    stdin = base64.b64decode(failure.stdin) if failure.stdin else b""
    tape = recordings.of_failure(failure)
    if tape is None:
        return make_command(failure.command or failure.argv, stdin, files, failure.folder)
    spare = recordings.of_good_nights((failure.script,))
    files = {**find_tree_files(tape, tree, spare), **files}
    command = make_command(failure.command or failure.argv, stdin, files, failure.folder)
    inner = _find_inner_process(failure, tape)
    if inner is not None:
        folder = os.path.relpath(inner.cwd, tape.root) if inner.cwd != tape.root else ""
        words = (word.removeprefix(f"{tape.root}/") for word in inner.argv)
        command = make_command(tuple(words), b"", files, folder)
    command = command.model_copy(update={"world": make_world(tape, spare)})
    return command if inner else _start_elsewhere(command, failure.argv, tape)


def _find_inner_process(failure: Failure, tape: Tape) -> Process | None:
    """The Python that failed inside of a command that ended well all the same, as the first one of
    a pipe does; None where the command itself is to be run. Only a folder of the repository is one
    that it can be started in."""
    is_whole = failure.exception is not None and failure.exception.type == BROKEN_EXPECTATION
    if failure.exit_code != 0 or failure.is_logged or is_whole:
        return None
    process = choose_process(failure, tape)
    if process is None or not f"{process.cwd}/".startswith(f"{tape.root}/"):
        return None
    return process


def choose_process(failure: Failure, tape: Tape) -> Process | None:
    """Of several Pythons of a job, the one that ran the script."""
    name = failure.script.rpartition("/")[2]
    with_script = (p for p in tape.processes if any(w.rpartition("/")[2] == name for w in p.argv))
    return next(with_script, tape.processes[0] if tape.processes else None)


def _start_elsewhere(command: Command, argv: Sequence[str], tape: Tape) -> Command:
    """The same started in the folder that it was started in, where that is none of the
    repository's: cron starts jobs in `/` or at home. Words that name files of the repository begin
    at `/` then."""
    world = command.world
    if f"{tape.cwd}/".startswith(f"{tape.root}/") or world is None or not tape.cwd:
        return command
    if tape.cwd not in ("/", *world.folders):
        return command
    words = (
        f"{ROOT}/{word}" if word != argv[index] and "/" in argv[index] and index else word
        for index, word in enumerate(command.argv[: len(argv)])
    )
    rest = command.argv[len(argv) :]
    return command.model_copy(update={"argv": (*words, *rest), "cwd": tape.cwd})


def make_night_command(night: Tape, tree: Source, changed_paths: Iterable[str]) -> Command | None:
    """The command of a good night in its world; None where it has no words. An input that the fix
    changes is taken as the fix has it."""
    words = night.command or night.argv
    if not words:
        return None
    files = find_tree_files(night, tree)
    for path in changed_paths:
        files.pop(path, None)
    command = make_command(words, night.stdin, files, night.folder)
    command = command.model_copy(update={"world": make_world(night)})
    return _start_elsewhere(command, night.argv, night)


def make_command_to_heal(
    failure: Failure | None,
    argv: Sequence[str],
    tree: Source,
    recordings: Recordings = NO_RECORDINGS,
) -> Command | None:
    """The failing command as it was recorded; None where only checks fail."""
    if not argv:
        return None
    if failure and failure.argv:
        return make_recorded_command(failure, tree, recordings)
    return make_command(argv)


def make_script_command(script: str, args: Sequence[str] = ()) -> tuple[str, ...]:
    """`healer fix SCRIPT -- ARGS`: the script run from the repository's root."""
    return ("python", script, *args)
