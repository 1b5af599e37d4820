"""How a child ended is told as the kernel saw it, whatever the child does."""

import os
import subprocess
import sys
from subprocess import PIPE

import pytest

from sandbox import Command, DockerSandbox, Plan
from sandbox.inside.supervisor import child, outcome
from sandbox.inside.supervisor.outcome import CappedOutput
from sandbox.job import ScreenPlan
from tests.sandbox.inside.in_child import IMPORTS, run_code
from tests.sandbox.trees import pytest_job, script_job


@pytest.mark.docker
def test_a_signal_is_told_apart_from_an_exit_code(docker_sandbox: DockerSandbox) -> None:
    report = docker_sandbox.run(script_job("import os; os.kill(os.getpid(), 11)"))
    assert report.command is not None
    assert (report.command.exit_code, report.command.signal) == (None, 11)


@pytest.mark.docker
def test_the_deadline_ends_a_program_that_ignores_being_asked(
    docker_sandbox: DockerSandbox,
) -> None:
    source = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint(1, flush=True)\n"
    job = script_job(source + "time.sleep(60)\n", timeout_s=1)
    report = docker_sandbox.run(job)
    assert report.command is not None
    assert report.command.timed_out
    assert report.command.stdout == "1\n"


@pytest.mark.docker
def test_a_child_that_is_killed_for_memory_is_seen_though_the_command_ends_well(
    docker_sandbox: DockerSandbox,
) -> None:
    source = "import os\nif os.fork() == 0:\n    x = bytearray(2 << 30)\nos.wait()\n"
    report = docker_sandbox.run(script_job(source))
    assert report.command is not None
    assert report.command.exit_code == 0
    assert report.command.oom


@pytest.mark.docker
def test_endless_output_on_both_streams_is_cut_in_the_middle(
    docker_sandbox: DockerSandbox,
) -> None:
    source = (
        "import sys\nprint('first')\nprint('first', file=sys.stderr)\n"
        "for _ in range(3000):\n    print('x' * 1000)\n    print('y' * 1000, file=sys.stderr)\n"
        "print('last')\n"
    )
    report = docker_sandbox.run(script_job(source))
    assert report.command is not None
    assert report.command.exit_code == 0
    for stream in (report.command.stdout, report.command.stderr):
        assert len(stream) <= (1 << 20) + 100
        assert stream.startswith("first\n")
        assert "bytes cut" in stream
    assert report.command.stdout.endswith("last\n")


@pytest.mark.docker
def test_output_that_is_not_text_is_replaced_and_not_lost(docker_sandbox: DockerSandbox) -> None:
    report = docker_sandbox.run(script_job("import os; os.write(1, b'a\\xff\\x00z')"))
    assert report.command is not None
    assert report.command.stdout == "a\ufffd\x00z"


CHILD = "from sandbox.inside.supervisor import child\n"


def run_body(body: str, prepare: str = "pass") -> tuple[int, bytes, bytes]:
    """Exit status, standard error and trouble of a child with this body."""
    code = (
        f"{CHILD}reader, writer = os.pipe()\nif os.fork() == 0:\n"
        "    os.dup2(writer, child._TROUBLE_FD)\n"
        f"    def prepare(): {prepare}\n    def body(): {body}\n"
        "    child._child_main(prepare, body)\n"
        "os.close(writer)\nstatus = os.wait()[1]\n"
        "os.write(1, str(os.waitstatus_to_exitcode(status)).encode() + b'|' + os.read(reader, 999))"
    )
    ended = run_code(code)
    status, _, trouble = ended.stdout.partition(b"|")
    return int(status), ended.stderr, trouble


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("return 0", 0),
        ("return 3", 3),
        ("return 256 + 7", 7),
        ("raise SystemExit", 0),
        ("raise SystemExit(5)", 5),
        ("raise SystemExit('a sentence')", 1),
        ("raise ValueError('x')", 1),
        ("raise KeyboardInterrupt", 1),
        ("os._exit(9)", 9),
    ],
)
def test_a_body_ends_as_a_program_would(body: str, status: int) -> None:
    code, stderr, trouble = run_body(body)
    assert (code, trouble) == (status, b"")
    assert (b"Traceback" in stderr) is ("ValueError" in body or "Keyboard" in body)


@pytest.mark.parametrize("error", ["OSError(28, 'No space left on device')", "SystemExit(0)"])
def test_trouble_before_the_code_under_test_is_told_apart_from_its_own(error: str) -> None:
    code, _, trouble = run_body("return 0", prepare=f"raise {error}")
    assert code == 125
    assert trouble.startswith(error.partition("(")[0].encode())


def test_what_was_printed_and_not_flushed_is_not_lost() -> None:
    code, stderr, _ = run_body("print('last words', end='', file=sys.stderr); return 0")
    assert (code, stderr) == (0, b"last words")


@pytest.mark.parametrize("data", [b"", b"x", b"\0\xff" * 10, b"y" * 3_000_000])
def test_standard_input_is_read_whole_and_then_ends(data: bytes) -> None:
    fd = child.open_stdin(data)
    with os.fdopen(fd, "rb") as file:
        assert file.read() == data
        assert file.read() == b""


def test_standard_input_is_not_inherited_by_accident() -> None:
    for data in (b"", b"x"):
        fd = child.open_stdin(data)
        assert not os.get_inheritable(fd)
        os.close(fd)


def test_what_is_left_in_pipes_is_read_and_the_pipes_are_closed() -> None:
    sinks, readers = [], {}
    for data in (b"", b"left", b"z" * 50_000):
        reader, writer = os.pipe()
        os.write(writer, data)
        os.close(writer)
        sinks.append(CappedOutput())
        readers[reader] = sinks[-1]
    outcome.drain(readers)
    assert [sink.total_bytes for sink in sinks] == [0, 4, 50_000]
    for reader in readers:
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(reader)


def test_a_pipe_that_somebody_keeps_open_is_given_up_at_once() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"cut in mid")
    sink = CappedOutput()
    outcome.drain({reader: sink})
    assert sink.text() == "cut in mid"
    os.close(writer)


WATCH = (
    CHILD + "from sandbox.inside.supervisor.outcome import CappedOutput, drain\n"
    "reader, writer = os.pipe()\nsink = CappedOutput()\npid = os.fork()\n"
    "if pid == 0:\n    {body}\n    os._exit(0)\nos.close(writer)\n"
    "try:\n    ended = child._watch(time.monotonic() + {limit_s}, pid, {{reader: sink}})\n"
    "except child.HostGoneError:\n    ended = 'gone'\n"
    "drain({{reader: sink}})\nprint(ended, sink.total_bytes)\n"
    "os.kill(pid, 9)"
)


@pytest.mark.parametrize(
    ("body", "limit_s", "says"),
    [
        ("pass", 30, "True 0"),
        ("os.write(writer, b'x' * 200_000)", 30, "True 200000"),
        ("os.close(writer); time.sleep(0.2)", 30, "True 0"),
        ("os.write(writer, b'x'); time.sleep(60)", 0.5, "False 1"),
        ("time.sleep(60)", -1, "False 0"),
    ],
)
def test_a_child_is_watched_until_it_ends_or_its_time_is_up(
    body: str, limit_s: float, says: str
) -> None:
    program = [sys.executable, "-c", IMPORTS + WATCH.format(body=body, limit_s=limit_s)]
    with subprocess.Popen(program, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
        out, _ = read_all(process)
    assert out.decode() == f"{says}\n"


def test_a_host_that_goes_away_ends_the_watch() -> None:
    code = WATCH.format(body="time.sleep(60)", limit_s=30)
    assert run_code(code).stdout == b"gone 0\n"


def test_what_the_host_says_too_much_does_not_count() -> None:
    program = [sys.executable, "-c", IMPORTS + WATCH.format(body="time.sleep(0.3)", limit_s=30)]
    with subprocess.Popen(program, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"more than a job")
        process.stdin.flush()
        out, _ = read_all(process)
    assert out == b"True 0\n"


def read_all(process: "subprocess.Popen[bytes]") -> tuple[bytes, bytes]:
    """Both streams, while standard input stays open."""
    assert process.stdout is not None
    assert process.stderr is not None
    return process.stdout.read(), process.stderr.read()


def test_children_of_dead_parents_are_collected_and_the_main_one_is_left() -> None:
    code = (
        f"{CHILD}main = os.fork()\nif main == 0:\n    time.sleep(60)\n"
        "orphans = []\nfor _ in range(5):\n    pid = os.fork()\n"
        "    if pid == 0:\n        os._exit(0)\n    orphans.append(pid)\n"
        "while any(open(f'/proc/{pid}/stat').read().split()[2] != 'Z' for pid in orphans):\n"
        "    time.sleep(0.01)\n"
        "child._reap_orphans(main)\n"
        "print([pid for pid in orphans if os.path.exists(f'/proc/{pid}')], "
        "os.path.exists(f'/proc/{main}'))\nos.kill(main, 9)"
    )
    assert run_code(code).stdout == b"[] True\n"


def test_folders_of_the_tree_are_told_to_programs_and_to_checks_that_run_code_themselves() -> None:
    code = (
        "from sandbox.inside.supervisor import child\n"
        "print(child.paths_of_tree())\n"
        "child.put_on_path(['src', '.'])\n"
        "print(child.ENVIRONMENT['PYTHONPATH'], child.paths_of_tree())\n"
    )
    lines = run_code(code).stdout.decode().splitlines()
    assert lines == ["[]", "/job/tree/src:/job/tree ['/job/tree/src', '/job/tree']"]


@pytest.mark.docker
def test_a_package_below_src_is_found_by_commands_tests_and_screened_candidates(
    docker_sandbox: DockerSandbox,
) -> None:
    files = {
        "src/shop/__init__.py": "def one():\n    return 1\n",
        "test_shop.py": "from shop import one\ndef test_one():\n    assert one() == 1\n",
    }
    screen = ScreenPlan(
        candidates=({"src/shop/__init__.py": "def one():\n    return 2\n"},),
        failing=("test_shop.py::test_one",),
        watched=("src/shop/__init__.py",),
    )
    command = Command(argv=("python", "-c", "import shop; print(shop.one())"))
    job = pytest_job(files, plan=Plan(command=command, screen=screen))
    report = docker_sandbox.run(job.model_copy(update={"paths": ("src",)}))
    assert report.fault is None
    assert report.command is not None
    assert report.command.stdout == "1\n", report.command.stderr
    assert [result.outcome for result in report.tests[0].results] == ["passed"]
    assert [result.outcome for result in report.screened] == ["failed"]
