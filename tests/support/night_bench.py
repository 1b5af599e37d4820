"""A fix of a small job held against the job's nights, in this process: milliseconds for a run.

Belongs here: jobs that are one function from what was read to the files that it writes, run for
real on the trees that they stand in. Does not belong here: the nights of such jobs (`nights`).
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from healer.evidence.commands import make_night_command
from healer.evidence.experiment import Experiment
from healer.evidence.good_nights import run_good_nights
from healer.evidence.nights import NightCase
from healer.redact import Redactor
from healer.services.runner import SandboxRunner
from healer.tape.facts import Tape, WrittenFile
from sandbox import Job, Limits, Plan, ProcessEnd, Report
from sandbox.fake import ScriptedSandbox
from sandbox.inside.tree import parse
from sandbox.world import ChangedFile, WorldEffects
from tests.support.memory_tree import MemoryTree
from tests.support.tapes import connection, exchange, tape

SCRIPT = "scripts/job.py"
ROOT = "/srv/app"


def run_job(text: str, data: Any) -> dict[str, str]:
    """What the job's `run` gives: the files that it writes, by path."""
    names: dict[str, Any] = {"json": SimpleNamespace(dumps=json.dumps)}  # a neighbour may spoil it
    exec(text, names)  # our own text, and neighbours of it
    run: Callable[[Any], dict[str, str]] = names["run"]
    return run(data)


def answer(job: Job) -> Report:
    """Runs what the tree holds on what the world of the command says."""
    command = job.plan.command
    assert command is not None
    assert command.world is not None
    files = {entry.path: bytes(entry.content).decode() for entry in parse(job.tree)}
    data = json.loads(command.world.peers[0].exchanges[0].answer)
    texts = [contents.get(SCRIPT, files[SCRIPT].encode()) for contents in job.plan.variants]
    variants = tuple(_run_on(text.decode(), data) for text in texts)
    return Report(command=_run_on(files[SCRIPT], data), variants=variants)


def _run_on(script: str, data: Any) -> ProcessEnd:
    try:
        contents = {path: text.encode() for path, text in run_job(script, data).items()}
    except Exception as error:  # whatever a neighbour raises ends the job
        return ProcessEnd(exit_code=1, stderr=repr(error))
    changes = tuple(
        ChangedFile(path=path, size=len(d), digest=hashlib.sha256(d).hexdigest(), data=d)
        for path, d in contents.items()
    )
    return ProcessEnd(exit_code=0, effects=WorldEffects(files=changes))


def make_tape(night: int, data: Any, text: str = "") -> Tape:
    """Of one night; `text`: of a job that ended well on it."""
    contents = run_job(text, data) if text else {}
    written = tuple(
        WrittenFile(f"{ROOT}/{path}", len(d), hashlib.sha256(d).hexdigest(), d)
        for path, d in ((path, content.encode()) for path, content in contents.items())
    )
    return tape(
        argv=("python", SCRIPT),
        command=("python", SCRIPT),
        started_at=1.7e9 + night * 86_400,
        connections=(connection(exchange("/data", json.dumps(data).encode())),),
        written=written,
        stdout=b"",
    )


def make_case(base: str, fix: str, nights: Sequence[Any], bad: Any, folder: Path) -> NightCase:
    """`nights`: what was read on the good ones, oldest first; `bad`: on the failing one."""
    trees = MemoryTree({SCRIPT: base}), MemoryTree({SCRIPT: fix})
    runner = SandboxRunner(lambda: ScriptedSandbox([answer]), folder, Limits(), dict)
    failing = make_tape(len(nights), bad)
    plan = Plan(command=make_night_command(failing, trees[0], ()))
    reports = [runner.run(tree, plan) for tree in trees]
    experiment = Experiment(*trees, (SCRIPT,), {SCRIPT: (1,)}, plan, *reports)
    tapes = [make_tape(n, data, base) for n, data in enumerate(nights)]
    runs = run_good_nights(reversed(tapes), *trees, (SCRIPT,), runner)
    return NightCase(experiment, failing, runs, runner, Redactor(()))
