"""`healer report` and `healer run --help` through the whole command line."""

import json
import subprocess
import sys
from pathlib import Path

from tests.support.command_line import run_command
from tests.support.healer_jobs import PROJECT, environment, open_inbox, repository

TRACEBACK = (
    'Traceback (most recent call last):\n  File "scripts/a.py", line 3, in main\n'
    "    work()\nKeyError: 'x'\n"
)


def healer(*words: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "healer", *words],
        cwd=cwd,
        input=stdin,
        text=True,
        capture_output=True,
        env=environment(PYTHONPATH=str(PROJECT)),
        timeout=60,
        check=False,
    )


def test_a_traceback_on_stdin_is_recorded_and_its_id_printed(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    done = healer("report", "--json", cwd=repo, stdin=TRACEBACK)
    (recorded,) = json.loads(done.stdout)["recorded"]
    assert (done.returncode, done.stderr) == (0, "")
    assert open_inbox(repo).read(recorded["id"]).script == recorded["script"] == "scripts/a.py"


def test_every_distinct_traceback_of_a_log_is_recorded(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    log = tmp_path / "old.log"
    log.write_text((TRACEBACK + "\n" + TRACEBACK.replace("work", "play") + "\n") * 3)
    done = healer("report", "--log", str(log), cwd=repo)
    assert done.stdout.count("scripts/a.py  KeyError") == 2
    assert len(open_inbox(repo).list_pending()) == 2


def test_a_log_is_looked_for_from_the_repositorys_root_too(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    (repo / "logs").mkdir()
    (repo / "logs" / "old.log").write_text(TRACEBACK)
    done = run_command("report", "--log", "logs/old.log", "--repo", str(repo), cwd=tmp_path)
    assert "scripts/a.py  KeyError" in done.out
    missing = run_command("report", "--log", "logs/no.log", "--repo", str(repo), cwd=tmp_path)
    assert "--log logs/no.log: there is no such file" in str(missing.error)


def test_what_holds_no_failure_is_wrong_usage(tmp_path: Path) -> None:
    done = healer("report", cwd=repository(tmp_path), stdin="all is well")
    assert done.returncode == 2
    assert "no Python traceback" in done.stderr


def test_without_a_repository_the_environment_is_unavailable(tmp_path: Path) -> None:
    done = healer("report", cwd=tmp_path, stdin=TRACEBACK)
    assert done.returncode == 3
    assert "not in a git repository" in done.stderr


def test_help_and_mistakes_of_run_go_to_the_full_command_line(tmp_path: Path) -> None:
    assert "exactly as it would run" in healer("run", "--help", cwd=tmp_path).stdout
    assert healer("run", cwd=tmp_path).returncode == 2
    assert healer("run", "--max-runtime", "soon", "true", cwd=tmp_path).returncode == 2


def test_the_repository_may_be_named_before_and_after_run(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    for words in (("--repo", str(repo), "run"), ("run", f"--repo={repo}")):
        assert healer(*words, "--", "false", cwd=tmp_path).returncode == 1
    assert len(open_inbox(repo).list_pending()) == 2
