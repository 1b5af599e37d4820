"""How the repair's tests fail on the unfixed commit: by a crash of the code, by work that does not
end, or by a wrong answer.

Belongs here: reading what they raised. Does not belong here: what follows from it (`rivals`). Pure.
"""

import ast
import re
from collections.abc import Collection

from healer.draft.rules.source_file import SourceFile
from healer.evidence.experiment import Experiment
from healer.evidence.hunks import find_line_hunks
from healer.evidence.lost_words import find_blamed_words
from healer.evidence.observed_failure import JOB_ROOTS
from healer.failure import Raised, parse_traceback
from healer.judge import BAD
from sandbox import TestResult

_ENDLESS = frozenset(
    ("EndlessTestError", "RecursionError", "MemoryError", "TimeoutExpired", "Failed")
)
"""What ends work that has no end: the sandbox's own limit, the interpreter's, that of a started
program, and that of pytest's plugins."""
_MISSED = re.compile(r"DID NOT RAISE (.+)|(\w+) not raised(?: by .+)?")
"""As pytest's `raises` and unittest's `assertRaises` say it."""
_CLASS = re.compile(r"(?:[\w.]+\.)?(\w+)'>|^(\w+)$")
_LIBRARY = re.compile(r"/(?:site-packages|lib/python3[^/]*)/")


def collect_messages(experiment: Experiment, nodes: Collection[str]) -> list[str]:
    """What the exceptions of these tests and of the command say on the base."""
    command = experiment.before.command
    chain_of_command = parse_traceback(command.stderr, roots=JOB_ROOTS) if command else ()
    chains = (*_find_chains(experiment, nodes), chain_of_command)
    return [chain[-1].message for chain in chains if chain]


def find_blamed(experiment: Experiment, nodes: Collection[str]) -> set[str]:
    """The words that every exception of these tests blames on the line of a changed file that
    raised it, or called the library that did (`find_blamed_words`). None where the fix changes more
    than that statement: what is done elsewhere instead may do more."""
    words: list[set[str]] = []
    for chain in _find_chains(experiment, nodes):
        frames = chain[-1].frames if chain else ()
        own = [(f, path) for f in frames if (path := _find_path(f.file, experiment))]
        if not own or own[-1][1] not in experiment.changed_files:
            return set()
        frame, path = own[-1]
        base, fix = experiment.texts_of(path)
        if not _changes_only_at(base, fix, frame.line):
            return set()
        is_inner = frame is frames[-1]
        words.append(find_blamed_words(base, frame.line, chain[-1].message, is_inner=is_inner))
    return set.intersection(*words) if words else set()


def _changes_only_at(base: str, fix: str, line: int) -> bool:
    """Whether one run of lines changes, and lies in the statement on the line, or in its head."""
    statement = SourceFile("", base).statement_at(line)
    hunks = find_line_hunks(base, fix)
    if statement is None or len(hunks) != 1:
        return False
    body = getattr(statement, "body", None)
    end = body[0].lineno if body else (statement.end_lineno or line) + 1
    first, last = (base.count("\n", 0, at) + 1 for at in hunks[0].old)
    return statement.lineno <= first < last <= end


def fails_by_crashes(experiment: Experiment, nodes: Collection[str]) -> bool:
    """Whether the repair's tests fail on the base since the code raises, and not since a test found
    an answer wrong: then what the base does answer is right. A file that could not even be
    collected stands for its tests."""
    chains = _find_chains(experiment, nodes)
    return bool(chains) and all(
        chain and chain[-1].type != "AssertionError" and _is_in_code(chain[-1], experiment)
        for chain in chains
    )


def find_crash_types(experiment: Experiment, nodes: Collection[str]) -> set[str]:
    """Names of the exceptions by which these tests fail on the base, without their modules."""
    chains = _find_chains(experiment, nodes)
    return {chain[-1].type.rpartition(".")[2] for chain in chains if chain}


def find_missed_errors(experiment: Experiment, nodes: Collection[str]) -> set[str]:
    """Names of the errors, without their modules, that these tests ask for and that the base does
    not raise: it takes what ought to be refused. None where one of the tests fails otherwise."""
    names = set[str]()
    for chain in _find_chains(experiment, nodes):
        lines = chain[-1].message.splitlines() if chain else []
        match = _MISSED.fullmatch(lines[0]) if lines else None
        if match is None:
            return set()
        words = _CLASS.findall(match[1] or match[2])
        names |= {name for pair in words for name in pair if name}
    return names


def fails_by_hang(experiment: Experiment, nodes: Collection[str]) -> bool:
    """Whether one of the repair's tests or the command does not end on the base, or only by a
    `raise` within a `while` loop. Where it is stopped says nothing of what is wrong: that may be a
    limit or a condition elsewhere."""
    command = experiment.before.command
    if command is not None and command.timed_out:
        return True
    chains = _find_chains(experiment, nodes)
    return any(
        chain
        and (
            chain[-1].type.rpartition(".")[2] in _ENDLESS or _is_end_of_loop(chain[-1], experiment)
        )
        for chain in chains
    )


def _is_end_of_loop(exception: Raised, experiment: Experiment) -> bool:
    """Its last frame is a `raise` within a `while` loop of a changed file."""
    frame = exception.frames[-1] if exception.frames else None
    path = _find_path(frame.file, experiment) if frame else ""
    if frame is None or path not in experiment.changed_files:
        return False
    code = SourceFile(path, experiment.texts_of(path)[0])
    loops = [node for node in code.nodes if isinstance(node, ast.While)]
    stops = [n for loop in loops for n in ast.walk(loop) if isinstance(n, ast.Raise)]
    return any(node.lineno == frame.line for node in stops)


def find_wrong_indices(experiment: Experiment, nodes: Collection[str]) -> set[tuple[str, int]]:
    """Path and line where an index of a changed file lay beyond its list. Who counts from the wrong
    end of one mostly does so everywhere: what such a line gave elsewhere may be wrong, too."""
    places = set()
    for chain in _find_chains(experiment, nodes):
        frame = chain[-1].frames[-1] if chain and chain[-1].frames else None
        path = _find_path(frame.file, experiment) if frame else ""
        if frame and chain[-1].type == "IndexError" and path in experiment.changed_files:
            places.add((path, frame.line))
    return places


def find_crash_lines(experiment: Experiment, path: str) -> list[int]:
    """Lines of a changed file at which failing tests and the command raised on the base, or called
    the library that did; none where a test found an answer wrong."""
    results = [r for run in experiment.before.tests for r in run.results if r.outcome in BAD]
    command = experiment.before.command
    texts = [result.detail for result in results] + ([command.stderr] if command else [])
    lines: dict[int, None] = {}
    for text in texts:
        chain = parse_traceback(text, roots=JOB_ROOTS)
        frames = chain[-1].frames if chain and chain[-1].type != "AssertionError" else ()
        own = [(f.line, name) for f in frames if (name := _find_path(f.file, experiment))]
        if own and own[-1][1] == path:
            lines[own[-1][0]] = None
    return list(lines)


def _find_chains(experiment: Experiment, nodes: Collection[str]) -> list[tuple[Raised, ...]]:
    """What these tests, or programs that they start, raise on the base; nothing of one whose text
    is no traceback."""
    names = {*nodes, *(node.partition("::")[0] for node in nodes)}
    outcomes = [r for run in experiment.before.tests for r in run.results if r.node in names]
    results = [r for r in outcomes if r.outcome in BAD]
    return [_read_chain(result) for result in results]


def _read_chain(result: TestResult) -> tuple[Raised, ...]:
    """What the test raised; where it started a program that crashed, what that raised."""
    inner = parse_traceback(result.inner_error, roots=JOB_ROOTS)
    return inner or parse_traceback(result.detail, roots=JOB_ROOTS)


def find_tests_through(experiment: Experiment, nodes: Collection[str]) -> tuple[str, ...]:
    """Those of these tests whose exceptions on the base came through a changed file: the others
    fail of something else. All of them where none did: some tests say only what was wrong."""

    def is_through(node: str) -> bool:
        frames = (f for chain in _find_chains(experiment, (node,)) for e in chain for f in e.frames)
        return any(_find_path(f.file, experiment) in experiment.changed_files for f in frames)

    return tuple(filter(is_through, nodes)) or tuple(nodes)


def _is_in_code(exception: Raised, experiment: Experiment) -> bool:
    """Of the repository's own frames the last one is in a changed file: it raises there, or in a
    library that it called."""
    own = [path for f in exception.frames if (path := _find_path(f.file, experiment))]
    return bool(own) and own[-1] in experiment.changed_files


def _find_path(file: str, experiment: Experiment) -> str:
    """Within the repository, wherever that lay; empty for a file of something else."""
    if _LIBRARY.search(file):
        return ""
    parts = [part for part in file.split("/") if part]
    paths = ("/".join(parts[first:]) for first in range(len(parts)))
    return next((path for path in paths if experiment.base.read(path) is not None), "")
