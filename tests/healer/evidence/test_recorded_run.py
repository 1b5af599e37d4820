"""The run that failed is made again from a few small files."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from healer.evidence import recorded_run
from healer.evidence.recorded_run import RecordedRun, RunFinder, read_ends
from healer.redact import Redactor
from healer.services.runner import SandboxRunner
from sandbox import Command, Limits
from sandbox.fake import ScriptedSandbox
from tests.support.host_sandbox import run_on_host
from tests.support.memory_tree import MemoryTree
from tests.support.tapes import connection, exchange, tape

SCRIPT = "scripts/job.py"
BASE = """\
import json

rows = json.load(open("rows.json"))
with open("out.csv", "w") as file:
    for row in rows:
        file.write(f"{row['id']},{row['rate']}\\n")
"""
FIXED = BASE.replace("row['rate']", "row.get('rate', '')")
ROWS = '[{"id": 1, "rate": 2}, {"id": 2}, {"id": 3, "rate": 4}]'


def find(
    files: Mapping[str, str], fix: str, tmp_path: Path, command: Command | None = None
) -> RecordedRun | str:
    box = ScriptedSandbox([run_on_host])
    runner = SandboxRunner(lambda: box, tmp_path, Limits(), dict, Redactor())
    trees = MemoryTree(dict(files)), MemoryTree({**files, SCRIPT: fix})
    run = command or Command(argv=("python", SCRIPT))
    return RunFinder(*trees, run, runner, None).find("KeyError")


def test_only_the_rows_that_tell_are_kept_and_what_is_written_is_known(tmp_path: Path) -> None:
    run = find({SCRIPT: BASE, "rows.json": ROWS}, FIXED, tmp_path)
    assert isinstance(run, RecordedRun)
    assert run.files == {"rows.json": '[{"id": 2}]'}
    assert run.written == {"out.csv": "2,\n"}
    assert (run.copies, run.stdout) == ((), "")


def test_a_script_that_reads_beside_itself_is_copied(tmp_path: Path) -> None:
    beside = 'open(__import__("os").path.dirname(__file__) + "/../rows.json")'
    base, fix = (each.replace('open("rows.json")', beside) for each in (BASE, FIXED))
    rows = '[{"id": 2}]'
    run = find({SCRIPT: base, "rows.json": rows}, fix, tmp_path)
    assert isinstance(run, RecordedRun)
    assert (run.files, run.copies) == ({"rows.json": rows}, ("scripts",))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (Command(argv=("sh", "-c", "x")), "its command is not a script of the repository"),
        (Command(argv=("python", "-m", "job")), "its command is not a script of the repository"),
        (
            Command(argv=("python", SCRIPT), stdin=b"x"),
            "it reads from another program, or is started in a folder of its own",
        ),
        (
            Command(argv=("python", SCRIPT), files={"rows.json": b"\xff"}),
            "what it reads is no text, or longer than a test should hold",
        ),
    ],
)
def test_what_a_test_cannot_make_again_is_said(command: Command, why: str, tmp_path: Path) -> None:
    assert find({SCRIPT: BASE, "rows.json": ROWS}, FIXED, tmp_path, command) == why


def test_a_run_that_does_not_fail_so_again_is_none(tmp_path: Path) -> None:
    why = "it does not fail in a folder that holds nothing but the files that it read"
    assert find({SCRIPT: FIXED, "rows.json": ROWS}, FIXED, tmp_path) == why


def test_a_run_that_takes_longer_than_a_test_should_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded_run, "LONGEST_RUN_S", 0.0)
    why = find({SCRIPT: BASE, "rows.json": ROWS}, FIXED, tmp_path)
    assert isinstance(why, str)
    assert why.endswith("s, longer than a test should")


def test_a_run_that_needs_the_network_is_none(tmp_path: Path) -> None:
    box = ScriptedSandbox([run_on_host])
    runner = SandboxRunner(lambda: box, tmp_path, Limits(), dict, Redactor())
    tree = MemoryTree({SCRIPT: BASE})
    night = tape(connections=(connection(exchange()),))
    finder = RunFinder(tree, tree, Command(argv=("python", SCRIPT)), runner, night)
    assert finder.find("KeyError") == "it needs the network or other programs"
    assert box.jobs == []


@pytest.mark.parametrize("text", ["", "\nhealer-ends: [", "\nhealer-ends: [[1]]"])
def test_a_driver_that_did_not_come_to_its_end_tells_nothing(text: str) -> None:
    assert read_ends(text) == []
