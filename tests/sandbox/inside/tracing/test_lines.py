"""Named lines are noticed when they run, in commands and in tests, and nothing else changes."""

import json
from pathlib import Path

import pytest

from sandbox import Command, DockerSandbox, Job, Plan, TestPlan
from tests.sandbox.inside.in_child import run_code
from tests.sandbox.trees import pytest_job, tar_of


@pytest.mark.docker
def test_lines_that_ran_are_told_for_commands_and_for_tests(
    docker_sandbox: DockerSandbox,
) -> None:
    library = "def f(x):\n    if x:\n        return 1\n    return 2\n"
    files = {
        "lib.py": library,
        "main.py": "import lib\nlib.f(0)\nraise SystemExit(3)\n",
        "test_lib.py": "import lib\ndef test_f():\n    assert lib.f(1) == 1\n",
    }
    plan = Plan(
        command=Command(argv=("python", "main.py")), tests=TestPlan(), trace={"lib.py": (2, 3, 4)}
    )
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    assert report.command is not None
    assert report.command.exit_code == 3
    assert report.command.stderr == ""
    assert report.command.executed == {"lib.py": (2, 4)}
    told_by_the_command_already = 2
    assert told_by_the_command_already not in report.tests[0].ended.executed["lib.py"]
    assert report.tests[0].ended.executed == {"lib.py": (3,)}


@pytest.mark.docker
def test_lines_of_threads_and_of_modules_imported_late_are_told(
    docker_sandbox: DockerSandbox,
) -> None:
    library = "import threading\ndef f():\n    return 1\nthread = threading.Thread(target=f)\n"
    main = "import json\njson.dumps([1])\nimport lib\nlib.thread.start()\nlib.thread.join()\n"
    plan = Plan(
        command=Command(argv=("python", "main.py")), trace={"lib.py": (2, 3), "main.py": (1, 5)}
    )
    report = docker_sandbox.run(Job(tree=tar_of({"lib.py": library, "main.py": main}), plan=plan))
    assert report.command is not None
    assert report.command.executed == {"lib.py": (2, 3), "main.py": (1, 5)}


@pytest.mark.docker
def test_what_runs_after_the_last_line_is_not_slowed_by_tracing(
    docker_sandbox: DockerSandbox,
) -> None:
    main = "import sys\nbefore = sys.gettrace()\nprint(before is None)\nprint(sys.gettrace())\n"
    plan = Plan(command=Command(argv=("python", "main.py")), trace={"main.py": (1, 3)})
    report = docker_sandbox.run(Job(tree=tar_of({"main.py": main}), plan=plan))
    assert report.command is not None
    assert report.command.executed == {"main.py": (1, 3)}
    assert report.command.stdout.splitlines()[-1] == "None"


@pytest.mark.docker
def test_lines_that_only_programs_of_a_test_run_are_told(docker_sandbox: DockerSandbox) -> None:
    script = "import sys\nif len(sys.argv) > 1:\n    print('more')\nprint('end')\n"
    tests = (
        "import os, subprocess, sys\nSCRIPT = os.path.abspath('job.py')\n"
        "def test_run(): subprocess.run([sys.executable, SCRIPT], check=True)\n"
        "def test_shell():\n    subprocess.run(['sh', '-c', 'python job.py 1'], check=True)\n"
        "def test_nothing_of_it_shows():\n    assert not [n for n in os.environ if 'TRACE' in n]\n"
    )
    job = pytest_job({"job.py": script, "test_job.py": tests}, plan=Plan(trace={"job.py": (3, 4)}))
    (run,) = docker_sandbox.run(job).tests
    assert {result.outcome for result in run.results} == {"passed"}
    assert run.ended.executed == {"job.py": (3, 4)}
    assert run.consistent


PROGRAM = "def f(x):\n    if x:\n        return 1\n    return 2\n"


def trace(tmp_path: Path, code: str, numbers: list[int], name: str = "lib.py") -> list[bytes]:
    """What a process reports, line for line, that notices these lines of a file and runs `code`."""
    (tmp_path / name).write_text(PROGRAM)
    start = (
        "from sandbox.inside.tracing import lines\n"
        f"lines.start(1, {str(tmp_path)!r}, {{{name!r}: ({json.dumps(name)!r}, {numbers!r})}})\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
    )
    return run_code(start + code).stdout.splitlines()


def report(number: int, name: str = "lib.py") -> bytes:
    return b'{"ran": [%b, %d]}' % (json.dumps(name).encode(), number)


@pytest.mark.parametrize(
    ("code", "numbers", "ran"),
    [
        ("import lib", [1], [1]),
        ("import lib", [2, 3, 4], []),
        ("import lib; lib.f(1)", [2, 3, 4], [2, 3]),
        ("import lib; lib.f(0); lib.f(0)", [2, 3, 4], [2, 4]),
        ("import lib; lib.f(0); lib.f(1)", [3], [3]),
        ("pass", [1], []),
        ("import lib; lib.f(1)", [99], []),
        ("import lib; lib.f(1)", [], []),
    ],
)
def test_a_line_is_reported_once_and_only_when_it_ran(
    tmp_path: Path, code: str, numbers: list[int], ran: list[int]
) -> None:
    assert trace(tmp_path, code, numbers) == [report(number) for number in ran]


@pytest.mark.parametrize(
    "end", ["os._exit(0)", "os.kill(os.getpid(), 9)", "raise ValueError", "os.abort()"]
)
def test_an_abrupt_end_loses_nothing(tmp_path: Path, end: str) -> None:
    assert trace(tmp_path, f"import lib; lib.f(1); {end}", [2, 3]) == [report(2), report(3)]


@pytest.mark.parametrize(
    "code",
    [
        "import lib, threading; t = threading.Thread(target=lib.f, args=(1,)); t.start(); t.join()",
        "import lib\nif os.fork() == 0:\n    lib.f(1)\n    os._exit(0)\nos.wait()",
        "import lib\nsys.settrace(lambda *_: None)\nlib.f(1)",
        "import lib\nsys.settrace(None)\nlib.f(1)",
    ],
)
def test_threads_forks_and_a_programs_own_tracer_hide_nothing(tmp_path: Path, code: str) -> None:
    assert trace(tmp_path, code, [3]) == [report(3)]


def test_a_file_system_in_the_place_of_every_modules_os_hides_nothing(tmp_path: Path) -> None:
    code = """import types
fake = types.SimpleNamespace(path=types.SimpleNamespace(abspath=lambda name: "/fake"))
for module in list(sys.modules.values()):
    if module.__name__.startswith("sandbox") and vars(module).get("os") is os:
        module.os = fake
import lib
lib.f(1)
"""
    assert trace(tmp_path, code, [3]) == [report(3)]


def test_a_channel_that_was_closed_does_not_disturb_the_program(tmp_path: Path) -> None:
    code = "import lib; os.close(1); result = lib.f(1); os.write(2, str(result).encode())"
    (tmp_path / "lib.py").write_text(PROGRAM)
    start = (
        "from sandbox.inside.tracing import lines\n"
        f"lines.start(1, {str(tmp_path)!r}, {{'lib.py': ('\"lib.py\"', [2, 3])}})\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
    )
    ended = run_code(start + code)
    assert (ended.returncode, ended.stderr) == (0, b"1")


def test_a_name_that_needs_escapes_is_reported_as_json(tmp_path: Path) -> None:
    name = 'quo"te.py'
    path = str(tmp_path / name)
    code = f"exec(compile(open({path!r}).read(), {path!r}, 'exec'))"
    (line,) = trace(tmp_path, code, [1], name)
    assert json.loads(line) == {"ran": [name, 1]}
