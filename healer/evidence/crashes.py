"""How the repair's tests fail on the unfixed commit: by a crash of the code, by work that does not
end, or by a wrong answer.

Belongs here: reading what they raised. Does not belong here: what follows from it (`rivals`). Pure.
"""

import re
from collections.abc import Collection

from healer.evidence.experiment import Experiment
from healer.evidence.observed_failure import JOB_ROOTS
from healer.failure import Raised, parse_traceback
from healer.judge import BAD

_ENDLESS = frozenset(
    ("EndlessTestError", "RecursionError", "MemoryError", "TimeoutExpired", "Failed")
)
"""What ends work that has no end: the sandbox's own limit, the interpreter's, that of a started
program, and that of pytest's plugins."""
_LIBRARY = re.compile(r"/(?:site-packages|lib/python3[^/]*)/")


def collect_messages(experiment: Experiment, nodes: Collection[str]) -> list[str]:
    """What the exceptions of these tests and of the command say on the base."""
    command = experiment.before.command
    chain_of_command = parse_traceback(command.stderr, roots=JOB_ROOTS) if command else ()
    chains = (*_find_chains(experiment, nodes), chain_of_command)
    return [chain[-1].message for chain in chains if chain]


def fails_by_crashes(experiment: Experiment, nodes: Collection[str]) -> bool:
    """Whether the repair's tests fail on the base since the code raises, and not since a test found
    an answer wrong: then what the base does answer is right. A file that could not even be
    collected stands for its tests."""
    chains = _find_chains(experiment, nodes)
    return bool(chains) and all(
        chain and chain[-1].type != "AssertionError" and _is_in_code(chain[-1], experiment)
        for chain in chains
    )


def fails_by_hang(experiment: Experiment, nodes: Collection[str]) -> bool:
    """Whether one of the repair's tests or the command does not end on the base. Where it is
    stopped says nothing of what is wrong: that may be a limit or a condition elsewhere."""
    command = experiment.before.command
    if command is not None and command.timed_out:
        return True
    chains = _find_chains(experiment, nodes)
    return any(chain and chain[-1].type.rpartition(".")[2] in _ENDLESS for chain in chains)


def _find_chains(experiment: Experiment, nodes: Collection[str]) -> list[tuple[Raised, ...]]:
    """What these tests raise on the base; nothing of one whose text is no traceback."""
    names = {*nodes, *(node.partition("::")[0] for node in nodes)}
    outcomes = [r for run in experiment.before.tests for r in run.results if r.node in names]
    results = [r for r in outcomes if r.outcome in BAD]
    return [parse_traceback(result.detail, roots=JOB_ROOTS) for result in results]


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
