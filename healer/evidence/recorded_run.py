"""The run that failed, as a test can make it again: a few small files, a command, what it leaves.

Belongs here: what the run read, the smallest part of it that still tells, and what the fix makes
of it, all seen in the sandbox. Does not belong here: the test's text (`case_text`) and whether it
holds (`case_test`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from healer.evidence.recorded_call import LONGEST_CALL
from healer.evidence.small_input import Budget, shrink
from healer.services.runner import PackableTree, SandboxRunner
from healer.support.tree_text import read_text
from healer.tape.facts import Tape
from sandbox import Command, Plan

MOST_FILES = 4
LONGEST_INPUT = 2_000
"""Characters of all files that a test may hold."""
LONGEST_READ = 100_000
"""Of all files that are made smaller; longer ones are not looked at."""
LONGEST_RUN_S = 10.0
NO_DATA = (".py", ".pyc", ".so")
_DRIVER = """\
import json, os, shutil, subprocess, sys, tempfile
script, words, copies, folders, choices = json.loads(sys.stdin.read())
root = os.getcwd()
ends = []
for files in choices:
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
        done = subprocess.run([sys.executable, start, *words], cwd=place, capture_output=True)
        written = {}
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), place)
                is_copy = any(path == c or path.startswith(c + "/") for c in copies)
                if is_copy or path in files or len(written) > 8:
                    continue
                try:
                    with open(os.path.join(place, path), encoding="utf-8", newline="") as file:
                        written[path] = file.read(5000)
                except (OSError, ValueError):
                    pass
        error = done.stderr.decode("utf-8", "replace").strip().rpartition("\\n")[2]
        ends.append([done.returncode, error[:300], done.stdout.decode("utf-8", "replace")[:5000],
                     written])
sys.stdout.write("\\nhealer-ends: " + json.dumps(ends))
"""


class RunEnd(NamedTuple):
    """How one run ended, and what it left behind."""

    exit_code: int
    last_line: str
    """Of what it said on stderr."""
    stdout: str
    written: Mapping[str, str]
    """New files by path."""


class RecordedRun(NamedTuple):
    """A run that fails without the fix, and what it does with it."""

    script: str
    words: tuple[str, ...]
    """After the script."""
    files: Mapping[str, str]
    """What it reads, relative to the folder that it is started in."""
    folders: tuple[str, ...]
    """That must be there."""
    copies: tuple[str, ...]
    """Of the repository, what is copied beside its files; empty: it is started where it stands."""
    stdout: str
    """Empty where it leaves files."""
    written: Mapping[str, str]


@dataclass(frozen=True)
class RunFinder:
    """Makes the failing run again on both trees, each time in an empty folder."""

    base: PackableTree
    tree: PackableTree
    command: Command
    runner: SandboxRunner
    tape: Tape | None

    def find(self, error: str) -> RecordedRun | str:
        """The smallest such run that fails with `error` (an exception's name) without the fix, or
        why there is none."""
        words = list(self.command.argv)
        script = words[1] if len(words) > 1 else ""
        if words[:1] != ["python"] or not script.endswith(".py") or self.base.read(script) is None:
            return "its command is not a script of the repository"
        if why := self._find_need():
            return why
        files = self._read_files(words[1:])
        if files is None:
            return "what it reads is no text, or longer than a test should hold"
        folder = script.partition("/")[0]
        for copies in ((), (folder,)):
            run = self._make_smallest(script, tuple(words[2:]), files, copies, error)
            if run is not None:
                return run
        return "it does not fail in a folder that holds nothing but the files that it read"

    def _find_need(self) -> str:
        tape, world = self.tape, self.command.world
        if self.command.stdin or self.command.cwd:
            return "it reads from another program, or is started in a folder of its own"
        if tape and (tape.connections or tape.program_runs):
            return "it needs the network or other programs"
        root = f"{tape.root}/" if tape else ""
        outside = [each.path for each in world.files if not each.is_name_only] if world else []
        if any(not each.startswith(root) and not each.endswith(NO_DATA) for each in outside):
            return f"it reads {outside[0]}, which is not of the repository"
        return ""

    def _read_files(self, words: Iterable[str]) -> dict[str, str] | None:
        """What it read of the repository, as it was."""
        data = dict(self.command.files)
        if self.tape:
            root = f"{self.tape.root}/"
            paths = [file.path.removeprefix(root) for file in self.tape.files]
        else:
            paths = self._guess_paths(words)
        for path in paths:
            content = self.base.read(path)
            if content is not None and not path.endswith(NO_DATA):
                data.setdefault(path, content)
        data = {path: each for path, each in data.items() if not path.endswith(NO_DATA)}
        if len(data) > MOST_FILES or sum(map(len, data.values())) > LONGEST_READ:
            return None
        try:
            return {path: content.decode("utf-8") for path, content in data.items()}
        except UnicodeDecodeError:
            return None

    def _guess_paths(self, words: Iterable[str]) -> list[str]:
        """Where nothing is recorded: files of the tree that its code or its command name."""
        text = read_text(self.base, self.command.argv[1])
        text += " ".join(words)
        return [path for path in self.base.paths() if PurePosixPath(path).name in text]

    def _make_smallest(
        self,
        script: str,
        words: tuple[str, ...],
        files: dict[str, str],
        copies: tuple[str, ...],
        error: str,
    ) -> RecordedRun | str | None:
        folders = tuple(sorted(self._list_folders()))

        budget = Budget()

        def run(tree: PackableTree, choices: list[Any]) -> list[RunEnd]:
            texts = [_to_texts(each) for each in choices]
            words_in = json.dumps([script, words, copies, folders, texts])
            command = Command(argv=("python", "-c", _DRIVER), stdin=words_in.encode())
            end = self.runner.run(tree, Plan(command=command)).command
            budget.measure(end.seconds if end else 0.0, len(choices))
            return read_ends(end.stdout) if end else []

        def tells(choices: list[Any]) -> list[bool]:
            choices = budget.cut(choices)
            if not choices:
                return []
            pairs = zip(run(self.base, choices), run(self.tree, choices), strict=False)
            return [_fails(before, error) and after.exit_code == 0 for before, after in pairs]

        whole = {path: _from_text(path, text) for path, text in files.items()}
        if tells([whole]) != [True]:
            return None
        if budget.input_s > LONGEST_RUN_S:
            return f"it runs for {budget.input_s:.0f} s, longer than a test should"
        smallest = shrink((whole,), lambda each: tells([choice[0] for choice in each]))[0]
        texts = _to_texts(smallest)
        if sum(map(len, texts.values())) > LONGEST_INPUT or (files and not texts):
            return None  # it reads what the repository holds, and not what a test lays
        end = run(self.tree, [smallest])[0]
        results = {path: each for path, each in end.written.items() if len(each) <= LONGEST_CALL}
        stdout = end.stdout if not end.written and len(end.stdout) <= LONGEST_CALL else ""
        return RecordedRun(script, words, texts, folders, copies, stdout, results)

    def _list_folders(self) -> Iterable[str]:
        """Of the repository, those that were there and hold nothing that a test lays."""
        root = f"{self.tape.root}/" if self.tape else ""
        for folder in self.tape.folders if self.tape else ():
            inside = folder.removeprefix(root)
            if folder.startswith(root) and inside and not self._holds_code(inside):
                yield inside

    def _holds_code(self, folder: str) -> bool:
        paths = self.base.paths()
        return any(each.startswith(f"{folder}/") and each.endswith(".py") for each in paths)


def read_ends(stdout: str) -> list[RunEnd]:
    """What the driver told; nothing where it did not come to its end."""
    _, _, text = stdout.rpartition("\nhealer-ends: ")
    try:
        return [RunEnd(*each) for each in json.loads(text)]
    except (ValueError, TypeError):
        return []


def _fails(end: RunEnd, error: str) -> bool:
    name = end.last_line.partition(":")[0].strip()
    return end.exit_code != 0 and name.rpartition(".")[2] == error


def _from_text(path: str, text: str) -> Any:
    """A JSON document as what it holds, so that its items can be taken away."""
    if not path.endswith(".json"):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, (list, dict)) else text


def _to_texts(files: Mapping[str, Any]) -> dict[str, str]:
    return {
        path: value if isinstance(value, str) else json.dumps(value)
        for path, value in files.items()
    }
