"""Commands as the sandbox runs them: typed ones, recorded ones, and the one to heal.

Belongs here: from words and captured input to a `Command`. Does not belong here: which command a
repair is about (`baseline`), or what else is checked (`plan`).
"""

import base64
from collections.abc import Callable, Mapping, Sequence

from healer.evidence.world import find_tree_files, make_world
from healer.facts.draft import Source
from healer.failure import Failure
from healer.tape.facts import Tape
from sandbox import Command

Tapes = Callable[[Failure], Tape | None]
"""Gives the tape of a recorded failure."""


def no_tape(_failure: Failure) -> None:
    """Where none is kept."""


def make_command(
    argv: Sequence[str], stdin: bytes = b"", files: Mapping[str, bytes] = {}, cwd: str = ""
) -> Command:
    """A recorded or typed command: any Python becomes the image's. `files` are laid over the tree,
    `cwd` is relative to its root."""
    words = list(argv)
    if words and words[0].rsplit("/", 1)[-1].startswith("python"):
        words[0] = "python"
    return Command(argv=tuple(words), cwd=cwd, stdin=stdin, files=dict(files))


def make_recorded_command(failure: Failure, tree: Source, tapes: Tapes = no_tape) -> Command:
    """The command of a recorded failure, with the input that was captured, in the world that its
    tape holds. `tree`: what it is run on; files that are in there as they were are left to it."""
    files = {path: base64.b64decode(data) for path, data in failure.inputs.items()}
    stdin = base64.b64decode(failure.stdin) if failure.stdin else b""
    tape = tapes(failure)
    if tape is not None:
        files = {**find_tree_files(tape, tree), **files}
    command = make_command(failure.command or failure.argv, stdin, files, failure.folder)
    return command if tape is None else command.model_copy(update={"world": make_world(tape)})


def make_command_to_heal(
    failure: Failure | None, argv: Sequence[str], tree: Source, tapes: Tapes = no_tape
) -> Command | None:
    """The failing command as it was recorded; None where only checks fail."""
    if not argv:
        return None
    if failure and failure.argv:
        return make_recorded_command(failure, tree, tapes)
    return make_command(argv)


def make_script_command(script: str, args: Sequence[str] = ()) -> tuple[str, ...]:
    """`healer fix SCRIPT -- ARGS`: the script run from the repository's root."""
    return ("python", script, *args)
