"""Good nights are made again from their tapes, on both trees, with what they read and asked."""

import hashlib
from pathlib import Path

import pytest

from healer.evidence.good_nights import NightRuns, make_replays, run_good_nights
from healer.redact import Redactor
from healer.services.runner import SandboxRunner
from healer.tape.facts import RecordedFile, Tape, WrittenFile
from sandbox import Fault, FaultKind, Job, Limits, ProcessEnd, Report, SandboxError
from sandbox.fake import ScriptedSandbox
from sandbox.world import ChangedFile, WorldEffects
from tests.support.memory_tree import MemoryTree
from tests.support.tapes import connection, exchange, tape

CHANGED = ("scripts/job.py",)
REDACTOR = Redactor()


def scripts(**texts: str) -> MemoryTree:
    return MemoryTree({f"scripts/{name}.py": text for name, text in texts.items()})


def night(**changes: object) -> Tape:
    files = {"data/a.csv": b"1", "scripts/job.py": b"old", "scripts/other.py": b"old"}
    return tape(
        **{
            "argv": ("/usr/bin/python3", "/srv/app/scripts/job.py"),
            "command": ("/usr/bin/python3", "scripts/job.py"),
            "folder": "scripts",
            "stdin": b"in",
            "files": tuple(RecordedFile(f"/srv/app/{p}", data, 0) for p, data in files.items()),
            "connections": (connection(exchange()),),
            "stdout": b"12\n",
            **changes,
        }
    )


def answer(job: Job) -> Report:
    return Report(command=ProcessEnd(exit_code=0, stdout="12\n" if b"base" in job.tree else "13\n"))


def runs(sandbox: ScriptedSandbox, tmp_path: Path) -> SandboxRunner:
    return SandboxRunner(lambda: sandbox, tmp_path, Limits(), dict)


def test_a_night_is_made_on_both_trees_in_its_world_but_never_with_old_code(
    tmp_path: Path,
) -> None:
    sandbox = ScriptedSandbox([answer])
    made = make_replays(
        run_good_nights(
            [night()], scripts(job="base"), scripts(job="new"), CHANGED, runs(sandbox, tmp_path)
        ),
        REDACTOR,
    )
    assert [(each.before, each.after, each.recorded) for each in made] == [("12\n", "13\n", "12\n")]
    assert made[0].run == "/usr/bin/python3 /srv/app/scripts/job.py, 2023-11-14"
    for job in sandbox.jobs:
        command = job.plan.command
        assert command is not None
        assert (command.argv, command.cwd) == (("python", "scripts/job.py"), "scripts")
        assert (command.stdin, command.files) == (b"in", {"data/a.csv": b"1"})
        assert command.world is not None
        assert [peer.host for peer in command.world.peers] == ["api.example"]


def test_the_unfixed_tree_is_asked_once(tmp_path: Path) -> None:
    sandbox = ScriptedSandbox([answer])
    for text in ("one", "two"):
        run_good_nights(
            [night()], scripts(job="base"), scripts(job=text), CHANGED, runs(sandbox, tmp_path)
        )
    assert len(sandbox.jobs) == 3


def test_a_sandbox_that_fails_at_a_night_says_nothing_of_the_fix(tmp_path: Path) -> None:
    tree, fault = scripts(job="x"), Fault(kind=FaultKind.ENGINE, message="away")
    with pytest.raises(SandboxError, match="away"):
        run_good_nights([night()], tree, tree, CHANGED, runs(ScriptedSandbox([fault]), tmp_path))
    sandbox = ScriptedSandbox([fault.model_copy(update={"retryable": False})])
    (made,) = run_good_nights([night()], tree, tree, CHANGED, runs(sandbox, tmp_path))
    assert (made.before, made.after) == (None, None)


def test_a_night_without_words_is_left_out(tmp_path: Path) -> None:
    sandbox, tree = ScriptedSandbox([answer]), scripts(job="x")
    nights = [night(argv=(), command=())]
    assert run_good_nights(nights, tree, tree, CHANGED, runs(sandbox, tmp_path)) == ()
    assert sandbox.jobs == []


@pytest.mark.parametrize(
    ("end", "after"),
    [
        (ProcessEnd(exit_code=1, stdout="x"), None),
        (ProcessEnd(exit_code=None, signal=9), None),
        (ProcessEnd(exit_code=0, timed_out=True), None),
        (ProcessEnd(exit_code=0, stdout="x"), "x"),
    ],
)
def test_a_run_that_does_not_end_well_gives_nothing(
    tmp_path: Path, end: ProcessEnd, after: str | None
) -> None:
    sandbox, tree = ScriptedSandbox([Report(command=end)]), scripts(job="x")
    nights = run_good_nights([night()], tree, tree, CHANGED, runs(sandbox, tmp_path))
    (made,) = make_replays(nights, REDACTOR)
    assert (made.before, made.after) == (after, after)


@pytest.mark.parametrize(("content", "same"), [(b"12", True), (b"13", False)])
def test_a_night_is_the_same_where_its_files_are_too(
    tmp_path: Path, content: bytes, same: bool
) -> None:
    digest = hashlib.sha256(b"12").hexdigest()
    recorded = night(written=(WrittenFile("/srv/app/out.txt", 2, digest, b"12"),))
    file = ChangedFile(path="out.txt", size=2, digest="", data=content)
    end = ProcessEnd(exit_code=0, stdout="12\n", effects=WorldEffects(files=(file,)))
    made = make_replays([NightRuns(recorded, None, end), NightRuns(recorded, end, end)], REDACTOR)
    assert [each.does_the_same for each in made] == [same]
