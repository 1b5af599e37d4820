"""What `healer run` writes down of a failure, and what it must not."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from healer.failure import parse_traceback
from healer.watch.checkout import commit, find, portable, script_of
from healer.watch.runner import run_log
from tests.support.git import git
from tests.support.healer_jobs import (
    environment,
    healer_run,
    inbox,
    recorded,
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
    failure = recorded(repo)
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


def test_the_hook_tells_the_values_that_the_shown_lines_name(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"scripts/pay.py": JOB})
    under_healer(sys.executable, "scripts/pay.py", cwd=repo)
    frame = recorded(repo).culprit
    assert frame is not None
    assert (frame.file, frame.function, frame.own) == ("scripts/pay.py", "pay", True)
    assert frame.locals["rows"] == "{'y': 1}"
    assert frame.locals["account.total"] == "3"
    assert "count" not in frame.locals  # not named on the line that failed


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
    stored = b"".join(path.read_bytes() for path in (inbox(repo).state / "inbox").iterdir())
    for secret in (b"zebra-crossing-99", b"other-secret-1", b"correct-horse-7", b"tok-5f8a9c"):
        assert secret not in stored


def test_the_fingerprint_is_the_same_with_and_without_the_hook(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"scripts/pay.py": JOB})
    for extra in ((), ("-I",)):  # isolated: Python does not look at PYTHONPATH
        under_healer(sys.executable, *extra, "scripts/pay.py", cwd=repo)
    first, second = (inbox(repo).read(each) for each in inbox(repo).pending())
    assert first.fingerprint == second.fingerprint
    assert first.culprit and first.culprit.locals
    assert second.culprit and not second.culprit.locals


def test_a_chain_and_its_notes_come_whole_from_the_hook(tmp_path: Path) -> None:
    job = (
        "try:\n    open('missing.csv')\nexcept OSError as error:\n"
        "    failed = RuntimeError('no input')\n    failed.add_note('see the wiki')\n"
        "    failed.row = 7\n    raise failed from error\n"
    )
    repo = repository(tmp_path, {"job.py": job})
    under_healer(sys.executable, "job.py", cwd=repo)
    first, last = recorded(repo).chain
    assert (first.type, first.relation) == ("FileNotFoundError", "cause")
    assert first.attributes["filename"] == "'missing.csv'"
    assert (last.message, last.notes) == ("no input", ("see the wiki",))
    assert last.attributes == {"row": "7"}


def test_the_hook_runs_no_code_of_the_script(tmp_path: Path) -> None:
    job = (
        "class Trap:\n    def __repr__(self):\n        print('touched')\n"
        "    def __getattr__(self, name):\n        print('touched')\n"
        "trap = Trap()\ntrap.size = 4\nraise ValueError([trap, trap.size])\n"
    )
    repo = repository(tmp_path, {"job.py": job})
    plain = subprocess.run(
        [sys.executable, "job.py"], cwd=repo, env=environment(), capture_output=True, check=False
    )
    done = under_healer(sys.executable, "job.py", cwd=repo)
    assert (done.stdout, done.stderr) == (plain.stdout, plain.stderr)
    frame = recorded(repo).culprit
    assert frame is not None
    assert frame.locals["trap"] == "Trap(size=4)"


def test_values_are_capped(tmp_path: Path) -> None:
    job = "rows = ['x' * 9_000] * 9_000\nrows.append(rows)\nrows['a']\n"
    repo = repository(tmp_path, {"job.py": job})
    under_healer(sys.executable, "job.py", cwd=repo)
    frame = recorded(repo).culprit
    assert frame is not None
    assert len(frame.locals["rows"]) == 500


def test_the_users_own_sitecustomize_and_pythonpath_stay(tmp_path: Path) -> None:
    repo = repository(
        tmp_path,
        {
            "lib/sitecustomize.py": "import builtins; builtins.GREETING = 'hello'\n",
            "job.py": "import os, sys; print(GREETING, os.environ['PYTHONPATH'])\n"
            "print(sys.modules['sitecustomize'].__file__)\n",
        },
    )
    env = environment(PYTHONPATH=str(repo / "lib"))
    done = under_healer(sys.executable, "job.py", cwd=repo, env=env)
    out = f"hello {repo / 'lib'}\n{repo / 'lib' / 'sitecustomize.py'}\n"
    assert (done.stdout.decode(), done.stderr) == (out, b"")


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.9", "3.10", "3.12", "3.13", "3.14"])
def test_other_pythons_run_as_ever_and_are_understood(tmp_path: Path, version: str) -> None:
    python = other_python(version)
    repo = repository(tmp_path, {"job.py": "import os, sys\nprint('ran')\n{}['key']\n"})
    done = under_healer(python, "job.py", cwd=repo)
    assert (done.returncode, done.stdout) == (1, b"ran\n")
    failure = recorded(repo)
    assert failure.chain[-1].type == "KeyError"
    assert failure.culprit and failure.culprit.file == "job.py"


FAILING = {
    "syntax": "def f(:\n",
    "chain": "try:\n  int('x')\nexcept ValueError as e:\n  raise RuntimeError('a\\nb') from e\n",
    "context": "x = 3\ntry:\n  {}[x]\nexcept KeyError:\n  [].pop(x)\n",
    "several lines": "dict(\n a=1,\n b=[1/0],\n)\n",
    "recursion": "def f(n):\n  return f(n+1)\nf(0)\n",
    "library": "import os\nos.environ['NOPE']\n",
    "import": "import nothing_here\n",
}


@pytest.mark.parametrize("version", ["3.8", "3.10", "ours", "3.12", "3.13", "3.14"])
def test_the_hook_and_the_printed_text_tell_the_same(tmp_path: Path, version: str) -> None:
    python = sys.executable if version == "ours" else other_python(version)
    for name, text in FAILING.items():
        repo = repository(tmp_path / name.replace(" ", ""), {"job.py": text})
        under_healer(python, "job.py", cwd=repo)
        told = recorded(repo)
        printed = parse_traceback(told.stderr_tail, str(repo))
        bare = [raised.model_copy(update={"attributes": {}}) for raised in told.chain]
        bare = [
            raised.model_copy(
                update={"frames": tuple(f.model_copy(update={"locals": {}}) for f in raised.frames)}
            )
            for raised in bare
        ]
        assert tuple(bare) == printed, name


def other_python(version: str) -> str:
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(root.glob(f"{version}.*/bin/python"))
    if not found:
        pytest.skip(f"Python {version} is not installed")
    return str(found[-1])


def test_a_shell_job_is_known_by_the_python_that_failed_in_it(tmp_path: Path) -> None:
    repo = repository(
        tmp_path, {"nightly.sh": f"cd scripts\n{sys.executable} pay.py\n", "scripts/pay.py": JOB}
    )
    under_healer("sh", "nightly.sh", cwd=repo)
    assert recorded(repo).script == "scripts/pay.py"


def test_a_job_without_a_traceback_is_known_by_how_it_ended(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job.sh": "echo no rows >&2\nexit 4\n"})
    under_healer("sh", "job.sh", cwd=repo)
    failure = recorded(repo)
    assert (failure.script, failure.exit_code, failure.chain) == ("job.sh", 4, ())
    assert failure.stderr_tail == "no rows\n"


def test_only_the_last_64_kib_are_kept_from_a_line_start_on(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    code = "import sys\nfor n in range(30_000): print('line', n)\nsys.exit(3)"
    under_healer(sys.executable, "-c", code, cwd=repo)
    tail = recorded(repo).stdout_tail
    assert 60_000 < len(tail) <= 64 * 1024
    assert tail.startswith("line ")
    assert tail.endswith("line 29999\n")


def test_a_worktree_shares_the_inbox_of_its_repository(tmp_path: Path) -> None:
    repo = repository(tmp_path / "main", {"job.py": "1/0\n"})
    git(repo, "worktree", "add", "-q", str(tmp_path / "other"), "-b", "other")
    under_healer(sys.executable, "job.py", cwd=tmp_path / "other")
    failure = recorded(repo)
    assert failure.script == "job.py"
    assert failure.culprit and failure.culprit.own
    assert failure.commit == git(repo, "rev-parse", "HEAD")


def test_changed_files_are_told(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job.py": "1/0\n"})
    (repo / "job.py").write_text("1/0 # changed\n")
    under_healer(sys.executable, "job.py", cwd=repo)
    assert recorded(repo).dirty


CAPTURE = '[[job]]\nscript = "job.py"\ncapture = true\n'
READER = (
    "import sys\nrows = open('data/rows.csv').read() + sys.stdin.read()\n"
    "open('out.txt', 'w').write(rows)\nopen('.env').read()\nprint(len(rows))\n"
    "if 'bad' in rows: raise ValueError(rows)\n"
)


def capturing(tmp_path: Path, rows: str) -> Path:
    files = {"job.py": READER, "healer.toml": CAPTURE, "data/rows.csv": rows, ".env": "A=1"}
    return repository(tmp_path, files)


def test_with_capture_on_what_the_job_read_is_kept(tmp_path: Path) -> None:
    repo = capturing(tmp_path, "bad,1\n")
    under_healer(sys.executable, "job.py", cwd=repo, stdin=b"more\n")
    failure = recorded(repo)
    assert base64.b64decode(failure.stdin or "") == b"more\n"
    assert {k: base64.b64decode(v) for k, v in failure.inputs.items()} == {
        "data/rows.csv": b"bad,1\n"
    }


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
    assert base64.b64decode(recorded(repo).stdin or "") == b"from a file\n"


def test_with_capture_on_a_good_run_is_kept_once(tmp_path: Path) -> None:
    repo = capturing(tmp_path, "good,1\n")
    for _ in range(3):
        assert under_healer(sys.executable, "job.py", cwd=repo, stdin=b"x").returncode == 0
    (kept,) = run_log.good(repo / ".git" / "healer", "job.py")
    assert kept["stdout"] == "8\n"
    assert base64.b64decode(kept["inputs"]["data/rows.csv"]) == b"good,1\n"
    assert inbox(repo).pending() == ()


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
    (kept,) = run_log.good(repo / ".git" / "healer", "job.py")
    assert kept["stdout"] == (tmp_path / "log").read_text() != ""


def test_without_capture_no_input_is_kept(tmp_path: Path) -> None:
    repo = capturing(tmp_path, "bad,1\n")
    (repo / "healer.toml").write_text(CAPTURE.replace("true", "false"))
    under_healer(sys.executable, "job.py", cwd=repo, stdin=b"more\n")
    failure = recorded(repo)
    assert (failure.stdin, failure.inputs) == (None, {})


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
    run = run_log.Run("tab\tand\\t and é.py", "c" * 40, 3, 1.5, 0.25)
    for _ in range(3):
        run_log.add(state, run)
        with (state / "runs.log").open("ab") as log:
            log.write(b"\n" * run_log.MAX_LOG_BYTES)
    seen = list(run_log.read(state))
    assert {each.script for each in seen} == {run.script}
    assert 1 <= len(seen) <= 3
    assert sum(path.stat().st_size for path in state.iterdir()) < 3 * run_log.MAX_LOG_BYTES


@pytest.mark.parametrize(
    ("argv", "script"),
    [
        (("python", "a/b.py"), "a/b.py"),
        (("python3", "-u", "./a/../a/b.py", "x"), "a/b.py"),
        (("sh", "run.sh", "a/b.py"), "a/b.py"),
        (("sh", "run.sh"), "run.sh"),
        (("./run.sh",), "run.sh"),
        (("python", "-m", "a.b"), "a/b.py"),
        (("python", "-m", "pkg"), "pkg/__main__.py"),
        (("uv", "run", "a/b.py"), "a/b.py"),
        (("python", "-c", "print()"), ""),
        (("python", "/etc/passwd"), ""),
        (("make",), ""),
        (("x" * 5_000, "\0"), ""),
    ],
)
def test_the_script_is_told_from_the_command(
    tmp_path: Path, argv: tuple[str, ...], script: str
) -> None:

    repo = repository(tmp_path, {"a/b.py": "", "run.sh": "", "pkg/__main__.py": ""})
    assert script_of(argv, find(repo), repo) == script


@pytest.mark.parametrize("packed", [True, False])
def test_the_commit_is_read_from_loose_and_packed_branches(tmp_path: Path, packed: bool) -> None:

    repo = repository(tmp_path)
    if packed:
        git(repo, "pack-refs", "--all")
    assert commit(find(repo)) == git(repo, "rev-parse", "HEAD")
    git(repo, "checkout", "-q", "--detach")
    assert commit(find(repo)) == git(repo, "rev-parse", "HEAD")


def test_a_record_is_one_json_file_for_the_user_alone(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    under_healer("false", cwd=repo)
    (path,) = (inbox(repo).state / "inbox").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(path.read_bytes())["format"] == 1


@pytest.mark.parametrize(
    ("argv", "cwd", "words", "folder"),
    [
        pytest.param(("python", "jobs/b.py"), "", ("python", "jobs/b.py"), "", id="the root"),
        pytest.param(("python", "b.py"), "jobs", ("python", "b.py"), "jobs", id="a folder"),
        pytest.param(
            ("python", "{root}/jobs/b.py"), "", ("python", "jobs/b.py"), "", id="from / on"
        ),
        pytest.param(
            ("python", "{root}/jobs/b.py", "{root}"),
            "jobs",
            ("python", "b.py", ".."),
            "jobs",
            id="from / on, in a folder",
        ),
        pytest.param(
            ("{root}/.venv/bin/python3", "{root}/jobs/b.py", "--out={root}/x"),
            "/",
            (".venv/bin/python3", "jobs/b.py", "--out=x"),
            "",
            id="a folder elsewhere",
        ),
        pytest.param(
            ("python", "{root}/current/b.py"), "", ("python", "jobs/b.py"), "", id="a linked folder"
        ),
        pytest.param(
            ("cat", "/etc/passwd", "../x", "a=/b"), "", ("cat", "/etc/passwd", "../x", "a=/b"), "",
            id="paths elsewhere stay",
        ),
    ],
)  # fmt: skip
def test_a_command_is_kept_as_another_copy_of_the_repository_can_run_it(
    tmp_path: Path, argv: tuple[str, ...], cwd: str, words: tuple[str, ...], folder: str
) -> None:
    repo = repository(tmp_path / "repo", {"jobs/b.py": ""})
    (repo / "current").symlink_to("jobs")
    given = tuple(word.format(root=repo) for word in argv)
    assert portable(given, find(repo), repo / cwd) == (words, folder)


def test_a_job_that_is_started_elsewhere_is_recorded_in_its_scripts_repository(
    tmp_path: Path,
) -> None:
    repo = repository(tmp_path / "repo", {"scripts/pay.py": "raise ValueError('no')\n"})
    (tmp_path / "home").mkdir()
    under_healer(sys.executable, str(repo / "scripts/pay.py"), cwd=tmp_path / "home")
    failure = recorded(repo)
    assert failure.script == "scripts/pay.py"
    assert failure.argv[1] == str(repo / "scripts/pay.py")
    assert failure.command[1:] == ("scripts/pay.py",)
