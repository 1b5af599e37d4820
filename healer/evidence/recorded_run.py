"""The run that failed, as a test can make it again: a few small files and answers, a command, what
it leaves.

Belongs here: what the run read and was answered, the smallest part of it that still tells, and what
the fix makes of it, all seen in the sandbox. Does not belong here: the test's text (`case_text`,
`fetching_text`) and whether it holds (`case_test`).
"""

import ast
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from healer.evidence.fetching_client import (
    Answers,
    Client,
    find_client,
    find_siblings,
    read_answers,
)
from healer.evidence.recorded_call import LONGEST_CALL
from healer.evidence.run_driver import DAYS_LATER_S, Inputs, RunEnd, Start, read_ends
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
NO_ANSWERS = Answers({}, "")
FILE, ANSWER, VARIABLE = "file:", "answer:", "variable:"
"""What begins the names of parts of an input."""


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
    answers: Mapping[str, Any] = {}
    """By address: what it is answered; what is no text becomes JSON."""
    variables: Mapping[str, str] = {}
    client: Client | None = None
    """In whose place the answers are given; None: it asks nobody."""
    kind: str = ""
    """The content type of the answers."""
    needs_folder: bool = False
    """It imports what lies beside it."""
    exits: bool = False
    """It ends by `sys.exit`."""


@dataclass(frozen=True)
class RunFinder:
    """Makes the failing run again on both trees, each time in an empty folder."""

    base: PackableTree
    tree: PackableTree
    command: Command
    runner: SandboxRunner
    tape: Tape | None
    spare: tuple[Tape, ...] = ()
    """Of good nights: what they were answered where the failing one did not come to ask."""

    def find(self, error: str) -> RecordedRun | str:
        """The smallest such run that fails with `error` (an exception's name) without the fix, or
        why there is none."""
        words = list(self.command.argv)
        script = words[1] if len(words) > 1 else ""
        if words[:1] != ["python"] or not script.endswith(".py") or self.base.read(script) is None:
            return "its command is not a script of the repository"
        need, answers = self._find_need(), self._find_answers()
        if need or isinstance(answers, str):
            return need or str(answers)
        client = find_client(self.base, script) if answers.texts else None
        files = self._read_files(words[1:])
        if files is None or sum(map(len, answers.texts.values())) > LONGEST_READ:
            return "what it reads is no text, or longer than a test should hold"
        if answers.texts and client is None:
            return "it asks by a client that a test cannot stand in for"
        inputs = Inputs(files, answers.texts, self._find_variables(script))
        folder = script.partition("/")[0]
        for copies in ((), (folder,)) if client is None else ((),):
            start = Start(script, tuple(words[2:]), copies, self._folders, client, answers.kind)
            run = self._make_smallest(start, inputs, error)
            if run is not None:
                return run
        return "it does not fail in a folder that holds nothing but the files that it read"

    def _find_need(self) -> str:
        tape, world = self.tape, self.command.world
        if self.command.stdin or self.command.cwd:
            return "it reads from another program, or is started in a folder of its own"
        if tape and tape.program_runs:
            return "it needs other programs"
        root = f"{tape.root}/" if tape else ""
        outside = [each.path for each in world.files if not each.is_name_only] if world else []
        if any(not each.startswith(root) and not each.endswith(NO_DATA) for each in outside):
            return f"it reads {outside[0]}, which is not of the repository"
        return ""

    def _find_answers(self) -> Answers | str:
        return read_answers(self.tape, self.spare) if self.tape else NO_ANSWERS

    def _find_variables(self, script: str) -> dict[str, str]:
        """Those of that night that the script names."""
        if self.tape is None:
            return {}
        try:
            nodes = list(ast.walk(ast.parse(read_text(self.base, script))))
        except (SyntaxError, ValueError):
            return {}
        names = {each.value for each in nodes if isinstance(each, ast.Constant)}
        return {n: value for n, value in self.tape.environment.items() if n in names}

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

    def _make_smallest(self, start: Start, inputs: Inputs, error: str) -> RecordedRun | str | None:
        budget = Budget()

        def run(tree: PackableTree, choices: list[Any], now: float = 0.0) -> list[RunEnd]:
            command = start.make_command([_to_inputs(each) for each in choices], now)
            end = self.runner.run(tree, Plan(command=command)).command
            budget.measure(end.seconds if end else 0.0, len(choices))
            return read_ends(end.stdout) if end else []

        def tells(choices: list[Any]) -> list[bool]:
            choices = budget.cut(choices)
            if not choices:
                return []
            pairs = zip(run(self.base, choices), run(self.tree, choices), strict=False)
            return [_fails(before, error) and after.exit_code == 0 for before, after in pairs]

        whole = _from_inputs(inputs)
        if tells([whole]) != [True]:
            return None
        if budget.input_s > LONGEST_RUN_S:
            return f"it runs for {budget.input_s:.0f} s, longer than a test should"
        smallest = shrink((whole,), lambda each: tells([choice[0] for choice in each]))[0]
        least = _to_inputs(smallest)
        is_empty = (inputs.files or inputs.answers) and not (least.files or least.answers)
        if sum(map(len, (*least.files.values(), *least.answers.values()))) > LONGEST_INPUT:
            return None
        if is_empty:
            return None  # it reads what the repository holds, and not what a test lays
        ends = [*run(self.tree, [smallest]), *run(self.tree, [smallest], self._later)]
        return self._describe(start, smallest, ends)

    @property
    def _later(self) -> float:
        return time.time() + DAYS_LATER_S

    def _describe(
        self, start: Start, smallest: Mapping[str, Any], ends: list[RunEnd]
    ) -> RecordedRun:
        """The run, with those of its results that are the same on another day."""
        end, *others = ends
        inputs = _to_inputs(smallest)
        results = {
            path: text
            for path, text in end.written.items()
            if len(text) <= LONGEST_CALL and all(o.written.get(path) == text for o in others)
        }
        is_steady = all(other.stdout == end.stdout for other in others)
        is_told = not end.written and len(end.stdout) <= LONGEST_CALL and is_steady
        return RecordedRun(
            script=start.script,
            words=tuple(start.words),
            files=inputs.files,
            folders=tuple(start.folders),
            copies=tuple(start.copies),
            stdout=end.stdout if is_told else "",
            written=results,
            answers=_select(smallest, ANSWER),
            variables=inputs.variables,
            client=start.client,
            kind=start.kind,
            needs_folder=find_siblings(self.base, start.script),
            exits=end.exits,
        )

    @property
    def _folders(self) -> tuple[str, ...]:
        return tuple(sorted(self._list_folders()))

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


def _fails(end: RunEnd, error: str) -> bool:
    name = end.last_line.partition(":")[0].strip()
    return end.exit_code != 0 and name.rpartition(".")[2] == error


def _from_inputs(inputs: Inputs) -> dict[str, Any]:
    """In one table, so that any part of it can be taken away."""
    files = {FILE + path: _from_text(text, path) for path, text in inputs.files.items()}
    answers = {ANSWER + url: _from_text(text) for url, text in inputs.answers.items()}
    return {**files, **answers, **{VARIABLE + n: text for n, text in inputs.variables.items()}}


def _to_inputs(table: Mapping[str, Any]) -> Inputs:
    parts = [_select(table, mark) for mark in (FILE, ANSWER, VARIABLE)]
    return Inputs(*({name: _to_text(value) for name, value in part.items()} for part in parts))


def _select(table: Mapping[str, Any], mark: str) -> dict[str, Any]:
    return {k.removeprefix(mark): value for k, value in table.items() if k.startswith(mark)}


def _from_text(text: str, path: str = ".json") -> Any:
    """A JSON document as what it holds, so that its items can be taken away."""
    if not path.endswith(".json"):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, (list, dict)) else text


def _to_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
