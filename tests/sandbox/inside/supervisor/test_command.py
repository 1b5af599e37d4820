"""A command is started as a shell would, in a place where nothing is of the host."""

import pytest

from sandbox import Command, DockerSandbox, Job, Plan
from tests.sandbox.trees import script_job, tar_of


@pytest.mark.docker
def test_a_command_gives_its_streams_and_its_exit_code(docker_sandbox: DockerSandbox) -> None:
    source = "import sys\nprint(sys.stdin.read(), sys.argv[1:])\nraise ValueError('oh no')\n"
    report = docker_sandbox.run(script_job(source, "--all", stdin=b"hello"))
    assert report.command is not None
    assert report.command.exit_code == 1
    assert report.command.stdout == "hello ['--all']\n"
    assert 'File "/job/tree/main.py", line 3' in report.command.stderr
    assert report.command.stderr.endswith("ValueError: oh no\n")


@pytest.mark.docker
def test_a_command_sees_its_extra_files_and_variables_and_nothing_of_the_host(
    docker_sandbox: DockerSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    source = "import os\nprint(open('in/data.txt').read(), dict(os.environ))\n"
    job = script_job(source, files={"in/data.txt": b"42"}, env={"MODE": "test"})
    report = docker_sandbox.run(job)
    assert report.command is not None
    assert report.command.stdout.startswith("42 ")
    assert "'MODE': 'test'" in report.command.stdout
    assert "SECRET" not in report.command.stdout


@pytest.mark.docker
@pytest.mark.parametrize(
    ("folder", "code", "out"), [("jobs", 0, "/job/tree/jobs in\n"), ("absent", 127, "")]
)
def test_a_command_is_started_in_the_folder_that_it_names(
    docker_sandbox: DockerSandbox, folder: str, code: int, out: str
) -> None:
    files = {"jobs/a.py": "import os; print(os.getcwd(), input())\n"}
    command = Command(argv=("python", "a.py"), cwd=folder, stdin=b"in\n")
    ended = docker_sandbox.run(Job(tree=tar_of(files), plan=Plan(command=command))).command
    assert ended is not None
    assert (ended.exit_code, ended.stdout) == (code, out)


@pytest.mark.docker
def test_a_program_that_is_not_there_ends_with_127(docker_sandbox: DockerSandbox) -> None:
    plan = Plan(command=Command(argv=("no-such-program",)))
    report = docker_sandbox.run(Job(tree=b"", plan=plan))
    assert report.command is not None
    assert report.command.exit_code == 127
    assert "no-such-program" in report.command.stderr


@pytest.mark.docker
def test_a_large_standard_input_arrives_whole(docker_sandbox: DockerSandbox) -> None:
    job = script_job("import sys\nprint(len(sys.stdin.buffer.read()))\n", stdin=b"x" * 5_000_000)
    report = docker_sandbox.run(job)
    assert report.command is not None
    assert report.command.stdout == "5000000\n"
