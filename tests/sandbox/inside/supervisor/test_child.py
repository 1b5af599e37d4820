"""How a child ended is told as the kernel saw it, whatever the child does."""

import pytest

from sandbox import DockerSandbox
from tests.sandbox.trees import script_job


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
