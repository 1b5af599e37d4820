"""A run of another machine comes into this clone's log once, whatever a crash left undone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.daemon.tasks.shared_runs import FILE, CopySharedRuns
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.incidents import Incidents
from healer.watch.posts import RunReport
from healer.watch.runner import run_log
from healer.watch.shared_runs import SharedRuns


@pytest.fixture
def runs(shared_url: str, scope: Scope) -> Iterator[SharedRuns]:
    with SharedTables(shared_url, scope) as tables:
        Incidents(tables).apply_event("f", "merge", now=1.0, script="a.py")
        yield SharedRuns(tables)


def report(n: int) -> RunReport:
    return RunReport(script="a.py", exit_code=0, started_at=1_800_000_000.1239 + n, commit="c" * 40)


def test_each_run_is_copied_once(runs: SharedRuns, tmp_path: Path) -> None:
    runs.receive("ag", 1, [report(1), report(2)], now=1.0)
    task = CopySharedRuns(runs, tmp_path)
    for _ in range(2):
        task.run(0)
    runs.receive("ag", 2, [report(3)], now=1.0)
    CopySharedRuns(runs, tmp_path).run(0)
    logged = list(run_log.read(tmp_path))
    assert [round(each.started_at) - 1_800_000_000 for each in logged] == [1, 2, 3]
    assert {(each.script, each.commit, each.exit_code) for each in logged} == {
        ("a.py", "c" * 40, 0)
    }


@pytest.mark.parametrize("number", [None, b"", b"{}", b'{"number": null}'])
def test_after_a_crash_nothing_is_copied_twice(
    runs: SharedRuns, tmp_path: Path, number: bytes | None
) -> None:
    runs.receive("ag", 1, [report(1)], now=1.0)
    CopySharedRuns(runs, tmp_path).run(0)
    if number is None:
        (tmp_path / FILE).unlink()
    else:
        (tmp_path / FILE).write_bytes(number)
    CopySharedRuns(runs, tmp_path).run(0)
    assert len(list(run_log.read(tmp_path))) == 1
