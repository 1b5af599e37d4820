"""A job under `healer run` behaves as it does without: each test names one thing that stays."""

import json
import os
import pty
import random
import signal
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

import pytest

from tests.support.healer_jobs import (
    environment,
    healer_run,
    open_inbox,
    read_failure,
    repository,
    under_healer,
)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository(tmp_path_factory.mktemp("repo"))


def python(code: str) -> tuple[str, str, str]:
    return (sys.executable, "-c", code)


def test_every_byte_of_both_streams_arrives(repo: Path) -> None:
    code = (
        "import os, random; r = random.Random(7)\n"
        "for n in range(40):\n"
        "    os.write(1, r.randbytes(30_000)); os.write(2, r.randbytes(7_000))"
    )
    chance = random.Random(7)
    pairs = [(chance.randbytes(30_000), chance.randbytes(7_000)) for _ in range(40)]
    done = under_healer(*python(code), cwd=repo)
    assert done.stdout == b"".join(out for out, _err in pairs)
    assert done.stderr == b"".join(err for _out, err in pairs)


@pytest.mark.parametrize("code", [0, 1, 2, 3, 42, 127, 255])
def test_the_exit_code_stays(repo: Path, code: int) -> None:
    assert under_healer("sh", "-c", f"exit {code}", cwd=repo).returncode == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGHUP])
def test_a_signal_becomes_128_and_its_number(repo: Path, number: int) -> None:
    done = under_healer(*python(f"import os; os.kill(os.getpid(), {int(number)})"), cwd=repo)
    assert done.returncode == 128 + number


def test_an_interrupted_python_job_ends_by_its_signal(repo: Path) -> None:
    """Python ends itself by the signal, unless code ran between the exception and its end."""
    for code in ("raise KeyboardInterrupt", "import json\nraise KeyboardInterrupt"):
        assert under_healer(*python(code), cwd=repo).returncode == 128 + signal.SIGINT


def test_standard_input_goes_to_the_job(repo: Path) -> None:
    assert under_healer("cat", cwd=repo, stdin=b"a\0b\n" * 50_000).stdout == b"a\0b\n" * 50_000


def test_the_job_reads_no_more_of_its_input_than_it_wants(repo: Path) -> None:
    command = healer_run("sh", "-c", "read line; echo got $line")
    script = 'read first; "$@"; read third; echo $first $third'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *command],
        input=b"1\n2\n3\n",
        cwd=repo,
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert done.stdout == b"got 2\n1 3\n"


def test_what_the_job_sees_of_itself_is_what_it_sees_without_healer(repo: Path) -> None:
    code = """if 1:
    import json, os, signal, sys, threading
    handles = [int(n) for n in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + n)]
    masks = [l for l in open("/proc/self/status") if l.startswith(("SigBlk", "SigIgn", "SigCgt"))]
    print(json.dumps([sorted(os.environ.items()), sys.path, sys.argv, handles, masks,
        os.getcwd(), os.getpgrp() == os.getpgid(os.getppid()), os.getsid(0), os.umask(0o22),
        sys.excepthook is sys.__excepthook__, threading.active_count(), sys.flags.isolated,
        [os.isatty(n) for n in (0, 1, 2)], sorted(sys.path_importer_cache), sorted(sys.modules)]))
    """
    job = python(code)
    plain = subprocess.run(
        job, cwd=repo, env=environment(), capture_output=True, stdin=subprocess.DEVNULL, check=True
    )
    mine, theirs = json.loads(under_healer(*job, cwd=repo).stdout), json.loads(plain.stdout)
    handles = 3
    mine[handles] = [n for n in mine[handles] if n < 200]  # the hook's pipe lies far above
    theirs[6] = mine[6]  # here the parent is pytest
    mine[-1] = [n for n in mine[-1] if n not in ("sitecustomize", "__future__")]
    theirs[-1] = [n for n in theirs[-1] if n not in ("sitecustomize", "__future__")]
    assert mine == theirs


def test_both_streams_into_one_file_keep_their_order(repo: Path) -> None:
    code = "import os\nfor n in range(500):\n    os.write(1 + n % 2, b'%d\\n' % n)"
    done = subprocess.run(
        healer_run(*python(code)),
        cwd=repo,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
    )
    assert done.stdout == b"".join(b"%d\n" % n for n in range(500))


def test_output_arrives_while_the_job_runs(repo: Path) -> None:
    job = "echo first; read line; echo $line"
    with subprocess.Popen(
        healer_run("sh", "-c", job),
        cwd=repo,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as running:
        assert running.stdin and running.stdout
        assert running.stdout.readline() == b"first\n"  # the job waits for our answer
        running.stdin.write(b"second\n")
        running.stdin.close()
        assert running.stdout.read() == b"second\n"


def test_a_reader_that_goes_away_ends_the_job_as_it_would(repo: Path) -> None:
    command = healer_run("yes")
    done = subprocess.run(
        ["bash", "-c", '"$@" | head -n 1; echo ${PIPESTATUS[0]}', "bash", *command],
        cwd=repo,
        env=environment(),
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert done.stdout == b"y\n141\n"


def test_a_stream_that_nobody_reads_does_not_hold_up_the_other(repo: Path) -> None:
    code = (
        "import os, threading\n"
        "threading.Thread(target=os.write, args=(1, b'x' * 1_000_000)).start()\n"
        "import time; time.sleep(0.2); os.write(2, b'here\\n')"
    )
    with subprocess.Popen(
        healer_run(*python(code)),
        cwd=repo,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout and running.stderr
        assert running.stderr.readline() == b"here\n"  # stdout is full, and not read yet
        assert len(running.stdout.read()) == 1_000_000


def test_a_process_that_outlives_the_job_can_still_write(repo: Path) -> None:
    done = under_healer("sh", "-c", "(sleep 0.4; echo late) & echo early", cwd=repo)
    assert done.stdout == b"early\nlate\n"


def test_healer_ends_with_the_job_and_not_with_what_the_job_left_behind(
    repo: Path, tmp_path: Path
) -> None:
    fifo = tmp_path / "go"
    os.mkfifo(fifo)
    job = f"(read line < {fifo}; echo late) & echo early"
    with subprocess.Popen(
        healer_run("sh", "-c", job), cwd=repo, env=environment(), stdout=subprocess.PIPE
    ) as running:
        assert running.wait(timeout=30) == 0  # the one left behind still waits
        fifo.write_text("go\n")
        assert running.stdout and running.stdout.read() == b"early\nlate\n"


TRAPS = """if 1:
    import signal, sys, time
    got = []
    def seen(number, frame):
        got.append(number)
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"):
        signal.signal(getattr(signal, name), seen)
    print("ready", flush=True)
    while not got:
        time.sleep(0.01)
    time.sleep(0.2)
    print(got, flush=True)
    sys.exit(7)
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"])
def test_a_signal_sent_to_healer_reaches_the_job_once(repo: Path, name: str) -> None:
    number = getattr(signal, name)
    with subprocess.Popen(
        healer_run(*python(TRAPS)), cwd=repo, env=environment(), stdout=subprocess.PIPE
    ) as running:
        assert running.stdout and running.stdout.readline() == b"ready\n"
        running.send_signal(number)
        assert running.stdout.read() == b"[%d]\n" % number
        assert running.wait() == 7


def test_killing_healer_kills_the_job(repo: Path) -> None:
    job = python("import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    with subprocess.Popen(
        healer_run(*job), cwd=repo, env=environment(), stdout=subprocess.PIPE
    ) as running:
        assert running.stdout
        pid = int(running.stdout.readline())
        running.kill()
        assert running.stdout.read() == b""  # the job held the pipe: it is gone
        with pytest.raises(ProcessLookupError):
            for _ in range(500):
                os.kill(pid, 0)
                time.sleep(0.01)


def on_terminal(repo: Path, job: tuple[str, ...], rows: int = 33, keys: bytes = b"") -> str:
    """What appears on a terminal with this many rows when the job runs on it, under healer."""
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(repo)
        os.execvpe(sys.executable, healer_run(*job), environment())
    ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 111, 0, 0))
    shown = b""
    while True:
        try:
            data = os.read(master, 4096)
        except OSError:
            break
        shown += data
        if keys and b"ready" in shown:
            os.write(master, keys)
            keys = b""
    _pid, status = os.waitpid(pid, 0)
    os.close(master)
    return shown.decode() + f"code {os.waitstatus_to_exitcode(status)}"


def test_a_terminal_stays_a_terminal_with_its_size(repo: Path) -> None:
    code = (
        "import os, sys, time; time.sleep(0.2)\n"
        "print([os.isatty(n) for n in (0, 1, 2)], os.get_terminal_size().lines)"
    )
    assert "[True, True, True] 33" in on_terminal(repo, python(code))


def test_the_interrupt_key_reaches_the_job_once(repo: Path) -> None:
    shown = on_terminal(repo, python(TRAPS), keys=b"\x03")
    assert "[2]" in shown
    assert "code 7" in shown


def test_a_redirected_stream_is_kept_while_the_terminal_is_left_alone(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    job = ("sh", "-c", "exec 2>/dev/null; echo seen; exit 3")
    assert "seen" in on_terminal(repo, job)
    assert read_failure(repo).exit_code == 3


def test_a_python_job_on_a_terminal_still_tells_its_exception(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job.py": "x = {}\nx['key']\n"})
    assert "code 1" in on_terminal(repo, (sys.executable, "job.py"))
    assert read_failure(repo).chain[-1].type == "KeyError"


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [("no-such-command-here", 127, b"command not found"), ("./README", 126, b"Permission denied")],
)
def test_a_command_that_cannot_start_ends_as_in_a_shell_and_is_recorded(
    tmp_path: Path, command: str, code: int, words: bytes
) -> None:
    repo = repository(tmp_path)
    done = under_healer(command, cwd=repo)
    assert done.returncode == code
    assert words in done.stderr
    assert read_failure(repo).exit_code == code


def test_a_script_without_a_first_line_is_run_by_the_shell(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"job": "echo $0 $1\n"})
    (repo / "job").chmod(0o755)
    assert under_healer("./job", "a", cwd=repo).stdout.endswith(b"job a\n")


def test_without_a_repository_the_job_runs_and_a_failure_says_why_it_is_lost(
    tmp_path: Path,
) -> None:
    done = under_healer("sh", "-c", "echo out; exit 5", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (5, b"out\n")
    assert b"was not recorded" in done.stderr
    assert b"not in a git repository" in done.stderr
    assert under_healer("true", cwd=tmp_path).stderr == b""


def test_an_inbox_that_cannot_be_written_changes_nothing_for_the_job(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    (repo / ".git" / "healer").write_text("in the way")
    done = under_healer("sh", "-c", "echo out; exit 5", cwd=repo)
    assert (done.returncode, done.stdout) == (5, b"out\n")
    assert b"was not recorded" in done.stderr


@pytest.mark.parametrize("text", ["not toml [", "[[job]]\ncapture = true\nscript = 3\n", "\xff"])
def test_a_wrong_configuration_changes_nothing_for_the_job(tmp_path: Path, text: str) -> None:
    repo = repository(tmp_path, {"job.py": "print(1)\n", "healer.toml": f"{text} # capture"})
    done = under_healer(sys.executable, "job.py", cwd=repo)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"1\n", b"")


def test_a_job_that_runs_too_long_is_asked_to_stop(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    done = under_healer("sleep", "60", cwd=repo, options=("--max-runtime", "0.3"))
    assert done.returncode == 128 + signal.SIGTERM
    failure = read_failure(repo)
    assert failure.timed_out
    assert failure.signal == signal.SIGTERM


def test_when_healer_can_make_no_pipe_the_job_takes_its_place(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    job = python("import signal; print(signal.pthread_sigmask(0, []), 'ran'); raise SystemExit(6)")
    done = subprocess.run(
        ["bash", "-c", 'ulimit -n 6; exec "$@"', "bash", *healer_run(*job)],  # the job needs five
        cwd=repo,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert b"running without a record" in done.stderr
    assert (done.returncode, done.stdout) == (6, b"set() ran\n")


@pytest.mark.parametrize(("handle", "closing"), [(0, "<&-"), (1, ">&-"), (2, "2>&-")])
def test_a_stream_that_is_closed_stays_closed(repo: Path, handle: int, closing: str) -> None:
    job = healer_run("bash", "-c", f"[ -e /proc/$$/fd/{handle} ] || exit 40")
    done = subprocess.run(
        ["bash", "-c", f'"$@" {closing}', "bash", *job],
        cwd=repo,
        env=environment(),
        check=False,
    )
    assert done.returncode == 40


def test_a_good_run_leaves_no_failure(repo: Path, tmp_path: Path) -> None:
    quiet = repository(tmp_path)
    assert under_healer("true", cwd=quiet).returncode == 0
    assert open_inbox(quiet).list_pending() == ()
