"""The tests as their owner runs them, beside the sandbox's run: `healer doctor --suite`.

Belongs here: running them on this machine and in the sandbox. Does not belong here: what the two
runs say of each other (`suite_comparison`), how the sandbox runs them (`healer.evidence.tests`).

This is the one place where a repository's own interpreter is started on this machine for healer's
sake: only who asks for it gets it. Each test reports how it ends as in the sandbox, by the same
means, whatever runner the command starts.
"""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from healer.app.diagnosis import Diagnosis
from healer.app.sandbox_setup import (
    add_tree_paths,
    find_interpreter,
    image_config,
    limits_of,
    start_sandbox,
)
from healer.app.suite_comparison import NAME, HostRun, compare_runs, read_last_line
from healer.app.untracked_inputs import inputs_reader
from healer.config import Config, ConfigError
from healer.evidence.tests import choose_command, plan_tests, run_once
from quarantine.project_tests import split_launchers
from quarantine.repository import Repository
from sandbox import Job, Plan, SandboxError, TestResult
from sandbox.inside.pytest_checks.command_run import CommandTests
from sandbox.inside.supervisor.command import split_assignments
from sandbox.inside.tracing import heirs

_TIMES_LONGER = 3
"""Of the sandbox's time, what the run on this machine may take: it may be the first one."""


def examine_suite(repository: Repository, config: Config, image: str) -> Iterator[Diagnosis]:
    """Both runs, compared, the sandbox's on this image (empty: it could not be built, which is
    said elsewhere). Runs the repository's own code on this machine."""
    root, tip = repository.root, repository.tip(config.target)
    if why := _explain_no_run(root, tip, config, image):
        yield Diagnosis(name=NAME, status="note", detail=f"not run: {why}")
    elif root is not None and tip is not None:
        yield from _run_both(repository, config, image, root, tip)


def _explain_no_run(root: Path | None, tip: str | None, config: Config, image: str) -> str:
    if root is None:
        return "a bare repository has no working tree"
    if tip is None:
        return f"the target branch {config.target!r} does not exist"
    return "" if image else "there is no sandbox to compare with (above)"


def _run_both(
    repository: Repository, config: Config, image: str, root: Path, tip: str
) -> Iterator[Diagnosis]:
    tree = repository.tree(tip)
    plan = plan_tests(tree, config.tests.command)
    if plan is None:
        yield Diagnosis(name=NAME, status="note", detail="[tests] command is empty")
        return
    try:
        python = find_interpreter(repository, config)
        settings = image_config(config, repository, root)
        files = tree.tar(inputs_reader(repository, config)())
        job = Job(tree=files, plan=Plan(tests=run_once(plan)), limits=limits_of(config))
        with start_sandbox(config, image) as sandbox:
            report = add_tree_paths(sandbox, settings, root).run(job)
    except (SandboxError, ConfigError) as error:
        yield Diagnosis(name=NAME, status="fail", detail=str(error))
        return
    if report.fault:
        yield Diagnosis(name=NAME, status="fail", detail=report.fault.message)
        return
    command = choose_command(tree, config.tests.command)
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
    return HostRun(exit_code, results, read_last_line(output.decode("utf-8", "replace")), python)


def _is_python(word: str) -> bool:
    return word in ("python", "python3")
