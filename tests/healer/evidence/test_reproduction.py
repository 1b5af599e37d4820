"""A failure that is gone is told from one that was never seen; of that it is said what differed."""

import dataclasses
from dataclasses import replace
from typing import Any

import pytest

from healer.config import Config
from healer.evidence.baseline import examine
from healer.evidence.reproduction import explain_difference
from healer.facts.repair import Baseline
from healer.tape.facts import Process
from healer.tape.recordings import Recordings
from healer.tape.store import keep_tape
from sandbox import Job, ProcessEnd, Report
from sandbox.fake import ScriptedSandbox
from sandbox.inside.tree import parse
from tests.healer.evidence.reports import SCRIPT, TRACE, ended, failure, request
from tests.support.bench import LINE, RIGHT, Bench
from tests.support.git import commit_all, git, write_files
from tests.support.tapes import tape

PROCESS = Process((), "/srv/app/env/bin/python", "/srv/app/env", "/usr", (3, 9, 1), "/")
WELL = ProcessEnd(exit_code=0)


def error(name: str) -> Any:
    return failure(TRACE.replace("KeyError: 'totl'", f"{name}: no"))


@pytest.mark.parametrize(
    ("observation", "end", "night", "part"),
    [
        (None, None, None, "healer run --"),
        (None, WELL, None, "no tape"),
        (None, WELL, tape(), "it ended well; all that was recorded was the same"),
        (None, WELL, tape(gaps=("the tape is full",)), "it ended well; the tape is full"),
        (None, WELL, tape(programs=(("df", "-h"),)), "what df said"),
        (None, WELL.model_copy(update={"missed": ("GET a/b",)}), tape(), "it asked GET a/b"),
        (None, ProcessEnd(exit_code=127), tape(), "a program"),
        (error("ModuleNotFoundError"), ProcessEnd(exit_code=1), tape(processes=(PROCESS,)),
         "ModuleNotFoundError: no; the job ran on /srv/app/env/bin/python"),
    ],
)  # fmt: skip
def test_it_is_said_what_differed(observation: Any, end: Any, night: Any, part: str) -> None:
    assert part in explain_difference(failure(), observation, end, night)


def test_a_job_on_a_python_that_no_image_is_made_of_is_said_to_be_one() -> None:
    process = dataclasses.replace(PROCESS, version=(3, 6, 15))
    sentence = explain_difference(failure(), None, WELL, tape(processes=(process,)))
    assert "the job ran on Python 3.6.15, and the sandbox runs jobs of Python 3.8" in sentence


def test_what_the_sandbox_lacks_comes_before_what_may_have_changed() -> None:
    sentence = explain_difference(failure(), error("gaierror"), ProcessEnd(exit_code=1), tape(),
                                  "the sandbox has no network")  # fmt: skip
    assert sentence.endswith("gaierror: no; the sandbox has no network")


@pytest.mark.parametrize(
    ("python", "part"), [("/gone/python", "is not there any more"), ("/bin/sh", "3.8 or newer")]
)
def test_a_missing_package_is_explained_by_the_interpreter(python: str, part: str) -> None:
    night = tape(processes=(replace(PROCESS, python=python),))
    missing = error("ModuleNotFoundError")
    assert part in explain_difference(failure(), missing, ProcessEnd(exit_code=1), night)


def test_a_folder_elsewhere_is_named() -> None:
    assert "started in /home/ann" in explain_difference(
        failure(), None, WELL, replace(tape(), root="/srv/shop", cwd="/home/ann")
    )


def test_uncommitted_changes_are_named_last() -> None:
    assert "not committed" in explain_difference(failure(dirty=True), None, WELL, tape())


def run_script(job: Job) -> Report:
    """Fails where the tree has the broken line."""
    files = {entry.path: bytes(entry.content).decode() for entry in parse(job.tree)}
    is_broken = LINE in files[SCRIPT]
    return Report(command=ended(1, stderr=TRACE) if is_broken else WELL)


def examined(bench: Bench, *, on_tape: bool = True) -> Baseline:
    """Of a failure on the first commit; the second has the right line."""
    broken = git(bench.folder, "rev-parse", "HEAD")
    write_files(bench.folder, {SCRIPT: (bench.folder / SCRIPT).read_text().replace(LINE, RIGHT)})
    tip = commit_all(bench.folder, "Mend it")
    bench.box = ScriptedSandbox([run_script])
    recorded = failure(argv=("python", SCRIPT), commit=broken)
    with bench.opened(Config()) as services:
        if on_tape:
            keep_tape(bench.state, recorded.id, tape())
        recordings = Recordings(bench.state)
        return examine(
            request(failure=recorded, base=tip), replace(services, recordings=recordings)
        )


def test_what_is_gone_on_todays_commit_is_healthy(bench: Bench) -> None:
    baseline = examined(bench)
    assert baseline.healthy
    assert "no longer fails" in baseline.reason


def test_without_its_world_nothing_is_said_to_be_gone(bench: Bench) -> None:
    baseline = examined(bench, on_tape=False)
    assert (baseline.healthy, baseline.reproduced) == (False, False)
    assert "no tape" in baseline.difference
