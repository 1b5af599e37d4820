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


def test_a_run_is_marked_while_it_lasts_and_the_mark_of_the_dead_goes(tmp_path: Path) -> None:
    state = tmp_path / "healer"
    assert run_log.read_running(state) == {}
    mark = run_log.mark_start(state, "a\té.py", 12.5)
    dead = state / run_log.RUNNING / "4194305"
    dead.write_text("1.0\t77\tb.py\n")
    (state / run_log.RUNNING / "junk").write_bytes(b"\xff")
    assert run_log.read_running(state) == {"a\té.py": 12.5}
    assert [each.name for each in (state / run_log.RUNNING).iterdir()] == [mark.name]
    mark.unlink()
    assert run_log.read_running(state) == {}


def test_a_job_sees_its_own_mark_and_leaves_none(tmp_path: Path) -> None:
    program = "import os; print(os.listdir('.git/healer/running'))\n"
    repo = repository(tmp_path, {"job.py": program})
    ended = under_healer(sys.executable, "job.py", cwd=repo)
    assert len(ended.stdout) > 6
    assert list((repo / ".git" / "healer" / "running").iterdir()) == []


def test_a_command_has_a_name_unless_a_secret_was_taken_from_it() -> None:
    assert run_log.digest_of(("python", "a.py")) == run_log.digest_of(["python", "a.py"])
    assert run_log.digest_of(("python", "a.py", "x")) != run_log.digest_of(("python", "a.py"))
    assert run_log.digest_of(()) == run_log.digest_of(("a", "<REDACTED:x>")) == ""
    assert len(run_log.digest_of(("caf\udce9",))) == 8
