"""What the tests on this machine and in the sandbox say of each other.

Belongs here: each difference as a line with its next step, and what is wrong at both places. Does
not belong here: running them (`suite`).
"""

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from healer.app.diagnosis import Diagnosis
from healer.evidence.observed_failure import JOB_ROOTS
from healer.evidence.sandbox_differences import explain_by_sandbox
from healer.failure import Failure, parse_traceback
from healer.judge import BAD, explain_abort, explain_no_start
from healer.judge.outcomes import name_some
from quarantine.tree import Tree
from sandbox import TestResult, TestRun

NAME = "suite"
MOST_DIFFERENCES = 10
_LAST_CHARS = 160


class HostRun(NamedTuple):
    """The tests on this machine."""

    exit_code: int | None
    """None: it was ended after the time."""
    results: Mapping[str, TestResult]
    last_words: str
    python: Path
    """The interpreter that stood for `python`."""


def compare_runs(
    command: Sequence[str], here: HostRun, box: TestRun, tree: Tree, root: Path
) -> Iterator[Diagnosis]:
    """Each difference; one line where there is none."""
    words = shlex.join(command)
    why = explain_abort(box) or explain_no_start(box)
    if here.exit_code is None:
        yield Diagnosis(name=NAME, status="note", detail=f"here, {words} ran into the time limit")
    elif why and (here.results or here.exit_code == 0):
        step = (
            "name the Python that runs the tests in [sandbox] python; the image has what its line "
        )
        step += "above says"
        yield Diagnosis(name=NAME, status="fail", detail=f"in the sandbox {why}", next_step=step)
    elif not here.results and here.exit_code != 0:
        yield Diagnosis(
            name=NAME,
            status="fail",
            detail=f"here, {words} ends with {here.exit_code} without a test: {here.last_words}",
            next_step="set [tests] command to what runs the tests here, or [sandbox] python to the "
            f"Python that runs them ({here.python} was taken)",
        )
    else:
        yield from _limit([*_compare_tests(words, here, box, tree, root)])


def read_last_line(text: str) -> str:
    """The last line that says anything, cut."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:_LAST_CHARS] if lines else ""


def _limit(lines: Sequence[Diagnosis]) -> Iterator[Diagnosis]:
    yield from lines[:MOST_DIFFERENCES]
    if len(lines) > MOST_DIFFERENCES:
        rest = f"and {len(lines) - MOST_DIFFERENCES} more tests that end otherwise"
        yield Diagnosis(name=NAME, status="fail", detail=rest)


def _compare_tests(
    words: str, here: HostRun, box: TestRun, tree: Tree, root: Path
) -> Iterator[Diagnosis]:
    inside = {each.node: each for each in box.results if "::" in each.node or ".py" in each.node}
    is_otherwise = box.is_of_command and (here.exit_code == 0) != (box.ended.exit_code == 0)
    if is_otherwise:
        yield Diagnosis(
            name=NAME,
            status="fail",
            detail=f"the command ends with {here.exit_code} here and with {box.ended.exit_code} in "
            f"the sandbox: {read_last_line(box.ended.stdout + box.ended.stderr)}",
            next_step="look at what it needs that is not in git: healer fix says what it misses",
        )
    yield from _tell_unloaded(here, inside)
    ours = _leave_out(here.results, _find_unloaded(inside), _find_unloaded(here.results))
    theirs = _leave_out(inside, _find_unloaded(inside), _find_unloaded(here.results))
    yield from _tell_missing(ours, theirs)
    both = [node for node in ours if node in theirs]
    otherwise = [n for n in both if (ours[n].outcome in BAD) != (theirs[n].outcome in BAD)]
    if len(both) > len(otherwise) or not (inside or is_otherwise):
        yield _count_alike(words, [ours[node] for node in both if node not in otherwise])
    for node in otherwise:
        yield _describe(ours[node], theirs[node], tree, root)


def _find_unloaded(results: Mapping[str, TestResult]) -> dict[str, str]:
    """The modules of which no test could be run, each with the first reason for it."""
    modules = (each for each in results.values() if each.outcome == "error")
    return {each.node: _explain(each.detail) for each in modules if "::" not in each.node}


def _explain(detail: str) -> str:
    """The module's own last exception, not what pytest makes of it."""
    chain = [each for each in parse_traceback(detail) if each.type.partition(".")[0] != "_pytest"]
    if not chain:
        return read_last_line(detail)
    return f"{chain[-1].type}: {chain[-1].message}".partition("\n")[0][:_LAST_CHARS]


def _tell_unloaded(here: HostRun, inside: Mapping[str, TestResult]) -> Iterator[Diagnosis]:
    """One line for each reason and place: a module that cannot be loaded hides all its tests."""
    ours, theirs = _find_unloaded(here.results), _find_unloaded(inside)
    install = (
        "name the Python that has what is missing in [sandbox] python, or install it for "
        f"{here.python}"
    )
    commit = "commit what they import, or install it where the sandbox takes its packages from"
    both, alone = ours.keys() & theirs.keys(), ours.keys() - theirs.keys()
    for names, reasons, status, place, step in (
        (both, theirs, "fail", "can be loaded neither here nor in the sandbox", install),
        (
            alone,
            ours,
            "note",
            f"cannot be loaded here, by {here.python}; the sandbox runs them",
            install,
        ),
        (theirs.keys() - ours.keys(), theirs, "fail", "cannot be loaded in the sandbox", commit),
    ):
        for why in sorted({reasons[name] for name in names}):
            some = name_some(sorted(name for name in names if reasons[name] == why))
            detail = f"the tests of {some} {place}: {why}"
            yield Diagnosis.model_validate(
                {"name": NAME, "status": status, "detail": detail, "next_step": step}
            )


def _leave_out(results: Mapping[str, TestResult], *modules: Iterable[str]) -> dict[str, TestResult]:
    """Without the tests of these modules, and the modules themselves."""
    names = {name for each in modules for name in each}
    return {node: each for node, each in results.items() if node.partition("::")[0] not in names}


def _tell_missing(
    here: Mapping[str, TestResult], inside: Mapping[str, TestResult]
) -> Iterator[Diagnosis]:
    for names, place, other, step in (
        ([n for n in here if n not in inside], "here", "in the sandbox",
         "commit what they need, or name it in [sandbox] include"),
        ([n for n in inside if n not in here], "in the sandbox", "here",
         "commit what the working tree has otherwise"),
    ):  # fmt: skip
        if names:
            detail = f"{len(names)} tests run {place} and not {other}: {name_some(names)}"
            yield Diagnosis(name=NAME, status="fail", detail=detail, next_step=step)


def _count_alike(words: str, results: Sequence[TestResult]) -> Diagnosis:
    """Those that end at both places alike; who fails at both is named."""
    failing = [each.node for each in results if each.outcome in BAD]
    detail = f"{words}: {len(results) or 'no'} tests by name end here as in the sandbox"
    if failing:
        detail += f", {len(failing)} of them fail: {name_some(failing)}"
    return Diagnosis(name=NAME, status="note" if failing else "pass", detail=detail)


def _describe(here: TestResult, inside: TestResult, tree: Tree, root: Path) -> Diagnosis:
    bad, place = (inside, "in the sandbox") if inside.outcome in BAD else (here, "on this machine")
    chain = parse_traceback(bad.detail, roots=(*JOB_ROOTS, str(root)))
    why = ""
    if bad is inside and chain:
        failure = Failure(id="suite", script=bad.node, source="check", chain=chain)
        why = explain_by_sandbox(failure, tree, root, os.environ)
    last = f"{chain[-1].type}: {chain[-1].message}" if chain else read_last_line(bad.detail)
    detail = f"{bad.node} fails only {place}: {last.partition(chr(10))[0][:_LAST_CHARS]}"
    step = why or "look for what it finds here and not in a fresh clone without network"
    if bad is here:
        step = "commit or undo what the working tree has otherwise"
    return Diagnosis(name=NAME, status="fail", detail=detail, next_step=step)
