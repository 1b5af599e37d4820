"""Commands as the sandbox runs them: typed ones, recorded ones, and the one to heal.

Belongs here: from words and captured input to a `Command`. Does not belong here: which command a
repair is about (`baseline`), or what else is checked (`plan`).
"""

import base64
from collections.abc import Mapping, Sequence

from healer.failure import Failure
from sandbox import Command


def make_command(
    argv: Sequence[str], stdin: bytes = b"", files: Mapping[str, bytes] = {}, cwd: str = ""
) -> Command:
    """A recorded or typed command: any Python becomes the image's. `files` are laid over the tree,
    `cwd` is relative to its root."""
    words = list(argv)
    if words and words[0].rsplit("/", 1)[-1].startswith("python"):
        words[0] = "python"
    return Command(argv=tuple(words), cwd=cwd, stdin=stdin, files=dict(files))


def make_recorded_command(failure: Failure) -> Command:
    """The command of a recorded failure, with the input that was captured."""
    files = {path: base64.b64decode(data) for path, data in failure.inputs.items()}
    stdin = base64.b64decode(failure.stdin) if failure.stdin else b""
    return make_command(failure.command or failure.argv, stdin, files, failure.folder)


def make_command_to_heal(failure: Failure | None, argv: Sequence[str]) -> Command | None:
    """The failing command with the input that was captured; None where only checks fail."""
    if not argv:
        return None
    return make_recorded_command(failure) if failure and failure.argv else make_command(argv)


def make_script_command(script: str, args: Sequence[str] = ()) -> tuple[str, ...]:
    """`healer fix SCRIPT -- ARGS`: the script run from the repository's root."""
    return ("python", script, *args)
