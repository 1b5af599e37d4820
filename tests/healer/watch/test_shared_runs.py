"""Of each report every run counts once, and is kept whole where something hangs on it."""

from collections.abc import Iterator

import pytest

from healer.failure import Failure, fingerprint
from healer.repair.premises import find_good_run
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.incidents import Incidents
from healer.watch.posts import RunReport
from healer.watch.record import new_id
from healer.watch.shared_inbox import SharedInbox
from healer.watch.shared_runs import ELSEWHERE, STAY_S, SharedRuns

NOW = 1_800_000_000.0


@pytest.fixture
def tables(shared_url: str, scope: Scope) -> Iterator[SharedTables]:
    with SharedTables(shared_url, scope) as tables:
        yield tables


def run_of(script: str, exit_code: int = 0) -> RunReport:
    return RunReport(script=script, exit_code=exit_code, started_at=NOW, commit="c" * 40)


def counts(tables: SharedTables) -> list[tuple[object, ...]]:
    return tables.query("SELECT script, good, bad FROM run_count ORDER BY script")


def test_every_run_is_counted_once_however_often_its_report_comes(tables: SharedTables) -> None:
    runs = SharedRuns(tables)
    report = [run_of("a.py"), run_of("a.py"), run_of("a.py", 1), run_of("b.py")]
    assert [runs.receive("ag", n, report, now=NOW) for n in (1, 1, 2, 1)] == [
        True, False, True, False,
    ]  # fmt: skip
    assert runs.receive("other", 1, report[:1], now=NOW)
    assert counts(tables) == [("a.py", 5, 2), ("b.py", 2, 0)]


def test_runs_are_kept_whole_while_something_hangs_on_them(tables: SharedTables) -> None:
    runs, incidents = SharedRuns(tables), Incidents(tables)
    incidents.apply_event("f1", "merge", now=NOW, script="merged.py")
    incidents.apply_event("f2", "vanish", now=NOW, script="well.py")
    failure = Failure(id=new_id(), script="failed.py", source="run", exit_code=1)
    failure = failure.model_copy(update={"fingerprint": fingerprint(failure)})
    SharedInbox(tables).receive(failure, now=NOW)
    scripts = ("merged.py", "well.py", "failed.py", "unknown.py", "")
    runs.receive("ag", 1, [run_of(each) for each in scripts], now=NOW, host="job1")
    kept = runs.read_after(0)
    assert [run.script for _, run in kept] == ["merged.py", "failed.py"]
    assert kept[0][1].commit == "c" * 40
    assert runs.read_after(kept[-1][0]) == ()
    assert runs.list_watched(scripts) == {"merged.py", "failed.py"}


def test_old_runs_go(tables: SharedTables) -> None:
    runs = SharedRuns(tables)
    Incidents(tables).apply_event("f", "merge", now=NOW, script="a.py")
    runs.receive("ag", 1, [run_of("a.py")], now=NOW)
    runs.forget(NOW + STAY_S)
    assert len(runs.read_after(0)) == 1
    runs.forget(NOW + STAY_S + 1)
    assert (runs.read_after(0), counts(tables)) == ((), [])


def test_a_good_run_on_one_machine_says_nothing_of_the_command_on_another(
    tables: SharedTables,
) -> None:
    runs = SharedRuns(tables)
    Incidents(tables).apply_event("f", "merge", now=NOW, script="a.py")
    report = run_of("a.py").model_copy(update={"command": "0123abcd"})
    failure = Failure(id=new_id(), script="a.py", source="run", fingerprint="f")
    SharedInbox(tables).receive(failure, now=NOW, host="one")
    for number, host in enumerate(("one", "two"), 1):
        runs.receive(host, number, [report], now=NOW, host=host)
    commands = [run.command for _, run in runs.read_after(0)]
    assert commands == ["0123abcd", ELSEWHERE]
    assert find_good_run("a.py", "0123abcd", 0.0, [runs.read_after(0)[1][1]]) is None
