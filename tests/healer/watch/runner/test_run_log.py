"""Each run is one line; a few good runs are kept whole."""

import sys
from pathlib import Path

from healer.watch.runner import run_log
from tests.support.git import git
from tests.support.healer_jobs import (
    repository,
    under_healer,
)


def test_every_run_leaves_a_line(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job.py": "import sys; sys.exit(len(sys.argv) - 1)\n"})
    under_healer(sys.executable, "job.py", cwd=repo)
    under_healer(sys.executable, "job.py", "x", cwd=repo)
    state = repo / ".git" / "healer"
    with (state / "runs.log").open("ab") as log:
        log.write(b"1795210109.786\t0.0")
    seen = list(run_log.read(state))
    assert [(run.script, run.exit_code) for run in seen] == [("job.py", 0), ("job.py", 1)]
    assert {run.commit for run in seen} == {git(repo, "rev-parse", "HEAD")}


def test_the_log_of_runs_begins_anew_when_it_is_large(tmp_path: Path) -> None:
    state = tmp_path / "healer"
    run = run_log.LoggedRun("tab\tand\\t and é.py", "c" * 40, 3, 1.5, 0.25)
    for _ in range(3):
        run_log.append(state, run)
        with (state / "runs.log").open("ab") as log:
            log.write(b"\n" * run_log.MAX_LOG_BYTES)
    seen = list(run_log.read(state))
    assert {each.script for each in seen} == {run.script}
    assert 1 <= len(seen) <= 3
    assert sum(path.stat().st_size for path in state.iterdir()) < 3 * run_log.MAX_LOG_BYTES
