"""The tests as their owner runs them, beside the sandbox's run: `healer doctor --suite`.

Belongs here: running them on this machine, and each difference with its next step. Does not belong
here: how the sandbox runs them (`healer.evidence.tests`).

This is the one place where a repository's own interpreter is started on this machine for healer's
sake: only who asks for it gets it. Each test reports how it ends as in the sandbox, by the same
means, whatever runner the command starts.
"""

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from healer.app.diagnosis import Diagnosis
from healer.app.sandbox_setup import (
    find_interpreter,
    image_config,
    limits_of,
    open_sandbox,
)
from healer.app.trust import read_trusted_configuration
from healer.app.untracked_inputs import inputs_reader
from healer.config import Config, ConfigError
from healer.evidence.observed_failure import JOB_ROOTS
from healer.evidence.sandbox_differences import explain_by_sandbox
from healer.evidence.tests import choose_command, plan_tests, run_once
from healer.failure import Failure, parse_traceback
from healer.judge import BAD, explain_abort, explain_no_start
from healer.judge.outcomes import name_some
from quarantine.errors import RepositoryError
from quarantine.project_tests import split_launchers
from quarantine.repository import Repository
from quarantine.tree import Tree
from sandbox import Job, Plan, SandboxError, TestResult, TestRun
from sandbox.inside.pytest_checks.command_run import CommandTests
from sandbox.inside.supervisor.command import split_assignments
from sandbox.inside.tracing import heirs

NAME = "suite"
MOST_DIFFERENCES = 10
_TIMES_LONGER = 3
"""Of the sandbox's time, what the run on this machine may take: it may be the first one."""
_LAST_CHARS = 160


class HostRun(NamedTuple):
    """The tests on this machine."""

    exit_code: int | None
    """None: it was ended after the time."""
    results: Mapping[str, TestResult]
    last_words: str


def diagnose_suite(start: Path) -> tuple[Diagnosis, ...]:
    """Of the repository that holds this folder; nothing where it or its configuration cannot be
    read, which is another thing to look at."""
    try:
        repository = Repository.open(start)
        return tuple(examine_suite(repository, read_trusted_configuration(repository)))
    except (RepositoryError, ConfigError):
        return ()


def examine_suite(repository: Repository, config: Config) -> Iterator[Diagnosis]:
    """Both runs, compared. Runs the repository's own code on this machine."""
    root, tip = repository.root, repository.tip(config.target)
    if root is None or tip is None:
        yield Diagnosis(name=NAME, status="note", detail="there is no working tree to run tests in")
        return
    tree = repository.tree(tip)
    plan = plan_tests(tree, config.tests.command)
    if plan is None:
        yield Diagnosis(name=NAME, status="note", detail="[tests] command is empty")
        return
    try:
        image = image_config(config, repository, root)
        with open_sandbox(config, image) as sandbox:
            plan = run_once(plan)
            files = tree.tar(inputs_reader(repository, config)())
            report = sandbox.run(Job(tree=files, plan=Plan(tests=plan), limits=limits_of(config)))
    except SandboxError as error:
        yield Diagnosis(name=NAME, status="fail", detail=str(error))
        return
    if report.fault:
        yield Diagnosis(name=NAME, status="fail", detail=report.fault.message)
        return
    command = choose_command(tree, config.tests.command)
    python = find_interpreter(repository, config)
    here = run_here(command, python, root, config.sandbox.timeout_s * _TIMES_LONGER)
    yield from compare_runs(command, here, report.tests[0], tree, root)


def run_here(command: Sequence[str], python: Path, root: Path, timeout_s: float) -> HostRun:
    """The command in the working tree, with this interpreter as its Python."""
    launchers, rest = split_launchers(command)
    words = [str(python) if _is_python(word) else word for word in launchers]
    words += [str(python) if not words and _is_python(rest[0]) else rest[0], *rest[1:]]
    words = ["env", *words] if "=" in words[0] else words
    variables, words = split_assignments(words)
    with tempfile.NamedTemporaryFile() as channel:
        request = ({"results": None}, str(root), channel.name)
        environment = {
            "PYTHONDONTWRITEBYTECODE": "1",
            **os.environ,
            "PATH": f"{python.parent}:{os.environ.get('PATH', os.defpath)}",
            **variables,
        }
        path = environment.get("PYTHONPATH", "")
        environment.update(heirs.Heirs(request).list_variables(path))
        with subprocess.Popen(
            words,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            try:
                output = process.communicate(timeout=timeout_s)[0]
                exit_code: int | None = process.returncode
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                output, exit_code = process.communicate()[0], None
        tests = CommandTests(Path(channel.name).read_bytes().splitlines())
    results = {node: TestResult.model_validate(each) for node, each in tests.results.items()}
    return HostRun(exit_code, results, _read_last_line(output.decode("utf-8", "replace")))


def _is_python(word: str) -> bool:
    return word in ("python", "python3")


def _read_last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:_LAST_CHARS] if lines else ""


def compare_runs(
    command: Sequence[str], here: HostRun, box: TestRun, tree: Tree, root: Path
) -> Iterator[Diagnosis]:
    """Each difference; one line where there is none."""
    words = shlex.join(command)
    why = explain_abort(box) or explain_no_start(box)
    if here.exit_code is None:
        yield Diagnosis(name=NAME, status="note", detail=f"here, {words} ran into the time limit")
    elif why and (here.results or here.exit_code == 0):
        step = "install what is missing beside the scripts' Python, or name it in [sandbox] python"
        yield Diagnosis(name=NAME, status="fail", detail=f"in the sandbox {why}", next_step=step)
    elif not here.results and here.exit_code != 0:
        yield Diagnosis(
            name=NAME,
            status="fail",
            detail=f"here, {words} ends with {here.exit_code} without a test: {here.last_words}",
            next_step="set [tests] command to what runs the tests here",
        )
    else:
        lines = list(_compare_tests(here, box, tree, root))
        yield from lines[:MOST_DIFFERENCES]
        if len(lines) > MOST_DIFFERENCES:
            rest = f"and {len(lines) - MOST_DIFFERENCES} more tests that end otherwise"
            yield Diagnosis(name=NAME, status="fail", detail=rest)
        if not lines:
            count = len(here.results) or "no"
            detail = f"{words}: {count} tests by name, all end as in the sandbox"
            yield Diagnosis(name=NAME, status="pass", detail=detail)


def _compare_tests(here: HostRun, box: TestRun, tree: Tree, root: Path) -> Iterator[Diagnosis]:
    inside = {each.node: each for each in box.results if "::" in each.node or ".py" in each.node}
    if box.is_of_command and (here.exit_code == 0) != (box.ended.exit_code == 0):
        yield Diagnosis(
            name=NAME,
            status="fail",
            detail=f"the command ends with {here.exit_code} here and with {box.ended.exit_code} in "
            f"the sandbox: {_read_last_line(box.ended.stdout + box.ended.stderr)}",
            next_step="look at what it needs that is not in git: healer fix says what it misses",
        )
    for names, place, other, step in (
        ([n for n in here.results if n not in inside], "here", "in the sandbox",
         "commit what they need, or name it in [sandbox] include"),
        ([n for n in inside if n not in here.results], "in the sandbox", "here",
         "commit what the working tree has otherwise"),
    ):  # fmt: skip
        if names:
            detail = f"{len(names)} tests run {place} and not {other}: {name_some(names)}"
            yield Diagnosis(name=NAME, status="fail", detail=detail, next_step=step)
    for node, result in here.results.items():
        if node in inside and (result.outcome in BAD) != (inside[node].outcome in BAD):
            yield _describe(result, inside[node], tree, root)


def _describe(here: TestResult, inside: TestResult, tree: Tree, root: Path) -> Diagnosis:
    bad, place = (inside, "in the sandbox") if inside.outcome in BAD else (here, "on this machine")
    chain = parse_traceback(bad.detail, roots=(*JOB_ROOTS, str(root)))
    why = ""
    if bad is inside and chain:
        failure = Failure(id="suite", script=bad.node, source="check", chain=chain)
        why = explain_by_sandbox(failure, tree, root, os.environ)
    last = f"{chain[-1].type}: {chain[-1].message}" if chain else _read_last_line(bad.detail)
    detail = f"{bad.node} fails only {place}: {last.partition(chr(10))[0][:_LAST_CHARS]}"
    step = why or "look for what it finds here and not in a fresh clone without network"
    if bad is here:
        step = "commit or undo what the working tree has otherwise"
    return Diagnosis(name=NAME, status="fail", detail=detail, next_step=step)
