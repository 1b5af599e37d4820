"""Whether the repository's other scripts, which use what a fix changes, do what they did.

Belongs here: finding them, running them as they are on both trees, and comparing. Does not belong
here: recorded nights of theirs (`good_nights`), or what a difference means (`healer.judge`).

No test need run them, and no night be recorded: a script that ended well by itself, with the input
that the repository holds, is to end so with the fix.
"""

import ast
import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence

from healer.evidence.crashes import fails_by_crashes
from healer.evidence.experiment import Experiment
from healer.judge import Evidence
from healer.judge.facts import ScriptChange
from healer.services import Services
from healer.services.runner import PackableTree, SandboxRunner
from healer.tape.effects import is_temporary
from quarantine.project_tests import ProjectTests
from sandbox import Command, Plan, ProcessEnd, SandboxError
from sandbox.inside.pytest_checks.imports import is_named, list_names
from sandbox.world import World

MOST_SCRIPTS = 6
"""Scripts run; those that lie nearest to the changed file come first. Each costs a container on
both trees."""
MOST_SOURCE_BYTES = 200_000
_STARTED_AT = 1_772_442_000.0
"""A morning in March: the clock of each run starts there, so that what is printed of it is the
same."""
_LONGEST = 160
_WORD = re.compile(rb"\w+")
_IMPORT = re.compile(rb"(?m)^[ \t]*(?:from|import)[ \t][^#\n(]*(?:\([^)]*\)|[^\n]*)")
_DYNAMIC = re.compile(rb"import_module|__import__|run_path|run_module|spec_from_file_location")


def find_script_changes(
    experiment: Experiment, script: str, evidence: Evidence, services: Services
) -> tuple[ScriptChange, ...]:
    """What the fix of `script` changes of others. Where a test found an answer wrong, others may
    have shown the wrong one as well, and only what breaks one counts. Raises SandboxError."""
    scripts = find_other_scripts(experiment.base, experiment.changed_files, (script,))
    commands = {job.script: job.command for job in services.config.job if job.command}
    changes = compare_scripts(experiment, scripts, commands, services.runner)
    nodes = evidence.fail_to_pass if evidence.heals else ()
    if not nodes or fails_by_crashes(experiment, nodes):
        return changes
    return tuple(change for change in changes if change.breaks)


def find_other_scripts(
    tree: PackableTree, changes: Collection[str], but: Collection[str] = ()
) -> tuple[str, ...]:
    """Programs that import one of the changed files, themselves or through others; `but`: what is
    run anyway. The nearest first."""
    tests = ProjectTests.load(tree)
    sources = {path: data for path in tree.paths() if (data := _read_source(tree, path))}
    words = {path: _list_words(source) for path, source in sources.items()}
    modules = {path for path in changes if path.endswith(".py")}
    users, waiting = set(modules), sorted(modules)
    while waiting:
        module = waiting.pop()
        more = [
            path
            for path, source in sources.items()
            if path not in users and _stem(module) in words[path] and _imports(source, module)
        ]
        users.update(more)
        waiting += more
    programs = {
        path: min(_distance(path, each) for each in modules)
        for path in users - modules - {*but}
        if not tests.is_test_code(path) and _is_program(sources[path])
    }
    return tuple(sorted(programs, key=lambda path: (programs[path], path)))


def _read_source(tree: PackableTree, path: str) -> bytes:
    data = (tree.read(path) or b"") if path.endswith(".py") else b""
    return data if len(data) <= MOST_SOURCE_BYTES else b""


def _list_words(source: bytes) -> set[bytes]:
    """Those of its import statements; all where it imports by other means."""
    lines = source.splitlines() if _DYNAMIC.search(source) else _IMPORT.findall(source)
    return set(_WORD.findall(b"\n".join(lines)))


def _imports(source: bytes, module: str) -> bool:
    names = list_names(source)
    return names is None or is_named(module, names)


def _stem(path: str) -> bytes:
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return parts[-1].encode()


def _distance(path: str, other: str) -> int:
    ours, theirs = path.split("/")[:-1], other.split("/")[:-1]
    depth = sum(one == two for one, two in zip(ours, theirs, strict=False))
    return len(ours) + len(theirs) - 2 * depth


def _is_program(source: bytes) -> bool:
    """It does something when it is started: it asks whether it is, or acts at its top level."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(map(_acts, body))


def _acts(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.If):
        names = [node for node in ast.walk(statement.test) if isinstance(node, ast.Name)]
        return any(node.id == "__name__" for node in names)
    is_call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    return is_call or isinstance(statement, ast.For | ast.While | ast.With)


def compare_scripts(
    experiment: Experiment,
    scripts: Sequence[str],
    commands: Mapping[str, tuple[str, ...]],
    runner: SandboxRunner,
) -> tuple[ScriptChange, ...]:
    """What becomes of them; `commands`: how some are started, by path. Raises SandboxError."""
    changes = (
        _compare(experiment, path, commands.get(path, ()), runner)
        for path in scripts[:MOST_SCRIPTS]
    )
    return tuple(change for change in changes if change is not None)


def _compare(
    experiment: Experiment, script: str, command: tuple[str, ...], runner: SandboxRunner
) -> ScriptChange | None:
    for argv in _list_commands(script, command):
        before = _run(experiment.base, argv, runner, from_cache=True)
        if not _is_good(before):
            continue
        after = _run(experiment.tree, argv, runner)
        if _is_good(after) and _tell(after) == _tell(before):
            return None
        if _is_good(after):
            again = _run(experiment.base, argv, runner)
            if not _is_good(again) or _tell(again) != _tell(before):
                return None  # it never says the same twice
        elif after.timed_out:
            after = _run(experiment.tree, argv, runner)  # a busy machine does that, too
            if _is_good(after) and _tell(after) == _tell(before):
                return None
        return _describe(argv, before, after)
    return None


def _list_commands(script: str, command: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if command:
        yield command
        return
    module = script.removesuffix(".py").removesuffix("/__main__").replace("/", ".")
    ways: list[tuple[str, ...]] = [("python", script)]
    ways += [("python", "-m", module)] if "/" in script else []
    yield from ways
    yield from ((*way, "--help") for way in ways)


def _run(
    tree: PackableTree, argv: tuple[str, ...], runner: SandboxRunner, *, from_cache: bool = False
) -> ProcessEnd:
    command = Command(argv=argv, world=World(started_at=_STARTED_AT))
    report = runner.run(tree, Plan(command=command), from_cache=from_cache)
    if report.fault or report.command is None:
        fault = report.fault
        message = fault.message if fault else "the script was not run"
        if fault is None:
            raise SandboxError(message)
        raise SandboxError(message, kind=fault.kind, retryable=fault.retryable)
    return report.command


def _is_good(end: ProcessEnd) -> bool:
    return end.exit_code == 0 and not (end.timed_out or end.oom)


def _tell(end: ProcessEnd) -> tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What it did, as far as it can be seen."""
    every = end.effects.files if end.effects else ()
    files = [file for file in every if not (file.is_same or is_temporary(file.path))]
    digests = sorted((file.path, file.digest) for file in files)
    return end.stdout, tuple(digests), end.missed


def _describe(argv: tuple[str, ...], before: ProcessEnd, after: ProcessEnd) -> ScriptChange:
    command = shlex.join(argv)
    if not _is_good(after):
        lines = [line for line in after.stderr.splitlines() if line.strip()]
        last = lines[-1].strip() if lines else f"exit status {after.exit_code}"
        return ScriptChange(command=command, breaks=True, after=last[:_LONGEST])
    old, new = before.stdout.splitlines(), after.stdout.splitlines()
    if old == new:
        theirs, others = dict(_tell(after)[1]), dict(_tell(before)[1])
        paths = [path for path in {**others, **theirs} if others.get(path) != theirs.get(path)]
        what = paths[0] if paths else "the requests it makes"
        return ScriptChange(command=command, file=what)
    width = max(len(old), len(new))
    pairs = zip(old + [""] * (width - len(old)), new + [""] * (width - len(new)), strict=True)
    one, other = next(pair for pair in pairs if pair[0] != pair[1])
    return ScriptChange(command=command, before=one[:_LONGEST], after=other[:_LONGEST])
