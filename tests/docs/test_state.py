"""docs/state.md names every file that really comes to lie in the state directory."""

import re
from pathlib import Path

from healer.engine.locks import hold_executor_lock
from healer.failure import Failure
from healer.support.clone_name import name_clone
from healer.watch.inbox import Inbox
from healer.watch.wakeup import WakeupPipe
from tests.docs.fences import ROOT
from tests.support.bench import GOOD, Bench

PAGE = (ROOT / "docs" / "state.md").read_text()
NAMES = set(
    re.findall(r"`([\w./-]+)`", "\n".join(re.findall(r"^\| (`[^|]*`) \|", PAGE, re.MULTILINE)))
)


def is_told(name: str) -> bool:
    """Whether a row of the page stands for this entry of the state directory."""
    plain = re.sub(r"-(wal|shm|journal)$", "", name)
    return plain in NAMES or f"{plain}/" in NAMES


def test_what_a_repair_leaves_is_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.fix(GOOD)
    names = {path.name for path in bench.state.iterdir()}
    assert {"ledger.sqlite", "workflows.sqlite", "incidents.sqlite", "cache"} <= names
    assert [name for name in sorted(names) if not is_told(name)] == []


def test_what_noticing_and_waiting_leave_is_told(tmp_path: Path) -> None:
    failure = Failure(id="", script="a.py", source="run")
    Inbox(tmp_path).put(failure)
    with WakeupPipe(tmp_path), hold_executor_lock(tmp_path, "daemon"):
        name_clone(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if not is_told(path.name)] == []


def test_every_name_that_the_watchdog_uses_is_told() -> None:
    script = (ROOT / "scripts" / "watchdog").read_text()
    used = set(re.findall(r"\$state/([\w.-]*\w)", script)) - {"starts.new"}
    assert {name for name in used if not is_told(name) and name not in PAGE} == set()
    assert used >= {"alive", "starts", "restarted"}


OTHERS_FILES = (
    "draft/rules", "draft/search", "healer/survey", "app/declared", "app/environments",
)  # fmt: skip
"""Modules that name files of the repositories that they look at."""


def test_every_database_and_json_file_that_the_code_names_is_told() -> None:
    named = set()
    for path in (ROOT / "healer").rglob("*.py"):
        if not any(name in path.as_posix() for name in OTHERS_FILES):
            named |= set(re.findall(r'"([a-z_]+\.(?:sqlite|json|log|lock))"', path.read_text()))
    used_in_git = {"index.lock"}
    assert {name for name in named - used_in_git if not is_told(name) and name not in PAGE} == set()
