"""Good runs are made again from their records, whatever the records hold."""

import base64
from pathlib import Path
from typing import Any

import pytest

from healer.evidence.good_runs import replay_good_runs
from healer.services.runner import SandboxRunner
from sandbox import Job, Limits, ProcessEnd, Report
from sandbox.fake import ScriptedSandbox
from tests.support.memory_tree import MemoryTree

CHANGED = ("scripts/job.py",)


def scripts(**texts: str) -> MemoryTree:
    return MemoryTree({f"scripts/{name}.py": text for name, text in texts.items()})


def record(**changes: Any) -> Any:
    made = {
        "argv": ["/usr/bin/python3", "/srv/shop/scripts/job.py"],
        "command": ["/usr/bin/python3", "scripts/job.py"],
        "folder": "scripts",
        "stdin": base64.b64encode(b"in").decode(),
        "inputs": {
            "data/a.csv": base64.b64encode(b"1").decode(),
            "scripts/job.py": base64.b64encode(b"old").decode(),
            "scripts/other.py": base64.b64encode(b"old").decode(),
        },
        "stdout": "12\n",
        "occurred_at": "2026-11-20T02:00:00Z",
    }
    return {**made, **changes}


def answer(job: Job) -> Report:
    return Report(command=ProcessEnd(exit_code=0, stdout="12\n" if b"base" in job.tree else "13\n"))


def runs(sandbox: ScriptedSandbox, tmp_path: Path) -> SandboxRunner:
    return SandboxRunner(lambda: sandbox, tmp_path, Limits(), dict)


def test_a_good_run_is_made_on_both_trees_with_its_input_but_never_with_old_code(
    tmp_path: Path,
) -> None:
    sandbox = ScriptedSandbox([answer])
    made = replay_good_runs(
        [record()], scripts(job="base"), scripts(job="new"), CHANGED, runs(sandbox, tmp_path)
    )
    assert [(each.before, each.after) for each in made] == [("12\n", "13\n")]
    assert made[0].run == "/usr/bin/python3 /srv/shop/scripts/job.py, 2026-11-20"
    for job in sandbox.jobs:
        command = job.plan.command
        assert command is not None
        assert (command.argv, command.cwd) == (("python", "scripts/job.py"), "scripts")
        assert (command.stdin, command.files) == (b"in", {"data/a.csv": b"1"})


def test_the_unfixed_tree_is_asked_once(tmp_path: Path) -> None:
    sandbox = ScriptedSandbox([answer])
    for text in ("one", "two"):
        replay_good_runs(
            [record()], scripts(job="base"), scripts(job=text), CHANGED, runs(sandbox, tmp_path)
        )
    assert len(sandbox.jobs) == 3


@pytest.mark.parametrize(
    "broken",
    [{"argv": [], "command": []}, {"stdin": "abc"}, {"inputs": 3}, {"inputs": {"a": 1}}],
    ids=repr,
)
def test_a_record_that_cannot_be_read_is_left_out(tmp_path: Path, broken: dict[str, Any]) -> None:
    sandbox = ScriptedSandbox([answer])
    tree = scripts(job="base")
    assert replay_good_runs([record(**broken)], tree, tree, CHANGED, runs(sandbox, tmp_path)) == ()
