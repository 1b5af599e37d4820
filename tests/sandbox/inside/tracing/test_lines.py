"""Named lines are noticed when they run, in commands and in tests, and nothing else changes."""

import pytest

from sandbox import Command, DockerSandbox, Job, Plan, TestPlan
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
