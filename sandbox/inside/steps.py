"""The steps that are not tests: compile, lint, and the failing command.

Belongs here: what each step runs and how its findings become plain data. Does not belong here:
processes (`child`) and pytest (`testing`).
"""

import functools
import json
import os
import shutil
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import child, tracing, tree, wipe

RUFF_PLACES = ("/opt/healer/bin/ruff",)
_LINT_BYTES = 16 << 20
_LINT_BATCH = 1_000
"""Paths per run of ruff: the kernel limits how long a command line may be."""
_COMPILE_BYTES = 4 << 20
_WIPE_S = 20.0
_RUFF_SETTINGS = "/tmp/healer-ruff.toml"


class UncleanError(Exception):
    """A step left something that could not be removed; no later step would be fresh."""


@dataclass
class Box:
    """One job's tree and clock; hands every step a user of its own."""

    entries: list[tree.Entry]
    deadline: float
    steps: int = 0
    dirty: bool = False
    _contents: dict[str, bytes | memoryview] = field(default_factory=dict)

    def content(self, path: str) -> bytes | None:
        """A file's bytes as they came over the wire, whatever is on disk by now."""
        if not self._contents:
            self._contents = {entry.path: entry.content for entry in self.entries}
        found = self._contents.get(path)
        return None if found is None else bytes(found)

    def run(
        self, body: Callable[[], int], *, files: dict[str, bytes] | None = None, **options: Any
    ) -> child.Outcome:
        """Runs one step in a fresh tree with `files` laid over it. See `child.run`."""
        if self.dirty:
            self._clean()
        laid = [tree.Entry(path, False, data) for path, data in (files or {}).items()]
        self.steps += 1
        self.dirty = True
        return child.run(
            body,
            prepare=functools.partial(_prepare, self.entries, laid),
            uid=child.FIRST_UID + self.steps,
            deadline=self.deadline,
            **options,
        )

    def run_bare(self, body: Callable[[], int]) -> child.Outcome:
        """Runs trusted code that needs no tree on disk and leaves nothing there."""
        self.steps += 1
        return child.run(
            body,
            prepare=_nothing,
            uid=child.FIRST_UID + self.steps,
            deadline=self.deadline,
            channel_bytes=_COMPILE_BYTES,
        )

    def _clean(self) -> None:
        child.run(
            wipe.wipe,
            prepare=_nothing,
            uid=child.FIRST_UID + self.steps,
            deadline=time.monotonic() + _WIPE_S,
        )
        if not wipe.is_clean():
            raise UncleanError("a step left files that cannot be removed")
        self.dirty = False


def _nothing() -> None:
    pass


def _prepare(entries: list[tree.Entry], laid: list[tree.Entry]) -> None:
    tree.write(entries)
    tree.overlay(laid)
    os.mkdir(child.ENVIRONMENT["HOME"], 0o700)
    os.chdir(tree.ROOT)


def compile_files(box: Box, paths: list[str]) -> list[dict[str, object]]:
    """Syntax problems of the named files, in order. Nothing of them is executed."""
    outcome = box.run_bare(functools.partial(_compile_body, box, paths))
    if outcome.exit_code != 0:
        return [_problem(paths[0], 0, f"the compiler itself was ended by {_how(outcome)}")]
    found: list[dict[str, object]] = json.loads(outcome.channel.bytes())
    return found


def _compile_body(box: Box, paths: list[str]) -> int:
    import warnings

    warnings.simplefilter("ignore")
    problems = [problem for path in paths if (problem := _compile_one(box, path))]
    os.write(child.CHANNEL_FD, b"")
    with os.fdopen(child.CHANNEL_FD, "wb") as channel:
        channel.write(json.dumps(problems).encode())
    return 0


def _compile_one(box: Box, path: str) -> dict[str, object] | None:
    source = box.content(path)
    if source is None:
        return _problem(path, 0, "the file is not in the tree")
    try:
        compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return _problem(path, error.lineno or 0, error.msg)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return _problem(path, 0, f"{type(error).__name__}: {error}")
    return None


def _problem(path: str, line: int, message: str) -> dict[str, object]:
    return {"path": path, "line": line, "message": message}


def _how(outcome: child.Outcome) -> str:
    if outcome.timed_out:
        return "the deadline"
    return f"signal {outcome.signal}" if outcome.signal else f"exit code {outcome.exit_code}"


def lint(box: Box, plan: dict[str, Any]) -> list[dict[str, object]]:
    """ruff's findings in the named files. A linter that could not run is a finding of its own."""
    ruff = next((place for place in RUFF_PLACES if os.access(place, os.X_OK)), None)
    if ruff is None:
        return [_finding("", 0, "ruff", "the sandbox image holds no ruff")]
    paths: list[str] = plan["lint"]
    found: list[dict[str, object]] = []
    for start in range(0, len(paths), _LINT_BATCH):
        found += _lint_batch(box, ruff, plan, paths[start : start + _LINT_BATCH])
    return found


def _lint_batch(
    box: Box, ruff: str, plan: dict[str, Any], paths: list[str]
) -> list[dict[str, object]]:
    argv = [ruff, *_ruff_arguments(plan), "--", *paths]
    outcome = box.run(functools.partial(_lint_body, argv, plan), stdout_bytes=_LINT_BYTES)
    try:
        raw = json.loads(outcome.stdout.bytes())
        return [_from_ruff(item) for item in raw]
    except (ValueError, TypeError, KeyError, AttributeError):
        said = outcome.stderr.text().strip()[-2_000:]
        return [_finding("", 0, "ruff", f"ruff ended with {_how(outcome)}: {said}")]


def _ruff_arguments(plan: dict[str, Any]) -> list[str]:
    return [
        "check",
        *_ruff_rules(plan),
        "--output-format=json",
        "--no-cache",
        "--no-fix",
        "--no-respect-gitignore",
    ]


def _ruff_rules(plan: dict[str, Any]) -> list[str]:
    if not plan["lint_config"]:
        return ["--isolated", "--select", ",".join(plan["lint_rules"])]
    return ["--config", _RUFF_SETTINGS]


def with_rules(settings: str, rules: list[str]) -> str:
    """The project's settings with our rules selected, unless the project selects its own.

    The selection has to stand in the same file: given on the command line it would win over what
    the project ignores.
    """
    try:
        chosen = tomllib.loads(settings)
    except tomllib.TOMLDecodeError:
        return settings  # ruff itself will say what is wrong
    lint = chosen.get("lint")
    if "select" in chosen or (isinstance(lint, dict) and "select" in lint):
        return settings
    text = f"select = {json.dumps(rules)}\n"
    head, header, tail = settings.partition("[lint]\n")
    return f"{head}{header}{text}{tail}" if header else f"lint.{text}{settings}"


def _lint_body(argv: list[str], plan: dict[str, Any]) -> int:
    if plan["lint_config"]:
        with open(_RUFF_SETTINGS, "w", encoding="utf-8") as file:
            file.write(with_rules(plan["lint_config"], plan["lint_rules"]))
    os.execve(argv[0], argv, os.environ)


def _from_ruff(item: dict[str, Any]) -> dict[str, object]:
    path = str(item["filename"]).removeprefix(tree.ROOT + "/")
    line = int((item.get("location") or {}).get("row", 0))
    return _finding(path, line, str(item.get("code") or "invalid-syntax"), str(item["message"]))


def _finding(path: str, line: int, code: str, message: str) -> dict[str, object]:
    return {"path": path, "line": line, "code": code, "message": message}


def command(box: Box, plan: dict[str, Any], trace: dict[str, list[int]]) -> dict[str, object]:
    """Runs one command inside a fresh tree. Returns the fields of `Ended`."""
    outcome = box.run(
        functools.partial(_command_body, plan, trace),
        files=plan.get("files", {}),
        stdin=plan.get("stdin", b""),
    )
    return {**outcome.ended(), "executed": tracing.parse(outcome.channel, trace)}


def _command_body(plan: dict[str, Any], trace: dict[str, list[int]]) -> int:
    folder = plan.get("cwd", "")
    try:
        os.chdir(folder or ".")
    except OSError as error:
        os.write(2, f"{folder}: {error.strerror}\n".encode("utf-8", "replace"))
        return 127
    return exec_body(plan["argv"], plan.get("env", {}), trace)


def exec_body(argv: list[str], env: dict[str, str], trace: dict[str, list[int]]) -> int:
    """Becomes the command. Like a shell: 127 when there is no such program, 126 when it is none."""
    os.environ.update(env)
    if trace:
        tracing.prepare_environment(trace)
    program = sys.executable if argv[0] in ("python", "python3") else argv[0]
    found = program if "/" in program else shutil.which(program)
    try:
        if found is None:
            raise FileNotFoundError(2, "No such program in the sandbox image")
        os.execve(found, [argv[0] if found != sys.executable else found, *argv[1:]], os.environ)
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode("utf-8", "replace"))
        return 127 if isinstance(error, FileNotFoundError) else 126
