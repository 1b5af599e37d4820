"""The run that failed is made again from a few small files."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from healer.evidence import recorded_run, small_input
from healer.evidence.fetching_client import URLLIB
from healer.evidence.recorded_run import RecordedRun, RunFinder
from healer.redact import Redactor
from healer.services.runner import SandboxRunner
from healer.tape.facts import ProgramRun
from sandbox import Command, Job, Limits, Report
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


@pytest.fixture(autouse=True)
def _endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine makes no input longer."""
    for name in ("BUDGET_S", "ROUND_S"):
        monkeypatch.setattr(small_input, name, 1e6)


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


FETCHING = """\
import json
import os
import sys
from urllib.request import urlopen

rows = json.load(urlopen(os.environ["PLACE"] + "/rows"))
with open("out.csv", "w") as file:
    for row in rows:
        file.write(f"{row['id']},{row['rate']}\\n")
sys.exit(0)
"""


def find_fetching(tmp_path: Path, base: str = FETCHING, **changes: object) -> RecordedRun | str:
    box = ScriptedSandbox([run_on_host])
    runner = SandboxRunner(lambda: box, tmp_path, Limits(), dict, Redactor())
    fix = base.replace("row['rate']", "row.get('rate', '')")
    trees = MemoryTree({SCRIPT: base}), MemoryTree({SCRIPT: fix})
    peer = connection(exchange("/rows", ROWS.encode()), host="api.example", port=80)
    facts = {"connections": (peer,), "environment": {"PLACE": "http://api.example", "OTHER": "x"}}
    night = tape(**{**facts, **changes})
    return RunFinder(*trees, Command(argv=("python", SCRIPT)), runner, night).find("KeyError")


def test_a_run_that_fetches_is_answered_as_it_was_by_what_tells(tmp_path: Path) -> None:
    run = find_fetching(tmp_path)
    assert isinstance(run, RecordedRun)
    assert run.answers == {"http://api.example/rows": [{"id": 2}]}
    assert run.variables == {"PLACE": "http://api.example"}
    assert run.written == {"out.csv": "2,\n"}
    assert run.exits
    assert not run.needs_folder
    assert run.client is URLLIB


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"base": FETCHING.replace("urllib.request", "pycurl")},
            "it asks by a client that a test cannot stand in for",
        ),
        (
            {"connections": (connection(exchange("/rows", b"", status=503)),)},
            "http://api.example/rows was not answered by a whole page",
        ),
        ({"program_runs": (ProgramRun(("df",), 0),)}, "it needs other programs"),
    ],
)
def test_a_run_that_no_test_can_answer_is_none(
    changes: dict[str, object], why: str, tmp_path: Path
) -> None:
    assert find_fetching(tmp_path, **changes) == why


def test_what_is_otherwise_on_another_day_is_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run of this sandbox is a day of its own."""
    base = BASE.replace('with open("out.csv"', 'open("day", "w").write(TODAY)\nwith open("out.csv"')

    def run_on_some_day(job: Job) -> Report:
        days.append(str(len(days)))
        text = (job.plan.command or Command(argv=())).stdin
        assert text
        monkeypatch.setenv("TODAY", days[-1])
        return run_on_host(job)

    days: list[str] = []
    base = base.replace("TODAY", '__import__("os").environ["TODAY"]')
    box = ScriptedSandbox([run_on_some_day])
    runner = SandboxRunner(lambda: box, tmp_path, Limits(), dict, Redactor())
    fix = base.replace("row['rate']", "row.get('rate', '')")
    files = {"rows.json": '[{"id": 2}]'}
    trees = MemoryTree({SCRIPT: base, **files}), MemoryTree({SCRIPT: fix, **files})
    run = RunFinder(*trees, Command(argv=("python", SCRIPT)), runner, None).find("KeyError")
    assert isinstance(run, RecordedRun)
    assert run.written == {"out.csv": "2,\n"}
    assert box.jobs[-1].plan.command.world.started_at > time.time() + 300 * 86_400
