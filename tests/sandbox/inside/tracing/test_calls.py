"""What failing tests execute is told: functions, modules, opened files, in children too."""

import pytest

from sandbox import DockerSandbox, FailingTests
from tests.sandbox.trees import pytest_job

FILES = {
    "job.py": "def total(rows):\n    return sum(rows)\n\n\ndef other():\n    return 1\n",
    "broken.py": "def f(:\n",
    "run.py": "import job\n\nif __name__ == '__main__':\n    print(job.total([1]))\n",
    "tests/data.txt": "x",
    "tests/test_job.py": (
        "import os, subprocess, sys, pathlib\nimport job\n"
        "def test_call(): assert job.total([1]) == 2\n"
        "def test_elsewhere(): assert 1 == 2\n"
        "def test_good(): assert job.total([1]) == 1\n"
        "def run(**more):\n"
        "    return subprocess.run([sys.executable, 'run.py'], capture_output=True, text=True,"
        " **more).stdout\n"
        "def test_child(): assert run() == '2'\n"
        "def test_bare_child(): assert run(env={}) == '2'\n"
        "def test_data(): assert pathlib.Path('tests/data.txt').read_text() == 'y'\n"
    ),
    "tests/test_broken.py": "import broken\n\ndef test_it(): pass\n",
}


def by_node(traces: tuple[FailingTests, ...]) -> dict[str, FailingTests]:
    return {trace.nodes[0].rpartition("::")[2]: trace for trace in traces if len(trace.nodes) == 1}


@pytest.mark.docker
def test_each_failing_test_tells_what_it_executes(docker_sandbox: DockerSandbox) -> None:
    traces: dict[str, FailingTests] = {}
    for select in (
        (
            "tests/test_job.py::test_call",
            "tests/test_job.py::test_elsewhere",
            "tests/test_broken.py",
        ),
        tuple(f"tests/test_job.py::test_{name}" for name in ("child", "bare_child", "data")),
    ):
        job = pytest_job(FILES, trace_failing=True, seeds=(None, 1), select=select)
        report = docker_sandbox.run(job)
        assert report.step_seconds["trace"] > 0
        traces |= by_node(report.failing)
    assert set(traces) == {
        "test_call",
        "test_elsewhere",
        "test_child",
        "test_bare_child",
        "test_data",
        "tests/test_broken.py",
    }
    assert traces["test_call"].executed["job.py"] == (1,)
    assert traces["test_call"].loaded["job.py"] == (0,)
    assert "job.py" not in traces["test_elsewhere"].executed
    for name in ("test_child", "test_bare_child"):
        assert traces[name].executed["job.py"] == (0, 1), name
        assert traces[name].executed["run.py"] == (0,), name
    assert traces["test_data"].executed["tests/data.txt"] == (0,)
    assert traces["tests/test_broken.py"].loaded["broken.py"] == (0,)
    assert "job.py" not in traces["tests/test_broken.py"].loaded


@pytest.mark.docker
def test_many_failing_tests_of_a_file_tell_together_what_they_execute(
    docker_sandbox: DockerSandbox,
) -> None:
    traces = docker_sandbox.run(pytest_job(FILES, trace_failing=True)).failing
    by_count = {len(trace.nodes): trace for trace in traces}
    assert set(by_count) == {5, 1}
    assert by_count[5].executed["job.py"] == (0, 1)
    assert by_count[1].nodes == ("tests/test_broken.py",)


@pytest.mark.docker
def test_a_command_that_fails_tells_what_its_programs_execute(
    docker_sandbox: DockerSandbox,
) -> None:
    files = FILES | {"check.sh": "python run.py\nexit 1\n"}
    job = pytest_job(files, command=("sh", "check.sh"), sentinels=False, trace_failing=True)
    (trace,) = docker_sandbox.run(job).failing
    assert trace.nodes == ("sh check.sh",)
    assert trace.executed == {}
    assert trace.loaded == {"job.py": (0, 1), "run.py": (0,)}
