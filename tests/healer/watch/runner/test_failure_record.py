"""What `healer run` writes down of a failure, and what it must not."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from healer.tape.good_nights import read_good_nights
from healer.watch.runner import run_log
from tests.support.git import git
from tests.support.healer_jobs import (
    environment,
    healer_run,
    open_inbox,
    read_failure,
    repository,
    under_healer,
)

JOB = """\
import sys

class Account:
    def __init__(self):
        self.total = 3
        self.password = "correct-horse-7"

def pay(rows, account, api_token):
    count = len(rows)
    return rows["x"] + account.total + len(api_token)

print("started")
print("warned", file=sys.stderr)
pay({"y": count} if (count := 1) else {}, Account(), "-".join(["tok", "5f8a9c0d1e2f3a4b"]))
"""


def test_a_failing_python_job_is_recorded_with_all_that_is_known(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"scripts/pay.py": JOB})
    done = under_healer(sys.executable, "scripts/pay.py", "--all", cwd=repo)
    failure = read_failure(repo)
    assert done.returncode == failure.exit_code == 1
    assert failure.source == "run"
    assert failure.script == "scripts/pay.py"
    assert failure.argv[1:] == ("scripts/pay.py", "--all")
    assert failure.stdout_tail == "started\n"
    assert failure.stderr_tail.startswith("warned\nTraceback")
    assert failure.commit == git(repo, "rev-parse", "HEAD")
    assert not failure.dirty
    assert failure.environment["LANG"] == "C.UTF-8"
    assert "HOME" in failure.environment_names
    assert "HOME" not in failure.environment
    assert not any("HEALER" in name for name in failure.environment_names)
    assert failure.occurred_at.endswith("Z")
    assert failure.duration_s > 0
    assert len(failure.fingerprint) == 16


def test_secrets_are_not_stored_in_any_form(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"scripts/pay.py": JOB})
    (repo / "scripts/leak.py").write_text(
        "import os, sys\nprint(os.environ['DB_PASSWORD'])\n"
        "print(os.environ['DB_PASSWORD'], file=sys.stderr)\n"
        "raise ValueError(os.environ['DB_PASSWORD'])\n"
    )
    env = environment(DB_PASSWORD="zebra-crossing-99")
    under_healer(
        sys.executable, "scripts/leak.py", "--password", "other-secret-1", cwd=repo, env=env
    )
    under_healer(sys.executable, "scripts/pay.py", cwd=repo)
    stored = b"".join(
        path.read_bytes() for path in (open_inbox(repo).state_dir / "inbox").iterdir()
    )
    for secret in (b"zebra-crossing-99", b"other-secret-1", b"correct-horse-7", b"tok-5f8a9c"):
        assert secret not in stored


def test_the_fingerprint_is_the_same_with_and_without_the_hook(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"scripts/pay.py": JOB})
    for extra in ((), ("-I",)):  # isolated: Python does not look at PYTHONPATH
        under_healer(sys.executable, *extra, "scripts/pay.py", cwd=repo)
    first, second = (open_inbox(repo).read(each) for each in open_inbox(repo).list_pending())
    assert first.fingerprint == second.fingerprint
    assert first.culprit and first.culprit.locals
    assert second.culprit and not second.culprit.locals


def test_a_shell_job_is_known_by_the_python_that_failed_in_it(tmp_path: Path) -> None:
    repo = repository(
        tmp_path, {"nightly.sh": f"cd scripts\n{sys.executable} pay.py\n", "scripts/pay.py": JOB}
    )
    under_healer("sh", "nightly.sh", cwd=repo)
    assert read_failure(repo).script == "scripts/pay.py"


def test_a_job_without_a_traceback_is_known_by_how_it_ended(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job.sh": "echo no rows >&2\nexit 4\n"})
    under_healer("sh", "job.sh", cwd=repo)
    failure = read_failure(repo)
    assert (failure.script, failure.exit_code, failure.chain) == ("job.sh", 4, ())
    assert failure.stderr_tail == "no rows\n"


def test_only_the_last_64_kib_are_kept_from_a_line_start_on(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    code = "import sys\nfor n in range(30_000): print('line', n)\nsys.exit(3)"
    under_healer(sys.executable, "-c", code, cwd=repo)
    tail = read_failure(repo).stdout_tail
    assert 60_000 < len(tail) <= 64 * 1024
    assert tail.startswith("line ")
    assert tail.endswith("line 29999\n")


def test_a_worktree_shares_the_inbox_of_its_repository(tmp_path: Path) -> None:
    repo = repository(tmp_path / "main", {"job.py": "1/0\n"})
    git(repo, "worktree", "add", "-q", str(tmp_path / "other"), "-b", "other")
    under_healer(sys.executable, "job.py", cwd=tmp_path / "other")
    failure = read_failure(repo)
    assert failure.script == "job.py"
    assert failure.culprit and failure.culprit.own
    assert failure.commit == git(repo, "rev-parse", "HEAD")


def test_changed_files_are_told(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job.py": "1/0\n"})
    (repo / "job.py").write_text("1/0 # changed\n")
    under_healer(sys.executable, "job.py", cwd=repo)
    assert read_failure(repo).dirty


CAPTURE = '[[job]]\nscript = "job.py"\ncapture = true\n'
READER = (
    "import sys\nrows = open('data/rows.csv').read() + sys.stdin.read()\n"
    "open('out.txt', 'w').write(rows)\nopen('.env').read()\nprint(len(rows))\n"
    "if 'bad' in rows: raise ValueError(rows)\n"
)


def capturing(tmp_path: Path, rows: str) -> Path:
    files = {"job.py": READER, "healer.toml": CAPTURE, "data/rows.csv": rows, ".env": "A=1"}
    return repository(tmp_path, files)


def test_with_capture_on_a_file_as_stdin_is_kept_and_read_as_ever(tmp_path: Path) -> None:
    repo = capturing(tmp_path, "bad,1\n")
    (repo / "in.txt").write_bytes(b"from a file\n")
    with (repo / "in.txt").open("rb") as stdin:
        done = subprocess.run(
            healer_run(sys.executable, "job.py"),
            cwd=repo,
            stdin=stdin,
            env=environment(),
            capture_output=True,
            check=False,
        )
    assert done.stdout == b"18\n"
    assert base64.b64decode(read_failure(repo).stdin or "") == b"from a file\n"


def test_a_good_run_is_kept_as_a_tape_and_as_no_failure(tmp_path: Path) -> None:
    repo = capturing(tmp_path, "good,1\n")
    assert under_healer(sys.executable, "job.py", cwd=repo, stdin=b"x").returncode == 0
    (kept,) = read_good_nights(repo / ".git" / "healer", "job.py")
    assert (kept.stdout, kept.stdin, kept.exit_code) == (b"8\n", b"x", 0)
    assert [file.data for file in kept.files if file.path.endswith("rows.csv")] == [b"good,1\n"]
    assert open_inbox(repo).list_pending() == ()


@pytest.mark.parametrize("settings", ["good_nights = 0", "enabled = false"])
def test_good_runs_are_not_kept_where_that_is_not_wanted(tmp_path: Path, settings: str) -> None:
    repo = repository(tmp_path, {"job.py": "", "healer.toml": f"[capture]\n{settings}\n"})
    assert under_healer(sys.executable, "job.py", cwd=repo).returncode == 0
    assert read_good_nights(repo / ".git" / "healer", "job.py") == ()


def test_a_good_run_whose_streams_are_one_file_is_kept_with_what_it_printed(
    tmp_path: Path,
) -> None:
    repo = capturing(tmp_path, "good,1\n")  # as `healer run … >>log 2>&1` in a crontab
    with (tmp_path / "log").open("wb") as log:
        subprocess.run(
            healer_run(sys.executable, "job.py"),
            cwd=repo, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(),
            timeout=60, check=True,
        )  # fmt: skip
    (kept,) = read_good_nights(repo / ".git" / "healer", "job.py")
    assert kept.stdout == (tmp_path / "log").read_bytes() != b""


def test_without_capture_no_input_is_kept(tmp_path: Path) -> None:
    repo = capturing(tmp_path, "bad,1\n")
    (repo / "healer.toml").write_text(CAPTURE.replace("true", "false"))
    under_healer(sys.executable, "job.py", cwd=repo, stdin=b"more\n")
    failure = read_failure(repo)
    assert (failure.stdin, failure.inputs) == (None, {})


def test_a_record_is_one_json_file_for_the_user_alone(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    under_healer("false", cwd=repo)
    (path,) = (open_inbox(repo).state_dir / "inbox").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(path.read_bytes())["format"] == 1


def test_a_job_that_is_started_elsewhere_is_recorded_in_its_scripts_repository(
    tmp_path: Path,
) -> None:
    repo = repository(tmp_path / "repo", {"scripts/pay.py": "raise ValueError('no')\n"})
    (tmp_path / "home").mkdir()
    under_healer(sys.executable, str(repo / "scripts/pay.py"), cwd=tmp_path / "home")
    failure = read_failure(repo)
    assert failure.script == "scripts/pay.py"
    assert failure.argv[1] == str(repo / "scripts/pay.py")
    assert failure.command[1:] == ("scripts/pay.py",)


def test_an_error_that_a_pipe_hides_is_recorded_though_the_job_ends_well(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job.py": "print(1 / 0)\n"})
    line = f"{sys.executable} job.py 2>/dev/null | cat"
    assert under_healer("sh", "-c", line, cwd=repo).returncode == 0
    failure = read_failure(repo)
    assert (failure.script, failure.exit_code, failure.is_logged) == ("job.py", 0, False)
    assert failure.exception is not None
    assert failure.exception.type == "ZeroDivisionError"
    (run,) = run_log.read(repo / ".git/healer")
    assert run.exit_code == run_log.HIDDEN_ERROR, "it is no good run"


def test_an_error_that_is_logged_is_recorded_as_what_it_is(tmp_path: Path) -> None:
    source = "import logging\ntry:\n    {}['x']\nexcept KeyError:\n    logging.exception('no')\n"
    repo = repository(tmp_path, {"job.py": source})
    assert under_healer(sys.executable, "job.py", cwd=repo).returncode == 0
    failure = read_failure(repo)
    assert (failure.exit_code, failure.is_logged) == (0, True)
    assert failure.culprit is not None
    assert failure.culprit.line == 3


def test_of_a_job_that_fails_what_it_logged_before_is_not_its_end(tmp_path: Path) -> None:
    source = "import logging\ntry:\n    {}['x']\nexcept KeyError:\n    logging.exception('no')\n"
    repo = repository(tmp_path, {"job.py": source + "print(1 / 0)\n"})
    assert under_healer(sys.executable, "job.py", cwd=repo).returncode == 1
    failure = read_failure(repo)
    assert not failure.is_logged
    assert failure.exception is not None
    assert failure.exception.type == "ZeroDivisionError"


def test_an_installed_program_is_recorded_by_its_module_and_can_run_in_another_copy(
    tmp_path: Path,
) -> None:
    files = {"src/shop/cli.py": "def main():\n    return {}['x']\n", "src/shop/__init__.py": ""}
    repo = repository(tmp_path / "shop", files)
    program = tmp_path / "env/bin/shop-report"
    program.parent.mkdir(parents=True)
    lines = (f"#!{sys.executable}", "import sys", f"sys.path.insert(0, {str(repo / 'src')!r})",
             "from shop.cli import main", "sys.exit(main())")  # fmt: skip
    program.write_text("\n".join(lines))
    program.chmod(0o755)
    assert under_healer(str(program), "--all", cwd=repo).returncode == 1
    failure = read_failure(repo)
    assert failure.script == "src/shop/cli.py"
    assert failure.command == ("python", ".venv/bin/shop-report", "--all")
    stub = base64.b64decode(failure.inputs[".venv/bin/shop-report"]).decode()
    assert "from shop.cli import main" in stub
