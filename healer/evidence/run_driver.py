"""Runs a script again and again inside of one run of the sandbox, each time in an empty folder.

Belongs here: the program that does it, what it is handed, and reading what it told. Does not belong
here: which inputs are tried (`recorded_run`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from healer.evidence.fetching_client import Client
from sandbox import Command
from sandbox.world import World

_DRIVER = """\
import json, os, shutil, subprocess, sys, tempfile
script, words, copies, folders, choices = json.loads(sys.stdin.read())
root = os.getcwd()
ends = []
for files, variables, program in choices:
    with tempfile.TemporaryDirectory() as place:
        for name in copies:
            source, target = os.path.join(root, name), os.path.join(place, name)
            if os.path.isdir(source):
                shutil.copytree(source, target)
            else:
                shutil.copy(source, target)
        for name in folders:
            os.makedirs(os.path.join(place, name), exist_ok=True)
        for name, text in files.items():
            path = os.path.join(place, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        start = os.path.join(place if copies else root, script)
        done = subprocess.run([sys.executable, *(["-"] if program else []), start, *words],
                              cwd=place, capture_output=True, input=program.encode(),
                              env={**os.environ, **variables})
        written = {}
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), place)
                is_copy = any(path == c or path.startswith(c + "/") for c in copies)
                if is_copy or path in files or len(written) > 8:
                    continue
                try:
                    with open(os.path.join(place, path), encoding="utf-8") as file:
                        written[path] = file.read(5000)
                except (OSError, ValueError):
                    pass
        said = done.stderr.decode("utf-8", "replace").strip()
        exits = said.endswith("healer-exits")
        error = said.rpartition("\\n")[2]
        ends.append([done.returncode, error[:300], done.stdout.decode("utf-8", "replace")[:5000],
                     written, exits])
sys.stdout.write("\\nhealer-ends: " + json.dumps(ends))
"""
_ANSWERED = """\
import json, os, runpy, sys
from unittest import mock
{imports}
ANSWERS = json.loads({answers!r})
{text}
del sys.argv[0]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
with mock.patch({target!r}, answer):
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        if not end.code:
            sys.stderr.write("\\nhealer-exits\\n")
        raise
"""
"""What stands around a script that is answered in the place of its client."""
DAYS_LATER_S = 400 * 86_400.0


class Inputs(NamedTuple):
    """What one run of a script is given."""

    files: Mapping[str, str]
    answers: Mapping[str, str] = {}
    """By address."""
    variables: Mapping[str, str] = {}


class RunEnd(NamedTuple):
    """How one run ended, and what it left behind."""

    exit_code: int
    last_line: str
    """Of what it said on stderr."""
    stdout: str
    written: Mapping[str, str]
    """New files by path, as `read_text` gives them."""
    exits: bool = False
    """It ended well by `sys.exit`, which a caller sees."""


class Start(NamedTuple):
    """How the script is started, whatever it is given."""

    script: str
    words: Sequence[str]
    """After the script."""
    copies: Sequence[str] = ()
    """Of the repository, what is copied beside its files; empty: it is started where it stands."""
    folders: Sequence[str] = ()
    """That must be there."""
    client: Client | None = None
    """In whose place the answers are given."""
    kind: str = ""
    """Their content type."""

    def make_command(self, choices: Sequence[Inputs], now: float = 0.0) -> Command:
        """`now`: the moment at which it starts, in seconds since the epoch; 0: the real one."""
        runs = [(each.files, each.variables, self._make_program(each)) for each in choices]
        text = json.dumps([self.script, self.words, self.copies, self.folders, runs])
        world = World(started_at=now) if now else None
        return Command(argv=("python", "-c", _DRIVER), stdin=text.encode(), world=world)

    def _make_program(self, inputs: Inputs) -> str:
        if self.client is None:
            return ""
        return _ANSWERED.format(
            imports="\n".join((*self.client.library, *self.client.own)),
            answers=json.dumps(inputs.answers),
            text=write_answer(self.client, self.kind, f"ANSWERS[{self.client.key}].encode()"),
            target=self.client.target,
        )


def write_answer(client: Client, kind: str, body: str) -> str:
    """The function that answers; `body`: an expression for the bytes."""
    return client.text.replace("{TYPE}", kind).replace("{BODY}", body)


def read_ends(stdout: str) -> list[RunEnd]:
    """What the driver told; nothing where it did not come to its end."""
    _, _, text = stdout.rpartition("\nhealer-ends: ")
    try:
        return [RunEnd(*each) for each in json.loads(text)]
    except (ValueError, TypeError):
        return []
