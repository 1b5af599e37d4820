"""A command is started as a shell would, in a place where nothing is of the host."""

import sys
from pathlib import Path

import pytest

from sandbox import Command, DockerSandbox, Job, Plan
from sandbox.inside.supervisor.command import split_assignments
from tests.sandbox.inside.in_child import run_code
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


COMMAND = "from sandbox.inside.supervisor import command\n"


def become(*argv: str, cwd: Path, env: dict[str, str] | None = None) -> tuple[int, bytes, bytes]:
    """Status and streams of a process that became this command."""
    ended = run_code(
        f"{COMMAND}sys.exit(command.become({list(argv)!r}, {env or {}}, {{}}))", cwd=cwd
    )
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.parametrize("name", ["python", "python3"])
def test_python_means_the_interpreter_of_the_image(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("#!/bin/sh\necho a program of the tree\n")
    (tmp_path / name).chmod(0o755)
    code = "import sys; print(sys.executable)"
    status, out, _ = become(name, "-c", code, cwd=tmp_path, env={"PATH": str(tmp_path)})
    assert (status, out.decode().strip()) == (0, sys.executable)


def test_another_program_is_looked_for_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\necho $0 $MODE $1\n")
    (tmp_path / "tool").chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    status, out, _ = become("tool", "a b", cwd=Path("/"), env={"PATH": path, "MODE": "test"})
    assert (status, out.decode()) == (0, f"{tmp_path}/tool test a b\n")


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [
        ("no-such-program", 127, "No such program in the sandbox image"),
        ("./absent", 127, "No such file or directory"),
        ("./folder", 126, "Permission denied"),
        ("./text", 126, "Permission denied"),
        ("./binary", 126, "Exec format error"),
        ("./lost", 127, "No such file or directory"),
    ],
)
def test_what_cannot_be_started_ends_as_in_a_shell(
    tmp_path: Path, name: str, status: int, says: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("no program")
    for file, data in (("binary", b"\0\1\2\3"), ("lost", b"#!/no/such/interpreter\n")):
        (tmp_path / file).write_bytes(data)
        (tmp_path / file).chmod(0o755)
    code, out, stderr = become(name, cwd=tmp_path)
    assert (code, out, stderr.decode()) == (status, b"", f"{name}: {says}\n")


@pytest.mark.parametrize(
    ("folder", "status", "says"),
    [
        ("absent", 127, "absent: No such file or directory\n"),
        ("file", 127, "file: Not a directory\n"),
        ("\udcff", 127, "?: No such file or directory\n"),
    ],
)
def test_a_folder_that_cannot_be_entered_is_named(
    tmp_path: Path, folder: str, status: int, says: str
) -> None:
    (tmp_path / "file").touch()
    plan = {"argv": ["python", "-c", "1"], "cwd": folder, "env": {}, "files": {}, "stdin": b""}
    code = f"{COMMAND}sys.exit(command._start_in_folder({plan!r}, {{}}))"
    ended = run_code(code, cwd=tmp_path)
    assert (ended.returncode, ended.stderr.decode()) == (status, says)


def test_without_a_folder_it_is_started_at_the_top(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    for folder, where in (("", tmp_path), ("jobs", tmp_path / "jobs")):
        argv = ["python", "-c", "import os; print(os.getcwd())"]
        plan = {"argv": argv, "cwd": folder, "env": {}, "files": {}, "stdin": b""}
        code = f"{COMMAND}sys.exit(command._start_in_folder({plan!r}, {{}}))"
        assert run_code(code, cwd=tmp_path).stdout.decode() == f"{where}\n"


@pytest.mark.parametrize(
    ("words", "variables", "rest"),
    [
        ("make test", {}, "make test"),
        ("env A=1 B=x=y python -m pytest C=2", {"A": "1", "B": "x=y"}, "python -m pytest C=2"),
        ("env -u A python job.py", {}, "env -u A python job.py"),
        ("env A=1 -i python job.py", {}, "env A=1 -i python job.py"),
        ("env A=1", {}, "env A=1"),
        ("env python job.py", {}, "python job.py"),
    ],
)
def test_variables_before_a_program_are_set_before_it_is_prepared(
    words: str, variables: dict[str, str], rest: str
) -> None:
    assert split_assignments(words.split()) == (variables, rest.split())


@pytest.mark.docker
def test_variants_share_a_container_and_see_nothing_of_each_other(
    docker_sandbox: DockerSandbox,
) -> None:
    source = "import os, job\nprint(job.NAME, os.listdir('/tmp'), os.path.exists('left'))\n"
    source += "open('left', 'w'), open('/tmp/left', 'w'), job.end()\n"
    files = {"main.py": source, "job.py": "NAME = 'as it came'\ndef end(): pass\n"}
    texts = [
        "NAME = 'one'\ndef end(): pass\n",
        "NAME = 'endless'\ndef end():\n    while True: pass\n",
        "NAME = 'two'\ndef end(): raise SystemExit(3)\n",
    ]
    variants = tuple({"job.py": text.encode()} for text in texts)
    plan = Plan(command=Command(argv=("python", "main.py")), variants=variants, variant_s=2.0)
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert report.command is None
    one, endless, two = report.variants
    assert (one.exit_code, one.stdout) == (0, "one ['home'] False\n")
    assert endless.timed_out
    assert (two.exit_code, two.stdout) == (3, "two ['home'] False\n")
